"""Words made hard to read for a filter, as people write them: once for training, once for the evaluation.

The two share no table and no recipe, so the evaluation says how the network bears disguises that it was not
trained on. Both change about half of the words of ``SHORTEST`` letters or more.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

SHORTEST = 4
WORD = re.compile(rf"[А-Яа-яЁё]{{{SHORTEST},}}")

TRAINING_SHAPES = dict(zip("аеосрху", "aeocpxy", strict=True)) | {"о": "0", "з": "3", "и": "u", "б": "6"}
EVALUATION_SHAPES = {
    "а": ["a", "@", "α"],
    "о": ["o", "0", "ο"],
    "е": ["e", "ё", "ε"],
    "с": ["c", "$"],
    "р": ["p"],
    "х": ["x"],
    "у": ["y"],
    "к": ["k"],
    "т": ["t"],
    "и": ["u", "і"],
    "ч": ["4"],
    "б": ["6"],
    "з": ["3"],
    "в": ["B", "8"],
}
INVISIBLE = ["\u200b", "\u200c", "\u2060", "\u00ad", "\ufeff"]


def disguise(
    text: str, share: float, recipes: Sequence[Callable[[str, np.random.Generator], str]], rng: np.random.Generator
) -> str:
    """The text with that ``share`` of its longer words put through one of the ``recipes`` each."""

    def change(match: re.Match[str]) -> str:
        if rng.random() >= share:
            return match[0]
        return recipes[int(rng.integers(len(recipes)))](match[0], rng)

    return WORD.sub(change, text)


def middle(word: str, rng: np.random.Generator) -> int:
    """The place of a letter that is neither the first nor the last."""
    return int(rng.integers(1, len(word) - 1))


def misspell(word: str, rng: np.random.Generator) -> str:
    """Training: one letter left out, doubled, starred out or put in the place of its neighbour."""
    at = middle(word, rng)
    ends = [word[at + 1 :], word[at] * 2 + word[at + 1 :], "*" + word[at + 1 :]]
    ends.append(word[at + 1] + word[at] + word[at + 2 :])
    return word[:at] + ends[int(rng.integers(len(ends)))]


def swap_shapes(word: str, rng: np.random.Generator) -> str:
    """Training: every letter that has a look-alike is replaced by it, at a coin's toss."""
    return "".join(TRAINING_SHAPES.get(c.lower(), c) if rng.random() < 0.5 else c for c in word)


def part(word: str, rng: np.random.Generator) -> str:
    """Training: one sign or blank somewhere inside."""
    at = middle(word, rng)
    return word[:at] + str(rng.choice(list("-. *_/"))) + word[at:]


def look_alikes(word: str, rng: np.random.Generator) -> str:
    """Evaluation: one to three letters by look-alikes of other alphabets, digits and signs."""
    letters = list(word)
    places = [i for i, c in enumerate(word) if c.lower() in EVALUATION_SHAPES]
    for at in rng.permutation(places)[: int(rng.integers(1, 4))]:
        letters[at] = str(rng.choice(EVALUATION_SHAPES[word[at].lower()]))
    return "".join(letters)


def stretch(word: str, rng: np.random.Generator) -> str:
    """Evaluation: one letter three to six times."""
    at = int(rng.integers(len(word)))
    return word[:at] + word[at] * int(rng.integers(3, 7)) + word[at + 1 :]


def spell_out(word: str, rng: np.random.Generator) -> str:
    """Evaluation: dots, dashes, stars or blanks between all letters."""
    return str(rng.choice([".", "-", "*", " "])).join(word)


def star_out(word: str, rng: np.random.Generator) -> str:
    """Evaluation: a star in place of a letter inside."""
    at = middle(word, rng)
    return word[:at] + "*" + word[at + 1 :]


def hide_invisibly(word: str, rng: np.random.Generator) -> str:
    """Evaluation: one to three zero-width characters inside."""
    for _ in range(int(rng.integers(1, 4))):
        at = middle(word, rng)
        word = word[:at] + str(rng.choice(INVISIBLE)) + word[at:]
    return word


TRAINING = [misspell, misspell, swap_shapes, part]
EVALUATION = {
    "look-alikes and leet": look_alikes,
    "stretched letters": stretch,
    "spelled out": spell_out,
    "a letter starred out": star_out,
    "zero-width characters": hide_invisibly,
}
