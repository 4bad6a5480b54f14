"""The network of a served model folder, back in float: where fine-tuning starts when only the repository is at hand.

The encoder's matrices come back as their int8 columns times the columns' scales; the served one also rounds activations.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import ModelProto, NodeProto, numpy_helper
from torch import Tensor

from training.base_encoder import bert_of
from training.encoder_graph import ATTENTION_INPUTS, QUERIES, ROWS, SCALE, TYPES, WORDS, joined
from training.model import MoodNet, load_weights

Array = npt.NDArray[np.float32]


def load_served(folder: Path, *, dropout: float = 0.0) -> MoodNet:
    """Rebuild encoder and head from `encoder.onnx` and `head.onnx` (as `export_mood` writes them).

    Raises:
        KeyError: the files are of another network.
        RuntimeError: a weight of the head is missing or has another shape.
    """
    encoder = _initialisers(onnx.load(str(folder / "encoder.onnx")))
    head = head_state(onnx.load(str(folder / "head.onnx")))
    heads = encoder[QUERIES].shape[1] if QUERIES in encoder else None  # one query each
    bert = bert_of(_encoder_state(encoder), heads=heads, dropout=dropout)
    net = MoodNet(bert, dialogue_size=head["memory.weight_hh_l0"].shape[1], dropout=dropout)
    own = {name: value for name, value in net.state_dict().items() if name.startswith("encoder.")}
    if QUERIES in encoder:  # older ones are plain means
        own["encoder.queries"] = torch.tensor(encoder[QUERIES].T.copy())
    load_weights(net, {**own, **{f"head.{name}": value for name, value in head.items()}})
    return net.eval()


def _encoder_state(values: Mapping[str, Array]) -> dict[str, Tensor]:
    state = {name: torch.tensor(v) for name, v in values.items() if name.startswith(("embeddings.", "encoder."))}
    for name in [name.removesuffix(ROWS) for name in values if name.endswith(ROWS)]:
        matrix = state.pop(name + ROWS).float() * state.pop(name + SCALE)
        state[f"{name}.weight"] = matrix if name == WORDS else matrix.T.contiguous()
    state[TYPES] = torch.zeros(1, state[f"{WORDS}.weight"].shape[1])  # it lies in the positions
    for end in ("weight", "bias"):
        for layer in [
            name.removesuffix(joined("") + f".{end}") for name in state if name.endswith(joined("") + f".{end}")
        ]:
            thirds = state.pop(f"{joined(layer)}.{end}").chunk(len(ATTENTION_INPUTS))
            for part, third in zip(ATTENTION_INPUTS, thirds, strict=True):
                state[f"{layer}.attention.self.{part}.{end}"] = third
    return state


def head_state(model: ModelProto) -> dict[str, Tensor]:
    """The weights of a served head by their names in `DialogueHead`."""
    values = _initialisers(model)
    state = {name.removeprefix("head."): torch.tensor(v) for name, v in values.items() if name.startswith("head.")}
    for node in model.graph.node:
        if node.op_type == "MatMul":
            name = _module(node)
            name = name if name.startswith(("mix.", "emotions.", "suspicions.", "causes.")) else f"heads.{name}"
            state[f"{name}.weight"] = torch.tensor(values[node.input[1]].T.copy())
        if node.op_type == "GRU":
            state.update(_memory(values, node))
    return state


def _memory(values: Mapping[str, Array], node: NodeProto) -> dict[str, Tensor]:
    """ONNX orders the gates update, reset, new; torch reset, update, new."""

    def reordered(value: Array) -> Tensor:
        update, reset, new = np.split(value, 3)
        return torch.tensor(np.concatenate([reset, update, new]))

    inwards, backwards, biases = (values[name][0] for name in node.input[1:4])
    bias_in, bias_back = np.split(biases, 2)
    return {
        "memory.weight_ih_l0": reordered(inwards),
        "memory.weight_hh_l0": reordered(backwards),
        "memory.bias_ih_l0": reordered(bias_in),
        "memory.bias_hh_l0": reordered(bias_back),
    }


def _initialisers(model: ModelProto) -> dict[str, Array]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def _module(node: NodeProto) -> str:
    """`/mix/mix.1/MatMul` → `mix.1`; `/emotion/MatMul` → `emotion`."""
    parts = node.name.strip("/").split("/")[:-1]
    names = [part for i, part in enumerate(parts) if i + 1 == len(parts) or not parts[i + 1].startswith(part + ".")]
    return ".".join(names)
