"""Loading labelled comments, finding near-duplicates, splitting without leaks."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import vstack
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.model_selection import StratifiedGroupKFold

from . import fairness


def load_comments(path: Path) -> pd.DataFrame:
    """Reads ``comment,toxic`` (labels 0/1, also written ``0.0``/``1.0``); rows without text are dropped."""
    table = pd.read_csv(path, usecols=["comment", "toxic"], dtype={"comment": str})
    table = table[table["comment"].fillna("").str.strip() != ""]
    labels = pd.to_numeric(table["toxic"], errors="coerce")
    if not labels.isin([0, 1]).all():
        raise ValueError(f"{path}: column 'toxic' must hold 0 or 1 in every row")
    return pd.DataFrame({"comment": table["comment"], "toxic": labels.astype(int)}).reset_index(drop=True)


def own_texts(root: Path, used: Path, seed: int) -> pd.DataFrame:
    """Texts written for this project: columns ``comment``, ``toxic`` and ``measured``.

    They show what a data set of one site lacks: short texts, groups merely named, the sample. ``used``, the file that
    is trained on anyway, is left out. A network measured on groups must not be trained on the ``measured`` texts.
    """
    files = [root / "data" / name for name in ("short.csv", "sample.csv")]
    tables = [load_comments(path).assign(measured=False) for path in files if path != used]
    named = [
        fairness.drawn(split, split, seed)[["comment"]].assign(toxic=0, measured=split == "test")
        for split in ("train", "test")
    ]
    return pd.concat([*tables, *named], ignore_index=True)


def file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def near_duplicate_groups(texts: list[str], similarity: float = 0.8, chunk: int = 1000) -> np.ndarray:
    """A group number per text; texts whose character 5-gram sets have a cosine over ``similarity`` share one.

    Groups are the connected components of that relation, so a chain of small edits stays together.
    """
    vectors = HashingVectorizer(
        analyzer="char_wb", ngram_range=(5, 5), n_features=2**20, binary=True, alternate_sign=False
    ).transform(texts)
    links = []
    for start in range(0, vectors.shape[0], chunk):
        close = vectors[start : start + chunk] @ vectors.T
        close.data[close.data < similarity] = 0
        close.eliminate_zeros()
        links.append(close)
    return connected_components(vstack(links), directed=False)[1]


@dataclass(frozen=True)
class Noise:
    """What is doubtful in the data, in rows."""

    in_duplicate_groups: int
    groups: int
    conflicting_groups: int
    conflicting_rows: int


def measure_noise(groups: np.ndarray, labels: np.ndarray) -> Noise:
    """Counts near-duplicates and groups whose members carry both labels."""
    table = pd.DataFrame({"group": groups, "label": labels}).groupby("group")["label"].agg(["size", "nunique"])
    repeated, conflicting = table[table["size"] > 1], table[table["nunique"] > 1]
    return Noise(int(repeated["size"].sum()), len(repeated), len(conflicting), int(conflicting["size"].sum()))


def split_folds(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> list[np.ndarray]:
    """Stratified folds (arrays of row numbers); a group never straddles two of them."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    return [held_out for _, held_out in splitter.split(labels, labels, groups)]
