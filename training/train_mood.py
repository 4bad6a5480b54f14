"""Trains the mood model: stage 1 on open sets, stage 2 on the project's own chats and turns.

Resumes from the last checkpoint in --out, if that is of the same run.

python -m training.train_mood --data FOLDER_OF_OPEN_SETS --out build/mood
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm

from training.base_encoder import BaseEncoder, cut_vocabulary, load_base, save_encoder, saved_encoder
from training.collect_verdicts import ReviewedConversation, read_verdicts
from training.corpus_reader import EMOTIONS, LabelledConversation
from training.dev_figures import emotion_macro_f1, suspicion_micro_f1
from training.dialogues import IGNORED, Batch, epoch_batches, model_text, turn_text
from training.labelled_turns import labelled_customers, labelled_turns
from training.manifest_file import MANIFEST, sha256
from training.model import SUSPICIONS, MoodNet, TurnEncoder, load_net, pad
from training.open_data import OpenTask, read_open_tasks
from training.ordinary_chats import ordinary_chats
from training.parts import corpus_part
from training.served_weights import load_served

CONFIG = Path(__file__).parent / "configs" / "mood.yaml"
ENCODER_FILE, NET_FILE, TOKENIZER_FILE = "encoder.pt", "mood.pt", "tokenizer.json"
CHECKPOINT_FILE = "checkpoint.pt"
LOSS_WEIGHTS = {
    "emotion": 1.0,
    "risk": 1.0,
    "tone": 1.0,
    "act": 0.5,
    "category": 1.5,
    "satisfaction": 0.3,
    "cause": 0.2,
}
RARE_POSITIVE_WEIGHT = 3.0
JUDGED_BY = ("corpus_emotion_macro_f1", "ordinary_emotion_macro_f1", "turns_suspicion_micro_f1")
"""The dev figures whose sum says which epoch is kept."""


def main() -> None:
    """Run both stages, or what is left of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdicts", type=Path, help="a file of `qa-service export verdicts` to train on, too")
    parser.add_argument("--data", type=Path, help="folder of the open sets (see the model card)")
    parser.add_argument("--base", help="another encoder than that of --config: a folder, or a name where a hub is")
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--out", type=Path, default=Path("build/mood"))
    parser.add_argument("--teacher", type=Path, help="folder of the deep model; trains its distilled student in --out")
    parser.add_argument(
        "--start", type=Path, help="a trained or a served model folder to go on from, instead of stage 1"
    )
    args = parser.parse_args()
    if not args.start and not args.data:
        parser.error("--data is needed without --start")
    config = yaml.safe_load(args.config.read_text())
    args.out.mkdir(parents=True, exist_ok=True)
    run = _run(args, config)
    refuse_another_run(args.out / CHECKPOINT_FILE, run)
    torch.manual_seed(config["seed"])

    if args.start:
        net, tokenizer = load_start(args.start, config["dropout"]), _tokenizer(args.start)
        tokenizer.save(str(args.out / TOKENIZER_FILE))
    else:
        if not (args.out / ENCODER_FILE).exists():
            base = load_base(args.base or config["base"])
            train_open(_with_cut_vocabulary(base, config, args.data, args.out), config, args.data, args.out)
        bert = saved_encoder(args.out / ENCODER_FILE, dropout=config["dropout"])
        net = MoodNet(bert, dialogue_size=config["dialogue_size"], dropout=config["dropout"])
        tokenizer = _tokenizer(args.out)
    teacher = None
    if args.teacher:
        teacher = load_net(args.teacher / NET_FILE)
        if not args.start:
            # the teacher's states are what the student's encoder learnt to give
            net.head.load_state_dict(teacher.head.state_dict())
            net.encoder.queries.data.copy_(teacher.encoder.queries)
    rows = read_verdicts(args.verdicts) if args.verdicts else []
    train_dialogue(net, tokenizer, config, args.out, run=run, teacher=teacher, reviewed=rows)


