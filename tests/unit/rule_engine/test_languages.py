"""A turn is read in the languages that its own script shows, not only in the conversation's."""

from __future__ import annotations

import pytest

from qa_service.domain.conversation import TurnId
from qa_service.domain.finding import Outcome
from qa_service.domain.mood import ConversationMood, MoodStatus, TurnTone
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_wiring import build_rule_engine
from qa_service.settings import load_settings
from tests.builders import conversation

NO_MOOD = ConversationMood(status=MoodStatus.NOT_APPLICABLE)


@pytest.fixture(scope="module")
def engine():
    return build_rule_engine(load_settings())


def hits(engine, text, language):
    return {f.category for f in found(engine, text, language)}


def found(engine, text, language, mood=NO_MOOD):
    chat = conversation("customer: hi", f"agent[a-1]: {text}", language=language)
    findings = engine.inspect(ConversationNormaliser().normalise(chat), mood, ())
    return [f for f in findings if f.outcome is Outcome.HIT and f.turn_id == "2"]


@pytest.mark.parametrize(
    ("language", "text", "category"),
    [
        ("zh", "you are a stupid idiot, shut up", "abuse"),
        ("en", "傻逼，滚", "abuse"),
        ("en", "加我微信 abc12345", "off_platform"),
    ],
    ids=["english in a chinese chat", "chinese in an english chat", "contact in chinese"],
)
def test_another_language_is_no_way_round_the_rules(engine, language, text, category):
    assert category in hits(engine, text, language)


def test_a_chat_in_a_language_without_rules_is_not_applicable_and_not_clear(engine):
    chat = conversation("customer: bonjour", "agent[a-1]: you idiot", language="fr")
    findings = engine.inspect(ConversationNormaliser().normalise(chat), NO_MOOD, ())

    assert {f.outcome for f in findings} == {Outcome.NOT_APPLICABLE}


def test_ordinary_foreign_words_hit_nothing(engine):
    assert hits(engine, "亲，iPhone 和 Type-C 都可以用的，thanks", "zh") == set()


@pytest.mark.parametrize("text", ["[ORDER_77] 就这三个 please", "the three on the back"], ids=["both scripts", "Latin"])
@pytest.mark.parametrize(("language", "rule_id"), [("zh", "privacy.suspected"), ("en", "privacy.suspected.en")])
def test_what_the_model_suspects_is_told_once_in_the_language_of_the_chat(engine, language, rule_id, text):
    tone = TurnTone(turn_id=TurnId("2"), agent_id=None, status=MoodStatus.COMPLETE, suspicions={"privacy": 0.9})
    mood = ConversationMood(status=MoodStatus.COMPLETE, tones=(tone,))

    suspected = found(engine, text, language, mood)

    assert [f.rule_id for f in suspected] == [rule_id]
