"""Reads `models/<name>/manifest.toml` and checks that the files are the ones it was written for."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qa_service.errors import ConfigError, ErrorCode

EXPECTATIONS = "expectations.toml"
ANY_CAUSE = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What serving needs to know of a model.

    `labels` names the columns of each output, in order; `temperature` divides the emotion logits (Guo et al. 2017).
    `satisfaction_margin` is the 80 % conformal quantile of the rating's error on the dev part. `expectations` are changes
    of polarity by starting sentiment and cause (`any` among them).
    """

    folder: Path
    revision: str
    languages: tuple[str, ...]
    max_tokens: int
    temperature: float
    labels: Mapping[str, tuple[str, ...]]
    satisfaction_margin: float
    expectations: Mapping[str, Mapping[str, float]]


def read_manifest(folder: Path) -> Manifest:
    """Read and verify.

    Raises:
        ConfigError: the manifest or a file is missing or unreadable, or a file's sha256 differs.
    """
    path = folder / "manifest.toml"
    if not path.is_file():
        there = ", ".join(sorted(other.parent.name for other in folder.parent.glob("*/manifest.toml"))) or "none"
        raise ConfigError(
            f"there is no model {folder.name} in {folder.parent} (there: {there})", code=ErrorCode.INVALID_MODEL
        )
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(
            folder=folder,
            revision=document["revision"],
            languages=tuple(document["languages"]),
            max_tokens=document["max_tokens"],
            temperature=document["temperature"],
            labels={name: tuple(labels) for name, labels in document["labels"].items()},
            satisfaction_margin=document["satisfaction_margin"],
            expectations=_expectations(folder / EXPECTATIONS),
        )
        digests = document["files"]
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"{path.name} of model {folder.name} is unreadable: {error}", code=ErrorCode.INVALID_MODEL
        ) from error
    for name, expected in digests.items():
        _verify(folder / name, expected)
    return manifest


def _expectations(path: Path) -> dict[str, dict[str, float]]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    if bare := [sentiment for sentiment, cells in table.items() if cells and ANY_CAUSE not in cells]:
        raise ConfigError(
            f"{path.name} of model {path.parent.name}: [{bare[0]}] has no row `{ANY_CAUSE}`",
            code=ErrorCode.INVALID_MODEL,
        )
    return {
        sentiment: {cause: float(cell["change"]) for cause, cell in cells.items()} for sentiment, cells in table.items()
    }


def _verify(path: Path, expected: str) -> None:
    if not path.is_file():
        raise ConfigError(f"model file {path.name} is missing", code=ErrorCode.INVALID_MODEL)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            raise ConfigError(f"model file {path.name} is not the one of the manifest", code=ErrorCode.INVALID_MODEL)