def _run(args: argparse.Namespace, config: dict[str, Any]) -> dict[str, Any]:
    """What a run begins with, files by their digest: another model or other verdicts may stand under the same name."""
    start = args.start and (args.start / NET_FILE if (args.start / NET_FILE).exists() else args.start / MANIFEST)
    files = {"start": start, "verdicts": args.verdicts, "teacher": args.teacher and args.teacher / NET_FILE}
    return {"config": config, **{name: path and sha256(path) for name, path in files.items()}}


def refuse_another_run(checkpoint: Path, run: dict[str, Any]) -> None:
    """SystemExit where there is a checkpoint that other files or another configuration led to, or that does not say which."""
    if checkpoint.exists() and torch.load(checkpoint).get("run") != run:
        raise SystemExit(f"{checkpoint} is of another run: remove it or choose another --out")


def load_start(folder: Path, dropout: float = 0.0) -> MoodNet:
    """The network of a trained folder, or of a served one."""
    trained = folder / NET_FILE
    return load_net(trained, dropout) if trained.exists() else load_served(folder, dropout=dropout)


def _tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / TOKENIZER_FILE))


def _with_cut_vocabulary(base: BaseEncoder, config: dict[str, Any], data: Path, out: Path) -> BaseEncoder:
    """The encoder with the vocabulary that the training texts (dev and test apart) need."""
    tasks = read_open_tasks(data, rows_per_task=config["open_data"]["rows_per_task"], seed=config["seed"])
    texts = [model_text(text) for task in tasks for text, _ in task.rows]
    texts += [turn_text(turn) for c in corpus_part("train") for turn in c.turns if turn.kind == "text"]
    base = cut_vocabulary(base, texts)
    base.tokenizer.enable_truncation(config["max_tokens"])
    base.tokenizer.save(str(out / TOKENIZER_FILE))
    print(base.name)
    return base


def train_open(base: BaseEncoder, config: dict[str, Any], data: Path, out: Path) -> None:
    """Stage 1: the encoder learns feeling, offence and politeness from open sets; saves `encoder.pt`."""
    options = config["open_data"]
    tasks = read_open_tasks(data, rows_per_task=options["rows_per_task"], seed=config["seed"])
    train_on_tasks(TurnEncoder(base.model), base.tokenizer, tasks, options, config["seed"])
    save_encoder(base.model, out / ENCODER_FILE)


def train_on_tasks(
    encoder: TurnEncoder, tokenizer: Tokenizer, tasks: Sequence[OpenTask], options: dict[str, Any], seed: int
) -> None:
    """The encoder learns many tasks at once, with a linear head each that is thrown away."""
    encoder.train()
    heads = nn.ModuleDict({task.name: nn.Linear(encoder.bert.config.hidden_size, task.targets) for task in tasks})
    batches = [
        b for epoch in range(options["epochs"]) for b in _open_batches(tasks, options["batch_size"], seed + epoch)
    ]
    optimiser = torch.optim.AdamW(
        [
            {"params": encoder.bert.parameters(), "lr": options["learning_rate"]},
            {"params": heads.parameters(), "lr": 1e-3},
        ],
        weight_decay=0.01,
    )
    schedule = warm_up_and_down(optimiser, len(batches))
    losses: list[float] = []
    bar = tqdm(batches, desc="labelled texts", mininterval=10)
    for name, texts, targets in bar:
        ids, mask = pad([e.ids for e in tokenizer.encode_batch(texts)])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = encoder(ids, mask)
        loss = nn.functional.binary_cross_entropy_with_logits(heads[name](vectors.float()), targets)
        step(loss, optimiser, schedule, [*encoder.bert.parameters(), *heads.parameters()])
        losses.append(loss.item())
        bar.set_postfix(loss=f"{sum(losses[-100:]) / len(losses[-100:]):.3f}")


def _open_batches(tasks: Sequence[OpenTask], size: int, seed: int) -> list[tuple[str, list[str], Tensor]]:
    """Batches of one task each, similar lengths together, all tasks mixed."""
    rng = random.Random(seed)
    batches = []
    for task in tasks:
        rows = sorted(task.rows, key=lambda row: len(row[0]) + rng.random() * 8)
        for at in range(0, len(rows), size):
            chunk = rows[at : at + size]
            texts = [model_text(text) for text, _ in chunk]
            batches.append((task.name, texts, torch.tensor([target for _, target in chunk])))
    rng.shuffle(batches)
    return batches


