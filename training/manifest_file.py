"""The manifest of a model folder: what its files are and what serving must know of them. Needs no torch."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from pathlib import Path

from qa_service.mood.manifest import EXPECTATIONS
from training.corpus_reader import ACTS, CATEGORIES, CAUSES, EMOTIONS, RISKS

ENCODER, HEAD, TOKENIZER, MANIFEST = "encoder.onnx", "head.onnx", "tokenizer.json", "manifest.toml"


def write_manifest(folder: Path, *, base: str, max_tokens: int, temperature: float, satisfaction_margin: float) -> None:
    """Describe the exported files; the revision is a digest of them, so other weights are another revision.

    `base` names the base encoder, its licence in brackets.
    """
    digests = {name: sha256(folder / name) for name in (ENCODER, HEAD, TOKENIZER, EXPECTATIONS)}
    parts = "".join(digests.values()) + str(temperature) + str(satisfaction_margin)
    revision = hashlib.sha256(parts.encode()).hexdigest()[:16]
    in_brackets = re.findall(r"\(([^()]+)\)", base)
    licence = f"Apache-2.0 (base encoder {in_brackets[-1] if in_brackets else 'without a named licence'})"
    labels = {"emotion": EMOTIONS, "risk": RISKS, "act": ACTS, "category": CATEGORIES, "cause": CAUSES}
    lines = [
        "# Written by training/export_mood.py; figures: metrics.json, description: card.md",
        f'revision = "{revision}"',
        f"base = {_quoted(base)}",
        f"licence = {_quoted(licence)}",
        'languages = ["zh", "en"]',
        f"max_tokens = {max_tokens}",
        f"temperature = {temperature}",
        f"satisfaction_margin = {satisfaction_margin}",
        "",
        "[labels]",
        *(f"{name} = {json.dumps(list(values))}" for name, values in labels.items()),
        "",
        "[files]",
        *(f'"{name}" = "{digest}"' for name, digest in digests.items()),
    ]
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but for pairs of surrogates
    return json.dumps(text, ensure_ascii=False)


def renew_manifest(folder: Path) -> None:
    """Describe the files anew after one of them has changed; the rest stays as it was."""
    known = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    names = ("base", "max_tokens", "temperature", "satisfaction_margin")
    write_manifest(folder, **{name: known[name] for name in names})


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
