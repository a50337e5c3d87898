"""Training and prediction."""

from dataclasses import dataclass, field

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

from .model import Architecture, Batch, ToxicCNN, make_batch
from .text import EncodedText, windows


@dataclass(frozen=True)
class TrainingConfig:
    epochs: int = 5
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    # How far beyond zero the logit of a text must be that need only be told right (``clear`` in ``train``).
    margin: float = 1.5
    # Share of the units (n-grams, word rows) and, beyond that, of the word rows of known words that are left
    # out at random: the n-grams must learn to stand alone, as they do for a word never seen.
    unit_dropout: float = 0.3
    word_dropout: float = 0.2
    ratio_scale: float = 0.1
    # Training texts are cut to the first window; in prediction a long text is scored window by window.
    window: int = 80
    overlap: int = 20
    gradient_clip: float = 1.0
    seed: int = 0


@dataclass
class History:
    """Per epoch: mean training loss and, where there is validation data, its AUC."""

    loss: list[float] = field(default_factory=list)
    auc: list[float] = field(default_factory=list)


def seed_everything(seed: int) -> np.random.Generator:
    torch.manual_seed(seed)
    return np.random.default_rng(seed)


def log_ratios(texts: list[EncodedText], targets: np.ndarray, rows: int) -> np.ndarray:
    """Naive Bayes log-count ratio of each row: how much more often toxic texts hold it than harmless ones."""
    toxic, harmless = np.ones(rows), np.ones(rows)
    for text, target in zip(texts, targets, strict=True):
        present = np.unique(text.units)
        toxic[present] += target
        harmless[present] += 1 - target
    return np.log(toxic / (targets.sum() + 2)) - np.log(harmless / ((1 - targets).sum() + 2))


def unit_weights(batch: Batch, config: TrainingConfig, words: int, rng: np.random.Generator) -> torch.Tensor:
    """Random dropout of whole units: 0 for a dropped one, 1 / keep rate for the others."""
    units = batch.units.numpy()
    keep = rng.random(len(units)) >= config.unit_dropout
    is_word = units <= words
    keep &= ~is_word | (rng.random(len(units)) >= config.word_dropout)
    return torch.from_numpy(keep.astype(np.float32) / (1 - config.unit_dropout))


def train(
    texts: list[EncodedText],
    targets: np.ndarray,
    *,
    rows: int,
    words: int,
    architecture: Architecture,
    config: TrainingConfig,
    start: np.ndarray,
    weights: np.ndarray,
    clear: np.ndarray,
    validation: tuple[list[EncodedText], np.ndarray] | None = None,
) -> tuple[ToxicCNN, History]:
    """Trains on ``targets`` in [0, 1] (labels or soft labels).

    With ``validation`` the history has the AUC after each epoch; nothing else depends on it, because the learning
    rate falls to zero over the epochs. ``words`` is the number of word rows, ``start`` the
    embedding to begin with, ``weights`` what each text counts in the loss. The ``clear`` texts (truth values) need
    only stand on the right side of zero by the margin: once they do, they ask for nothing more.
    """
    rng = seed_everything(config.seed)
    model = ToxicCNN(rows, architecture)
    # What naive Bayes knows is given as a start, in one dimension of the embedding (Wang and Manning, 2012).
    with torch.no_grad():
        model.embedding.weight.copy_(torch.tensor(start))
        ratios = log_ratios(texts, targets, rows)
        model.embedding.weight[:, 0] = torch.from_numpy(ratios * config.ratio_scale)
    steps = max(1, len(texts) // config.batch_size)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.epochs * steps)
    smooth = targets * (1 - config.label_smoothing) + config.label_smoothing / 2
    history = History()
    for _ in range(config.epochs):
        model.train()
        losses = []
        for rows_of_batch in np.array_split(rng.permutation(len(texts)), steps):
            batch = make_batch([texts[i] for i in rows_of_batch], config.window)
            logits = model(batch, unit_weights(batch, config, words, rng))
            target = torch.from_numpy(smooth[rows_of_batch].astype(np.float32))
            weight = torch.from_numpy(weights[rows_of_batch].astype(np.float32))
            losses_of_texts = torch.where(
                torch.from_numpy(clear[rows_of_batch]),
                hinge(logits, target, config.margin),
                nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none"),
            )
            loss = (losses_of_texts * weight).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config.gradient_clip)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        history.loss.append(float(np.mean(losses)))
        if validation is not None:
            logits = predict_logits(model, validation[0], config.window, config.overlap)
            history.auc.append(float(roc_auc_score(validation[1], logits)))
    return model.eval(), history


def hinge(logits: torch.Tensor, targets: torch.Tensor, margin: float) -> torch.Tensor:
    """What each logit lacks to the margin on the side of its target."""
    return torch.relu(margin - torch.sign(targets - 0.5) * logits)


def predict_logits(
    model: ToxicCNN, texts: list[EncodedText], window: int, overlap: int, batch_size: int = 128
) -> np.ndarray:
    """Logit of each text, in order: the highest of its windows. Windows of similar length share a batch."""
    model.eval()
    pieces = [(row, piece) for row, text in enumerate(texts) for piece in windows(text, window, overlap)]
    pieces.sort(key=lambda entry: len(entry[1]))
    logits = np.full(len(texts), -np.inf)
    with torch.no_grad():
        for start in range(0, len(pieces), batch_size):
            part = pieces[start : start + batch_size]
            found = model(make_batch([piece for _, piece in part])).numpy()
            np.maximum.at(logits, [row for row, _ in part], found)
    return logits


def check_not_collapsed(probabilities: np.ndarray, labels: np.ndarray) -> None:
    """Raises if the scores do not tell the classes apart or all fall on one side of one half."""
    flagged = float(np.mean(probabilities > 0.5))
    if not 0.02 < flagged < 0.98 or np.std(probabilities) < 0.02:
        raise RuntimeError(f"training collapsed: {flagged:.1%} flagged, deviation {np.std(probabilities):.3f}")
    if roc_auc_score(labels, probabilities) < 0.6:
        raise RuntimeError("training failed: the scores hardly rank toxic over harmless comments")
