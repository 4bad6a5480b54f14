"""Readers of the sets that are for research only: what learns from them is compared with papers and never shipped.

Texts that stand in the test or dev part of a published set are left out of every one. `folder` holds one sub-folder a set.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from training.open_data import OpenTask, Row, plain
from training.published import sets

EWECT_EMOTIONS = ("angry", "fear", "happy", "neutral", "sad", "surprise")
WEIBO_EMOTIONS = ("anger", "disgust", "fear", "happiness", "like", "sadness", "surprise")
FILM_SENTIMENTS = ("0", "1", "2")
CHAT_EMOTIONS = ("angry", "happy", "others", "sad")


def read_research_tasks(folder: Path, *, most_rows: int, seed: int) -> list[OpenTask]:
    """Read every task, at most `most_rows` rows each, drawn with `seed`.

    Raises:
        FileNotFoundError: a set is missing from `folder`.
    """
    tests = _test_texts(folder)
    readers: dict[str, tuple[int, Callable[[Path], Iterable[Row]]]] = {
        "ewect": (len(EWECT_EMOTIONS), _ewect),
        "weibo": (len(WEIBO_EMOTIONS), _weibo),
        "brighter_zh": (len(sets.BRIGHTER_EMOTIONS), lambda f: _labelled(sets.brighter_zh(f, "train"))),
        "cold": (1, lambda f: _labelled(sets.cold(f, "train"))),
        "convabuse": (1, lambda f: _labelled(sets.convabuse(f, "train"))),
        "toxicn": (1, _toxicn),
        "msctd": (len(FILM_SENTIMENTS), _msctd),
        "emocontext": (len(CHAT_EMOTIONS), _emocontext),
    }
    tasks = []
    for name, (targets, reader) in readers.items():
        rows = list({plain(row[0]): row for row in reader(folder) if plain(row[0]) not in tests}.values())
        random.Random(seed).shuffle(rows)
        tasks.append(OpenTask(name, targets, rows[:most_rows]))
    return tasks


def _test_texts(folder: Path) -> set[str]:
    """What no row may repeat, and the empty text."""
    parts = [
        *(sets.brighter_zh(folder, split) for split in ("dev", "test")),
        *(sets.cold(folder, split) for split in ("dev", "test")),
        *(sets.convabuse(folder, split) for split in ("valid", "test")),
    ]
    return {"", *(plain(text.text) for part in parts for text in part)}


def _labelled(texts: Iterable[sets.LabelledText]) -> Iterator[Row]:
    for text in texts:
        yield text.text, [float(label) for label in text.labels]


def _one_of(label: str, labels: tuple[str, ...]) -> list[float]:
    return [float(label == other) for other in labels]


def _ewect(folder: Path) -> Iterator[Row]:
    """Posts of Weibo, usual ones and of the epidemic. Source: SMP2020-EWECT."""
    for part in ("usual_eval_labeled", "usual_test_labeled", "virus_train", "virus_eval_labeled", "virus_test_labeled"):
        path = folder / f"smp2020_ewect/data/raw/{part}.txt"
        for row in json.loads(path.read_text(encoding="utf-8-sig")):
            yield row["content"], _one_of(row["label"], EWECT_EMOTIONS)


def _weibo(folder: Path) -> Iterator[Row]:
    """Posts of Weibo, `none` has no emotion. Sources: weibo82813 (eight moods), CLUEemotion2020."""
    path = folder / "weibo_8moods/data/lstm_sentiment_classification_8_total.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        label, colon, text = line.partition(":")
        if colon and not line.startswith("#"):
            yield text, _one_of(label, WEIBO_EMOTIONS)
    for split in ("valid", "test"):
        path = folder / f"clue_emotion2020/CLUEdataset/emotion/{split}.txt"
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                yield row["content"], _one_of(row["label"], WEIBO_EMOTIONS)


def _toxicn(folder: Path) -> Iterator[Row]:
    """Posts of Zhihu and Tieba, toxic or not. Source: ToxiCN (Lu et al. 2023)."""
    for row in json.loads((folder / "toxicn/ToxiCN_ex/ToxiCN/data/train.json").read_text(encoding="utf-8")):
        yield row["content"], [float(row["toxic"])]


def _msctd(folder: Path) -> Iterator[Row]:
    """Lines of films, neutral, negative or positive. Source: MSCTD (Liang et al. 2022)."""
    texts, labels = (
        (folder / f"msctd/MSCTD_processed_data/enzh/{name}_train.txt.enzh").read_text(encoding="utf-8").split("\n")
        for name in ("chinese", "sentiment")
    )
    for text, label in zip(texts, labels, strict=True):
        yield text.strip(), _one_of(label.strip(), FILM_SENTIMENTS)


def _emocontext(folder: Path) -> Iterator[Row]:
    """English chats of three turns, the last one's emotion. Source: EmoContext (Chatterjee et al. 2019)."""
    with (folder / "emocontext/data/train.txt").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row["turn3"], _one_of(row["label"], CHAT_EMOTIONS)
