"""The turn encoder as the ONNX graph that serves: every layer's products in int8, one scale a token and one a column.

Written node by node, because no exporter quantises activations per row: `onnxruntime.quantization` takes one scale for
the whole batch, so that a turn's score would depend on what shares its batch; `MatMulNBits` scales rows, but its 8-bit
kernel is slower than float32 (docs/adr/0003-mood-serving.md). Here integers are multiplied exactly and everything else
is computed row by row. Scheme: LLM.int8's vector-wise quantisation (Dettmers et al. 2022), without its float outliers.

Shapes: N turns, L tokens, T = N × L rows, H = width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from training.model import TurnEncoder

Array = npt.NDArray[np.float32]

CONTRIB = "com.microsoft"
LARGEST = 127
"""int8 weights use −127…127; activations the same around a zero point of 128."""
ATTENTION_INPUTS = ("query", "key", "value")
WORDS, POSITIONS = "embeddings.word_embeddings", "embeddings.position_embeddings.weight"
TYPES = "embeddings.token_type_embeddings.weight"
QUERIES = "queries"
ROWS, SCALE = ".rows", ".scale"
"""Endings of the two initialisers that an int8 matrix consists of."""


def joined(layer: str) -> str:
    """The name under which the matrices of `ATTENTION_INPUTS` lie side by side."""
    return f"{layer}.attention.self.joined"


def encoder_graph(encoder: TurnEncoder) -> ModelProto:
    """(N, L) `input_ids` and `attention_mask` → (N, H) `vectors`, the means of the (N, L, H) `states`.

    Each of the K parts of the width is weighted by its column of the (N, L, K) `weights`, which sum to 1 over a turn.
    """
    bert = encoder.bert
    state = {name: value.detach().numpy().astype(np.float32) for name, value in bert.state_dict().items()}
    graph = _Graph(epsilon=bert.config.layer_norm_eps, heads=bert.config.num_attention_heads, state=state)
    width = bert.config.hidden_size
    rows = graph.embedded(width)
    for number in range(bert.config.num_hidden_layers):
        rows = graph.layer(f"encoder.layer.{number}", rows)
    graph.pooled(rows, encoder.queries.detach().numpy())
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "l"]) for name in ("input_ids", "attention_mask")
    ]
    outputs = [
        helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", width]),
        helper.make_tensor_value_info("states", TensorProto.FLOAT, ["n", "l", width]),
        helper.make_tensor_value_info("weights", TensorProto.FLOAT, ["n", "l", len(encoder.queries)]),
    ]
    return helper.make_model(
        helper.make_graph(graph.nodes, "encoder", inputs, outputs, graph.values),
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid(CONTRIB, 1)],
        ir_version=9,
    )


def quantised(matrix: Array, axis: int) -> tuple[npt.NDArray[np.int8], Array]:
    """The nearest int8 matrix and its scales, one for each index of the other axis; their product is `matrix` again."""
    scale = np.maximum(np.abs(matrix).max(axis, keepdims=True), 1e-8) / LARGEST
    return np.round(matrix / scale).astype(np.int8), scale.astype(np.float32)


@dataclass(kw_only=True)
class _Graph:
    """Nodes and values as they are added. Methods take and return names of tensors."""

    epsilon: float
    heads: int
    state: Mapping[str, Array]
    nodes: list[NodeProto] = field(default_factory=list)
    values: list[TensorProto] = field(default_factory=list)

    def embedded(self, width: int) -> str:
        """The first rows (T, H); also the shapes that all layers share."""
        words, scale = quantised(self.state[WORDS + ".weight"], 1)
        found = self.add("Gather", [self.value(WORDS + ROWS, words), "input_ids"])
        scales = self.add("Gather", [self.value(WORDS + SCALE, scale), "input_ids"])
        tokens = self.add("Mul", [self.add("Cast", [found], to=TensorProto.FLOAT), scales])
        one = self.value("one", np.int64(1))
        length = self.add("Squeeze", [self.add("Shape", ["input_ids"], start=1, end=2)])
        # e5 has one type of token only: its vector joins every position's
        places = self.value(POSITIONS, self.state[POSITIONS] + self.state[TYPES][0])
        order = self.add("Range", [self.value("none", np.int64(0)), length, one])
        summed = self.add("Add", [tokens, self.add("Gather", [places, order])])
        self.flat = self.value("flat", np.array([-1, width]))
        rows = self.add("Reshape", [self.normed("embeddings.LayerNorm", summed), self.flat])
        self.turns = self.add(
            "Concat", [self.add("Shape", ["input_ids"]), self.value("width", np.array([width]))], axis=0
        )
        self.mask = self.add("Cast", ["attention_mask"], to=TensorProto.INT32)
        self.last = self.value("last", np.array([-1]))
        self.least, self.share = self.value("least", np.float32(1e-8)), self.value("share", np.float32(1 / LARGEST))
        self.unit, self.zero = self.value("unit", np.float32(1)), self.value("zero", np.uint8(LARGEST + 1))
        self.zeros = self.add("Expand", [self.zero, self.add("Shape", [rows], start=0, end=1)])
        return rows

    def layer(self, name: str, rows: str) -> str:
        """One transformer layer, (T, H) → (T, H)."""
        own = [f"{name}.attention.self.{part}" for part in ATTENTION_INPUTS]
        matrix = np.concatenate([self.state[f"{part}.weight"] for part in own])
        bias = np.concatenate([self.state[f"{part}.bias"] for part in own])
        parts = self.add_all("Split", [self.times(rows, joined(name), matrix)], 3, axis=1, num_outputs=3)
        asked = [self.add("Reshape", [part, self.turns]) for part in parts]
        bias_value = self.value(f"{joined(name)}.bias", bias)
        seen = self.add("MultiHeadAttention", [*asked, bias_value, self.mask], domain=CONTRIB, num_heads=self.heads)
        seen = self.add("Reshape", [seen, self.flat])
        rows = self.rejoined(f"{name}.attention.output", seen, rows)
        inner = self.times(rows, f"{name}.intermediate.dense")
        inner = self.add("BiasGelu", [inner, self.own(f"{name}.intermediate.dense.bias")], domain=CONTRIB)
        return self.rejoined(f"{name}.output", inner, rows)

    def pooled(self, rows: str, queries: Array) -> None:
        """The three outputs, from rows (T, H) and queries (K, H)."""
        parts, width = queries.shape
        self.nodes.append(helper.make_node("Reshape", [rows, self.turns], ["states"]))
        asked = self.add("MatMul", ["states", self.value(QUERIES, np.ascontiguousarray(queries.T))])
        unseen = self.add("Equal", ["attention_mask", self.value("unseen", np.int64(0))])
        unseen = self.add("Unsqueeze", [unseen, self.last])
        asked = self.add("Where", [unseen, self.value("never", np.float32(-np.inf)), asked])
        self.nodes.append(helper.make_node("Softmax", [asked], ["weights"], axis=1))
        apart = self.value("apart", np.array([0, 0, parts, width // parts]))
        apart = self.add("Reshape", ["states", apart])
        weighted = self.add("Mul", [apart, self.add("Unsqueeze", ["weights", self.last])])
        total = self.add("ReduceSum", [weighted, self.value("tokens", np.array([1]))], keepdims=0)
        self.nodes.append(helper.make_node("Reshape", [total, self.flat], ["vectors"]))

    def rejoined(self, name: str, rows: str, before: str) -> str:
        """A dense layer, added to what was `before`, normed. Three nodes: the joint one of onnxruntime is three times as slow."""
        moved = self.add("Add", [self.times(rows, f"{name}.dense"), self.own(f"{name}.dense.bias")])
        return self.normed(f"{name}.LayerNorm", self.add("Add", [moved, before]))

    def normed(self, name: str, rows: str) -> str:
        """Layer norm over the last axis."""
        return self.add(
            "LayerNormalization", [rows, self.own(f"{name}.weight"), self.own(f"{name}.bias")], epsilon=self.epsilon
        )

    def times(self, rows: str, name: str, matrix: Array | None = None) -> str:
        """(T, K) times the transpose of the (M, K) matrix → (T, M), multiplied as integers, row by row in scale."""
        given = self.state[f"{name}.weight"] if matrix is None else matrix
        whole, scale = quantised(np.ascontiguousarray(given.T), 0)
        largest = self.add("ReduceMax", [self.add("Abs", [rows]), self.last], keepdims=1)
        steps = self.add("Max", [self.add("Mul", [largest, self.share]), self.least])
        each = self.add("Reshape", [steps, self.last])
        integers = self.add("QuantizeLinear", [rows, each, self.zeros], axis=0)
        columns = [self.value(name + ROWS, whole), self.unit, self.value(name + SCALE, scale[0]), self.zero]
        product = self.add("MatMulIntegerToFloat", [integers, *columns], domain=CONTRIB)
        return self.add("Mul", [product, steps])

    def own(self, name: str) -> str:
        """A value of the network as it is."""
        return self.value(name, self.state[name])

    def value(self, name: str, array: npt.NDArray[np.generic] | np.generic) -> str:
        """An initialiser."""
        self.values.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def add(self, operator: str, inputs: Sequence[str], *, domain: str = "", **attributes: int | float) -> str:
        """A node with one output."""
        return self.add_all(operator, inputs, 1, domain=domain, **attributes)[0]

    def add_all(
        self, operator: str, inputs: Sequence[str], count: int, *, domain: str = "", **attributes: int | float
    ) -> list[str]:
        """A node with `count` outputs."""
        names = [f"{operator}_{len(self.nodes)}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, domain=domain, **attributes))
        return names
