"""Writes predecessor.onnx: the network rutox grew from, without its 24 MB of weights.

Embedding of 20,000 words in 256 dimensions, 256 filters of each of the widths 3, 4 and 5, ReLU, maximum over
time, linear layer, sigmoid. Every weight comes from a ConstantOfShape. ONNX Runtime folds those into plain
constants when it opens the file, so a run does the same arithmetic, at the same speed, as with trained weights.
Compared with the export of `PredecessorCNN` (notebooks/toxic_cnn/baselines.py) with random weights, in 100
alternating pairs of runs over 32 texts on one core of an AMD EPYC: 2,413 and 2,405 µs a text, ratio 1.004
(quartiles 1.001 to 1.008). Larger batches change nothing: one text alone takes as long as one of 128.

    python load-tests/bench/make_predecessor.py        # needs the package onnx
"""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

WORDS, DIM, FILTERS, WIDTHS, TOKENS = 20_000, 256, 256, (3, 4, 5), 128


def constant(name: str, *shape: int) -> list[onnx.NodeProto]:
    """A tensor filled with one small number."""
    value = helper.make_tensor("value", TensorProto.FLOAT, [1], [0.01])
    return [
        helper.make_node("Constant", [], [f"{name}_shape"], value_ints=shape),
        helper.make_node("ConstantOfShape", [f"{name}_shape"], [name], value=value),
    ]


def convolution(width: int) -> list[onnx.NodeProto]:
    """One branch: from `channels` [batch, 256, 128] to `pooled{width}` [batch, 256]."""
    return [
        *constant(f"weight{width}", FILTERS, DIM, width),
        *constant(f"bias{width}", FILTERS),
        helper.make_node(
            "Conv", ["channels", f"weight{width}", f"bias{width}"], [f"conv{width}"], kernel_shape=[width]
        ),
        helper.make_node("Relu", [f"conv{width}"], [f"relu{width}"]),
        helper.make_node("ReduceMax", [f"relu{width}", "time"], [f"pooled{width}"], keepdims=0),
    ]


def predecessor() -> onnx.ModelProto:
    nodes = [
        *constant("embedding", WORDS, DIM),
        *constant("head_weight", len(WIDTHS) * FILTERS, 1),
        *constant("head_bias", 1),
        helper.make_node("Constant", [], ["time"], value_ints=[2]),
        helper.make_node("Gather", ["embedding", "ids"], ["vectors"]),
        helper.make_node("Transpose", ["vectors"], ["channels"], perm=[0, 2, 1]),
        *(node for width in WIDTHS for node in convolution(width)),
        helper.make_node("Concat", [f"pooled{width}" for width in WIDTHS], ["features"], axis=1),
        helper.make_node("Gemm", ["features", "head_weight", "head_bias"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["toxicity"]),
    ]
    graph = helper.make_graph(
        nodes,
        "predecessor",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", TOKENS])],
        [helper.make_tensor_value_info("toxicity", TensorProto.FLOAT, ["batch", 1])],
    )
    # The versions that ONNX Runtime 1.14 and newer read.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    onnx.save(predecessor(), Path(__file__).with_name("predecessor.onnx"))
