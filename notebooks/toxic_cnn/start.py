"""A start for the embedding: rows from which the sentence vectors of the vocabulary's words can be told.

Words that mean alike so begin alike, also those that the comments hold too seldom to teach it.
"""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import nn

from .text import SPECIAL_WORDS, EncodedText
from .training import seed_everything

COMPONENTS = 96
BATCH = 256
DROPOUT = 0.3  # of a word's units, so that its n-grams learn to speak for it


def embedding_start(
    vectors: np.ndarray,
    word_bags: EncodedText,
    rows: int,
    dim: int,
    *,
    epochs: int = 6,
    std: float = 0.1,
    seed: int = 0,
) -> np.ndarray:
    """Embedding [rows, dim] of standard deviation ``std``, fitted to the ``vectors`` of the vocabulary's words.

    A word is the scaled sum of its bag, as in the network; a linear map of it is to give the ``COMPONENTS`` main
    components of its vector. Rows that no bag holds stay random.
    """
    rng = seed_everything(seed)
    targets = PCA(min(COMPONENTS, len(vectors), vectors.shape[1]), random_state=seed).fit_transform(vectors)
    targets = (targets / targets.std()).astype(np.float32)
    embedding = nn.EmbeddingBag(rows, dim, mode="sum")
    nn.init.normal_(embedding.weight, std=std)
    to_vector = nn.Linear(dim, targets.shape[1])
    optimizer = torch.optim.Adam([*embedding.parameters(), *to_vector.parameters()], lr=3e-3, fused=True)
    words = np.arange(len(SPECIAL_WORDS), len(word_bags))
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(words), max(1, len(words) // BATCH)):
            bags = [thinned(word_bags, word, rng) for word in batch]
            offsets = np.cumsum([0] + [len(bag) for bag in bags[:-1]])
            scales = torch.tensor([len(bag) ** -0.5 for bag in bags])[:, None]
            found = embedding(torch.from_numpy(np.concatenate(bags)), torch.from_numpy(offsets)) * scales
            loss = nn.functional.mse_loss(to_vector(found), torch.from_numpy(targets[batch]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    weight = embedding.weight.detach().numpy()
    return weight * (std / weight.std())


def thinned(word_bags: EncodedText, word: int, rng: np.random.Generator) -> Sequence[int]:
    """The bag of a word without ``DROPOUT`` of its units, but never empty."""
    bag = word_bags.units[word_bags.starts[word] : word_bags.starts[word + 1]]
    kept = bag[rng.random(len(bag)) >= DROPOUT]
    return kept if len(kept) else bag[:1]
