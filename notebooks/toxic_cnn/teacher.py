"""Soft labels: what an ensemble that never saw a comment says of it.

The labels are noisy; a comment's label is mixed with the out-of-fold opinion of a committee of unlike
classifiers, and the small network learns from the mixture (knowledge distillation: Hinton et al., 2015).
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, normalize

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


class SentenceRegression:
    """Logistic regression on standardised sentence vectors."""

    def __init__(self, vectors: np.ndarray, labels: np.ndarray) -> None:
        self.pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=300)).fit(vectors, labels)

    def logits(self, vectors: np.ndarray) -> np.ndarray:
        return self.pipeline.decision_function(vectors)


def linear_opinions(seen: Sequence[str], labels: np.ndarray, unseen: Sequence[str]) -> np.ndarray:
    """Mean logit, on the ``unseen`` texts, of the two classifiers on n-grams trained on the ``seen`` ones."""
    plain = tfidf_logistic_regression(seen, labels).predict_proba(unseen)[:, 1]
    bayes = NaiveBayesRegression(seen, labels).predict(unseen)
    return (logit(plain) + logit(bayes)) / 2


def committee(opinions: dict[str, np.ndarray]) -> np.ndarray:
    """One logit from those of the ``linear`` pair and of the ``sentences``, which are the more timid ones."""
    return (opinions["linear"] + opinions["sentences"]) / 1.5
