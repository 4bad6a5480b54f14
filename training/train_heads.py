"""The last stage: emotions, suspicions and causes, whose layers are their own, learn from all labelled chats and from reviewers.

python -m training.train_heads [--train build/mood] [--start models/mood] [--verdicts FILE] [--only emotion]

They begin anew: what an earlier file of verdicts taught them is gone unless it is in this one. Encoder and dialogue head
stay as they are, so the other figures do too, and what they read of every turn is computed once: half an hour.
`python -m training.calibrate` comes after it (`--only` where the rest is calibrated already).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import torch
import yaml
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from training.collect_verdicts import read_verdicts
from training.dev_figures import causes_right, emotion_macro_f1, suspicion_micro_f1, what_is_read
from training.dialogues import Chats
from training.labelled_turns import amid_chats, labelled_customers, labelled_turns
from training.model import CAUSE, OWN, SUSPICIONS
from training.ordinary_chats import ordinary_chats
from training.parts import corpus_part
from training.train_mood import CONFIG, NET_FILE, TOKENIZER_FILE, load_start

Loss = Callable[[Tensor, Tensor], Tensor]


def main() -> None:
    """Train the own layers of `--train` or of a served model, print their figures on the dev parts, save to `--train`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("build/mood"))
    parser.add_argument("--start", type=Path, help="a trained or a served folder to take the rest from, else --train")
    parser.add_argument("--verdicts", type=Path, help="a file of `qa-service export verdicts` to train on, too")
    parser.add_argument("--only", choices=OWN)
    args = parser.parse_args()
    config = yaml.safe_load(CONFIG.read_text())
    start = args.start or args.train
    net, tokenizer = load_start(start), Tokenizer.from_file(str(start / TOKENIZER_FILE))
    reviewed = read_verdicts(args.verdicts) if args.verdicts else []
    for name in [args.only] if args.only else OWN:
        options, rng = config["heads"] | config["heads"][name], random.Random(config["seed"])
        judged = what_is_read(net, tokenizer, [*chain(*_labelled(name, "train", rng).values()), *reviewed], name)
        ordinary = what_is_read(net, tokenizer, ordinary_chats("train"), name)
        rows = [judged, *[ordinary] * options["ordinary_times"]]
        torch.manual_seed(config["seed"])
        train_layers(net.head.own(name), *(torch.cat(part) for part in zip(*rows, strict=True)), LOSSES[name], options)
        for part, chats in {**_labelled(name, "dev", rng), "ordinary": ordinary_chats("dev")}.items():
            print(json.dumps({f"{name}, {part}": round(FIGURES[name](net, tokenizer, chats), 4)}), flush=True)
    args.train.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(args.train / TOKENIZER_FILE))
    torch.save(net.state_dict(), args.train / NET_FILE)


def _labelled(name: str, part: str, rng: random.Random) -> dict[str, Chats]:
    """Corpus and single turns of a part; each agent turn stands amid a chat, too."""
    corpus = corpus_part(part)
    if name == CAUSE:
        return {"corpus": corpus}
    if name != SUSPICIONS:
        return {"corpus": corpus, "customers": labelled_customers(part)}
    turns = labelled_turns(part)
    return {"corpus": corpus, "turns": turns, "amid chats": amid_chats(turns, corpus, rng)}


def _over_known_labels(logits: Tensor, truth: Tensor) -> Tensor:
    known = ~torch.isnan(truth)
    return nn.functional.binary_cross_entropy_with_logits(logits[known], truth[known])


LOSSES: dict[str, Loss] = {
    "emotion": nn.functional.cross_entropy,
    SUSPICIONS: _over_known_labels,
    CAUSE: nn.functional.cross_entropy,
}
FIGURES = {"emotion": emotion_macro_f1, SUSPICIONS: suspicion_micro_f1, CAUSE: causes_right}


def train_layers(layers: nn.Sequential, read: Tensor, targets: Tensor, loss_of: Loss, options: dict[str, Any]) -> None:
    """Fit `layers` anew to the labels, a fixed number of epochs, learning rate up and down.

    They are shown mixtures of two rows, each with both labels in the same share (mixup, Zhang et al. 2018): single turns are
    soon known by heart.
    """
    for layer in layers.children():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    optimiser = torch.optim.AdamW(layers.parameters(), weight_decay=options["weight_decay"])
    steps = -(-len(read) // options["batch_size"]) * options["epochs"]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options["learning_rate"], total_steps=steps)
    shares = torch.distributions.Beta(options["mixing"], options["mixing"])
    layers.train()
    for _ in tqdm(range(options["epochs"]), desc="own layers", mininterval=10):
        for rows in torch.randperm(len(read)).split(options["batch_size"]):
            share, others = shares.sample(), partners(targets, rows)
            truth = torch.lerp(targets[others], targets[rows], share)
            loss_of(layers(torch.lerp(read[others], read[rows], share)), truth).backward()
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
    layers.eval()


def partners(targets: Tensor, rows: Tensor) -> Tensor:
    """A row to mix each of `rows` with, by chance; itself where other labels of it are known: a mixture would lose some."""
    others = rows[torch.randperm(len(rows))]
    alike = (torch.isnan(targets[others]) == torch.isnan(targets[rows])).all(1)
    return torch.where(alike, others, rows)


if __name__ == "__main__":
    main()
