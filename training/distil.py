"""A shallow encoder learns to say token by token what the deep one says (no labels needed).

python -m training.distil --teacher build/deep --data FOLDER_OF_OPEN_SETS --out build/mood
Each kept layer is matched with the teacher's layer that it was copied from. Source: TinyBERT (Jiao et al. 2020).
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from tokenizers import Tokenizer
from torch import Tensor, nn
from tqdm import tqdm
from transformers import BertModel

from training.base_encoder import save_encoder, shallower
from training.dialogues import model_text, turn_text
from training.model import load_net, pad
from training.open_data import read_open_tasks
from training.parts import corpus_part
from training.train_mood import CONFIG, ENCODER_FILE, NET_FILE, TOKENIZER_FILE, step, warm_up_and_down

LEARNING_RATE = 3e-4
BATCH = 48
STEPS_A_CHECKPOINT = 100


def main() -> None:
    """Write the student's `encoder.pt` beside the teacher's tokenizer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", type=Path, required=True, help="folder of the trained deep model")
    parser.add_argument("--data", type=Path, required=True, help="folder of the open sets (see the model card)")
    parser.add_argument("--out", type=Path, default=Path("build/mood"))
    args = parser.parse_args()
    config = yaml.safe_load(CONFIG.read_text())
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(args.teacher / TOKENIZER_FILE, args.out / TOKENIZER_FILE)
    if (args.out / ENCODER_FILE).exists():
        return
    torch.manual_seed(config["seed"])
    tokenizer = Tokenizer.from_file(str(args.out / TOKENIZER_FILE))
    teacher = load_net(args.teacher / NET_FILE).encoder.bert
    tasks = read_open_tasks(args.data, rows_per_task=config["distillation"]["rows_per_task"], seed=config["seed"])
    texts = [model_text(text) for task in tasks for text, _ in task.rows]
    texts += [turn_text(turn) for c in corpus_part("train") for turn in c.turns if turn.kind == "text"]
    student = shallower(teacher, kept_layers(teacher))
    batches = list(_batches(texts, random.Random(config["seed"])))
    teach(teacher, student, tokenizer, batches, args.out / "distil_checkpoint.pt")
    save_encoder(student, args.out / ENCODER_FILE)


def kept_layers(teacher: BertModel) -> list[int]:
    """Every second layer, the last one kept: the pooled vector is read from it."""
    return list(range(teacher.config.num_hidden_layers))[::-2][::-1]


def teach(
    teacher: BertModel, student: BertModel, tokenizer: Tokenizer, batches: Sequence[Sequence[str]], checkpoint: Path
) -> None:
    """Train `student` in place, one step a batch; goes on from `checkpoint` where there is one."""
    optimiser = torch.optim.AdamW(student.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    schedule = warm_up_and_down(optimiser, len(batches))
    parts = {"student": student, "optimiser": optimiser, "schedule": schedule}
    done = _resume(checkpoint, parts)
    student.train()
    losses: list[float] = []
    bar = tqdm(batches[done:], desc="distillation", mininterval=10, total=len(batches), initial=done)
    for number, batch in enumerate(bar, start=done + 1):
        ids, mask = pad([e.ids for e in tokenizer.encode_batch(batch)])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            with torch.no_grad():
                taught = teacher(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
            learnt = student(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        loss = layer_loss([taught[i + 1] for i in kept_layers(teacher)], learnt[1:], mask)
        step(loss, optimiser, schedule, list(student.parameters()))
        losses.append(loss.item())
        bar.set_postfix(loss=f"{sum(losses[-100:]) / len(losses[-100:]):.4f}")
        if number % STEPS_A_CHECKPOINT == 0:
            torch.save({"done": number, **{name: part.state_dict() for name, part in parts.items()}}, checkpoint)
    student.eval()


def _resume(checkpoint: Path, parts: dict[str, Any]) -> int:
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["done"])


def layer_loss(taught: Sequence[Tensor], learnt: Sequence[Tensor], mask: Tensor) -> Tensor:
    """Squared error of K layers' (N, L, H) states over the real tokens, each layer in units of the teacher's variance."""
    real = mask.bool()
    errors = []
    for target, state in zip(taught, learnt, strict=True):
        wanted = target.float()[real]
        errors.append(nn.functional.mse_loss(state.float()[real], wanted) / wanted.var())
    return torch.stack(errors).mean()


def _batches(texts: Sequence[str], rng: random.Random) -> Iterator[list[str]]:
    """All texts once, similar lengths together, batches shuffled."""
    ordered = sorted((text for text in texts if text), key=lambda text: len(text) + rng.random() * 8)
    batches = [ordered[at : at + BATCH] for at in range(0, len(ordered), BATCH)]
    rng.shuffle(batches)
    yield from batches


if __name__ == "__main__":
    main()
