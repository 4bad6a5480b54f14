"""Labelled turns as training rows: the last turn has every category, a dev part is kept, a broken line is named."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from training.labelled_turns import amid_chats, labelled_customers, labelled_turns
from training.parts import corpus_part

ITEM = {
    "id": "en-1",
    "context": ["customer: eight days, can I return?"],
    "agent": "sure",
    "labels": ["abuse", "privacy"],
}


CUSTOMER = {
    "id": "en-c-1",
    "context": ["agent: it was sent on Monday"],
    "customer": "again no answer to what I asked",
    "emotion": "disappointed",
    "polarity": -0.5,
    "risks": ["repeat"],
}


def write(folder: Path, *items: object) -> Path:
    (folder / "en_1.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return folder


def test_the_last_turn_is_labelled_with_every_category(tmp_path):
    folder = write(tmp_path, ITEM)

    (chat,) = [*labelled_turns("train", folder), *labelled_turns("dev", folder)]

    assert [(turn.role, turn.text) for turn in chat.turns] == [
        ("customer", "eight days, can I return?"),
        ("agent", "sure"),
    ]
    assert chat.turns[0].categories == {}
    assert {label for label, there in chat.turns[1].categories.items() if there} == {"abuse", "privacy"}
    assert len(chat.turns[1].categories) == 7


def test_the_parts_share_no_turn_and_lose_none(tmp_path):
    folder = write(tmp_path, *({**ITEM, "id": f"en-{number}"} for number in range(200)))

    train, dev = ({chat.id for chat in labelled_turns(part, folder)} for part in ("train", "dev"))

    assert not train & dev
    assert len(train | dev) == 200
    assert 10 <= len(dev) <= 40


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({**ITEM, "labels": ["rudeness"]}, "en_1.jsonl:2: labels: rudeness"),
        ({"id": "en-2"}, "en_1.jsonl:2: 'context'"),
    ],
    ids=["unknown label", "missing field"],
)
def test_a_broken_line_is_named(tmp_path, broken, said):
    with pytest.raises(ValueError, match=said):
        labelled_turns("train", write(tmp_path, ITEM, broken))


def test_a_customer_turn_has_its_emotion_and_every_risk_signal(tmp_path):
    folder = write(tmp_path, CUSTOMER)

    (chat,) = [*labelled_customers("train", folder), *labelled_customers("dev", folder)]

    before, last = chat.turns
    assert (before.role, before.emotion, before.risks) == ("agent", None, {})
    assert (last.role, last.emotion) == ("customer", "disappointed")
    assert {risk for risk, there in last.risks.items() if there} == {"repeat"}
    assert len(last.risks) == 7


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"emotion": "sad"}, "en_1.jsonl:1: emotion: sad"),
        ({"risks": ["sue"]}, "en_1.jsonl:1: risks: sue"),
        ({"polarity": 0.5}, "en_1.jsonl:1: polarity: 0.5 does not go with disappointed"),
    ],
    ids=["emotion", "risk", "sign"],
)
def test_a_broken_customer_turn_is_named(tmp_path, change, said):
    with pytest.raises(ValueError, match=said):
        labelled_customers("train", write(tmp_path, {**CUSTOMER, **change}))


def test_a_turn_amid_a_chat_keeps_its_labels_and_what_comes_before_has_none(tmp_path):
    (chat,) = [*labelled_turns("train", write(tmp_path, ITEM)), *labelled_turns("dev", tmp_path)]
    conversations = corpus_part("dev")

    (amid,) = amid_chats([chat], conversations, random.Random(0))

    begun, own = amid.turns[: -len(chat.turns)], amid.turns[-len(chat.turns) :]
    assert own == chat.turns
    assert begun
    assert not any(turn.categories or turn.emotion or turn.risks for turn in begun)
    texts = [turn.text for turn in begun]
    assert any(c.language == "en" and [turn.text for turn in c.turns[: len(begun)]] == texts for c in conversations)


def test_the_shipped_turns_can_be_read():
    assert len(labelled_turns("train")) > 5 * len(labelled_turns("dev")) > 500
    assert len(labelled_customers("train")) > 5 * len(labelled_customers("dev")) > 500
