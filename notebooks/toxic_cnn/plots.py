"""Figures of the notebook and the model card."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from .evaluation import LABELS, macro_f1_curve
from .training import History

plt.rcParams.update({"figure.dpi": 80, "savefig.bbox": "tight", "axes.grid": True, "grid.alpha": 0.3})


def save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # No date in the file: the same figure is the same bytes.
    figure.savefig(path, metadata={"Software": None})


def data_overview(lengths: np.ndarray, labels: np.ndarray) -> Figure:
    """Class sizes, and lengths by class."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
    left.bar(LABELS, np.bincount(labels, minlength=2), color=["tab:blue", "tab:red"])
    left.set_title("Comments by class")
    bins = np.geomspace(1, max(10, lengths.max()), 40)
    for label, name in enumerate(LABELS):
        right.hist(lengths[labels == label], bins=bins, alpha=0.6, label=name, density=True)
    right.set(xscale="log", xlabel="tokens", title="Length by class")
    right.legend()
    return figure


def training_curves(histories: list[History]) -> Figure:
    """Loss and validation AUC of each fold."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
    for fold, history in enumerate(histories):
        epochs = np.arange(1, len(history.loss) + 1)
        left.plot(epochs, history.loss, label=f"fold {fold + 1}")
        right.plot(epochs[: len(history.auc)], history.auc)
    left.set(xlabel="epoch", title="Training loss")
    right.set(xlabel="epoch", title="Validation AUC")
    left.legend(fontsize=8)
    return figure


def roc_and_pr(labels: np.ndarray, scores: dict[str, np.ndarray]) -> Figure:
    """ROC and precision-recall curves of several classifiers."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    for name, probabilities in scores.items():
        false_positives, true_positives, _ = roc_curve(labels, probabilities)
        precision, recall, _ = precision_recall_curve(labels, probabilities)
        left.plot(false_positives, true_positives, label=name)
        right.plot(recall, precision, label=name)
    left.set(xlabel="false positive rate", ylabel="true positive rate", title="ROC")
    right.set(xlabel="recall", ylabel="precision", title="Precision and recall", ylim=(0.4, 1.01))
    left.legend(fontsize=8)
    return figure


def confusion_matrices(matrices: dict[str, list[list[int]]]) -> Figure:
    """One confusion matrix (rows: truth) per classifier."""
    figure, axes = plt.subplots(1, len(matrices), figsize=(3.2 * len(matrices), 3), squeeze=False)
    for axis, (name, matrix) in zip(axes[0], matrices.items(), strict=True):
        cells = np.array(matrix)
        axis.imshow(cells, cmap="Blues")
        axis.grid(False)
        for (row, column), count in np.ndenumerate(cells):
            axis.text(
                column, row, str(count), ha="center", va="center", color="black" if count < cells.max() / 2 else "white"
            )
        axis.set(xticks=[0, 1], yticks=[0, 1], xticklabels=LABELS, yticklabels=LABELS, xlabel="predicted", title=name)
    axes[0][0].set_ylabel("truth")
    return figure


def calibration(labels: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> Figure:
    """Reliability diagram beside the histogram of scores."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5))
    bin_of = np.minimum((probabilities * bins).astype(int), bins - 1)
    used = np.unique(bin_of)
    left.plot([0, 1], [0, 1], "k--", linewidth=1)
    left.plot([probabilities[bin_of == b].mean() for b in used], [labels[bin_of == b].mean() for b in used], marker="o")
    left.set(xlabel="mean score", ylabel="share of toxic comments", title="Calibration")
    for label, name in enumerate(LABELS):
        right.hist(probabilities[labels == label], bins=np.linspace(0, 1, 31), alpha=0.6, label=name)
    right.set(xlabel="score", title="Scores by class")
    right.legend()
    return figure


def thresholds(labels: np.ndarray, probabilities: np.ndarray, policies: dict[str, dict[str, float]]) -> Figure:
    """Precision, recall and macro F1 against the threshold, with the policies marked."""
    figure, axis = plt.subplots(figsize=(7, 3.5))
    precision, recall, cuts = precision_recall_curve(labels, probabilities)
    axis.plot(cuts, precision[:-1], label="precision (toxic)")
    axis.plot(cuts, recall[:-1], label="recall (toxic)")
    axis.plot(*macro_f1_curve(labels, probabilities), label="macro F1")
    for name, point in policies.items():
        axis.axvline(point["threshold"], color="grey", linestyle=":")
        axis.text(point["threshold"], 0.42, f" {name}", rotation=90, fontsize=8, color="grey")
    axis.set(xlabel="threshold", ylim=(0.4, 1.01), title="What a threshold costs")
    axis.legend(loc="lower center", fontsize=8)
    return figure
