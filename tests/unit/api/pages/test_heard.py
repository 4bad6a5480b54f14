"""What the pages tell of a turn's mood: signs, corrections, why a turn was not read, what was unavailable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from api.pages.chat_view import ChatView, chat_view
from api.pages.heard import Heard
from api.pages.language import Language, catalogue
from api.pages.reasons import reason_in
from qa_service.domain.conversation import AgentId, TurnId
from qa_service.domain.finding import Finding, Outcome, RuleStatus, Severity
from qa_service.domain.inspection import Inspection, InspectionStatus
from qa_service.domain.learning import MoodCorrection
from qa_service.domain.mood import ConversationMood, Emotion, MoodStatus, TurnMood, TurnTone
from qa_service.domain.mood_curve import NOT_THE_AGENT
from qa_service.domain.records import StoredConversation
from tests.builders import conversation
from tests.unit.api.pages.test_views import PROVENANCE

NOW = datetime(2026, 11, 2, tzinfo=UTC)
RUSSIAN = "written in Cyrillic script, which the model does not read"


def mood(turn_id: str, **fields: Any) -> TurnMood:
    known = {"status": MoodStatus.COMPLETE, "emotion": Emotion.ANGRY, "polarity": -0.9, "confidence": 0.874}
    return TurnMood(turn_id=TurnId(turn_id), **{**known, **fields})


def unread(turn_id: str, reason: str = RUSSIAN) -> TurnMood:
    return TurnMood(turn_id=TurnId(turn_id), status=MoodStatus.UNAVAILABLE, reason=reason)


def tone(turn_id: str, **fields: Any) -> TurnTone:
    return TurnTone(
        turn_id=TurnId(turn_id), agent_id=AgentId("a-7"), **{"status": MoodStatus.COMPLETE, "tone": 0.5, **fields}
    )


def suspicion(turn_id: str, **fields: Any) -> Finding:
    known = {
        "rule_id": "dismissive.suspected",
        "rule_version": 1,
        "category": "dismissive",
        "severity": Severity.MINOR,
        "outcome": Outcome.HIT,
        "status": RuleStatus.ADVISORY,
        "agent_id": AgentId("a-7"),
        "turn_id": TurnId(turn_id),
        "start": 0,
        "end": 2,
        "text": "不客",
        "explanation": {"suspicion": {"category": "dismissive", "value": 0.6, "at_least": 0.5, "alone": True}},
    }
    return Finding(**{**known, **fields})


def stored(
    *lines: str,
    moods: tuple[TurnMood, ...] = (),
    tones: tuple[TurnTone, ...] = (),
    findings: tuple[Finding, ...] = (),
    status: InspectionStatus = InspectionStatus.COMPLETE,
    whole: ConversationMood | None = None,
    corrections: tuple[MoodCorrection, ...] = (),
) -> StoredConversation:
    inspection = Inspection(
        external_id="c-1",
        status=status,
        findings=findings,
        mood=whole or ConversationMood(status=MoodStatus.COMPLETE, turns=moods, tones=tones),
        agents=(),
        scorecards=(),
        provenance=PROVENANCE,
    )
    return StoredConversation(
        id="1",
        source="default",
        external_id="c-1",
        revision=1,
        state="complete",
        error=None,
        received_at=NOW,
        conversation=conversation(*lines),
        inspection=inspection,
        final_scorecards=(),
        finding_ids={},
        verdicts=(),
        review_state="open",
        mood_corrections=corrections,
    )


def view(chat: StoredConversation, language: Language = Language.EN) -> ChatView:
    return chat_view(chat, words=catalogue(language), zone=UTC, bands=())


def heard(chat: StoredConversation, language: Language = Language.EN) -> list[Heard | None]:
    return [bubble.heard for bubble in view(chat, language).bubbles]


def correction(turn_id: str, emotion: Emotion) -> MoodCorrection:
    return MoodCorrection(
        conversation_id="1", revision=1, turn_id=turn_id, emotion=emotion, reviewer="王敏", created_at=NOW
    )


@pytest.mark.parametrize(
    ("language", "risks", "acts"),
    [
        ("en", ["threatens to complain 50"], ["apology 96", "ownership 100"]),
        ("zh", ["扬言投诉 50"], ["致歉 96", "担责 100"]),
    ],
)
def test_what_is_likelier_than_not_is_marked_in_words_and_percent(
    language: str, risks: list[str], acts: list[str]
) -> None:
    chat = stored(
        "customer: 我要投诉",
        "agent[a-7]: 抱歉，我来负责",
        moods=(mood("1", risks={"complain": 0.5, "leave": 0.49}),),
        tones=(tone("2", acts={"apology": 0.961, "empathy": 0.1, "ownership": 0.996}),),
    )

    shown = heard(chat, Language(language))

    assert [[f"{sign.word} {sign.percent}" for sign in turn.signs] for turn in shown if turn] == [risks, acts]


def test_bots_have_nothing_to_be_heard() -> None:
    assert heard(stored("bot: 您好")) == [None]


def test_the_newest_correction_of_a_turn_counts() -> None:
    corrections = (correction("1", Emotion.ANXIOUS), correction("1", Emotion.NEUTRAL))

    (turn,) = heard(stored("customer: 哦", moods=(mood("1"),), corrections=corrections))

    assert turn is not None
    assert turn.correction is corrections[1]
    assert (turn.emotion, turn.percent) == (Emotion.ANGRY, 87)
    assert Emotion.NEUTRAL not in turn.choices


def test_a_turn_that_the_model_did_not_read_can_be_given_any_emotion() -> None:
    (turn,) = heard(stored("customer: Здравствуйте", moods=(unread("1"),)))

    assert turn is not None
    assert turn.choices == tuple(Emotion)
    assert turn.unread == "written in Cyrillic script, which the model does not read"


def test_pictures_need_no_reason_and_take_no_emotion() -> None:
    picture = TurnMood(turn_id=TurnId("1"), status=MoodStatus.NOT_APPLICABLE, reason="no text")

    (turn,) = heard(stored("customer: ", moods=(picture,)))

    assert turn == Heard()


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    [
        ("mood_unavailable", "the mood could not be read", "情绪未能识别"),
        ("customer turns written in Japanese, which the model does not read",
         "the customer's messages are written in Japanese, which the model does not read", "客户消息使用日文，模型读不懂"),
        ("language ja is not one that the model knows (zh, en)",
         "the chat's language, ja, is not one that the model reads", "会话语言 ja 不是模型能读懂的语言"),
        ("requires a.b, which could not be judged", "it requires a.b, which could not be judged", "它依赖的 a.b 未能判断"),
        ("service_attitude: mood unavailable: the mood model failed; nothing applied",
         "Service attitude: mood unavailable, the mood model failed; nothing applied",
         "服务态度：情绪不可用，情绪模型出错; 没有适用的项目"),
        (NOT_THE_AGENT, "nothing the agent said is cold or suspected: not put on the agent",
         "其间客服的话既不冷淡也无存疑，不计在客服头上"),
        ("holds nothing that the model knows", "nothing that the model knows", "没有模型认识的内容"),
        ("something new", "something new", "something new"),
        (None, "–", "–"),
    ],
)  # fmt: skip
def test_reasons_are_told_in_the_readers_language(reason: str | None, english: str, chinese: str) -> None:
    assert [reason_in(catalogue(language), reason) for language in (Language.EN, Language.ZH)] == [english, chinese]


def test_what_was_unavailable_is_told_with_its_reason() -> None:
    skipped = [
        suspicion(
            "2",
            rule_id=rule_id,
            outcome=Outcome.UNAVAILABLE,
            explanation={"title": rule_id.upper(), "reason": reason},
            **fields,
        )
        for rule_id, reason, fields in (
            ("a", "mood_unavailable", {}),
            ("b", RUSSIAN, {}),
            ("c", "mood_unavailable", {}),
            ("s", "mood_unavailable", {"status": RuleStatus.SHADOW}),
        )
    ]
    whole = ConversationMood(status=MoodStatus.UNAVAILABLE, reason=f"customer turns {RUSSIAN}")

    shown = view(
        stored("customer: Да", findings=tuple(skipped), status=InspectionStatus.PARTIAL, whole=whole), Language.ZH
    )

    assert shown.missing == ("客户情绪（客户消息使用西里尔字母，模型读不懂）", "4 条规则未能执行")
    assert [(group.reason, group.titles) for group in shown.skipped] == [
        ("情绪未能识别", ("A", "C")),
        ("使用西里尔字母，模型读不懂", ("B",)),
    ]
    assert not shown.lacks_scores


def test_a_complete_inspection_misses_nothing() -> None:
    assert view(stored("customer: 哦", moods=(mood("1"),))).missing == ()


def test_what_is_missing_of_a_colleague_is_not_told() -> None:
    assert view(stored("customer: 哦", status=InspectionStatus.PARTIAL)).missing == ("something about another agent",)


class TestGroups:
    LINES = ("customer: 你好", "agent[a-7]: 不客气", "customer: 哦", "agent[a-7]: 不客气", "agent[a-7]: 不客气啊")

    def groups(self, *findings: Finding) -> list[list[str | None]]:
        shown = view(stored(*self.LINES, findings=findings))
        return [[card.finding.turn_id for card in group] for group in shown.hit_groups]

    def test_equal_suspicions_of_equal_words_stand_together(self) -> None:
        assert self.groups(suspicion("2"), suspicion("4"), suspicion("5")) == [["2", "4"], ["5"]]

    def test_what_differs_stands_alone(self) -> None:
        other_rule = suspicion("4", rule_id="abuse.suspected")
        other_agent = suspicion("4", agent_id=AgentId("a-8"))
        assert self.groups(suspicion("2"), other_rule) == [["2"], ["4"]]
        assert self.groups(suspicion("2"), other_agent) == [["2"], ["4"]]

    def test_hits_of_words_are_never_put_together(self) -> None:
        words = replace(suspicion("2"), explanation={}), replace(suspicion("4"), explanation={})
        beside = {"suspicion": {"category": "dismissive", "value": 0.6, "at_least": 0.5}}
        words_and_model = replace(suspicion("2"), explanation=beside), replace(suspicion("4"), explanation=beside)
        assert self.groups(*words) == [["2"], ["4"]]
        assert self.groups(*words_and_model) == [["2"], ["4"]]
