"""What a comment data set does not ask: disguise, groups merely named, single words, symbols, length."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from . import disguise, fairness
from .text import ROOT

Scorer = Callable[[Sequence[str]], np.ndarray]
INSULTS = [
    "Какой же ты тупой урод, закрой свой поганый рот.",
    "А автор просто конченый дебил.",
    "Идите вы все нахуй, твари.",
    "Ты лживая мразь, чтоб ты сдох.",
    "Заткнись уже, жалкий кретин, и вали отсюда.",
]


def measure(
    tested: Scorer, released: Scorer, threshold: float, texts: Sequence[str], labels: np.ndarray, seed: int
) -> dict[str, pd.DataFrame]:
    """All tables: ``tested`` must not have been trained on ``texts``; ``released`` judges the project's own texts."""
    harmless = [text for text, label in zip(texts, labels, strict=True) if label == 0]
    return {
        "disguise": disguised(tested, texts, labels, threshold, seed),
        "groups": groups(tested, threshold, "test"),
        "known_groups": groups(released, threshold, "train").loc[(slice(None), "all"), :],
        "probes": probes(released, threshold),
        "length": insult_at_the_end(tested, harmless, threshold, seed),
    }


def disguised(score: Scorer, texts: Sequence[str], labels: np.ndarray, threshold: float, seed: int) -> pd.DataFrame:
    """Recall and false positive rate with half of the longer words disguised, by recipe and all mixed."""
    recipes = {name: [recipe] for name, recipe in disguise.EVALUATION.items()}
    recipes["all of them, mixed"] = list(disguise.EVALUATION.values())
    table = {"as written": rates(score(texts), labels, threshold)}
    for name, chosen in recipes.items():
        rng = np.random.default_rng(seed)
        table[name] = rates(score([disguise.disguise(text, 0.5, chosen, rng) for text in texts]), labels, threshold)
    return pd.DataFrame(table).T


def rates(scores: np.ndarray, labels: np.ndarray, threshold: float) -> dict[str, float]:
    flagged = scores > threshold
    return {"recall": float(flagged[labels == 1].mean()), "false positives": float(flagged[labels == 0].mean())}


def groups(score: Scorer, threshold: float, split: str) -> pd.DataFrame:
    """False positives on sentences that merely name a group of that split, by templates that are not trained on."""
    table = fairness.sentences("test", split)
    return fairness.false_positives(table, score(table["comment"].tolist()), threshold)


def probes(score: Scorer, threshold: float) -> pd.DataFrame:
    """How many of the texts of ``data/probes.csv`` are judged right, by kind."""
    table = pd.read_csv(ROOT / "data" / "probes.csv")
    right = (score(table["comment"].tolist()) > threshold) == (table["toxic"] == 1)
    result = table.assign(right=right).groupby("kind", sort=False)["right"].agg(["size", "sum"])
    return result.set_axis(["texts", "right"], axis=1)


def long_texts(harmless: Sequence[str], count: int, characters: int, rng: np.random.Generator) -> list[str]:
    """Texts of about that many characters, each of harmless comments one after the other."""
    result = []
    for _ in range(count):
        text = ""
        while len(text) < characters:
            text += harmless[int(rng.integers(len(harmless)))].strip() + "\n"
        result.append(text[:characters].rsplit(" ", 1)[0])
    return result


def insult_at_the_end(score: Scorer, harmless: Sequence[str], threshold: float, seed: int) -> pd.DataFrame:
    """Share of 4,000-character texts flagged, with an insult as the last sentence and without it.

    The fillers are comments that are labelled harmless, and those among them that also score under 0.2 alone.
    """
    table = {}
    clear = [text for text, value in zip(harmless, score(harmless), strict=True) if value < 0.2]
    for name, comments in {"labelled harmless": harmless, "clearly harmless": clear or harmless}.items():
        fillers = long_texts(comments, 100, 3_930, np.random.default_rng(seed))
        insulted = [f"{filler}. {INSULTS[i % len(INSULTS)]}" for i, filler in enumerate(fillers)]
        table[name] = {
            "found with the insult": float((score(insulted) > threshold).mean()),
            "flagged without it": float((score(fillers) > threshold).mean()),
        }
    return pd.DataFrame(table).T
