"""Builds inputs by hand, in a line each."""

from __future__ import annotations

import re
from typing import Any

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId

_LINE = re.compile(r"^(customer|agent|bot|system)(?:\[([^\]]+)\])?: ?(.*)$", re.DOTALL)


def turn(line: str, number: int = 1, **fields: Any) -> Turn:
    """`agent[a-7]: 您好` → a turn of that sender."""
    match = _LINE.match(line)
    if match is None:
        raise ValueError(f"not a turn: {line!r}")
    role, sender, text = match.groups()
    return Turn(id=TurnId(str(number)), role=Role(role), text=text, sender_id=sender, **fields)


def conversation(*lines: str, **fields: Any) -> Conversation:
    """Turns numbered from 1; `fields` are those of `Conversation`."""
    turns = tuple(turn(line, number) for number, line in enumerate(lines, start=1))
    return Conversation(**{"external_id": "c-1", "turns": turns, **fields})
