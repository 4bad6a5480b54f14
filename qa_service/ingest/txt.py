"""Plain text, `客服：…` or `Customer: …` a line → conversations. Owns lines and separators; fields are the reader's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from qa_service.domain.conversation import Conversation, Role
from qa_service.errors import InvalidInput
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.ingest.encoding import detect_encoding
from qa_service.ingest.field_checks import invalid
from qa_service.ingest.limits import Limits
from qa_service.ingest.rejected import Rejected
from qa_service.ingest.speaker import Speaker, looks_like_speaker, read_speaker
from qa_service.ingest.written_time import CLOCK_TIME, DATE_TIME, iso_time

_STAMP = rf"[\[【(（]?(?:(?P<at>{DATE_TIME})|{CLOCK_TIME})[\]】)）]?[\s,，]*"
_OPENING = re.compile(
    rf"\s*(?:\[\d+\]\s*)?(?P<stamp>{_STAMP})?(?P<words>[^:：]{{1,80}})[:：][ \u3000]?(?P<text>.*)", re.DOTALL
)
_SEPARATOR = re.compile(r"\s*-{3,}\s*")
_TURN_OF_FIELD = re.compile(r"turns\[(\d+)\]")
_PREFIX_ROOM = 1_000
_DIGEST_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """The line that opens a turn."""

    speaker: Speaker
    at: str | None
    text: str


@dataclass(slots=True, kw_only=True)
class _Block:
    """One conversation so far: its turns, the lines where they begin, the first line that belongs to no turn for sure."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    stray: int | None = None
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def is_empty(self) -> bool:
        return not self.turns and self.stray is None


def read_txt(path: Path, *, default_zone: ZoneInfo | None, limits: Limits) -> Iterator[Conversation | Rejected]:
    """Stream a text file in UTF-8 or GB18030, one turn a line: `客服：…`, `客服小林：…`, `小林(客服)：…`, `Agent Maya: …`.

    A number (`[1] `) and a time may stand before. A date with a time becomes the turn's `at`; a time of day alone is
    left out, since it names no day (chats run past midnight, and a guessed day would make false waits). An agent's name
    is the agent's id.

    Conversations are separated by lines of `---`; in a file without any, by blank lines. A line without a speaker goes
    on with the turn before it; one that may have a speaker but is not understood refuses its conversation, since it
    would put one person's words into another's mouth.

    `external_id` is the file's name without suffix, `-` and the first 8 hex digits of the sha256 of the conversation's
    lines that are not blank: files of one name in two folders keep their conversations apart.
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
        for block in blocks:
            external_id = f"{path.stem}-{block.digest.hexdigest()[:_DIGEST_LENGTH]}"
            yield _read_block(block, external_id, default_zone, limits)


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
        opening = _read_opening(line)
        separates = _SEPARATOR.fullmatch(line) is not None
        if separates or (opening and blanks and blank_separates):
            if not block.is_empty:
                yield block
            block = _Block()
        if not separates:
            block.digest.update(f"{line.rstrip()}\n".encode())
            _add_line(block, opening, "\n" * (blanks + 1) + line, number, limits)
        blanks = 0
    if not block.is_empty:
        yield block


def _read_opening(line: str) -> _Opening | None:
    match = _OPENING.fullmatch(line)
    speaker = match and read_speaker(match["words"])
    if match is None or speaker is None:
        return None
    return _Opening(speaker=speaker, at=iso_time((match["at"] or "").strip() or None), text=match["text"])


def _add_line(block: _Block, opening: _Opening | None, going_on: str, number: int, limits: Limits) -> None:
    if opening:
        _add_turn(block, opening, number, limits)
    elif not block.turns or _may_open_a_turn(going_on.lstrip("\n"), block):
        block.stray = block.stray or number
    else:
        turn = block.turns[-1]
        if len(turn["text"]) <= limits.turn_characters:
            turn["text"] += going_on[: limits.turn_characters + 1]


def _add_turn(block: _Block, opening: _Opening, number: int, limits: Limits) -> None:
    # One turn over the limit is enough for the reader to refuse it.
    if len(block.turns) <= limits.turns:
        speaker = opening.speaker
        turn = {"role": speaker.role, "sender_id": speaker.name, "at": opening.at, "text": opening.text}
        block.turns.append(turn)
        block.lines.append(number)


def _may_open_a_turn(line: str, block: _Block) -> bool:
    """Whether a line without an understood speaker may have one: a word for one, a time, a name of this chat."""
    if looks_like_speaker(line):
        return True
    match = _OPENING.fullmatch(line)
    if match is None:
        return False
    words = match["words"].strip()
    is_clock = words[-1:].isdigit() and match["text"][:1].isdigit()  # 10:00 到 12:00
    return (match["stamp"] is not None and not is_clock) or words in (turn["sender_id"] for turn in block.turns)


def _read_block(
    block: _Block, external_id: str, default_zone: ZoneInfo | None, limits: Limits
) -> Conversation | Rejected:
    if block.stray is not None:
        after_turn = block.lines and block.lines[0] < block.stray
        fault = "may open a turn, but its speaker is not understood" if after_turn else "stands before any turn"
        advice = "begin each turn with a role such as 客服：, 客服小林： or Customer:"
        error = invalid(f"line {block.stray}", f"{fault}; {advice}")
        return Rejected(line=block.stray, external_id=external_id, error=error)
    names = dict.fromkeys(turn["sender_id"] for turn in block.turns if turn["role"] == Role.AGENT)
    agents = [{"id": name, "name": name} for name in names if name]
    document = {"external_id": external_id, "agents": agents, "turns": block.turns}
    try:
        return read_conversation(document, default_zone=default_zone, limits=limits)
    except InvalidInput as error:
        turn = _TURN_OF_FIELD.match(error.field or "")
        line = block.lines[int(turn[1]) if turn else 0]
        return Rejected(line=line, external_id=external_id, error=error)
