"""Published sets whose own training part fine-tunes the whole encoder, as papers do. For comparison; nothing of it is shipped.

python -m training.published.fine_tuned --data FOLDER [--start build/research] [--only jddc,brighter_zh] [--write]

Starts from the served weights, or from those of `training.research_encoder`. Passes and steps were chosen on the dev
parts, those of convabuse and cold fixed beforehand; each test part is predicted once, by the last pass.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from sklearn.metrics import f1_score
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from qa_service.mood.manifest import read_manifest
from training.dialogues import model_text
from training.model import ROLES
from training.published import sets
from training.published.figures import MODEL, Report, arguments, class_figures, thresholds
from training.published.heads import UNRATED, RatingHead, characters, linear_probabilities
from training.train_mood import load_start

SEED = 0
DROPOUT = 0.1
ENCODER_RATE, HEAD_RATE = 5e-5, 1e-3
PASSES = {"jddc": 8, "brighter_zh": 6, "convabuse": 4, "cold": 2}
NETS = 3
"""Of different seeds, for texts; their shares are averaged."""
DIALOGUES_A_STEP, TEXTS_A_STEP = 6, 32
Row = TypeVar("Row")
WHOLE_WEIGHT = 0.5
"""Weight of the loss of a dialogue's rating beside that of its turns."""


def main() -> None:
    """Print the figures; `--write` puts them beside the other columns of `published.json`."""
    args = arguments(__doc__, TESTS, start=True)
    start, names = args.start or MODEL, args.only.split(",")
    if args.write:
        table_with(MODEL / "published.json", names)  # refuses before hours of training
    report = {title: row for name in names for title, row in TESTS[name](args.data, start).items()}
    print(json.dumps(report, indent=1))
    if args.write:
        store(MODEL / "published.json", report, "research_sets" if args.start else "fine_tuned")


def store(path: Path, report: Report, column: str) -> None:
    """Put the figures beside the other columns, `jddc.turns` under jddc, turns. SystemExit as `table_with`."""
    table = table_with(path, [title.partition(".")[0] for title in report])
    for title, row in report.items():
        name, _, part = title.partition(".")
        (table[name][part] if part else table[name])[column] = row
    path.write_text(json.dumps(table, indent=1) + "\n")


def table_with(path: Path, names: Sequence[str]) -> Report:
    """The table that holds the other columns of these sets. SystemExit where it is of another model or lacks a set."""
    table: Report = json.loads(path.read_text()) if path.exists() else {}
    if table.get("revision") != read_manifest(MODEL).revision:
        raise SystemExit(f"{path.name} is of another revision: run `python -m training.published --write` first")
    if missing := [name for name in names if name not in table]:
        asked = ",".join(missing)
        raise SystemExit(f"{path.name} lacks {asked}: run `python -m training.published --only {asked} --write` first")
    return table


@dataclass(frozen=True, slots=True)
class Rated:
    """A dialogue of T turns: what the encoder reads, (T,) roles, (T,) ratings and that of the whole, `UNRATED` where none."""

    texts: list[str]
    roles: Tensor
    ratings: Tensor
    overall: int


class RatedNet(nn.Module):
    """The served encoder with a head for the ratings of turns and one for that of the dialogue."""

    def __init__(self, start: Path) -> None:
        super().__init__()
        self.served = load_start(start, DROPOUT)
        width = self.served.encoder.bert.config.hidden_size
        self.turns, self.whole = RatingHead(width, 3), RatingHead(width, 3)
        self.tokenizer = _tokenizer()

    def forward(self, part: Sequence[Rated]) -> tuple[Tensor, Tensor]:
        """B dialogues → (B, T, 3) of the turns and (B, 3) of the whole."""
        roles = nn.utils.rnn.pad_sequence([d.roles for d in part], batch_first=True, padding_value=len(ROLES) - 1)
        vectors = self.served.vectors([d.texts for d in part], roles, self.tokenizer)
        last = torch.tensor([len(d.texts) - 1 for d in part])
        return self.turns(vectors, roles), self.whole(vectors, roles)[torch.arange(len(part)), last]


