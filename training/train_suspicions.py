"""The last stage: the suspicions alone learn from the corpus, the single labelled turns and what reviewers said.

python -m training.train_suspicions [--train build/mood] [--verdicts FILE]

Encoder and dialogue head stay as they are, so the mood's figures do too, and what they read of every turn is computed
once: minutes. A run that went on training all of it with these turns was stopped after one of four epochs: suspicions at
micro-F1 .73 on the dev turns (.75 this way), the emotion at .78 on the dev part (.81 before). It might have recovered.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from training.collect_verdicts import ReviewedConversation, read_verdicts
from training.corpus_reader import LabelledConversation
from training.dialogues import make_batch
from training.labelled_turns import labelled_turns
from training.model import SUSPICIONS, MoodNet, load_net
from training.parts import corpus_part
from training.train_mood import CONFIG, NET_FILE, TOKENIZER_FILE

Chats = Sequence[LabelledConversation | ReviewedConversation]


def main() -> None:
    """Train the suspicions of `--train`, print their figures on the dev parts, save the network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=Path("build/mood"))
    parser.add_argument("--verdicts", type=Path, help="a file of `qa-service export verdicts` to train on, too")
    args = parser.parse_args()
    config = yaml.safe_load(CONFIG.read_text())
    net, tokenizer = load_net(args.train / NET_FILE), Tokenizer.from_file(str(args.train / TOKENIZER_FILE))
    reviewed = read_verdicts(args.verdicts) if args.verdicts else []
    rows = [*corpus_part("train"), *labelled_turns("train"), *reviewed]
    torch.manual_seed(config["seed"])
    train_suspicions(net.head.suspicions, *what_is_read(net, tokenizer, rows), config["suspicions"])
    for name, part in (("labelled_turns", labelled_turns("dev")), ("corpus", corpus_part("dev"))):
        print(json.dumps({f"dev_{name}_micro_f1": round(micro_f1(net, tokenizer, part), 4)}))
    torch.save(net.state_dict(), args.train / NET_FILE)


@torch.no_grad()
def what_is_read(net: MoodNet, tokenizer: Tokenizer, chats: Chats) -> tuple[Tensor, Tensor]:
    """(n, R) what the head read of every turn with a label, and (n, categories) the labels, NaN where unknown."""
    net.eval()
    read, targets = [], []
    for at in tqdm(range(0, len(chats), 16), desc="reading", mininterval=10):
        batch = make_batch(chats[at : at + 16], rng=None, augment_share=0.0)
        known = ~torch.isnan(batch.targets[SUSPICIONS]).all(-1)
        read.append(net.head.read(net.vectors(batch.texts, batch.roles, tokenizer), batch.roles)[known])
        targets.append(batch.targets[SUSPICIONS][known])
    return torch.cat(read), torch.cat(targets)


def train_suspicions(head: nn.Module, read: Tensor, targets: Tensor, options: dict[str, Any]) -> None:
    """Fit `head` to the labels, a fixed number of epochs, learning rate up and down."""
    optimiser = torch.optim.AdamW(head.parameters(), weight_decay=options["weight_decay"])
    steps = -(-len(read) // options["batch_size"]) * options["epochs"]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options["learning_rate"], total_steps=steps)
    weight = torch.tensor(options["positive_weight"])
    head.train()
    for _ in tqdm(range(options["epochs"]), desc="suspicions", mininterval=10):
        for rows in torch.randperm(len(read)).split(options["batch_size"]):
            known = ~torch.isnan(targets[rows])
            logits = head(read[rows])[known]
            loss = nn.functional.binary_cross_entropy_with_logits(logits, targets[rows][known], pos_weight=weight)
            loss.backward()
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
    head.eval()


@torch.no_grad()
def micro_f1(net: MoodNet, tokenizer: Tokenizer, chats: Chats) -> float:
    """Called at 0.5, over all labels that are known."""
    read, targets = what_is_read(net, tokenizer, chats)
    known = ~torch.isnan(targets)
    truth, called = targets[known] > 0, net.head.suspicions(read)[known] >= 0
    return float(2 * (truth & called).sum() / (truth.sum() + called.sum()))


if __name__ == "__main__":
    main()
