"""The committed weights: same turn, same numbers, whatever surrounds it."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_service.domain.mood import Emotion, MoodStatus
from qa_service.errors import ConfigError
from qa_service.mood import load_mood_model
from qa_service.mood.prepare import ROLES
from qa_service.normalise import ConversationNormaliser
from qa_service.settings import load_settings
from tests.builders import conversation

pytestmark = pytest.mark.model

CHAT = (
    "customer: 你好，衣服什么时候发货",
    "agent: 亲，今天就给您安排哦",
    "customer: 上次也这么说，都三天了！！",
    "agent: 非常抱歉，让您久等了，我马上催仓库",
    "customer: 好的谢谢，太麻烦你了",
)


@pytest.fixture(scope="module")
def model():
    return load_mood_model(load_settings().models_dir, threads=2)


def test_weights_that_are_none_are_refused_with_the_models_name(tmp_path):
    shutil.copytree(load_settings().models_dir / "mood", tmp_path / "odd")
    (tmp_path / "odd" / "head.onnx").write_bytes(b"no weights")
    manifest = tmp_path / "odd" / "manifest.toml"
    digest = hashlib.sha256(b"no weights").hexdigest()
    manifest.write_text(re.sub(r'("head.onnx" = ")\w+', rf"\g<1>{digest}", manifest.read_text()))

    with pytest.raises(ConfigError, match="model odd cannot be loaded") as error:
        load_mood_model(tmp_path, name="odd", threads=1)

    assert error.value.code == "invalid_model"


def normalised(*lines, **fields):
    return ConversationNormaliser().normalise(conversation(*lines, **fields))


def polarities(mood):
    return [turn.polarity for turn in mood.turns]


def test_the_mood_follows_the_chat(model):
    (mood,) = model.score([normalised(*CHAT)])

    start, middle, end = polarities(mood)
    assert mood.status is MoodStatus.COMPLETE
    assert middle < -0.3 < start
    assert end > middle


def test_a_conversation_alone_scores_as_in_a_batch(model):
    others = [normalised(f"customer: 请问{'这个' * n}多少钱", "agent: 您好") for n in range(12)]

    (alone,) = model.score([normalised(*CHAT)])
    fresh = load_mood_model(load_settings().models_dir, threads=2)
    together = fresh.score([*others, normalised(*CHAT)])[-1]

    assert polarities(alone) == pytest.approx(polarities(together), abs=2e-4)


LINES = st.sampled_from(
    [
        *CHAT,
        "customer: 你们就是骗子",
        "bot: 您好",
        "agent: 自己看详情页",
        "customer: Где мой заказ",
        "agent: 「小雨：你们就是骗子」 ------ 非常抱歉",
    ]
)


@pytest.mark.parametrize(
    ("quoted", "is_heard"),
    [("怎么又坏了，你们就是骗子", False), ("小雨：怎么又坏了", False), ("滚，你有病吧", True)],
    ids=["said before", "with a name, cut off", "made up"],
)
def test_an_agent_is_heard_in_a_quotation_of_what_nobody_wrote(model, quoted, is_heard):
    before = "customer: 怎么又坏了，你们就是骗子"
    quoting, alone = model.score(
        [normalised(before, f"agent: 「{quoted}」 ------ 好的，马上处理"), normalised(before, "agent: 好的，马上处理")]
    )

    assert (quoting.tones[0].tone != alone.tones[0].tone) is is_heard


@settings(max_examples=12, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=8))
def test_a_session_says_turn_by_turn_what_a_batch_says_of_what_is_known_by_then(model, lines):
    chat = normalised(*lines, language="zh")
    session = model.open(chat.conversation, language=chat.language)

    for known, turn in enumerate(chat.turns, start=1):
        live = session.feed(turn)
        (batch,) = model.score([normalised(*lines[:known], language="zh")])
        assert polarities(live) == pytest.approx(polarities(batch), abs=2e-4)
        assert figures(live) == pytest.approx(figures(batch), abs=2e-3, nan_ok=True)
        assert spans(live) == spans(batch)


def test_whose_a_turn_without_sender_is_may_show_later(model):
    lines = ("customer: 在吗", "agent: 您自己看详情页", "customer: ？", "agent[b]: 抱歉久等了", "agent[c]: 我来处理")
    chat = normalised(*lines, language="zh")
    session = model.open(chat.conversation, language=chat.language)

    for known, turn in enumerate(chat.turns, start=1):
        live = session.feed(turn)
        (batch,) = model.score([normalised(*lines[:known], language="zh")])
        assert [tone.agent_id for tone in live.tones] == [tone.agent_id for tone in batch.tones]


def figures(mood):
    """The figures of the curve, nan where there are none."""
    names = ("satisfaction", "satisfaction_low", "shift", "recovery", "expected_change", "attributable_change")
    return [float("nan") if getattr(mood, name) is None else getattr(mood, name) for name in names]


def spans(mood):
    return [(turn.turn_id, e.call, e.start, e.end) for turn in (*mood.turns, *mood.tones) for e in turn.evidence]


def test_a_session_in_an_unknown_language_is_unavailable(model):
    chat = normalised("customer: bonjour", language="fr")

    mood = model.open(chat.conversation, language="fr").feed(chat.turns[0])

    assert mood.status is MoodStatus.UNAVAILABLE
    assert "fr" in (mood.reason or "")


def test_a_strong_call_names_the_words_that_it_rests_on(model):
    chat = normalised("customer: 你好，我的包裹还没到", "customer: 等了三天了，你们就是一群骗子！！")

    (mood,) = model.score([chat])

    (evidence,) = [e for e in mood.turns[1].evidence if e.call == "polarity"]
    words = chat.turns[1].turn.text[evidence.start : evidence.end]
    assert "骗子" in words or "一群" in words or "等了三天" in words
    assert abs(evidence.value_without) < abs(evidence.value)
    assert mood.turns[0].evidence == ()


def test_evidence_is_of_the_original_text(model):
    chat = normalised("customer: 妳們就是騙子！！！！全是　　垃圾，我要投诉你们")

    (mood,) = model.score([chat])

    assert mood.turns[0].evidence
    for evidence in mood.turns[0].evidence:
        assert 0 <= evidence.start < evidence.end <= len(chat.turns[0].turn.text)


def test_encoded_texts_have_length_one_and_nothing_has_none(model):
    vectors = model.encode(["可以退款", "", "a refund"])

    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1], abs=1e-6)
    assert model.encode([]).shape == (0, vectors.shape[1])


def test_the_same_input_gives_the_same_result(model):
    assert model.score([normalised(*CHAT)]) == model.score([normalised(*CHAT)])


def test_an_unknown_language_is_unavailable_and_said_so(model):
    foreign, known = model.score([normalised("customer: bonjour", language="fr"), normalised(*CHAT)])

    assert foreign.status is MoodStatus.UNAVAILABLE
    assert "fr" in (foreign.reason or "")
    assert known.status is MoodStatus.COMPLETE


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("垃圾" * 10_000, id="very long"),
        pytest.param("😡" * 50, id="only emoji"),
        pytest.param("שלום مرحبا", id="right to left"),
        pytest.param("\u0301" * 30, id="combining marks"),
    ],
)
def test_odd_text_is_scored_without_a_crash(model, text):
    (mood,) = model.score([normalised(f"customer: {text}", language="zh")])

    expected = MoodStatus.UNAVAILABLE if text.startswith("ש") else MoodStatus.COMPLETE
    assert mood.status in (expected, MoodStatus.NOT_APPLICABLE)


def test_one_long_turn_does_not_move_the_others(model):
    long = normalised("customer: 你好", "customer: " + "哈" * 20_000, language="zh")
    short = normalised("customer: 你好", language="zh")

    (with_long,), (without,) = model.score([long]), model.score([short])

    assert with_long.turns[0].polarity == pytest.approx(without.turns[0].polarity, abs=2e-4)


def test_no_conversations_no_moods(model):
    assert model.score([]) == []


def test_the_cache_is_bounded(model, monkeypatch):
    fresh = load_mood_model(load_settings().models_dir, threads=2)
    monkeypatch.setattr("qa_service.mood.infer.CACHED_TURNS", 3)

    fresh.score([normalised(*(f"customer: 第{n}句" for n in range(10)))])

    assert len(fresh._parts.encoder._cache) == 3


def test_roles_are_numbered_as_in_training():
    assert [str(role) for role in ROLES] == ["customer", "agent", "bot", "system"]


def test_case_is_read(model):
    quiet, loud = model.score(
        [normalised("customer: why is it late", language="en"), normalised("customer: WHY IS IT LATE", language="en")]
    )

    assert replace(quiet.turns[0], turn_id=loud.turns[0].turn_id) != loud.turns[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Th@t is n0t my j0b", "That is not my job"),
        ("you аrе аn іdіоt", "you are an idiot"),
        ("自 己 看 去", "自己看去"),
    ],
)
def test_a_disguised_turn_is_read_as_it_is_meant(model, written, meant):
    chats = [normalised("customer: hi 在吗", f"agent: {text}", language="en") for text in (written, meant)]

    disguised, plain = model.score(chats)

    assert disguised.tones[0].suspicions == plain.tones[0].suspicions
    assert disguised.tones[0].tone == plain.tones[0].tone


def test_evidence_of_a_disguised_turn_is_marked_as_it_was_written(model):
    written = "f.u.c.k off, you m.o.r.o.n"

    (mood,) = model.score([normalised("customer: is my parcel late?", f"agent: {written}")])

    marked = [written[each.start : each.end] for each in mood.tones[0].evidence if each.start is not None]
    assert marked
    assert all("m.o.r.o.n" in words or "f.u.c.k" in words for words in marked)


def test_a_question_asked_again_word_for_word_is_a_repetition(model):
    lines = (
        "customer: 我的退款什么时候到账？",
        "agent: 您好",
        "customer: 我的退款 什么时候到账",
        "customer: 好的谢谢",
        "customer: 好的谢谢",
    )
    (mood,) = model.score([normalised(*lines)])

    first, again, *thanks = mood.turns
    (evidence,) = [e for e in again.evidence if e.call == "risk.repeat"]
    assert first.risks["repeat"] < 0.5
    assert again.risks["repeat"] == 1.0
    assert (evidence.start, evidence.end) == (0, len("我的退款 什么时候到账"))
    assert all(turn.risks["repeat"] < 0.5 for turn in thanks)


def test_stickers_by_name_are_felt_and_marked_whole(model):
    (mood,) = model.score(
        [normalised("customer: 什么时候发货", "agent: 亲，请稍等", "customer: [发怒][发怒]", language="zh")]
    )

    angry = mood.turns[-1]
    (evidence,) = [each for each in angry.evidence if each.call == "polarity"]
    assert angry.emotion is Emotion.ANGRY
    assert (evidence.start, evidence.end) in {(0, 4), (4, 8), (0, 8)}


def test_letters_that_the_model_has_never_seen_are_unavailable(model):
    (mood,) = model.score([normalised("customer: 네", "customer: 你好", language="zh")])

    assert [turn.status for turn in mood.turns] == [MoodStatus.UNAVAILABLE, MoodStatus.COMPLETE]


def test_a_picture_at_the_end_calms_nobody(model):
    chat = ("customer: 你们太差劲了，三天没人理我", "agent: 亲，请稍等")
    (without, with_picture) = model.score(
        [normalised(*chat, language="zh"), normalised(*chat, "customer: [图片]", language="zh")]
    )

    assert with_picture.end == without.end < -0.5


def test_pictures_that_the_model_has_never_seen_are_unavailable_and_those_it_knows_are_read(model):
    (mood,) = model.score([normalised("customer: 🤮🤮", "customer: 😡😡😡", "customer: ？？？", language="zh")])

    unseen, angry, asking = mood.turns
    assert (unseen.status, unseen.reason) == (MoodStatus.UNAVAILABLE, "holds nothing that the model knows")
    assert (angry.status, asking.status) == (MoodStatus.COMPLETE, MoodStatus.COMPLETE)
    assert angry.polarity < -0.5
