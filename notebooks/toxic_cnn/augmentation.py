"""What the dataset lacks: short texts (its shortest comments have some twenty characters), and symbols other than
common punctuation. Without them the network has no idea what to say of `!!!`, of `да` or of emoji.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .text import SPECIAL_WORDS, UNKNOWN_ROW, EncodedText


def is_wordless(token: str) -> bool:
    """Has the token no letter, or does it stand for a link, a number, an unknown symbol?"""
    return token in SPECIAL_WORDS or not any(character.isalpha() for character in token)


def wordless_texts(
    texts: Sequence[EncodedText], tokens: Sequence[Sequence[str]], count: int, rng: np.random.Generator
) -> list[EncodedText]:
    """``count`` texts of one to six wordless tokens: half of them drawn as often as the given texts hold
    them, half all alike, the special ones included, so that rare and absent ones are met too.
    """
    common = [
        text.units[text.starts[i]]
        for text, words in zip(texts, tokens, strict=True)
        for i, word in enumerate(words)
        if is_wordless(word)
    ]
    distinct = np.union1d(common, np.arange(1, len(SPECIAL_WORDS) + 1))
    rows = np.concatenate([common, rng.choice(distinct, len(common))])
    lengths = rng.integers(1, 7, size=count)
    return [EncodedText(rng.choice(rows, length), np.arange(length + 1)) for length in lengths]


@dataclass(frozen=True)
class Piece:
    """Some tokens of a comment: ``first`` (included) to ``last`` (excluded) of row ``row``."""

    row: int
    first: int
    last: int


LONGEST_PIECE = 8  # tokens


def pieces(lengths: Sequence[int], rows: np.ndarray, count: int, rng: np.random.Generator) -> list[Piece]:
    """``count`` pieces of one to ``LONGEST_PIECE`` tokens of the comments ``rows``, ``lengths`` tokens long."""
    result = []
    for row in rng.choice([row for row in rows if lengths[row]], count):
        size = min(int(rng.integers(1, LONGEST_PIECE + 1)), lengths[row])
        first = int(rng.integers(0, lengths[row] - size + 1))
        result.append(Piece(int(row), first, first + size))
    return result


def with_symbols(texts: Sequence[EncodedText], share: float, rng: np.random.Generator) -> list[EncodedText]:
    """The texts, a ``share`` of them with one to three unknown symbols put in: those say nothing of toxicity."""
    return [insert_symbols(text, int(rng.integers(1, 4)), rng) if rng.random() < share else text for text in texts]


def insert_symbols(text: EncodedText, count: int, rng: np.random.Generator) -> EncodedText:
    places = np.sort(rng.integers(0, len(text) + 1, size=count))
    sizes = np.insert(np.diff(text.starts), places, 1)
    units = np.insert(text.units, text.starts[places], UNKNOWN_ROW)
    return EncodedText(units, np.concatenate([[0], np.cumsum(sizes)]))
