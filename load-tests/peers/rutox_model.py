"""rutox's network for servers in Python: the same ONNX file in the same ONNX Runtime, one intra-op thread.

rutox's text work is TypeScript, and a second one in Python would be another; so it is done beforehand, by rutox's
own code, for every comment of the bench. A peer only looks the result up, in its favour.
"""

import json
import os
from pathlib import Path

import numpy as np
import onnxruntime

BAG_MARK = 1

Window = list[list[int]]


class RutoxModel:
    def __init__(self) -> None:
        """Reads the file of encoded comments (`ENCODED`) and the network (`MODEL`)."""
        self.encoded: dict[str, list[Window]] = json.loads(Path(os.environ["ENCODED"]).read_text())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])

    def score(self, texts: list[str]) -> list[float]:
        """Raises KeyError for a comment that is not one of the bench's."""
        cuts = [self.encoded[text] for text in texts]
        # A comment without a word has no window.
        windows = [window for cut in cuts for window in cut] or [[]]
        scores = iter(self.session.run(["toxicity"], feeds(windows))[0].tolist())
        return [max((next(scores) for _ in cut), default=0.0) for cut in cuts]


def feeds(windows: list[Window]) -> dict[str, np.ndarray]:
    """The tensors that `workers/tensors.ts` builds."""
    tokens = max(3, max(map(len, windows)) + 1)
    words = np.zeros((len(windows), tokens), dtype=np.int32)
    bags, positions = [], []
    for row, window in enumerate(windows):
        words[row, : len(window)] = [bag[0] if len(bag) == 1 else BAG_MARK for bag in window]
        for token, bag in enumerate(window):
            if len(bag) > 1:
                bags.append(bag)
                positions.append([row * tokens + token])
    ngrams = np.zeros((len(bags), max(map(len, bags), default=1)), dtype=np.int32)
    for row, bag in enumerate(bags):
        ngrams[row, : len(bag)] = bag
    return {"words": words, "ngrams": ngrams, "positions": np.array(positions, dtype=np.int64).reshape(-1, 1)}
