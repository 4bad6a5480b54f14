"""Speed of the served encoder against what one would otherwise run, on the same turns, in one run.

python -m training.bench_speed [--turns 400]

Every row encodes the same texts of the test part (customers' and agents' turns, real lengths, none twice):
`per turn, float32` is a transformers model called once a turn, as a pipeline does; `batches of 32, bfloat16` the best that
plain torch gives; `served` the service's own ONNX encoder. All on the same weights and the same number of threads.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from qa_service.mood import load_mood_model
from qa_service.mood.infer import TurnEncoder
from qa_service.mood.manifest import read_manifest
from training.dialogues import turn_text
from training.model import MoodNet, pad
from training.parts import corpus_part
from training.served_weights import load_served

MODELS = Path(__file__).parent.parent / "models"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=400)
    args = parser.parse_args()
    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    folder = MODELS / "mood"
    texts = list(dict.fromkeys(turn_text(turn) for c in corpus_part("test") for turn in c.turns if turn.kind == "text"))
    texts = texts[: args.turns]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    began = time.perf_counter()
    load_mood_model(MODELS, threads=threads)
    print(f"load of the served model: {time.perf_counter() - began:.2f} s, {_megabytes()} MiB resident so far")
    served = TurnEncoder(read_manifest(folder), threads=threads)
    net = load_served(folder)
    mean = sum(len(e.ids) for e in tokenizer.encode_batch(texts)) / len(texts)
    print(f"{len(texts)} turns, {mean:.0f} tokens on average, {threads} threads, {torch.__version__}")
    rows: list[tuple[str, Callable[[], object]]] = [
        ("transformers, per turn, float32", lambda: _one_by_one(net, tokenizer, texts)),
        ("transformers, batches of 32, float32", lambda: _batched(net, tokenizer, texts, torch.float32)),
        ("transformers, batches of 32, bfloat16", lambda: _batched(net, tokenizer, texts, torch.bfloat16)),
        ("served", lambda: served.encode(texts)),
    ]
    speeds = {name: len(texts) / _seconds(run) for name, run in rows}
    for name, speed in speeds.items():
        print(f"{name:40s} {speed:8.0f} turns/s   served is {speeds['served'] / speed:5.1f} times as fast")


@torch.no_grad()
def _one_by_one(net: MoodNet, tokenizer: Tokenizer, texts: Sequence[str]) -> None:
    for text in texts:
        net.encoder(*pad([tokenizer.encode(text).ids]))


@torch.no_grad()
def _batched(net: MoodNet, tokenizer: Tokenizer, texts: Sequence[str], dtype: torch.dtype) -> None:
    ordered = sorted(texts, key=len)
    for at in range(0, len(ordered), 32):
        with torch.autocast("cpu", dtype=dtype, enabled=dtype is not torch.float32):
            net.encoder(*pad([e.ids for e in tokenizer.encode_batch(ordered[at : at + 32])]))


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
