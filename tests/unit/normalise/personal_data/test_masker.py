"""Whole conversations, and what quotes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.finding import Finding, Severity
from qa_service.domain.finding import Outcome as FindingOutcome
from qa_service.domain.inspection import Inspection
from qa_service.domain.personal_data import Original, unmask
from qa_service.normalise import PersonalDataMasker
from tests.builders import conversation
from tests.fakes.stages import fake_inspector
from tests.unit.normalise.personal_data.lists import hits, lines

MASKER = PersonalDataMasker()
TEXTS = st.sampled_from([hit.text for hit in hits("hits.txt")] + lines("lookalikes.txt")) | st.text(max_size=20)
CHATS = st.builds(
    lambda texts, attributes: conversation(*(f"agent[a-7]: {text}" for text in texts), attributes=attributes),
    st.lists(TEXTS, min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(["phone", "收货地址", "note", "receiver_name", "email"]), TEXTS, max_size=3),
)


@given(CHATS)
def test_unmasking_gives_back_the_conversation(chat: Any) -> None:
    masked = MASKER.mask(chat)
    assert unmask(masked.conversation, masked.originals) == chat


@given(CHATS)
def test_masks_are_as_long_as_their_originals(chat: Any) -> None:
    masked = MASKER.mask(chat).conversation
    assert [len(turn.text) for turn in masked.turns] == [len(turn.text) for turn in chat.turns]


@given(CHATS)
def test_what_was_unmasked_is_inspected_to_the_same_result(chat: Any) -> None:
    masked = MASKER.mask(chat)
    (before,) = fake_inspector().inspect([chat])
    (after,) = fake_inspector().inspect([unmask(masked.conversation, masked.originals)])
    assert after == before


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        pytest.param("phone", "87654321", "******21", id="phone by its name"),
        pytest.param("收货地址", "文三路100号", "*******", id="address by its name"),
        pytest.param("receiver_name", "阿宝", "**", id="name by its name"),
        pytest.param("email", "me@qq.com", "**@qq.com", id="e-mail by its name"),
        pytest.param("phone_verified", "true", "true", id="no number"),
        pytest.param("order_id", "13800138000", "13800138000", id="order"),
        pytest.param("note", "call 13800138000", "call 138****8000", id="text"),
        pytest.param("stage", "after_sales", "after_sales", id="none"),
    ],
)
def test_attributes_are_masked_by_name_and_by_value(name: str, value: str, masked: str) -> None:
    chat = conversation("customer: hi", attributes={name: value})
    assert MASKER.mask(chat).conversation.attributes == {name: masked}


def inspected(text: str, finding: dict[str, Any]) -> tuple[Any, Finding]:
    chat = conversation(f"agent[a-7]: {text}", "customer: 我叫王小明，打13800138000")
    (inspection,) = fake_inspector().inspect([chat])
    made = Finding(
        rule_id="r.one",
        rule_version=1,
        category="privacy",
        severity=Severity.MAJOR,
        outcome=FindingOutcome.HIT,
        **finding,
    )
    shown = MASKER.mask_inspection(chat, _with(inspection, made))
    return chat, shown.findings[0]


def _with(inspection: Inspection, finding: Finding) -> Inspection:
    from dataclasses import replace

    return replace(inspection, findings=(finding,))


def test_a_quote_that_begins_within_a_number_is_masked_like_the_number() -> None:
    text = "打13800138000找我"
    _, finding = inspected(text, {"turn_id": "1", "start": 4, "end": 10, "text": text[4:10]})
    assert finding.text == "****80"[: len(finding.text or "")] or "*" in (finding.text or "")
    assert "00138" not in (finding.text or "")


@pytest.mark.parametrize(
    ("quote", "masked"),
    [
        pytest.param("打13800138000", "打138****8000", id="whole"),
        pytest.param("0138000", "***8000", id="end"),
        pytest.param("请打138001", "请打138***", id="begin"),
        pytest.param("１３８００１３８０００", "138****8000", id="another width"),
        pytest.param("王小明说", "王**说", id="name without its word"),
        pytest.param("七天可以退", "七天可以退", id="nothing"),
    ],
)
def test_explanations_quote_masks(quote: str, masked: str) -> None:
    _, finding = inspected("好的", {"explanation": {"matched": [quote], "cue": {"text": quote}, "n": 13}})
    assert finding.explanation == {"matched": [masked], "cue": {"text": masked}, "n": 13}


def test_the_words_of_the_rule_stay() -> None:
    explanation = {"title": "13800138000 is an example", "policy": {"source": "王小明"}}
    _, finding = inspected("好的", {"explanation": explanation})
    assert finding.explanation == explanation


def test_comments_hide_what_the_chat_hides() -> None:
    originals = (Original(place=0, start=3, text="abc_123"),)
    assert MASKER.mask_comment("客服给了 abc_123 和 13800138000", originals) == "客服给了 ***_*** 和 138****8000"
