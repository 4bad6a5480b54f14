"""Turns longer than the model reads at once: what stands at their end counts, live as in a batch."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.domain.conversation import Conversation
from qa_service.mood import load_mood_model, read_manifest
from qa_service.mood.infer import TurnEncoder
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_wiring import build_rule_engine
from qa_service.settings import load_settings
from tests.builders import conversation

pytestmark = pytest.mark.model

ZH = "亲，您的订单仓库已经收到，正在为您打包，请您耐心等待，感谢您的支持。" * 12
EN = "Thank you for writing to us today, your order is being packed and will be with the carrier soon. " * 10


@pytest.fixture(scope="module")
def model():
    return load_mood_model(load_settings().models_dir, threads=2)


def normalised(*lines, language="zh"):
    return ConversationNormaliser().normalise(conversation(*lines, language=language))


@pytest.mark.parametrize(
    ("language", "said", "category"),
    [
        ("zh", ZH + "你就是个傻逼", "abuse"),
        ("zh", ZH + "给个五星好评，我给您返十块红包", "review_inducement"),
        ("en", EN + "You are a moron.", "abuse"),
        ("en", EN + "Leave us five stars and I will send you 5 dollars", "review_inducement"),
    ],
)
def test_a_violation_behind_courtesies_is_suspected_and_costs_points(model, language, said, category):
    chat = normalised("customer: 在吗 hello", f"agent: {said}", language=language)
    (mood,) = model.score([chat])

    (tone,) = mood.tones
    evidence = next(e for e in tone.evidence if e.call == f"suspicion.{category}")
    scored = [f for f in build_rule_engine(load_settings()).inspect(chat, mood, ()) if f.status == "scored"]

    assert tone.suspicions[category] >= 0.5
    assert evidence.start > len(said) / 2
    assert category in {finding.category for finding in scored if finding.outcome == "hit"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "我上周拍的那件，当时问了尺码和颜色，地址也没有改过。" * 8 + "你们就是骗子！我要投诉到12315！！"),
        (
            "en",
            "I ordered the lamp two weeks ago and gave the same address as always. " * 8
            + "If it is not here today I will report you to the consumer office.",
        ),
    ],
)
def test_a_threat_at_the_end_of_a_long_story_is_heard(model, language, said):
    (mood,) = model.score([normalised(f"customer: {said}", "agent: 您好 hello", language=language)])

    (turn,) = mood.turns
    (called,) = [e for e in turn.evidence if e.call == "risk.complain"]

    assert turn.risks["complain"] >= 0.5
    assert called.start > len(said) / 2


def test_a_long_turn_read_live_is_read_as_in_a_batch(model):
    lines = ("customer: 在吗", f"agent: {ZH}你就是个傻逼", f"customer: {ZH}什么态度！", "agent: 抱歉", "customer: 呵呵")
    chat = normalised(*lines)
    session = model.open(Conversation(external_id="live", turns=(), language="zh"), language="zh")

    live = [session.feed(turn) for turn in chat.turns][-1]
    (batch,) = model.score([chat])

    assert live.turns == batch.turns
    assert live.tones == batch.tones


def test_a_long_turn_without_a_violation_reads_as_its_beginning_does(model):
    whole, begun = (
        model.score([normalised("customer: 在吗", f"agent: {said}")])[0].tones[0] for said in (ZH, ZH[: len(ZH) // 4])
    )

    assert whole.tone == pytest.approx(begun.tone, abs=0.1)
    assert max(whole.suspicions.values()) < 0.5


@pytest.fixture(scope="module")
def encoder():
    return TurnEncoder(read_manifest(load_settings().models_dir / "mood"), threads=1)


@settings(deadline=None, max_examples=60)
@given(pieces=st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=8), times=st.integers(1, 40))
def test_every_letter_of_any_text_stands_in_a_window(encoder, pieces, times):
    text = "".join(pieces) * times
    windows = encoder.windows(text)
    seen = {at for start, end in windows for at in range(start, end)}

    assert windows[-1][1] <= len(text)
    assert [text[at] for at in range(len(text)) if text[at].isalnum() and at not in seen] == []
