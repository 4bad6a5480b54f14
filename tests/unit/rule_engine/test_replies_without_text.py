"""A reply that begins with a picture, a file or a blank message ends the wait for it with that message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa_service.domain.conversation import AgentId, Conversation, TurnKind
from qa_service.domain.finding import Outcome
from tests.unit.rule_engine.packs import engine, hits, inspect, rule
from tests.unit.rule_engine.test_time import timed


@pytest.mark.parametrize("match", [{"silence": {"over_seconds": 60}}, {"waited": {"over_seconds": 60}}], ids=str)
@pytest.mark.parametrize("kind", [TurnKind.IMAGE, TurnKind.FILE, TurnKind.TEXT])
@pytest.mark.parametrize(
    ("lines", "seconds", "outcome"),
    [
        (["customer: 什么时候发货", "agent: ", "agent: 明天发"], [0, 900, 902], Outcome.HIT),
        (["customer: Where is it?", "agent: ", "system: x", "agent: ", "agent: Tomorrow"], [0, 900, 901, 902, 903], Outcome.HIT),
        (["customer: 什么时候发货", "agent: ", "agent: 明天发"], [0, 60, 62], Outcome.CLEAR),
        (["customer: 什么时候发货", "agent: ", "agent: 明天发"], [0, None, 62], Outcome.NOT_APPLICABLE),
    ],
    ids=str,
)  # fmt: skip
def test_a_picture_that_is_sent_first_hides_no_slow_reply(
    tmp_path: Path, match: Any, kind: TurnKind, lines: list[str], seconds: list[float | None], outcome: Outcome
) -> None:
    chat = timed(lines, *seconds)
    chat = replace(chat, turns=tuple(replace(turn, kind=kind) if not turn.text else turn for turn in chat.turns))

    findings = inspect(engine(tmp_path, rule(match)), chat)

    assert [(finding.outcome, finding.text) for finding in findings] == [
        (outcome, lines[-1].removeprefix("agent: ") if outcome is Outcome.HIT else None)
    ]


@pytest.mark.parametrize("match", [{"silence": {"over_seconds": 60}}, {"waited": {"over_seconds": 60}}], ids=str)
def test_a_picture_of_somebody_else_is_another_reply(tmp_path: Path, match: Any) -> None:
    chat = timed(["customer: 什么时候发货", "agent[a]: ", "agent[b]: 明天发"], 0, 900, 902)
    picture = replace(chat.turns[1], kind=TurnKind.IMAGE)
    chat = replace(chat, turns=(chat.turns[0], picture, chat.turns[2]))

    assert hits(engine(tmp_path, rule(match)), chat) == []


def _recalled(number: int, lines: list[str], *seconds: float) -> Conversation:
    """A chat whose turn of this number was taken back; without seconds, without times."""
    chat = timed(lines, *(seconds or [None] * len(lines)))
    turns = (replace(turn, kind=TurnKind.RECALL) if turn.id == str(number) else turn for turn in chat.turns)
    return replace(chat, turns=tuple(turns))


def test_a_recalled_message_makes_nobody_owe_a_phrase(tmp_path: Path) -> None:
    absent = {"phrase": {"any": ["抱歉"]}, "after": {"match": {"any": ["坏了"]}, "turns": 2}}
    chat = _recalled(3, ["agent[a2]: 您好", "customer: 坏了", "agent[a2]: 撤回", "agent[a1]: 抱歉"])

    findings = inspect(engine(tmp_path, rule({"absent": absent})), chat)

    assert {finding.agent_id: finding.outcome for finding in findings} == {
        "a1": Outcome.CLEAR, "a2": Outcome.NOT_APPLICABLE,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [("transfers", 0), ("longest_silence_seconds", 400)])
def test_a_recalled_message_neither_takes_over_nor_breaks_a_silence(tmp_path: Path, name: str, value: int) -> None:
    lines = ["agent[a1]: 您好", "agent[a2]: 撤回", "agent[a1]: 查到了"]
    chat = _recalled(2, lines, 0, 200, 400)
    figure = {"name": name, "op": "eq", "value": value}

    outcomes = {f.agent_id: f.outcome for f in inspect(engine(tmp_path, rule({"figure": figure})), chat)}

    assert outcomes[AgentId("a1")] is Outcome.HIT
