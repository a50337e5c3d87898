"""Metrics of a binary classifier, calibration and operating points."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    precision_recall_fscore_support,
    roc_auc_score,
)

LABELS = ["harmless", "toxic"]


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def logit(probabilities: np.ndarray) -> np.ndarray:
    clipped = np.clip(probabilities, 1e-5, 1 - 1e-5)
    return np.log(clipped / (1 - clipped))


def fit_platt(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Slope and intercept that turn logits into calibrated ones (Platt, 1999)."""
    fitted = LogisticRegression(C=1e6).fit(logits.reshape(-1, 1), labels)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Mean gap between score and observed share of toxic comments over equal-width bins."""
    bin_of = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [
        np.sum(bin_of == b) * abs(labels[bin_of == b].mean() - probabilities[bin_of == b].mean())
        for b in np.unique(bin_of)
    ]
    return float(np.sum(gaps) / len(labels))


def evaluate(labels: np.ndarray, probabilities: np.ndarray, threshold: float) -> dict:
    """Per-class precision, recall and F1, confusion matrix (rows: truth), ranking and calibration."""
    predicted = (probabilities > threshold).astype(int)
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted, labels=[0, 1], zero_division=0)
    per_class = {
        name: {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1[i]),
            "support": int(support[i]),
        }
        for i, name in enumerate(LABELS)
    }
    return {
        "macro_f1": float(f1.mean()),
        "accuracy": float((predicted == labels).mean()),
        "auc": float(roc_auc_score(labels, probabilities)),
        "average_precision": float(average_precision_score(labels, probabilities)),
        "calibration_error": expected_calibration_error(labels, probabilities),
        **per_class,
        "confusion": confusion_matrix(labels, predicted, labels=[0, 1]).tolist(),
    }


def figures(result: dict) -> dict[str, float]:
    """What ``evaluate`` found as plain numbers under flat names (``toxic_recall``), as the manifest keeps them."""
    flat = {name: value for name, value in result.items() if isinstance(value, float)}
    for label in LABELS:
        flat |= {f"{label}_{name}": value for name, value in result[label].items()}
    return {name: round(value, 6) for name, value in flat.items()}


def summary(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """AUC, and the macro F1 at its best threshold."""
    return {
        "macro_f1": float(macro_f1_curve(labels, probabilities)[1].max()),
        "auc": float(roc_auc_score(labels, probabilities)),
    }


def table(results: dict[str, dict]) -> pd.DataFrame:
    """Results of ``evaluate`` side by side, one column per classifier."""
    columns = {}
    for name, result in results.items():
        flat = {"macro F1": result["macro_f1"], "AUC": result["auc"], "average precision": result["average_precision"]}
        for label in LABELS:
            flat |= {f"{label} {figure}": result[label][figure] for figure in ("precision", "recall", "f1")}
        columns[name] = flat | {"calibration error": result["calibration_error"]}
    return pd.DataFrame(columns).round(4)


def macro_f1_curve(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds from 0.01 to 0.99 and the macro F1 at each."""
    thresholds = np.arange(0.01, 1, 0.01)
    scores = [
        precision_recall_fscore_support(labels, probabilities > t, average="macro", zero_division=0)[2]
        for t in thresholds
    ]
    return thresholds, np.array(scores)


# Macro F1 is flat around its best: of thresholds that differ by no more than this, the one that flags least is taken.
FLAT = 0.001


def best_threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The highest threshold as good as the best macro F1, smoothed, so that noise does not choose it."""
    thresholds, scores = macro_f1_curve(labels, probabilities)
    smooth = np.convolve(np.pad(scores, 3, mode="edge"), np.ones(7) / 7, mode="valid")
    return float(round(thresholds[np.flatnonzero(smooth >= smooth.max() - FLAT)[-1]], 2))


def operating_points(
    labels: np.ndarray, probabilities: np.ndarray, recall: float = 0.95, precision: float = 0.95
) -> dict[str, dict[str, float]]:
    """The policies of the manifest: threshold, precision and recall of the toxic class at each.

    ``premoderate``: the highest threshold that still finds ``recall`` of the toxic comments;
    ``balanced``: the best macro F1; ``autoban``: the lowest threshold with ``precision``.
    Where the data never reaches ``precision``, ``autoban`` takes the most precise threshold there is.
    """
    precisions, recalls, thresholds = precision_recall_curve(labels, probabilities)
    precisions, recalls = precisions[:-1], recalls[:-1]
    enough_recall = np.flatnonzero(recalls >= recall)
    # From here on every higher threshold is precise enough too: a single lucky comment does not count.
    too_low = np.flatnonzero(precisions < precision)
    first_precise = too_low[-1] + 1 if len(too_low) else 0
    autoban = first_precise if first_precise < len(thresholds) else int(np.argmax(precisions))
    chosen = {
        "premoderate": round_down(float(thresholds[enough_recall[-1]])),
        "balanced": best_threshold(labels, probabilities),
        "autoban": round_down(float(thresholds[autoban])),
    }
    return {
        name: {"threshold": threshold, **at_threshold(labels, probabilities, threshold)}
        for name, threshold in chosen.items()
    }


def operating_curve(labels: np.ndarray, probabilities: np.ndarray) -> list[dict[str, float]]:
    """Precision and recall of the toxic class by threshold, in steps of 0.01 up to the last that flags a comment."""
    thresholds = [step / 100 for step in range(100) if (probabilities > step / 100).any()]
    return [{"threshold": t, **at_threshold(labels, probabilities, t)} for t in thresholds]


def round_down(threshold: float) -> float:
    """Four decimals, never above the value itself: `score > threshold` keeps the comment that set it."""
    return float(np.floor((threshold - 1e-9) * 10_000) / 10_000)


def at_threshold(labels: np.ndarray, probabilities: np.ndarray, threshold: float) -> dict[str, float]:
    precision, recall, _, _ = precision_recall_fscore_support(
        labels, probabilities > threshold, average="binary", zero_division=0
    )
    return {"precision": round(float(precision), 4), "recall": round(float(recall), 4)}