def train_dialogue(
    net: MoodNet,
    tokenizer: Tokenizer,
    config: dict[str, Any],
    out: Path,
    *,
    run: dict[str, Any],
    teacher: MoodNet | None,
    reviewed: Sequence[ReviewedConversation] = (),
) -> None:
    """Stage 2: whole conversations and single labelled turns; keeps the epoch with the best dev figures in `mood.pt`.

    The checkpoint says of which `run` it is.
    Of the labelled agent turns, six times the rest, each epoch draws a share: the suspicions learn them all in their own stage.
    With a `teacher`, half of the loss of whole conversations is its opinion (Hinton et al. 2015).
    """
    options = config["dialogue"]
    net.unseen_share = options["unseen_share"]
    train = corpus_part("train")
    optimiser = _dialogue_optimiser(net, options)
    ordinary, agents, others = (
        ordinary_chats("train"),
        labelled_turns("train"),
        [*labelled_customers("train"), *reviewed],
    )
    asked = round(len(agents) * options["agent_turns_share"])
    sizes = {"conversations": options["conversations_per_step"], "turns": options["turns_per_step"]}
    steps = sum(
        math.ceil(n / sizes[how])
        for n, how in ((len(train), "conversations"), (len(ordinary), "conversations"), (asked + len(others), "turns"))
    )
    schedule = warm_up_and_down(optimiser, steps * options["epochs"])
    weights = _emotion_weights(train)
    first, best = _resume(out / CHECKPOINT_FILE, net, optimiser, schedule)
    for epoch in range(first, options["epochs"]):
        rng = random.Random(config["seed"] * 1000 + epoch)
        torch.manual_seed(config["seed"] + epoch)
        net.train()
        single = [*rng.sample(agents, asked), *others]
        batches = epoch_batches(train, ordinary, single, **sizes, rng=rng, augment_share=options["augment_share"])
        total = 0.0
        for batch in tqdm(batches, total=steps, desc=f"epoch {epoch + 1}/{options['epochs']}", mininterval=10):
            logits = net(batch.texts, batch.roles, tokenizer)
            loss = dialogue_loss(logits, batch, weights)
            if teacher is not None and batch.is_whole:
                loss = (loss + teacher_loss(logits, opinion(teacher, batch, tokenizer), batch)) / 2
            step(loss, optimiser, schedule, list(net.parameters()))
            total += loss.item()
        figures = _dev_figures(net, tokenizer)
        print(json.dumps({"epoch": epoch + 1, "loss": round(total / steps, 4), **figures}), flush=True)
        score = sum(figures[name] for name in JUDGED_BY)
        if score > best:
            best = score
            torch.save(net.state_dict(), out / NET_FILE)
        state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "schedule": schedule.state_dict()}
        torch.save({**state, "epoch": epoch + 1, "best": best, "run": run}, out / CHECKPOINT_FILE)


def _dialogue_optimiser(net: MoodNet, options: dict[str, Any]) -> torch.optim.AdamW:
    """Smaller steps for the encoder, which has learnt from open sets, than for what is new."""
    groups = [
        {"params": net.encoder.bert.parameters(), "lr": options["encoder_learning_rate"]},
        {"params": [net.encoder.queries, *net.head.parameters()], "lr": options["head_learning_rate"]},
    ]
    return torch.optim.AdamW(groups, weight_decay=0.01)


