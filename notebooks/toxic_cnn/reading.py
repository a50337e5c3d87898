"""How long texts are scored: window by window, the worst one speaks. ``workers/reading.ts`` does the same."""

from collections.abc import Callable, Sequence

import numpy as np

from .text import EncodedText

# Probability of each text, the highest of its windows of that size and overlap.
WindowScorer = Callable[[list[EncodedText], int, int], np.ndarray]


def read(score: WindowScorer, texts: Sequence[EncodedText], settings: dict) -> np.ndarray:
    """Probability of each text, read as ``text`` of a manifest says.

    A text of more than ``close_reading.above_tokens`` is read again a few words at a time. Those windows are many,
    and few words are easily misread, so what they say is discounted: their log-odds lose ``discount``.
    """
    scores = score(list(texts), settings["window_tokens"], settings["window_overlap"])
    closely = settings.get("close_reading")
    if closely is None:
        return scores
    rows = [row for row, text in enumerate(texts) if len(text) > closely["above_tokens"]]
    if rows:
        said = score([texts[row] for row in rows], closely["window_tokens"], closely["window_overlap"])
        scores[rows] = np.maximum(scores[rows], said / (said + (1 - said) * np.exp(closely["discount"])))
    return scores
