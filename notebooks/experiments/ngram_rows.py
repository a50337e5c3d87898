"""How character n-grams should get their embedding rows (docs/decisions/0002-subword-features.md).

For each way the very units that the network would see are given to a naive Bayes weighted logistic
regression, which is trained in seconds: best macro F1 and AUC on two folds.

    cd notebooks && ../.venv/bin/python -m experiments.ngram_rows [FILE.csv]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from toxic_cnn import data, evaluation, teacher, text

SEED = 20
FOLDS, FOLDS_USED = 5, 2
MANY = 2**20
# (longest n-gram, buckets, most frequent buckets that are kept or None for all of them)
WAYS = [(5, 40_000, None), (5, 150_000, None), (5, MANY, None), (5, MANY, 40_000), (5, MANY, 20_000), (6, MANY, 40_000)]


def encode(texts: list[str], train: np.ndarray, words: list[str], longest: int, buckets: int, kept: int | None) -> list:
    """The texts in units; which buckets are kept is decided on the ``train`` rows."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "vocab.json"
        ngrams = {"min": 3, "max": longest, "buckets": buckets}
        text.write_vocabulary(path, words, ngrams)
        encoded = text.encode(texts, path, subwords="all")
        if kept is None:
            return encoded
        frequent = text.frequent_buckets((encoded[i] for i in train), len(words), min_count=2, limit=kept)
        text.write_vocabulary(path, words, {**ngrams, "kept": frequent})
        return text.encode(texts, path, subwords="all")


def score(encoded: list, labels: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> dict[str, float]:
    vectorizer = TfidfVectorizer(analyzer=lambda units: units.units.tolist(), min_df=3, sublinear_tf=True)
    fitted = teacher.NaiveBayesRegression([encoded[i] for i in train], labels[train], vectorizer)
    return evaluation.summary(labels[held_out], fitted.predict([encoded[i] for i in held_out]))


def main(path: Path) -> None:
    comments = data.load_comments(path)
    labels, texts = comments["toxic"].to_numpy(), comments["comment"].tolist()
    tokens = text.tokenize(texts)
    folds = data.split_folds(labels, data.near_duplicate_groups(texts), FOLDS, SEED)[:FOLDS_USED]
    results = []
    for longest, buckets, kept in WAYS:
        scores = []
        for held_out in folds:
            train = np.setdiff1d(np.arange(len(labels)), held_out)
            words = text.frequent_words((tokens[i] for i in train), min_count=2, limit=20_000)
            encoded = encode(texts, train, words, longest, buckets, kept)
            scores.append(score(encoded, labels, train, held_out))
        way = {"n-grams": f"3-{longest}", "buckets": buckets, "kept": kept or "all"}
        results.append(way | pd.DataFrame(scores).mean().round(4).to_dict())
    print(pd.DataFrame(results).to_string(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else text.ROOT / "data" / "raw" / "dataset.csv")
