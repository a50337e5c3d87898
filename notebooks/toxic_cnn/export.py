"""From the trained network to the ONNX files that the server runs, in fp32 and int8."""

import json
import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .model import ToxicCNN
from .reading import read
from .text import UNKNOWN_ROW, EncodedText, encode, windows


class ServingCNN(nn.Module):
    """The same function as ``ToxicCNN`` on the inputs that the server builds (see ``feeds``).

    Batch normalisation is folded into the convolutions, the calibration into the last layer, and the row
    of every known word becomes the sum of its whole bag, so that a known word costs one look-up.
    """

    def __init__(self, model: ToxicCNN, word_bags: EncodedText, calibration: tuple[float, float]) -> None:
        super().__init__()
        table = model.embedding.weight.detach().clone()
        table[0] = 0
        for word in range(len(word_bags)):
            bag = word_bags.units[word_bags.starts[word] : word_bags.starts[word + 1]]
            table[1 + word] = model.embedding.weight.detach()[bag].sum(0) / len(bag) ** 0.5
        self.embedding = nn.Embedding.from_pretrained(table)
        self.branches = nn.ModuleList(fuse_conv_bn_eval(branch[0], branch[1]) for branch in model.eval().branches)
        slope, intercept = calibration
        self.head = nn.Linear(model.head.in_features, 1)
        self.head.weight.data = model.head.weight.detach() * slope
        self.head.bias.data = model.head.bias.detach() * slope + intercept

    def forward(self, words: Tensor, ngrams: Tensor, positions: Tensor) -> Tensor:
        """``words`` [batch, tokens], ``ngrams`` [unknown, k], ``positions`` [unknown, 1] -> probabilities [batch]."""
        known = self.embedding(words)
        unknown = self.embedding(ngrams).sum(1) * torch.rsqrt((ngrams != 0).sum(1, keepdim=True).float())
        batch, tokens, dim = known.shape
        vectors = known.reshape(-1, dim).index_put((positions[:, 0],), unknown).reshape(batch, tokens, dim)
        channels = vectors.transpose(1, 2)
        # ReLU keeps the order, so the maximum may come first; over channels-last it is what the kernel yields anyway.
        pooled = [torch.relu(branch(channels).transpose(1, 2).amax(1)) for branch in self.branches]
        counts = (words != 0).sum(1, keepdim=True).float().clamp(min=1)
        pooled.append(vectors.sum(1) * torch.rsqrt(counts))
        return torch.sigmoid(self.head(torch.cat(pooled, 1)))[:, 0]


def feeds(texts: list[EncodedText]) -> dict[str, np.ndarray]:
    """The inputs of the ONNX graph for texts encoded as in serving; the server's `workers/tensors.ts` does the same."""
    tokens = max(3, max(len(text) for text in texts) + 1)
    words = np.zeros((len(texts), tokens), dtype=np.int32)
    bags, positions = [], []
    for row, text in enumerate(texts):
        for token in range(len(text)):
            bag = text.units[text.starts[token] : text.starts[token + 1]]
            words[row, token] = bag[0] if len(bag) == 1 else UNKNOWN_ROW
            if len(bag) > 1:
                bags.append(bag)
                positions.append([row * tokens + token])
    ngrams = np.zeros((len(bags), max((len(bag) for bag in bags), default=1)), dtype=np.int32)
    for row, bag in enumerate(bags):
        ngrams[row, : len(bag)] = bag
    return {"words": words, "ngrams": ngrams, "positions": np.array(positions, dtype=np.int64).reshape(-1, 1)}


def export_fp32(model: ServingCNN, example: list[EncodedText], path: Path) -> None:
    """Writes the fp32 graph; ``example`` needs two texts or more with unknown words among them."""
    inputs = feeds(example)
    batch, tokens, unknown, k = (torch.export.Dim(name) for name in ("batch", "tokens", "unknown", "k"))
    # The exporter says at length which optional packages it does without.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            tuple(torch.from_numpy(value) for value in inputs.values()),
            path,
            input_names=list(inputs),
            output_names=["toxicity"],
            dynamic_shapes={"words": {0: batch, 1: tokens}, "ngrams": {0: unknown, 1: k}, "positions": {0: unknown}},
            opset_version=18,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    graph = onnx.load(path)
    # The exporter's notes name the source files of the machine that ran it.
    for node in graph.graph.node:
        del node.metadata_props[:]
    onnx.save(graph, path)


class TextReader(CalibrationDataReader):
    """Feeds calibration texts in batches."""

    def __init__(self, texts: list[EncodedText], batch_size: int = 32) -> None:
        self.batches = iter([feeds(texts[i : i + batch_size]) for i in range(0, len(texts), batch_size)])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.batches, None)


def quantize(
    fp32: Path,
    int8: Path,
    calibration_texts: list[EncodedText],
    weight_type: QuantType = QuantType.QInt8,
    op_types_to_quantize: Sequence[str] = ("Gather", "Conv"),
) -> None:
    """Static quantisation of convolutions and embedding table, ranges from training comments.

    Weights keep seven bits (``reduce_range``): without VNNI the x86 kernels add pairs of products in 16
    bits, which eight-bit weights overflow, so the same file would score differently on different CPUs.
    """
    prepared = int8.with_suffix(".prepared.onnx")
    quant_pre_process(fp32, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared,
        int8,
        TextReader(calibration_texts),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=list(op_types_to_quantize),
        activation_type=QuantType.QUInt8,
        weight_type=weight_type,
        reduce_range=True,
        calibrate_method=CalibrationMethod.MinMax,
    )
    prepared.unlink()


def open_session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def predict_onnx(
    session: onnxruntime.InferenceSession, texts: list[EncodedText], settings: dict, batch_size: int = 64
) -> np.ndarray:
    """Probability of each text, read as ``settings`` (``text`` of a manifest) say; 0 for a text without tokens."""

    def score(chosen: list[EncodedText], window: int, overlap: int) -> np.ndarray:
        pieces = [
            (row, piece) for row, text in enumerate(chosen) if len(text) for piece in windows(text, window, overlap)
        ]
        pieces.sort(key=lambda entry: len(entry[1]))
        scores = np.zeros(len(chosen))
        for start in range(0, len(pieces), batch_size):
            part = pieces[start : start + batch_size]
            (found,) = session.run(None, feeds([piece for _, piece in part]))
            np.maximum.at(scores, [row for row, _ in part], found)
        return scores

    return read(score, texts, settings)


class Served:
    """A released model directory, scored as the server does it."""

    def __init__(self, directory: Path) -> None:
        self.vocabulary = directory / "vocab.json"
        manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
        self.reading: dict = manifest["text"]
        self.threshold: float = manifest["policies"][manifest["default_policy"]]["threshold"]
        self.session = open_session(directory / manifest["model"][manifest["model"]["served"]])

    def scores(self, texts: Sequence[str]) -> np.ndarray:
        """Probability of each text."""
        encoded = encode(list(texts), self.vocabulary, subwords="unknown")
        return predict_onnx(self.session, encoded, self.reading)