def jddc(folder: Path, start: Path) -> Report:
    """Trained on seven in eight dialogues of `valid`: satisfaction so far of every rated turn, and of the dialogue."""
    torch.manual_seed(SEED)
    valid, test = (_rated(sets.jddc(folder, split)) for split in ("valid", "test"))
    fit = [dialogue for at, dialogue in enumerate(valid) if at % 8]
    net = RatedNet(start)
    turn_weights = weights_of_classes(torch.cat([d.ratings[d.ratings != UNRATED] for d in fit]))
    whole_weights = weights_of_classes(torch.tensor([d.overall for d in fit if d.overall != UNRATED])).sqrt()

    def loss(part: Sequence[Rated]) -> Tensor:
        turns, whole = net(part)
        ratings = nn.utils.rnn.pad_sequence([d.ratings for d in part], batch_first=True, padding_value=UNRATED)
        overall = torch.tensor([d.overall for d in part])
        of_turns = nn.functional.cross_entropy(
            turns.flatten(0, 1), ratings.flatten(), weight=turn_weights, ignore_index=UNRATED
        )
        known = overall != UNRATED
        if not known.any():
            return of_turns
        return of_turns + WHOLE_WEIGHT * nn.functional.cross_entropy(whole[known], overall[known], weight=whole_weights)

    _fit(net, [net.served.encoder], fit, loss, passes=PASSES["jddc"], size=DIALOGUES_A_STEP, title="jddc")
    print(json.dumps({"dev": _jddc_figures(net, valid[::8])}))
    return _jddc_figures(net, test)


@torch.no_grad()
def _jddc_figures(net: RatedNet, dialogues: Sequence[Rated]) -> Report:
    net.eval()
    turns: list[tuple[int, int]] = []
    whole: list[tuple[int, int]] = []
    for part in _steps(dialogues, 16):
        of_turns, of_whole = net(part)
        for dialogue, row, overall in zip(part, of_turns.argmax(-1), of_whole.argmax(-1), strict=True):
            called = row[: len(dialogue.ratings)]
            known = dialogue.ratings != UNRATED
            turns += zip(dialogue.ratings[known].tolist(), called[known].tolist(), strict=True)
            whole += [(dialogue.overall, int(overall))] if dialogue.overall != UNRATED else []
    return {
        "jddc.turns": class_figures(*zip(*turns, strict=True)),
        "jddc.dialogues": class_figures(*zip(*whole, strict=True)),
    }


def _rated(dialogues: Sequence[sets.RatedDialogue]) -> list[Rated]:
    return [
        Rated(
            [model_text(turn.text) for turn in dialogue.turns],
            torch.tensor([ROLES.index(turn.role) for turn in dialogue.turns]),
            torch.tensor([UNRATED if turn.rating is None else turn.rating for turn in dialogue.turns]),
            UNRATED if dialogue.overall is None else int(dialogue.overall),
        )
        for dialogue in dialogues
    ]


def brighter(folder: Path, start: Path) -> Report:
    """Six emotions of Chinese posts, the threshold of each set on dev; `with_words`: the mean with a regression over characters."""
    texts = {split: sets.brighter_zh(folder, split) for split in ("train", "dev", "test")}
    rows = {split: _posts(part) for split, part in texts.items()}
    shares = _fit_texts(rows["train"], "brighter_zh", start)
    truth = {split: _labels(part) for split, part in rows.items()}
    words = characters(*([text.text for text in part] for part in texts.values()))
    by_words = linear_probabilities(words[0], truth["train"].tolist(), *words[1:])
    by_net = [shares(rows["dev"]), shares(rows["test"])]
    both = [(one + other) / 2 for one, other in zip(by_net, by_words, strict=True)]
    found = {}
    for name, (dev, test) in {"macro_f1": by_net, "macro_f1_with_words": both}.items():
        called = test >= thresholds(truth["dev"], dev)
        found[name] = round(float(f1_score(truth["test"], called, average="macro", zero_division=0)), 4)
    return {"brighter_zh": found}


