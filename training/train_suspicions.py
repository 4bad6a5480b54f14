"""The last stage: the suspicions alone learn from the corpus, the single labelled turns and what reviewers said.

python -m training.train_suspicions [--train build/mood] [--verdicts FILE]

Encoder and dialogue head stay as they are, so the mood's figures do too, and what they read of every turn is computed
once: minutes.
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
from training.labelled_turns import amid_chats, labelled_turns
from training.model import load_net
from training.parts import corpus_part
from training.train_mood import CONFIG, NET_FILE, TOKENIZER_FILE


def main() -> None:
    """Train the suspicions of `--train`, print their figures on the dev parts, save the network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("build/mood"))
    parser.add_argument("--verdicts", type=Path, help="a file of `qa-service export verdicts` to train on, too")
    args = parser.parse_args()
    config = yaml.safe_load(CONFIG.read_text())
    net, tokenizer = load_net(args.train / NET_FILE), Tokenizer.from_file(str(args.train / TOKENIZER_FILE))
    reviewed = read_verdicts(args.verdicts) if args.verdicts else []
    corpus, turns, rng = corpus_part("train"), labelled_turns("train"), random.Random(config["seed"])
    rows = [*corpus, *turns, *amid_chats(turns, corpus, rng), *reviewed]
    torch.manual_seed(config["seed"])
    train_suspicions(net.head.suspicions, *what_is_read(net, tokenizer, rows), config["suspicions"])
    dev_corpus, dev_turns = corpus_part("dev"), labelled_turns("dev")
    parts = {"labelled_turns": dev_turns, "amid_chats": amid_chats(dev_turns, dev_corpus, rng), "corpus": dev_corpus}
    for name, part in parts.items():
        print(json.dumps({f"dev_{name}_micro_f1": round(suspicion_micro_f1(net, tokenizer, part), 4)}))
    torch.save(net.state_dict(), args.train / NET_FILE)


def train_suspicions(head: nn.Module, read: Tensor, targets: Tensor, options: dict[str, Any]) -> None:
    """Fit `head` to the labels, a fixed number of epochs, learning rate up and down.

    It is shown mixtures of two rows, each with both labels in the same share (mixup, Zhang et al. 2018): single turns are
    soon known by heart.
    """
    optimiser = torch.optim.AdamW(head.parameters(), weight_decay=options["weight_decay"])
    steps = -(-len(read) // options["batch_size"]) * options["epochs"]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options["learning_rate"], total_steps=steps)
    weight = torch.tensor(options["positive_weight"])
    shares = torch.distributions.Beta(options["mixing"], options["mixing"])
    head.train()
    for _ in tqdm(range(options["epochs"]), desc="suspicions", mininterval=10):
        for rows in torch.randperm(len(read)).split(options["batch_size"]):
            share, others = shares.sample(), partners(targets, rows)
            truth = torch.lerp(targets[others], targets[rows], share)
            known = ~torch.isnan(truth)
            logits = head(torch.lerp(read[others], read[rows], share))[known]
            loss = nn.functional.binary_cross_entropy_with_logits(logits, truth[known], pos_weight=weight)
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
