"""What the dataset lacks: short texts (its shortest comments have some twenty characters) and symbols
other than common punctuation. Without them the network has no idea what to say of `!!!`, of `да` or of emoji.
"""

from collections.abc import Sequence

import numpy as np

from .text import SPECIAL_WORDS, UNKNOWN_ROW, EncodedText


def is_wordless(token: str) -> bool:
    """Has the token no letter, or does it stand for a link, a number, an unknown symbol?"""
    return token in SPECIAL_WORDS or not any(character.isalpha() for character in token)


def wordless_texts(
    texts: Sequence[EncodedText], tokens: Sequence[Sequence[str]], count: int, rng: np.random.Generator
) -> list[EncodedText]:
    """``count`` texts of one to six wordless tokens, drawn as often as the given texts hold them.

    Every fifth is a special token, so that those the texts do not hold (an emoji is ``<unk>``) are met too.
    """
    common = [
        text.units[text.starts[i]]
        for text, words in zip(texts, tokens, strict=True)
        for i, word in enumerate(words)
        if is_wordless(word)
    ]
    special = rng.integers(1, len(SPECIAL_WORDS) + 1, size=len(common) // 4)
    rows = np.concatenate([common, special])
    lengths = rng.integers(1, 7, size=count)
    return [EncodedText(rng.choice(rows, length), np.arange(length + 1)) for length in lengths]


def fragments(texts: Sequence[EncodedText], count: int, rng: np.random.Generator) -> list[EncodedText]:
    """``count`` pieces of one to four tokens of the given texts, which must be harmless: so are their pieces."""
    pieces = []
    for i in rng.choice(len(texts), count):
        length = min(int(rng.integers(1, 5)), len(texts[i]))
        first = int(rng.integers(0, len(texts[i]) - length + 1))
        pieces.append(texts[i].window(first, first + length))
    return pieces


def with_symbols(texts: Sequence[EncodedText], share: float, rng: np.random.Generator) -> list[EncodedText]:
    """The texts, a ``share`` of them with one to three unknown symbols put in: those say nothing of toxicity."""
    return [insert_symbols(text, int(rng.integers(1, 4)), rng) if rng.random() < share else text for text in texts]


def insert_symbols(text: EncodedText, count: int, rng: np.random.Generator) -> EncodedText:
    places = np.sort(rng.integers(0, len(text) + 1, size=count))
    sizes = np.insert(np.diff(text.starts), places, 1)
    units = np.insert(text.units, text.starts[places], UNKNOWN_ROW)
    return EncodedText(units, np.concatenate([[0], np.cumsum(sizes)]))