def offence(
    name: str, read: Callable[[Path, str], list[sets.LabelledText]], dev: str
) -> Callable[[Path, Path], Report]:
    """Offensive or abusive, yes or no; texts of the test part that stand in the training part left out."""

    def run(folder: Path, start: Path) -> Report:
        train = read(folder, "train")
        shares = _fit_texts(_posts(train), name, start)
        found = []
        for part in (dev, "test"):
            posts = _posts(sets.unseen(read(folder, part), train))
            found.append(class_figures(_labels(posts)[:, 0].astype(int), (shares(posts)[:, 0] >= 0.5).astype(int)))
        print(json.dumps({"dev": found[0]}))
        return {name: found[1]}

    return run


Post = tuple[str, Tensor]


def _fit_texts(train: Sequence[Post], name: str, start: Path) -> Callable[[Sequence[Post]], Any]:
    """`NETS` encoders with a linear head fitted to texts; what it returns gives (N, K) shares of N texts."""
    nets = [_fit_net(train, name, start, SEED + number) for number in range(NETS)]
    tokenizer = _tokenizer()

    @torch.no_grad()
    def shares(part: Sequence[Post]) -> Any:
        steps = [
            torch.stack([head(served.encode([text for text, _ in step], tokenizer)).sigmoid() for served, head in nets])
            for step in _steps(part, 256)
        ]
        return torch.cat([step.mean(0) for step in steps]).numpy()

    return shares


def _fit_net(train: Sequence[Post], name: str, start: Path, seed: int) -> nn.ModuleList:
    torch.manual_seed(seed)
    served, tokenizer = load_start(start, DROPOUT), _tokenizer()
    head = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(served.encoder.bert.config.hidden_size, len(train[0][1])))
    net = nn.ModuleList([served, head])

    def loss(part: Sequence[Post]) -> Tensor:
        logits = head(served.encode([text for text, _ in part], tokenizer))
        return nn.functional.binary_cross_entropy_with_logits(logits, torch.stack([labels for _, labels in part]))

    _fit(net, [served.encoder], train, loss, passes=PASSES[name], size=TEXTS_A_STEP, title=name, seed=seed)
    return net.eval()


def _posts(texts: Sequence[sets.LabelledText]) -> list[Post]:
    return [(model_text(text.text), torch.tensor(text.labels, dtype=torch.float32)) for text in texts]


def _labels(posts: Sequence[Post]) -> Any:
    return np.stack([labels.numpy() for _, labels in posts])


def _fit(
    net: nn.Module,
    encoders: Sequence[nn.Module],
    rows: Sequence[Row],
    loss: Callable[[Sequence[Row]], Tensor],
    *,
    passes: int,
    size: int,
    title: str,
    seed: int = SEED,
) -> None:
    """Train all of `net`, its `encoders` in smaller steps, learning rate up and down."""
    slow = {parameter for encoder in encoders for parameter in encoder.parameters()}
    groups = [
        {"params": list(slow), "lr": ENCODER_RATE},
        {"params": [p for p in net.parameters() if p not in slow], "lr": HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = -(-len(rows) // size) * passes
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [ENCODER_RATE, HEAD_RATE], total_steps=steps, pct_start=0.1
    )
    rng = random.Random(seed)
    net.train()
    bar = tqdm(total=steps, desc=title, mininterval=10)
    for _ in range(passes):
        for part in _steps(rng.sample(rows, len(rows)), size):
            loss(part).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            bar.update()
    bar.close()


def _steps(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))


def weights_of_classes(labels: Tensor) -> Tensor:
    """Inverse frequency of three classes, mean weight of the labels 1."""
    counts = torch.bincount(labels.long(), minlength=3).float()
    return len(labels) / (3 * counts)


def _tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(MODEL / "tokenizer.json"))


TESTS: dict[str, Callable[[Path, Path], Report]] = {
    "jddc": jddc,
    "brighter_zh": brighter,
    "cold": offence("cold", sets.cold, "dev"),
    "convabuse": offence("convabuse", sets.convabuse, "valid"),
}


if __name__ == "__main__":
    main()
