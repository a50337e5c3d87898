"""Writes a model directory: golden scores, manifest, model card."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from .text import ROOT, EncodedText

GOLDEN_TOLERANCE = 0.005
CARD = Path(__file__).with_name("model_card.md")


def git_commit() -> str:
    """The commit that is checked out, `unknown` outside a repository."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def write_json(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_golden(path: Path, texts: list[str], encoded: list[EncodedText], scores: np.ndarray) -> None:
    """Texts with the ids of their tokens and the score of the served model, which every thread must reproduce."""
    cases = [
        {"text": text, "units": [bag.tolist() for bag in bags(ids)], "score": round(float(score), 6)}
        for text, ids, score in zip(texts, encoded, scores, strict=True)
    ]
    lines = ",\n".join("    " + json.dumps(case, ensure_ascii=True) for case in cases)
    path.write_text(f'{{\n  "format": 1,\n  "cases": [\n{lines}\n  ]\n}}\n', encoding="utf-8")


def bags(text: EncodedText) -> list[np.ndarray]:
    """The rows of each token."""
    return np.split(text.units, text.starts[1:-1]) if len(text) else []


def describe_files(directory: Path, names: list[str]) -> dict[str, dict]:
    """sha256 and size of each file."""
    return {
        name: {
            "sha256": hashlib.sha256((directory / name).read_bytes()).hexdigest(),
            "bytes": (directory / name).stat().st_size,
        }
        for name in names
    }


def write_manifest(directory: Path, facts: dict, files: list[str]) -> None:
    """``manifest.json`` from the facts that the notebook measured and the files it describes."""
    write_json(
        directory / "manifest.json",
        {
            "format": 1,
            "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "git_commit": git_commit(),
            "labels": ["harmless", "toxic"],
            "model": {"fp32": "cnn_fp32.onnx", "int8": "cnn_int8.onnx", "served": "int8"},
            **facts,
            "golden_tolerance": GOLDEN_TOLERANCE,
            "files": describe_files(directory, files),
        },
    )


def write_card(
    path: Path, facts: dict, results: dict[str, dict], robust: dict[str, dict[str, pd.DataFrame]], development: int
) -> None:
    """The model card: what the model is, how it was measured, what each policy costs, what it must not be used for.

    ``robust`` holds the tables of ``robustness.measure`` for this release and the previous one, ``development`` is
    the number of comments that are not in the test part.
    """
    rows, policies = facts["dataset"]["rows"], facts["policies"]
    policy_lines = [
        f"| `{name}` | {p['threshold']:.4f} | {p['precision']:.3f} | {p['recall']:.3f} |"
        for name, p in policies.items()
    ]
    result_lines = [
        f"| {name} | {r['macro_f1']:.4f} | {r['auc']:.4f} | {r['toxic']['precision']:.3f} | {r['toxic']['recall']:.3f} "
        f"| {r['toxic']['f1']:.3f} | {r['harmless']['f1']:.3f} | {r['calibration_error']:.3f} |"
        for name, r in results.items()
    ]
    validation = facts["metrics"]["cross_validation"]
    path.write_text(
        CARD.read_text(encoding="utf-8").format(
            version=facts["version"],
            dataset=facts["dataset"]["name"],
            sha256=facts["dataset"]["sha256"],
            total=rows["total"],
            development=development,
            test=rows["test"],
            own=facts["training"]["own_texts"],
            folds=facts["training"]["folds"],
            window=facts["text"]["window_tokens"],
            close=facts["text"]["close_reading"],
            policies="\n".join(policy_lines),
            results="\n".join(result_lines),
            default=facts["default_policy"],
            **{name: side_by_side(robust["this"][name], robust["previous"][name]) for name in robust["this"]},
            validation_f1=validation["macro_f1"],
            validation_auc=validation["auc"],
            validation_ece=validation["calibration_error"],
        ),
        encoding="utf-8",
    )


def side_by_side(this: pd.DataFrame, previous: pd.DataFrame) -> str:
    """Two tables of the same shape as one in Markdown, each cell `this (previous)`."""
    names = [name for name in this.index.names if name is not None] or [""]
    lines = ["| " + " | ".join([*names, *this.columns]) + " |", "|" + " --- |" * (len(names) + len(this.columns))]
    for label in this.index:
        cells = [
            plain(this.at[label, column])
            if this.at[label, column] == previous.at[label, column]
            else f"{plain(this.at[label, column])} ({plain(previous.at[label, column])})"
            for column in this.columns
        ]
        lines.append("| " + " | ".join([*(label if isinstance(label, tuple) else (label,)), *cells]) + " |")
    return "\n".join(lines)


def plain(value: float) -> str:
    return str(int(value)) if isinstance(value, (int, np.integer)) else f"{value:.3f}"


def check(directory: Path, fp32: float, int8: float, comments: int) -> None:
    """Raises unless the release keeps its promises: size of what is served, and macro F1 kept by int8.

    Of few test comments, two verdicts that change make more than what may be lost.
    """
    size = sum((directory / name).stat().st_size for name in ("cnn_int8.onnx", "vocab.json"))
    if size > 5_000_000:
        raise RuntimeError(f"cnn_int8.onnx and vocab.json take {size:,} bytes, more than 5,000,000")
    allowed = max(0.005, 2 / comments)
    if fp32 - int8 > allowed:
        raise RuntimeError(f"int8 loses {fp32 - int8:.4f} macro F1, more than {allowed:.4f}")
    print(f"{directory.name}: {size:,} bytes served, int8 loses {fp32 - int8:+.4f} macro F1")
