"""Readers of the published sets: dialogues with rated customer turns, and single texts with labels.

`folder` holds one sub-folder a set, as published; licences and sources: the model card. Most are for research only.
"""

from __future__ import annotations

import ast
import csv
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.open_data import plain

BRIGHTER_EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")


@dataclass(frozen=True, slots=True)
class RatedTurn:
    """One turn; `rating` is what the set rates after it, None where it rates nothing."""

    role: str
    text: str
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class RatedDialogue:
    """T turns in order, and the rating of the whole, None where there is none."""

    turns: tuple[RatedTurn, ...]
    overall: float | None = None


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One text with K labels of 0 or 1."""

    text: str
    labels: tuple[int, ...]


def jddc(folder: Path, split: str) -> list[RatedDialogue]:
    """JD.com chats, `valid` or `test`: satisfaction so far (0, 1, 2) after each rated customer turn, and of the dialogue.

    The file has one row a rated turn with up to 16 exchanges before it; rows of one dialogue follow one another and are
    stitched together here. Source: Deng et al., "User Satisfaction Estimation with Sequential Dialogue Act Modeling" (2022).
    """
    dialogues: list[list[list[str | int | None]]] = []
    overall: list[int | None] = []
    before: list[str] | None = None
    path = folder / f"uss_usda_splits/dataset/jddc/{split}_jddc.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        window, _, label = line.split("\t")
        exchanges = [row.split("|||", 1) for row in ast.literal_eval(window)]
        history, customer = exchanges[:-1], exchanges[-1][0]
        users = [row[0] for row in history]
        if before is None or users not in (before, before[1:]):
            dialogues.append([[user, agent, None] for user, agent in history])
            overall.append(None)
        else:
            dialogues[-1][-1][1] = history[-1][1]
        if customer == "OVERALL":
            overall[-1] = int(label)
        else:
            dialogues[-1].append([customer, "", int(label)])
        before = [*users, customer]
    return [_from_exchanges(rows, rating) for rows, rating in zip(dialogues, overall, strict=True)]


def _from_exchanges(rows: Sequence[Sequence[str | int | None]], overall: int | None) -> RatedDialogue:
    turns = []
    for customer, agent, label in rows:
        turns.append(RatedTurn("customer", str(customer), None if label is None else int(label)))
        if agent:
            turns.append(RatedTurn("agent", str(agent)))
    return RatedDialogue(tuple(turns), overall)


def uss(folder: Path, name: str) -> list[RatedDialogue]:
    """`SGD` or `MWOZ`: satisfaction 0…4 (the rating that most raters gave, the lower at a tie) of each customer turn.

    Source: Sun et al., "Simulating User Satisfaction for the Evaluation of Task-oriented Dialogue Systems" (SIGIR 2021).
    """
    dialogues = []
    for block in (folder / f"uss/dataset/{name}.txt").read_text(encoding="utf-8").split("\n\n"):
        turns = []
        for line in block.strip("\n").splitlines():
            role, text, _, ratings = [*line.split("\t"), "", "", ""][:4]
            if text != "OVERALL":
                rating = _most_frequent([int(r) for r in ratings.split(",") if r.strip()])
                turns.append(RatedTurn("customer" if role == "USER" else "agent", text, rating))
        if turns:
            dialogues.append(RatedDialogue(tuple(turns)))
    return dialogues


def _most_frequent(ratings: Sequence[int]) -> int | None:
    return max(range(1, 6), key=lambda r: (ratings.count(r), -r)) - 1 if ratings else None


def stc3(folder: Path, language: str = "cn") -> list[RatedDialogue]:
    """Customer–helpdesk dialogues, Chinese (`cn`) or translated (`en`); `overall` is the mean of 19 votes, −2…2.

    Source: NTCIR-14 STC-3 (Zeng et al. 2019).
    """
    with zipfile.ZipFile(folder / "stc3/data.zip") as archive:
        rows = json.loads(archive.read(f"data/train_data_{language}.json"))
    dialogues = []
    for row in rows:
        votes = [annotation["quality"]["S"] for annotation in row["annotations"]]
        dialogues.append(RatedDialogue(_stc3_turns(row), sum(votes) / len(votes)))
    return dialogues


def stc3_unrated(folder: Path, language: str) -> list[RatedDialogue]:
    """The test dialogues of the same set, whose votes are not published; `cn` or `en`."""
    with zipfile.ZipFile(folder / "stc3/data.zip") as archive:
        rows = json.loads(archive.read(f"data/test_data_{language}.json"))
    return [RatedDialogue(_stc3_turns(row)) for row in rows]


def _stc3_turns(row: dict[str, Any]) -> tuple[RatedTurn, ...]:
    return tuple(
        RatedTurn("customer" if turn["sender"] == "customer" else "agent", " ".join(turn["utterances"]))
        for turn in row["turns"]
    )


def jd_sessions(folder: Path) -> list[RatedDialogue]:
    """Unrated chats of JD.com as they ran, values masked: a sample of the corpus of Chen et al., "The JDDC Corpus" (2020)."""
    sessions: dict[str, list[RatedTurn]] = {}
    with (folder / "jddc_raw_sample/data/chat_0.1per.txt").open(encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            sessions.setdefault(fields[0], []).append(RatedTurn("customer" if fields[2] == "0" else "agent", fields[6]))
    return [RatedDialogue(tuple(turns)) for turns in sessions.values()]


def brighter_zh(folder: Path, split: str) -> list[LabelledText]:
    """Chinese posts with six emotions, `train`, `dev` or `test`. Source: BRIGHTER (Muhammad et al. 2025), track A."""
    path = folder / f"brighter/task-dataset/semeval-2025-task11-dataset/track_a/{split}/chn.csv"
    return [LabelledText(row["text"], tuple(int(row[e]) for e in BRIGHTER_EMOTIONS)) for row in _csv(path)]


def cold(folder: Path, split: str) -> list[LabelledText]:
    """Chinese posts, offensive or not, `train`, `dev` or `test`. Source: COLD (Deng et al. 2022)."""
    return [LabelledText(r["TEXT"], (int(r["label"]),)) for r in _csv(folder / f"cold/COLDataset/{split}.csv")]


def unseen(texts: Sequence[LabelledText], train: Sequence[LabelledText]) -> list[LabelledText]:
    """Those that do not stand in the training part, whatever their letter case, spaces and signs."""
    known = {plain(text.text) for text in train}
    return [text for text in texts if plain(text.text) not in known]


def convabuse(folder: Path, split: str) -> list[LabelledText]:
    """What people wrote to chat bots, abusive or not by the majority, `train`, `valid` or `test`.

    Source: ConvAbuse (Cercas Curry et al. 2021).
    """
    texts = []
    for row in _csv(folder / f"convabuse/2_splits/ConvAbuseEMNLP{split}.csv"):
        marks = [
            key for key, value in row.items() if "is_abuse" in key and value and value.split(",")[0] in ("1", "1.0")
        ]
        if marks:
            abusive = sum("is_abuse.-" in key for key in marks)
            texts.append(LabelledText(row["user"], (int(abusive > len(marks) / 2),)))
    return texts


def _csv(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10**9)
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        return list(csv.DictReader(file))
