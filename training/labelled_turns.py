"""Single agent turns labelled with what they break (`training/turns/*.jsonl`): what the suspicions learn from beside the corpus.

The same turns are the development set of the rules (`python -m tests.rules.accuracy --development`); format and decisions:
`turns/README.md`. The held-out set of `tests/rules/labelled` is never read here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.collect_verdicts import LABEL_OF_CATEGORY, ReviewedConversation, ReviewedTurn

TURNS_DIR = Path(__file__).parent / "turns"
DEV_EVERY = 8


def labelled_turns(part: str, folder: Path = TURNS_DIR) -> list[ReviewedConversation]:
    """The turns of a part (`train`, or `dev`: one in eight, fixed for ever by the id), files in name order.

    Each is a chat of which the last turn alone is labelled, with every category that the model suspects.

    Raises:
        ValueError: a line is no labelled turn; the message names file and line.
    """
    chats = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                chat = _chat(json.loads(line))
            except (ValueError, KeyError) as error:
                raise ValueError(f"{path.name}:{number}: {error}") from None
            if part == _part_of(chat.id):
                chats.append(chat)
    return chats


def _part_of(turn_id: str) -> str:
    return "train" if int(hashlib.sha256(turn_id.encode()).hexdigest(), 16) % DEV_EVERY else "dev"


def _chat(item: Mapping[str, Any]) -> ReviewedConversation:
    before = (line.partition(": ") for line in item["context"])
    if unknown := set(item["labels"]) - set(LABEL_OF_CATEGORY):
        raise ValueError(f"labels: {', '.join(sorted(unknown))} is no category that the model suspects")
    there = {label: category in item["labels"] for category, label in LABEL_OF_CATEGORY.items()}
    turns = [ReviewedTurn(role=role, text=text) for role, _, text in before]
    return ReviewedConversation(
        id=item["id"], turns=[*turns, ReviewedTurn(role="agent", text=item["agent"], categories=there)]
    )
