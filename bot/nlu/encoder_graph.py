"""The encoder's layers as an ONNX graph, made from the published weights: once per machine, kept in a file.

The layout (weight names, order of operations, exact GELU, layer norm epsilon 1e-12) is that of the published
sentence-transformers/all-MiniLM-L6-v2; sizes are read from the arrays. The graph begins after the look-up of
word vectors, so that their 47 MB stay mapped in the published file, and ends before the norm of the mean.

The kept graph holds its matrices as 8-bit numbers (dynamic quantisation): a chat line then takes well under
a millisecond where 32-bit products take two to four. Weights use 7 of the 8 bits, because processors without
VNNI instructions saturate otherwise. Activations are scaled per call, so a line must be encoded alone: in a
batch its vector would depend on its neighbours.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
INPUT, OUTPUT = "embedded", "mean"
OPSET, IR_VERSION = 17, 8
VERSION = "q7"
EPSILON = 1e-12


class _Graph:
    """Collects nodes and stored arrays; every method returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.stored: dict[str, Array] = {}

    def constant(self, name: str, value: Any, kind: Any = np.float32) -> str:
        self.stored[name] = np.ascontiguousarray(np.asarray(value, dtype=kind))
        return name

    def run(self, operator: str, *inputs: str, **options: Any) -> str:
        from onnx import helper

        name = f"{operator}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **options))
        return name


def encoder_model(arrays: Mapping[str, Array], heads: int = 12) -> Any:
    """An `onnx.ModelProto`: [1, tokens, size] embedded tokens → [1, size] the mean of the last layer."""
    from onnx import TensorProto, helper, numpy_helper

    size = arrays["embeddings.word_embeddings.weight"].shape[1]
    layers = 1 + max(int(name.split(".")[2]) for name in arrays if name.startswith("encoder.layer."))
    graph = _Graph()
    graph.constant("to_heads", [0, 0, heads, size // heads], np.int64)
    graph.constant("from_heads", [0, 0, size], np.int64)
    graph.constant("per_head", (size // heads) ** -0.5)
    graph.constant("root_half", 0.5**0.5)
    graph.constant("one", 1.0)
    graph.constant("half", 0.5)
    x = _norm(graph, arrays, INPUT, "embeddings.LayerNorm")
    for layer in range(layers):
        x = _layer(graph, arrays, x, f"encoder.layer.{layer}")
    graph.nodes.append(helper.make_node("ReduceMean", [x], [OUTPUT], axes=[1], keepdims=0))
    made = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [1, "tokens", size])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, size])],
        [numpy_helper.from_array(value, name) for name, value in graph.stored.items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _layer(graph: _Graph, arrays: Mapping[str, Array], x: str, name: str) -> str:
    attended = _attend(graph, arrays, x, f"{name}.attention")
    x = _norm(graph, arrays, graph.run("Add", attended, x), f"{name}.attention.output.LayerNorm")
    wide = _dense(graph, arrays, x, f"{name}.intermediate.dense")
    gate = graph.run("Add", graph.run("Erf", graph.run("Mul", wide, "root_half")), "one")
    gelu = graph.run("Mul", graph.run("Mul", wide, gate), "half")
    out = _dense(graph, arrays, gelu, f"{name}.output.dense")
    return _norm(graph, arrays, graph.run("Add", out, x), f"{name}.output.LayerNorm")


def _attend(graph: _Graph, arrays: Mapping[str, Array], x: str, name: str) -> str:
    def split(part: str, order: list[int]) -> str:
        flat = _dense(graph, arrays, x, f"{name}.self.{part}")
        return graph.run("Transpose", graph.run("Reshape", flat, "to_heads"), perm=order)

    query, key, value = split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]), split("value", [0, 2, 1, 3])
    weights = graph.run("Softmax", graph.run("Mul", graph.run("MatMul", query, key), "per_head"), axis=-1)
    mixed = graph.run("Transpose", graph.run("MatMul", weights, value), perm=[0, 2, 1, 3])
    return _dense(graph, arrays, graph.run("Reshape", mixed, "from_heads"), f"{name}.output.dense")


def _dense(graph: _Graph, arrays: Mapping[str, Array], x: str, name: str) -> str:
    weight = graph.constant(f"{name}.weight", arrays[f"{name}.weight"].T)
    return graph.run(
        "Add", graph.run("MatMul", x, weight), graph.constant(f"{name}.bias", arrays[f"{name}.bias"])
    )


def _norm(graph: _Graph, arrays: Mapping[str, Array], x: str, name: str) -> str:
    weight = graph.constant(f"{name}.weight", arrays[f"{name}.weight"])
    bias = graph.constant(f"{name}.bias", arrays[f"{name}.bias"])
    return graph.run("LayerNormalization", x, weight, bias, axis=-1, epsilon=EPSILON)


def keep_quantised(arrays: Mapping[str, Array], place: Path) -> None:
    """Write the 8-bit graph to `place`, whole or not at all; several processes may do so at a time."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        exact, small = Path(folder) / "exact.onnx", Path(folder) / "small.onnx"
        onnx.save(encoder_model(arrays), str(exact))
        with _without_advice():
            quantize_dynamic(
                exact,
                small,
                op_types_to_quantize=["MatMul"],
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
            )
        os.replace(small, place)


@contextmanager
def _without_advice() -> Iterator[None]:
    """The quantiser advises to infer shapes and to fold constants first; this graph has nothing to fold."""

    def other(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Please consider to run pre-processing")

    root = logging.getLogger()
    root.addFilter(other)
    try:
        yield
    finally:
        root.removeFilter(other)
