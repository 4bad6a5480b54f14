"""Makes a trained network's scores mean what they say: fitted on the dev parts, folded into the network's last layers.

python -m training.calibrate [--train build/mood] [--only category]

Training weighs rare labels more than they are and knows its own turns, so raw scores call rare labels too often and are
too sure of themselves. Each emotion gets an offset and all of them one scale (Guo et al. 2017, between temperature and
vector scaling), each risk signal, act and suspicion a scale and an offset of its own (Platt 1999).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.dev_figures import labelled_logits
from training.dialogues import Chats
from training.labelled_turns import amid_chats, labelled_customers, labelled_turns
from training.model import SUSPICIONS, MoodNet, load_net
from training.ordinary_chats import ordinary_chats
from training.parts import corpus_part
from training.train_mood import NET_FILE, TOKENIZER_FILE

SEED = 20261122
RIDGE = 1.0
"""In turns: holds scales near 1 and offsets near 0 where the dev parts have next to no label."""

HEADS = ("emotion", "risk", "act", SUSPICIONS)
Loss = Callable[[Tensor], Tensor]


def main() -> None:
    """Calibrate the network of `--train` in place and print what was folded in."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("build/mood"))
    parser.add_argument("--only", choices=HEADS, help="one head, where the others are calibrated already")
    args = parser.parse_args()
    net, tokenizer = load_net(args.train / NET_FILE), Tokenizer.from_file(str(args.train / TOKENIZER_FILE))
    vectors: dict[str, Tensor] = {}
    chats_of = calibration_chats()
    for head in [args.only] if args.only else HEADS:
        scale, offset = calibrate(net, head, labelled_logits(net, tokenizer, chats_of[head], head, vectors))
        print(json.dumps({head: {"scale": _rounded(scale), "offset": _rounded(offset)}}), flush=True)
    torch.save(net.state_dict(), args.train / NET_FILE)


def calibration_chats() -> dict[str, Chats]:
    """The dev parts on which each of `HEADS` is fitted; labelled agent turns stand amid chats, as the corpus' do.

    Three in five of the labelled agent turns break something, which is many times more than in a shop: a suspicion of 0.5 is right
    in half of such turns, and far less often in real ones (`python -m tests.rules.real_chats`).
    """
    corpus, customers = corpus_part("dev"), labelled_customers("dev")
    agents = amid_chats(labelled_turns("dev"), corpus, random.Random(SEED))
    ordinary = ordinary_chats("dev")
    felt: Chats = [*corpus, *customers, *ordinary]
    said: Chats = [*corpus, *agents, *ordinary]
    return {"emotion": felt, "risk": felt, "act": corpus, SUSPICIONS: said}


def calibrate(net: MoodNet, head: str, labelled: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Fold the scale and offset with the least loss over labelled logits into the last layer of a head; returns them."""
    logits, truth = labelled
    if head == "emotion":
        scale, offset = fitted(
            logits, scales=1, loss=lambda fit: nn.functional.cross_entropy(fit, truth, reduction="sum")
        )
    else:
        known = ~torch.isnan(truth)
        scale, offset = fitted(
            logits,
            scales=logits.shape[1],
            loss=lambda fit: nn.functional.binary_cross_entropy_with_logits(fit[known], truth[known], reduction="sum"),
        )
    fold(net.head.last(head), scale, offset)
    return scale, offset


def fitted(logits: Tensor, *, scales: int, loss: Loss) -> tuple[Tensor, Tensor]:
    """The (scales,) scale and (k,) offset of the (n, k) logits that have the least loss."""
    scale = torch.ones(scales, requires_grad=True)
    offset = torch.zeros(logits.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([scale, offset], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        total = loss(logits * scale + offset) + RIDGE * ((scale - 1).square().sum() + offset.square().sum())
        total.backward()
        return total

    optimiser.step(closure)
    return scale.detach(), offset.detach()


@torch.no_grad()
def fold(layer: nn.Linear, scale: Tensor, offset: Tensor) -> None:
    """Scale and move what a last layer gives."""
    layer.weight.mul_(scale[:, None])
    layer.bias.mul_(scale).add_(offset)


def _rounded(values: Tensor) -> list[float]:
    return [round(value, 3) for value in values.tolist()]


if __name__ == "__main__":
    main()
