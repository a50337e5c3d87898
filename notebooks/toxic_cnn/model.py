"""The network: a convolution over words, each word a bag of its own row and its hashed character n-grams.

Words as bags of character n-grams: Bojanowski et al., "Enriching Word Vectors with Subword Information",
TACL 2017. Parallel convolutions with max pooling over time: Kim, "Convolutional Neural Networks for
Sentence Classification", EMNLP 2014.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from .text import EncodedText


@dataclass(frozen=True)
class Architecture:
    dim: int = 48
    filters: int = 96
    widths: tuple[int, ...] = (1, 2, 3)
    dropout: float = 0.4
    token_dropout: float = 0.2


@dataclass(frozen=True)
class Batch:
    """Texts padded to a common length; ``units[offsets[i]:offsets[i + 1]]`` is the bag of token ``i``.

    Tokens are numbered ``text * tokens + position``. Every text is followed by at least one padding
    token, so that the maximum over time always sees the empty window and does not depend on how much
    padding its batch happens to have.
    """

    units: Tensor
    offsets: Tensor
    scales: Tensor
    counts: Tensor
    shape: tuple[int, int]


def make_batch(texts: list[EncodedText], max_tokens: int | None = None) -> Batch:
    """Pads the texts (cut to ``max_tokens``) into one batch."""
    texts = [text.window(0, max_tokens) if max_tokens and len(text) > max_tokens else text for text in texts]
    counts = np.array([len(text) for text in texts])
    tokens = max(3, int(counts.max(initial=0)) + 1)
    sizes = np.zeros((len(texts), tokens), dtype=np.int64)
    for row, text in enumerate(texts):
        sizes[row, : len(text)] = np.diff(text.starts)
    sizes = sizes.reshape(-1)
    offsets = np.zeros(len(sizes), dtype=np.int64)
    np.cumsum(sizes[:-1], out=offsets[1:])
    scales = np.divide(1, np.sqrt(sizes), where=sizes > 0, out=np.zeros(len(sizes)))
    return Batch(
        torch.from_numpy(np.concatenate([text.units for text in texts])),
        torch.from_numpy(offsets),
        torch.from_numpy(scales.astype(np.float32)),
        torch.from_numpy(counts.astype(np.float32)),
        (len(texts), tokens),
    )


class ToxicCNN(nn.Module):
    """Batches of encoded texts in, one toxicity logit per text out."""

    def __init__(self, rows: int, architecture: Architecture) -> None:
        super().__init__()
        a = architecture
        self.architecture = a
        self.embedding = nn.EmbeddingBag(rows, a.dim, mode="sum")
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.branches = nn.ModuleList(
            nn.Sequential(nn.Conv1d(a.dim, a.filters, w, padding=w - 1), nn.BatchNorm1d(a.filters), nn.ReLU())
            for w in a.widths
        )
        self.dropout = nn.Dropout(a.dropout)
        self.head = nn.Linear(a.filters * len(a.widths) + a.dim, 1)

    def forward(self, batch: Batch, unit_weights: Tensor | None = None) -> Tensor:
        """``unit_weights`` weighs each unit of the batch (unit dropout in training)."""
        vectors = self.embedding(batch.units, batch.offsets, per_sample_weights=unit_weights)
        vectors = (vectors * batch.scales[:, None]).view(*batch.shape, -1)
        if self.training:
            vectors = vectors * (torch.rand(*batch.shape, 1) >= self.architecture.token_dropout)
        return self.classify(vectors, batch.counts)

    def classify(self, vectors: Tensor, counts: Tensor) -> Tensor:
        """Logits [batch] from token vectors [batch, tokens, dim], zero where there is no token."""
        channels = vectors.transpose(1, 2)
        pooled = [branch(channels).amax(2) for branch in self.branches]
        pooled.append(vectors.sum(1) * torch.rsqrt(counts.clamp(min=1))[:, None])
        return self.head(self.dropout(torch.cat(pooled, 1)))[:, 0]
