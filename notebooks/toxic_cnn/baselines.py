"""What the network is measured against: TF-IDF with logistic regression, and the predecessor's CNN."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from torch import Tensor, nn

from .training import seed_everything


def tfidf_logistic_regression(texts: Sequence[str], labels: np.ndarray) -> Pipeline:
    """Character n-grams within words, sublinear TF-IDF, L2-regularised logistic regression."""
    return make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 6), min_df=3, sublinear_tf=True, lowercase=False),
        LogisticRegression(C=10, max_iter=300),
    ).fit(texts, labels)


class PredecessorCNN(nn.Module):
    """The network rutox grew from: 20,000 words, 256 dimensions, 256 filters of widths 3, 4 and 5."""

    LENGTH = 128

    def __init__(self, words: int = 20_000) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, 256, padding_idx=0)
        self.convolutions = nn.ModuleList(nn.Conv1d(256, 256, width) for width in (3, 4, 5))
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(3 * 256, 1)

    def forward(self, ids: Tensor) -> Tensor:
        """Word numbers [batch, 128] in, logits [batch] out."""
        channels = self.embedding(ids).transpose(1, 2)
        pooled = [torch.relu(convolution(channels)).amax(2) for convolution in self.convolutions]
        return self.head(self.dropout(torch.cat(pooled, 1)))[:, 0]


class PredecessorVocabulary:
    """The 20,000 most frequent words; 0 pads, 1 stands for every other word."""

    def __init__(self, texts: Sequence[Sequence[str]], size: int = 20_000) -> None:
        counts = Counter(word for text in texts for word in text)
        self.ids = {word: i + 2 for i, (word, _) in enumerate(counts.most_common(size - 2))}

    def encode(self, texts: Sequence[Sequence[str]]) -> np.ndarray:
        ids = np.zeros((len(texts), PredecessorCNN.LENGTH), dtype=np.int64)
        for row, text in enumerate(texts):
            known = [self.ids.get(word, 1) for word in text[: PredecessorCNN.LENGTH]]
            ids[row, : len(known)] = known
        return ids


def train_predecessor(ids: np.ndarray, labels: np.ndarray, epochs: int, seed: int) -> PredecessorCNN:
    """Plain training as the predecessor did it: Adam, batches of 64."""
    rng = seed_everything(seed)
    model = PredecessorCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    for _ in range(epochs):
        model.train()
        for rows in np.array_split(rng.permutation(len(ids)), max(1, len(ids) // 64)):
            logits = model(torch.from_numpy(ids[rows]))
            loss = nn.functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(labels[rows]).float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


def predict_predecessor(model: PredecessorCNN, ids: np.ndarray) -> np.ndarray:
    """Probabilities, in order."""
    with torch.no_grad():
        parts = [torch.sigmoid(model(torch.from_numpy(ids[i : i + 128]))) for i in range(0, len(ids), 128)]
    return torch.cat(parts).numpy()
