"""Short texts that the dataset lacks: its shortest comments have twenty characters or so.

Without them the network has no idea what to say of `!!!`, of a lone emoji or of `да`.
"""

from collections.abc import Sequence

import numpy as np

from .text import SPECIAL_WORDS, EncodedText


def is_wordless(token: str) -> bool:
    """Has the token no letter, or does it stand for a link, a number, an unknown symbol?"""
    return token in SPECIAL_WORDS or not any(character.isalpha() for character in token)


def wordless_texts(
    texts: Sequence[EncodedText], tokens: Sequence[Sequence[str]], count: int, rng: np.random.Generator
) -> list[EncodedText]:
    """``count`` texts of one to six wordless tokens, drawn as often as the given texts hold them."""
    rows = [
        text.units[text.starts[i]]
        for text, words in zip(texts, tokens, strict=True)
        for i, word in enumerate(words)
        if is_wordless(word)
    ]
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
