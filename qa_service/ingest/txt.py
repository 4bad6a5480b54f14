"""Plain text, `客服：…` or `Customer: …` a line → conversations. Owns lines and separators; fields are the reader's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from qa_service.domain.conversation import Conversation
from qa_service.errors import InvalidInput
from qa_service.ingest.aliases import ROLE_ALIASES, generic_word
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.ingest.encoding import detect_encoding
from qa_service.ingest.field_checks import invalid
from qa_service.ingest.limits import Limits
from qa_service.ingest.rejected import Rejected

_TURN = re.compile(rf"\s*(?:\[\d+\]\s*)?({'|'.join(ROLE_ALIASES)})\s*[:：][ \u3000]?(.*)", re.IGNORECASE | re.DOTALL)
_SEPARATOR = re.compile(r"\s*-{3,}\s*")
_TURN_OF_FIELD = re.compile(r"turns\[(\d+)\]")
_PREFIX_ROOM = 1_000


@dataclass(slots=True, kw_only=True)
class _Block:
    """One conversation so far: its turns, the lines where they begin, the line of a text before the first of them."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    stray: int | None = None

    @property
    def is_empty(self) -> bool:
        return not self.turns and self.stray is None


def read_txt(path: Path, *, default_zone: ZoneInfo | None, limits: Limits) -> Iterator[Conversation | Rejected]:
    """Stream a text file in UTF-8 or GB18030, one turn a line, optionally numbered (`[1] 客服:…`).

    Conversations are separated by lines of `---`; in a file without any, by blank lines. A line without a role goes on
    with the turn before it. `external_id` is the file's name without suffix, `-` and the number from 1.
    """
    try:
        encoding = detect_encoding(path)
    except InvalidInput as error:
        yield Rejected(line=None, external_id=None, error=error)
        return
    cap = limits.turn_characters + _PREFIX_ROOM
    with path.open(encoding=encoding) as stream:
        blank_separates = not any(_SEPARATOR.fullmatch(line) for line in _bounded_lines(stream, cap))
        stream.seek(0)
        blocks = _blocks(_bounded_lines(stream, cap), blank_separates=blank_separates, limits=limits)
        for number, block in enumerate(blocks, start=1):
            yield _read_block(block, f"{path.stem}-{number}", default_zone, limits)


def _bounded_lines(stream: TextIO, cap: int) -> Iterator[str]:
    """Lines without line break, cut at `cap` characters: over any limit, yet small."""
    start_of_line = True
    while piece := stream.readline(cap):
        if start_of_line:
            yield piece.removesuffix("\n")
        start_of_line = piece.endswith("\n")


def _blocks(lines: Iterable[str], *, blank_separates: bool, limits: Limits) -> Iterator[_Block]:
    block = _Block()
    blanks = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            blanks += 1
            continue
        turn = _TURN.fullmatch(line)
        separates = _SEPARATOR.fullmatch(line) is not None
        if separates or (turn and blanks and blank_separates):
            if not block.is_empty:
                yield block
            block = _Block()
        if turn:
            _add_turn(block, turn, number, limits)
        elif not separates:
            _continue_turn(block, "\n" * (blanks + 1) + line, number, limits)
        blanks = 0
    if not block.is_empty:
        yield block


def _add_turn(block: _Block, match: re.Match[str], number: int, limits: Limits) -> None:
    # One turn over the limit is enough for the reader to refuse it.
    if len(block.turns) <= limits.turns:
        block.turns.append({"role": generic_word(match[1], ROLE_ALIASES), "text": match[2]})
        block.lines.append(number)


def _continue_turn(block: _Block, text: str, number: int, limits: Limits) -> None:
    if not block.turns:
        block.stray = block.stray or number
        return
    turn = block.turns[-1]
    if len(turn["text"]) <= limits.turn_characters:
        turn["text"] += text[: limits.turn_characters + 1]


def _read_block(
    block: _Block, external_id: str, default_zone: ZoneInfo | None, limits: Limits
) -> Conversation | Rejected:
    if block.stray is not None:
        problem = "stands before any turn; begin each turn with a role such as 客服： or Customer:"
        error = invalid(f"line {block.stray}", problem)
        return Rejected(line=block.stray, external_id=external_id, error=error)
    document = {"external_id": external_id, "turns": block.turns}
    try:
        return read_conversation(document, default_zone=default_zone, limits=limits)
    except InvalidInput as error:
        turn = _TURN_OF_FIELD.match(error.field or "")
        line = block.lines[int(turn[1]) if turn else 0]
        return Rejected(line=line, external_id=external_id, error=error)
