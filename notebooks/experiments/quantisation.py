"""Ways to quantise the released network, their size and speed (docs/decisions/0003-quantisation.md).

Needs no dataset: the fp32 model of a release is quantised anew with ranges from data/sample.csv. Every way
is timed in turn, round after round, on one thread; medians.

    cd notebooks && ../.venv/bin/python -m experiments.quantisation [MODEL_DIRECTORY]
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from onnxruntime.quantization import QuantType

from toxic_cnn import data, export, text

BATCH = 32
ROUNDS = 60
WAYS = {
    "int8 weights": {"weight_type": QuantType.QInt8},
    "uint8 weights": {"weight_type": QuantType.QUInt8},
    "int8, only the embeddings": {"op_types_to_quantize": ["Gather"]},
}


def batch_times(sessions: dict, batches: list[dict[str, np.ndarray]]) -> dict[str, list[float]]:
    """Microseconds a text, per session and round; the sessions take turns."""
    times: dict[str, list[float]] = {name: [] for name in sessions}
    for turn in range(ROUNDS):
        inputs = batches[turn % len(batches)]
        for name, session in sessions.items():
            start = time.perf_counter()
            session.run(None, inputs)
            times[name].append((time.perf_counter() - start) * 1e6 / len(inputs["words"]))
    return times


def main(model: Path) -> None:
    encoded = text.encode(
        data.load_comments(text.ROOT / "data" / "sample.csv")["comment"].tolist(), model / "vocab.json", "unknown"
    )
    encoded.sort(key=len)
    batches = [export.feeds(encoded[i : i + BATCH]) for i in range(0, len(encoded) - BATCH, BATCH)]
    fp32 = model / "cnn_fp32.onnx"
    with tempfile.TemporaryDirectory() as scratch:
        files = {"fp32": fp32}
        for name, settings in WAYS.items():
            files[name] = Path(scratch) / f"{len(files)}.onnx"
            export.quantize(fp32, files[name], encoded, **settings)
        sessions = {name: export.open_session(file) for name, file in files.items()}
        times = batch_times(sessions, batches)
        table = {
            name: {"us a text": round(float(np.median(values)), 1), "bytes": files[name].stat().st_size}
            for name, values in times.items()
        }
    print(pd.DataFrame(table).T.astype({"bytes": int}).to_string())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else text.ROOT / "models" / "v1.0")
