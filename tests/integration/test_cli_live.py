"""`rules live` tells the mood of each customer turn, and each finding once, when it is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration import program


@pytest.mark.model
def test_a_chat_is_followed_turn_by_turn(tmp_path: Path) -> None:
    turns = [
        {"id": "1", "role": "customer", "text": "能退吗", "at": "2026-11-20T10:00:00+08:00"},
        {"id": "2", "role": "agent", "sender_id": "a", "text": "您烦不烦，滚", "at": "2026-11-20T10:00:10+08:00"},
    ]
    chat = {"external_id": "c-1", "language": "zh", "turns": turns}
    path = tmp_path / "chats.jsonl"
    path.write_text(json.dumps(chat, ensure_ascii=False) + "\n", encoding="utf-8")

    result = program.run("rules", "live", path, store=tmp_path / "qa.sqlite3")

    assert result.returncode == 0, result.stderr
    told = [line.split() for line in result.stdout.decode().splitlines()[1:]]
    assert ["turn", "1", "mood"] in [line[:3] for line in told]
    tone = next(line for line in told if line[:3] == ["turn", "2", "tone"])
    assert "abuse" in tone
    assert ["turn", "2", "exact", "hit"] in [line[:4] for line in told]
    assert len({tuple(line) for line in told}) == len(told)


@pytest.mark.model
def test_why_a_turn_has_no_mood_is_told(tmp_path: Path) -> None:
    turns = [
        {"id": "1", "role": "customer", "text": "荷物がまだ届いていません", "at": "2026-11-20T10:00:00+08:00"},
        {"id": "2", "role": "agent", "sender_id": "a", "text": "您好", "at": "2026-11-20T10:00:10+08:00"},
    ]
    path = tmp_path / "chats.jsonl"
    path.write_text(json.dumps({"external_id": "c-1", "turns": turns}, ensure_ascii=False) + "\n", encoding="utf-8")

    result = program.run("rules", "live", path, store=tmp_path / "qa.sqlite3")

    assert "turn 1  mood  unavailable: written in Japanese" in result.stdout.decode()
