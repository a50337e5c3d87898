"""The one text pipeline (TypeScript, ``src/text``), called through the ``rutox`` command line.

Nothing about text is decided in Python: training and serving cannot drift apart.
"""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RUTOX = ROOT / "dist" / "src" / "main.js"

# Tokens that the pipeline makes of links, mentions, e-mails, numbers and of symbols it does not know.
SPECIAL_WORDS = ["<unk>", "<url>", "<mention>", "<email>", "<number>"]
# Row of the first of them; in the inputs of the ONNX graph it also marks a token that comes from its n-grams.
UNKNOWN_ROW = 1


@dataclass(frozen=True)
class EncodedText:
    """One text as bags of embedding rows: token ``i`` is ``units[starts[i]:starts[i + 1]]``."""

    units: np.ndarray
    starts: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    def window(self, first: int, last: int) -> "EncodedText":
        """Tokens ``first`` (included) to ``last`` (excluded) as a text of their own."""
        starts = self.starts[first : last + 1]
        return EncodedText(self.units[starts[0] : starts[-1]], starts - starts[0])


def rutox(command: str, *options: str, texts: Iterable[str]) -> list[dict]:
    """Runs a ``rutox`` command over the texts; one JSON object per text comes back, in order."""
    if not RUTOX.exists():
        raise FileNotFoundError(f"{RUTOX} is missing: run `npm ci && npm run build` in {ROOT} first")
    lines = "\n".join(json.dumps({"text": text}) for text in texts)
    done = subprocess.run(
        ["node", str(RUTOX), command, "--format", "jsonl", *options],
        input=lines.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"rutox {command} failed: {done.stderr.decode().strip()}")
    return [json.loads(line) for line in done.stdout.decode().split("\n") if line]


def tokenize(texts: Sequence[str]) -> list[list[str]]:
    """Tokens of each text."""
    return [row["tokens"] for row in rutox("tokenize", texts=texts)]


def encode(texts: Sequence[str], vocabulary: Path, subwords: str) -> list[EncodedText]:
    """Embedding rows of each text; ``subwords="all"`` for training, ``"unknown"`` as the server does it."""
    rows = rutox("encode", "--vocab", str(vocabulary), "--subwords", subwords, texts=texts)
    return [to_encoded(row["units"]) for row in rows]


def frequent_words(
    tokens: Iterable[Sequence[str]], min_count: int, limit: int, always: Sequence[str] = ()
) -> list[str]:
    """The special words and those ``always`` wanted, then the most frequent others that occur ``min_count`` times."""
    first = [*SPECIAL_WORDS, *always]
    counts = Counter(token for text in tokens for token in text)
    for word in first:
        del counts[word]
    frequent = sorted((-n, word) for word, n in counts.items() if n >= min_count)
    return first + [word for _, word in frequent[: limit - len(first)]]


def frequent_buckets(texts: Iterable[EncodedText], words: int, min_count: int, limit: int) -> list[int]:
    """The n-gram buckets that most texts hold, at least ``min_count``; ascending.

    ``texts`` must be encoded with ``subwords="all"`` and a vocabulary that keeps every bucket.
    """
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(np.unique(text.units[text.units > words]).tolist())
    frequent = sorted((-n, row) for row, n in counts.items() if n >= min_count)[:limit]
    return sorted(row - 1 - words for _, row in frequent)


def write_vocabulary(path: Path, words: list[str], ngrams: dict) -> None:
    """Writes ``vocab.json``."""
    content = {"format": 1, "words": words, "ngrams": ngrams}
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def windows(text: EncodedText, size: int, overlap: int) -> list[EncodedText]:
    """Cuts a text as the server's ``src/text/windows.ts`` does: full windows, the last one flush with the end."""
    if len(text) <= size:
        return [text]
    starts = [*range(0, len(text) - size, size - overlap), len(text) - size]
    return [text.window(start, start + size) for start in starts]


def word_bags(texts: Iterable[EncodedText], words: int) -> EncodedText:
    """The whole bag of each vocabulary word, as found in texts encoded with ``subwords="all"``.

    Token ``i`` of the result belongs to word ``i``; a word that no text holds is its own row alone.
    """
    bags = [[row] for row in range(1, words + 1)]
    for text in texts:
        for first, last in zip(text.starts[:-1], text.starts[1:], strict=True):
            row = text.units[first]
            if row <= words and len(bags[row - 1]) == 1:
                bags[row - 1] = text.units[first:last].tolist()
    return to_encoded(bags)


def with_shared_row(texts: Iterable[EncodedText], words: range) -> list[EncodedText]:
    """The texts, encoded with ``subwords="all"``, with the row of the first of these ``words`` for each of them.

    ``words`` are rows. Nothing that learns from such texts can tell these words apart.
    """
    return [share(text, words) for text in texts]


def share(text: EncodedText, words: range) -> EncodedText:
    bags = np.split(text.units, text.starts[1:-1])
    return to_encoded([[words[0]] if bag[0] in words else bag.tolist() for bag in bags]) if len(text) else text


def to_encoded(bags: list[list[int]]) -> EncodedText:
    """An ``EncodedText`` from one list of rows per token."""
    starts = np.zeros(len(bags) + 1, dtype=np.int64)
    np.cumsum([len(bag) for bag in bags], out=starts[1:])
    return EncodedText(np.array([row for bag in bags for row in bag], dtype=np.int64), starts)
