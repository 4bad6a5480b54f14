"""The last stage: the suspicions alone learn from the corpus, single labelled turns, ordinary chats and what reviewers said.

python -m training.train_suspicions [--train build/mood] [--start models/mood] [--verdicts FILE]

They begin anew: what an earlier file of verdicts taught them is gone unless it is in this one. Encoder and dialogue
head stay as they are, so the mood's figures do too, and what they read of every turn is computed once: half an hour.
`python -m training.calibrate` comes after it (`--only category` where the moods are calibrated already).
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import torch
import yaml
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from training.collect_verdicts import read_verdicts
from training.dev_figures import suspicion_micro_f1, what_is_read
from training.dialogues import Chats
from training.labelled_turns import amid_chats, labelled_turns
from training.ordinary_chats import ordinary_chats
from training.parts import corpus_part
from training.train_mood import CONFIG, NET_FILE, TOKENIZER_FILE, load_start


def main() -> None:
    """Train the suspicions of `--train` or of a served model, print their figures on the dev parts, save to `--train`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("build/mood"))
    parser.add_argument("--start", type=Path, help="a trained or a served folder to take the rest from, else --train")
    parser.add_argument("--verdicts", type=Path, help="a file of `qa-service export verdicts` to train on, too")
    args = parser.parse_args()
    config = yaml.safe_load(CONFIG.read_text())
    start = args.start or args.train
    net, tokenizer = load_start(start), Tokenizer.from_file(str(start / TOKENIZER_FILE))
    reviewed = read_verdicts(args.verdicts) if args.verdicts else []
    corpus, turns, rng = corpus_part("train"), labelled_turns("train"), random.Random(config["seed"])
    judged = what_is_read(net, tokenizer, [*corpus, *turns, *amid_chats(turns, corpus, rng), *reviewed])
    ordinary = what_is_read(net, tokenizer, ordinary_chats("train"))
    rows = [judged, *[ordinary] * config["suspicions"]["ordinary_times"]]
    torch.manual_seed(config["seed"])
    train_suspicions(net.head.suspicions, *(torch.cat(part) for part in zip(*rows, strict=True)), config["suspicions"])
    for name, part in _dev_parts(rng).items():
        print(json.dumps({f"dev_{name}_micro_f1": round(suspicion_micro_f1(net, tokenizer, part), 4)}))
    args.train.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(args.train / TOKENIZER_FILE))
    torch.save(net.state_dict(), args.train / NET_FILE)


def _dev_parts(rng: random.Random) -> dict[str, Chats]:
    corpus, turns = corpus_part("dev"), labelled_turns("dev")
    return {
        "labelled_turns": turns,
        "amid_chats": amid_chats(turns, corpus, rng),
        "corpus": corpus,
        "ordinary_chats": ordinary_chats("dev"),
    }


def train_suspicions(head: nn.Module, read: Tensor, targets: Tensor, options: dict[str, Any]) -> None:
    """Fit `head` anew to the labels, a fixed number of epochs, learning rate up and down.

    It is shown mixtures of two rows, each with both labels in the same share (mixup, Zhang et al. 2018): single turns are
    soon known by heart.
    """
    for layer in head.children():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    optimiser = torch.optim.AdamW(head.parameters(), weight_decay=options["weight_decay"])
    steps = -(-len(read) // options["batch_size"]) * options["epochs"]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options["learning_rate"], total_steps=steps)
    shares = torch.distributions.Beta(options["mixing"], options["mixing"])
    head.train()
    for _ in tqdm(range(options["epochs"]), desc="suspicions", mininterval=10):
        for rows in torch.randperm(len(read)).split(options["batch_size"]):
            share, others = shares.sample(), partners(targets, rows)
            truth = torch.lerp(targets[others], targets[rows], share)
            known = ~torch.isnan(truth)
            logits = head(torch.lerp(read[others], read[rows], share))[known]
            loss = nn.functional.binary_cross_entropy_with_logits(logits, truth[known])
            loss.backward()
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
    head.eval()


def partners(targets: Tensor, rows: Tensor) -> Tensor:
    """A row to mix each of `rows` with, by chance; itself where the other knows other labels, or either would lose some."""
    others = rows[torch.randperm(len(rows))]
    alike = (torch.isnan(targets[others]) == torch.isnan(targets[rows])).all(1)
    return torch.where(alike, others, rows)


if __name__ == "__main__":
    main()
