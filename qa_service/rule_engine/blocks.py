"""Adjacent messages of one sender as one block: people send a sentence in pieces. Owns no matching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import groupby

from qa_service.domain.conversation import Conversation, Turn

# Ends a clause and no sentence, between digits makes no number, and leaves nothing in the compact view.
# U+2028 (line separator) tells the joint from commas that somebody typed.
JOINT = "，\u2028"


class Unit(StrEnum):
    """What a rule reads as one text."""

    TURN = "turn"
    MERGED = "merged"


def runs(turns: Sequence[Turn]) -> list[tuple[Turn, ...]]:
    """All turns in order, adjacent texts of one sender together; images, recalls and the like stand alone."""
    return [
        tuple(turn for _, turn in run)
        for _, run in groupby(
            enumerate(turns),
            key=lambda item: (item[1].role, item[1].sender_id) if item[1].is_inspectable else item[0],
        )
    ]


def joined(conversation: Conversation, of: Sequence[Sequence[Turn]], *, language: str) -> Conversation:
    """The conversation with one turn a run; it has the id and the time of the run's last turn."""
    turns = tuple(replace(run[-1], text=JOINT.join(turn.text for turn in run)) for run in of)
    return replace(conversation, turns=turns, language=language, started_at=conversation.time)


def starts(run: Sequence[Turn]) -> list[int]:
    """Where the text of each turn of a run begins in the joined text."""
    found = [0]
    for turn in run[:-1]:
        found.append(found[-1] + len(turn.text) + len(JOINT))
    return found


def as_said(text: str) -> str:
    """A joined text for people: one message a line."""
    return text.replace(JOINT, "\n")
