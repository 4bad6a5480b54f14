"""Which runtime should serve: the same float weights and turns through each, one process a runtime, in one run.

python -m training.bench_runtimes [--turns 400]

Prints turns per second (batches of 32, similar lengths together), resident memory and size on disk.
`ONEDNN_MAX_CPU_ISA=AVX512_CORE` leaves bfloat16 instructions and AMX out of torch and OpenVINO.
Decided with it: docs/adr/0003-mood-serving.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from training.dialogues import turn_text
from training.parts import corpus_part

FOLDER = Path(__file__).parent.parent / "models" / "mood"
BATCH = 32
NO_BFLOAT16 = {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}
RUNTIMES: dict[str, dict[str, str]] = {
    "served: onnxruntime, int8": {},
    "onnxruntime, float32": {},
    "openvino, float32": {},
    "openvino, its own choice": {},
    "openvino, its own choice, no bfloat16 or AMX": NO_BFLOAT16,
    "torch, float32": {},
    "torch, bfloat16": {},
    "torch, bfloat16, no bfloat16 or AMX": NO_BFLOAT16,
}
PACKAGES = {"served": "onnxruntime", "onnxruntime": "onnxruntime", "openvino": "openvino", "torch": "torch"}
Ids = Sequence[Sequence[int]]
Run = Callable[[Ids], object]


def main() -> None:
    """Print the table; with `--runtime` measure one (what the table's processes are started with)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=400)
    parser.add_argument("--runtime", choices=RUNTIMES)
    parser.add_argument("--onnx", type=Path)
    args = parser.parse_args()
    if args.runtime:
        print(json.dumps(measure(args.runtime, args.onnx, args.turns)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "float.onnx"
        export_float(path)
        for name, environment in RUNTIMES.items():
            command = [sys.executable, "-m", "training.bench_runtimes", "--runtime", name, "--onnx", str(path)]
            done = subprocess.run(  # noqa: S603 - our own program
                [*command, "--turns", str(args.turns)],
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                check=True,
            )
            row = json.loads(done.stdout.splitlines()[-1])
            print(f"{name:46s} {row['speed']:7.0f} turns/s {row['resident']:6d} MiB {row['package']:6d} MB on disk")


def export_float(path: Path) -> None:
    """The served weights, in float32, as ONNX."""
    import torch  # noqa: PLC0415 - the processes that measure other runtimes must not load it

    from training.served_weights import load_served  # noqa: PLC0415

    torch.set_num_threads(os.cpu_count() or 1)
    encoder = load_served(FOLDER).encoder
    encoder.bert.set_attn_implementation("eager")
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])  # with a gap, or tracing leaves the mask out
    torch.onnx.export(
        encoder,
        (torch.ones(2, 5, dtype=torch.long), mask),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["vectors"],
        dynamic_axes={**{name: {0: "n", 1: "l"} for name in ("input_ids", "attention_mask")}, "vectors": {0: "n"}},
        opset_version=17,
        dynamo=False,
    )


def measure(name: str, onnx: Path, turns: int) -> dict[str, int | float]:
    """Turns per second, resident MiB, MB of the runtime's package."""
    texts = list(dict.fromkeys(turn_text(t) for c in corpus_part("test") for t in c.turns if t.kind == "text"))
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    runtime, _, kind = name.partition(", ")
    if runtime.startswith("served"):
        speed = _speed_served(texts[:turns])
    else:
        run = _prepare(runtime, kind, onnx)
        ids = sorted((e.ids for e in tokenizer.encode_batch(texts[:turns])), key=len)
        batches = [ids[at : at + BATCH] for at in range(0, len(ids), BATCH)]
        run(batches[0])
        began = time.perf_counter()
        for batch in batches:
            run(batch)
        speed = len(ids) / (time.perf_counter() - began)
    package = PACKAGES[runtime.partition(":")[0]]
    return {"speed": speed, "resident": _peak_mebibytes(), "package": _megabytes(package)}


def _speed_served(texts: Sequence[str]) -> float:
    from qa_service.mood.infer import TurnEncoder  # noqa: PLC0415
    from qa_service.mood.manifest import read_manifest  # noqa: PLC0415

    encoder = TurnEncoder(read_manifest(FOLDER), threads=os.cpu_count() or 1)
    encoder.encode(["warm up"])
    began = time.perf_counter()
    encoder.encode(texts)
    return len(texts) / (time.perf_counter() - began)


def _prepare(runtime: str, kind: str, onnx: Path) -> Run:
    if runtime == "onnxruntime":
        return _onnxruntime(onnx)
    return _openvino(onnx, kind) if runtime == "openvino" else _torch(kind)


def _onnxruntime(path: Path) -> Run:
    import onnxruntime as ort  # noqa: PLC0415

    options = ort.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    session = ort.InferenceSession(str(path), options)
    return lambda ids: session.run(None, dict(zip(("input_ids", "attention_mask"), _padded(ids), strict=True)))


def _openvino(path: Path, kind: str) -> Run:
    import openvino  # noqa: PLC0415

    hints: dict[str, Any] = {"INFERENCE_NUM_THREADS": os.cpu_count() or 1, "PERFORMANCE_HINT": "LATENCY"}
    if kind == "float32":
        hints["INFERENCE_PRECISION_HINT"] = "f32"
    model = openvino.Core().compile_model(str(path), "CPU", hints)
    return lambda ids: model(dict(zip(("input_ids", "attention_mask"), _padded(ids), strict=True)))


def _torch(kind: str) -> Run:
    import torch  # noqa: PLC0415

    from training.model import pad  # noqa: PLC0415
    from training.served_weights import load_served  # noqa: PLC0415

    torch.set_num_threads(os.cpu_count() or 1)
    encoder = load_served(FOLDER).encoder

    @torch.no_grad()
    def run(ids: Ids) -> object:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=kind.startswith("bfloat16")):
            return encoder(*pad(ids))

    return run


def _padded(ids: Ids) -> tuple[Any, Any]:
    import numpy as np  # noqa: PLC0415

    length = max(len(row) for row in ids)
    rows = np.full((len(ids), length), 1, dtype=np.int64)
    mask = np.zeros((len(ids), length), dtype=np.int64)
    for at, row in enumerate(ids):
        rows[at, : len(row)], mask[at, : len(row)] = row, 1
    return rows, mask


def _peak_mebibytes() -> int:
    """Of this program alone; `getrusage` would count the parent that started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def _megabytes(package: str) -> int:
    files = distribution(package).files or []
    return sum(path.stat().st_size for path in (Path(str(f.locate())) for f in files) if path.exists()) // 10**6


if __name__ == "__main__":
    main()