def dialogue_loss(logits: dict[str, Tensor], batch: Batch, emotion_weights: Tensor) -> Tensor:
    """The weighted sum of all heads' losses over what is labelled."""
    last = batch.lengths - 1
    rows = torch.arange(len(last))
    losses = {
        "emotion": nn.functional.cross_entropy(
            logits["emotion"].flatten(0, 1),
            batch.targets["emotion"].flatten(),
            weight=emotion_weights,
            label_smoothing=0.05,
            ignore_index=IGNORED,
        ),
        "satisfaction": nn.functional.cross_entropy(logits["satisfaction"][rows, last], batch.targets["satisfaction"]),
        "cause": nn.functional.cross_entropy(logits["cause"][rows, last], batch.targets["cause"]),
    }
    for name in ("risk", "tone", "act", "category"):
        known = ~torch.isnan(batch.targets[name])
        positive = torch.tensor(1.0 if name == "tone" else RARE_POSITIVE_WEIGHT)
        losses[name] = nn.functional.binary_cross_entropy_with_logits(
            logits[name][known], batch.targets[name][known], pos_weight=positive
        )
    # a head of which the batch has no label gives NaN: rows of reviewers label little
    known_losses = {name: loss for name, loss in losses.items() if not torch.isnan(loss)}
    return torch.stack([LOSS_WEIGHTS[name] * loss for name, loss in known_losses.items()]).sum()


@torch.no_grad()
def opinion(teacher: MoodNet, batch: Batch, tokenizer: Tokenizer) -> dict[str, Tensor]:
    """The teacher's logits, (B, T, k) by head."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return {name: values.float() for name, values in teacher(batch.texts, batch.roles, tokenizer).items()}


def teacher_loss(logits: dict[str, Tensor], taught: dict[str, Tensor], batch: Batch) -> Tensor:
    """How far the student is from the teacher's probabilities, over all real turns, weighted as `dialogue_loss`.

    Of the suspicions the teacher is not asked: their labels are many.
    """
    real = torch.arange(batch.roles.shape[1])[None] < batch.lengths[:, None]
    losses = []
    for name in (name for name in logits if name != SUSPICIONS):  # in one order: sums of floats depend on it
        ours, theirs = logits[name][real].float(), taught[name][real]
        if name in ("emotion", "satisfaction", "cause"):
            loss = nn.functional.cross_entropy(ours, theirs.softmax(-1))
        else:
            loss = nn.functional.binary_cross_entropy_with_logits(ours, theirs.sigmoid())
        losses.append(LOSS_WEIGHTS[name] * loss)
    return torch.stack(losses).sum()


def _dev_figures(net: MoodNet, tokenizer: Tokenizer) -> dict[str, float]:
    net.eval()
    figures = {
        "corpus_emotion_macro_f1": emotion_macro_f1(net, tokenizer, corpus_part("dev")),
        "customers_emotion_macro_f1": emotion_macro_f1(net, tokenizer, labelled_customers("dev")),
        "ordinary_emotion_macro_f1": emotion_macro_f1(net, tokenizer, ordinary_chats("dev")),
        "turns_suspicion_micro_f1": suspicion_micro_f1(net, tokenizer, labelled_turns("dev")),
        "ordinary_suspicion_micro_f1": suspicion_micro_f1(net, tokenizer, ordinary_chats("dev")),
    }
    return {name: round(value, 4) for name, value in figures.items()}


def _emotion_weights(conversations: list[LabelledConversation]) -> Tensor:
    counts = torch.ones(len(EMOTIONS))
    for conversation in conversations:
        for turn in conversation.turns:
            if turn.emotion:
                counts[EMOTIONS.index(turn.emotion)] += 1
    weights = (counts.sum() / counts).sqrt()
    return weights / weights.mean()


def warm_up_and_down(optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """Learning rate up over the first tenth of `steps`, then down to zero in a line."""
    warm = max(1, steps // 10)
    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, max(0.0, (steps - s) / (steps - warm + 1)))
    )


def step(
    loss: Tensor,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    parameters: list[nn.Parameter],
) -> None:
    """One update, gradients clipped at norm 1."""
    loss.backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()
    schedule.step()
    optimiser.zero_grad()


def _resume(
    path: Path, net: MoodNet, optimiser: torch.optim.Optimizer, schedule: torch.optim.lr_scheduler.LambdaLR
) -> tuple[int, float]:
    if not path.exists():
        return 0, -1.0
    state = torch.load(path)
    net.load_state_dict(state["net"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    return state["epoch"], state["best"]


if __name__ == "__main__":
    main()
