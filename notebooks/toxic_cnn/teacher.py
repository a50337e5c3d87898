"""Soft labels: what an ensemble that never saw a comment says of it.

The labels are noisy; a comment's label is mixed with the out-of-fold opinion of a committee of unlike
classifiers, and the small network learns from the mixture (knowledge distillation: Hinton et al., 2015).
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from .baselines import tfidf_logistic_regression
from .evaluation import logit


class NaiveBayesRegression:
    """Logistic regression on character n-grams weighted by their naive Bayes log-count ratio.

    Wang and Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", ACL 2012.
    """

    def __init__(self, texts: Sequence, labels: np.ndarray, vectorizer: TfidfVectorizer | None = None) -> None:
        """``texts`` are whatever the ``vectorizer`` takes: strings, for the n-grams of the default one."""
        self.vectorizer = vectorizer or TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 6), min_df=3, sublinear_tf=True, lowercase=False
        )
        features = self.vectorizer.fit_transform(texts)
        present = features > 0
        self.ratio = np.log(self._rate(present, labels == 1) / self._rate(present, labels == 0))
        self.regression = LogisticRegression(C=3, max_iter=300).fit(self._weigh(features), labels)

    @staticmethod
    def _rate(present: csr_matrix, rows: np.ndarray) -> np.ndarray:
        return (np.asarray(present[rows].sum(0)).ravel() + 1) / (rows.sum() + 2)

    def _weigh(self, features: csr_matrix) -> csr_matrix:
        return normalize(features.multiply(self.ratio).tocsr())

    def predict(self, texts: Sequence) -> np.ndarray:
        """Probability of each text to be toxic."""
        return self.regression.predict_proba(self._weigh(self.vectorizer.transform(texts)))[:, 1]


def linear_opinions(
    texts: Sequence[str], labels: np.ndarray, train_rows: np.ndarray, held_out: np.ndarray
) -> np.ndarray:
    """Mean logit of the two linear classifiers, trained on ``train_rows``, on the ``held_out`` ones."""
    seen, unseen = [texts[i] for i in train_rows], [texts[i] for i in held_out]
    plain = tfidf_logistic_regression(seen, labels[train_rows]).predict_proba(unseen)[:, 1]
    bayes = NaiveBayesRegression(seen, labels[train_rows]).predict(unseen)
    return (logit(plain) + logit(bayes)) / 2
