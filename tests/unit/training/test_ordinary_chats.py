"""Ordinary chats as training rows: every turn of a person is labelled, a dev part is kept, a broken line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.ordinary_chats import ordinary_chats

CHAT = """== en-h-1 | en | kettles
c -0.5 angry repeat, complain | is it in stock?
a | let me look
a dismissive, privacy | look yourself | here are her details
b | please rate us
"""


def write(folder: Path, text: str) -> Path:
    (folder / "en_1.txt").write_text(text, encoding="utf-8")
    return folder


def test_what_every_customer_feels_is_known(tmp_path):
    folder = write(tmp_path, CHAT)

    (chat,) = [*ordinary_chats("train", folder), *ordinary_chats("dev", folder)]

    assert [turn.emotion for turn in chat.turns] == ["angry", None, None, None]
    assert {risk for risk, is_there in chat.turns[0].risks.items() if is_there} == {"repeat", "complain"}
    assert len(chat.turns[0].risks) == 7
    assert chat.turns[0].text == "is it in stock?"


@pytest.mark.parametrize(("felt", "cause"), [("-0.5 angry", None), ("0 neutral", "none"), ("0.5 satisfied", "none")])
def test_where_nobody_feels_anything_bad_nothing_is_the_cause_and_else_it_is_unknown(tmp_path, felt, cause):
    folder = write(tmp_path, CHAT.replace("-0.5 angry repeat, complain", felt))

    (chat,) = [*ordinary_chats("train", folder), *ordinary_chats("dev", folder)]

    assert chat.cause == cause


def test_every_turn_of_an_agent_is_judged_and_no_other(tmp_path):
    folder = write(tmp_path, CHAT)

    (chat,) = [*ordinary_chats("train", folder), *ordinary_chats("dev", folder)]

    assert [turn.role for turn in chat.turns] == ["customer", "agent", "agent", "bot"]
    assert [len(turn.categories) for turn in chat.turns] == [0, 7, 7, 0]
    assert not any(chat.turns[1].categories.values())
    assert {label for label, is_there in chat.turns[2].categories.items() if is_there} == {"dismissive", "privacy"}
    assert chat.turns[2].text == "look yourself | here are her details"


def test_the_parts_share_no_chat_and_lose_none(tmp_path):
    folder = write(tmp_path, "\n".join(CHAT.replace("en-h-1", f"en-h-{number}") for number in range(200)))

    train, dev = ({chat.id for chat in ordinary_chats(part, folder)} for part in ("train", "dev"))

    assert not train & dev
    assert len(train | dev) == 200
    assert 10 <= len(dev) <= 40


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a | before any chat", "en_1.txt:1: a turn before any chat"),
        (CHAT + CHAT, "en_1.txt:6: en-h-1 stands twice"),
        (CHAT + "a rude | no", "en_1.txt:6: labels: rude"),
        (CHAT + "b dismissive | no", "en_1.txt:6: labels: dismissive: a bot's"),
        (CHAT + "c | no", "en_1.txt:6: a customer's turn begins"),
        (CHAT + "c 0 angry | no", "en_1.txt:6: .*polarity: 0.0 does not go with angry"),
        (CHAT + "c 0 neutral shouts | no", "en_1.txt:6: .*risks: shouts"),
        (CHAT + "a no text", "en_1.txt:6: is no turn"),
        (CHAT + "| who speaks?", "en_1.txt:6: is no turn"),
        ("== zh-h-1 | en | kettles", "en_1.txt:1: zh-h-1 does not begin with its language, en"),
    ],
)
def test_a_broken_line_is_named(tmp_path, text, said):
    with pytest.raises(ValueError, match=said):
        ordinary_chats("train", write(tmp_path, text))


def test_the_shipped_chats_break_little():
    turns = [
        turn for part in ("train", "dev") for chat in ordinary_chats(part) for turn in chat.turns if turn.categories
    ]

    assert len(turns) > 5_000
    assert sum(any(turn.categories.values()) for turn in turns) < len(turns) / 8
