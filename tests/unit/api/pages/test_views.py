"""What the chat page makes of findings, suspicions and scores."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.pages.chat_view import ChatView, chat_view
from api.pages.language import Language, catalogue
from api.pages.reasons import reason_in
from api.pages.scorecard_view import band_word, criterion_reason
from qa_service.domain.conversation import AgentId, TurnId
from qa_service.domain.finding import Finding, Outcome, RuleStatus, Severity
from qa_service.domain.inspection import Inspection, InspectionStatus
from qa_service.domain.mood import ConversationMood, MoodStatus, TurnTone
from qa_service.domain.mood_curve import LOST_OTHERWISE, NOT_THE_AGENT
from qa_service.domain.provenance import Provenance
from qa_service.domain.records import StoredConversation
from qa_service.domain.scorecard import Band, CriterionScore
from qa_service.scoring.rubric import Figure
from tests.builders import conversation

ENGLISH, CHINESE = catalogue(Language.EN), catalogue(Language.ZH)
PROVENANCE = Provenance(
    text_sha256="",
    rules_digest="",
    policy_digest="",
    model_revision="",
    rubric="r",
    rubric_version=1,
    rubric_digest="",
    code_version="",
)


def finding(**fields: Any) -> Finding:
    return Finding(
        **{
            "rule_id": "promise.return_window",
            "rule_version": 1,
            "category": "unauthorized_promise",
            "severity": Severity.MAJOR,
            "outcome": Outcome.HIT,
            "agent_id": AgentId("a-7"),
            "turn_id": TurnId("2"),
            "start": 0,
            "end": 2,
            "text": "七天",
            **fields,
        }
    )


def view(*findings: Finding, suspicions: dict[str, float] | None = None, language: Language = Language.EN) -> ChatView:
    tone = TurnTone(
        turn_id=TurnId("2"),
        agent_id=AgentId("a-7"),
        status=MoodStatus.COMPLETE,
        tone=0.5,
        suspicions=suspicions or {},
    )
    stored = StoredConversation(
        id="1",
        source="default",
        external_id="c-1",
        revision=1,
        state="complete",
        error=None,
        received_at=datetime(2026, 11, 2, tzinfo=UTC),
        conversation=conversation("customer: 能退吗", "agent[a-7]: 七天可以退"),
        inspection=Inspection(
            external_id="c-1",
            status=InspectionStatus.COMPLETE,
            findings=findings,
            mood=ConversationMood(status=MoodStatus.COMPLETE, tones=(tone,)),
            agents=(),
            scorecards=(),
            provenance=PROVENANCE,
        ),
        final_scorecards=(),
        finding_ids={},
        verdicts=(),
        review_state="open",
    )
    return chat_view(stored, words=catalogue(language), zone=UTC, bands=())


def test_findings_are_shown_worst_first_and_shadow_rules_not_at_all() -> None:
    shown = view(
        finding(severity=Severity.MINOR, rule_id="b"),
        finding(severity=Severity.CRITICAL, rule_id="c"),
        finding(status=RuleStatus.SHADOW, rule_id="s"),
        finding(outcome=Outcome.CLEAR, rule_id="x"),
    )
    assert [card.finding.rule_id for card in shown.hits] == ["c", "b"]


def test_what_suppressed_a_finding_is_told() -> None:
    cue = {"kind": "negation", "text": "不能", "start": 0, "end": 2}
    (card,) = view(finding(outcome=Outcome.SUPPRESSED, explanation={"cue": cue})).suppressed
    assert card.cue == ("negated", "不能")
    assert card.decisions == ()


@pytest.mark.parametrize(
    ("explanation", "stated", "policy"),
    [
        pytest.param(
            {"stated": {"value": 7, "unit": "day"}, "policy": {"value": 3, "unit": "day"}},
            "7 days",
            "3 days",
            id="values",
        ),
        pytest.param(
            {"stated": {"value": 7, "low": 5, "unit": "day"}, "policy": {"allowed": False}},
            "5–7 days",
            "not allowed",
            id="range against a ban",
        ),
        pytest.param({"stated": {"value": None, "unit": "unlimited"}}, "unlimited", None, id="unlimited"),
        pytest.param(
            {"stated": {"value": 1, "unit": "day"}, "policy": {"value": 1, "unit": "workday"}},
            "1 day",
            "1 working day",
            id="one of a unit",
        ),
        pytest.param(
            {"stated": {"value": 1, "low": 0, "unit": "day"}, "policy": {"value": 1, "unit": "percent"}},
            "0–1 days",
            "1 %",
            id="one as the end of a range, and of a unit without singular",
        ),
        pytest.param({"stated": {"value": 2, "unit": "count"}}, "2 in number", None, id="a count"),
        pytest.param({"stated": {"value": 3, "unit": "moon"}}, "3 moon", None, id="a unit of a pack"),
        pytest.param({}, None, None, id="nothing compared"),
    ],
)
def test_stated_and_policy_are_told_in_words(
    explanation: dict[str, Any], stated: str | None, policy: str | None
) -> None:
    (card,) = view(finding(explanation=explanation)).hits
    assert (card.stated, card.policy) == (stated, policy)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("zh", ("薇 读作 微（同音字）", "去掉 ❤（插入的符号）")),
        ("en", ("薇 read as 微 (homophone)", "❤ taken out (inserted signs)")),
    ],
)
def test_hidden_writing_that_was_undone_is_told_in_the_order_of_the_text(language: str, shown: tuple[str, ...]) -> None:
    steps = [
        {"how": "compact", "text": "❤", "read_as": "", "start": 2, "end": 3},
        {"how": "sound", "text": "薇", "read_as": "微", "start": 1, "end": 2},
    ]
    (card,) = view(finding(explanation={"undone": steps}), language=Language(language)).hits
    assert card.undone == shown
    assert "undone" not in dict(card.details)


def test_what_the_page_does_not_know_of_an_explanation_stays_in_the_trace() -> None:
    (card,) = view(finding(explanation={"title": "T", "view": "compact", "matched": ["七", "天"]})).hits
    assert card.title == "T"
    assert card.details == (("view", "compact"), ("matched", '["七", "天"]'))


def test_a_suspicion_is_shown_only_where_no_rule_of_its_category_hit() -> None:
    suspicions = {"unauthorized_promise": 0.9, "dismissive": 0.5, "abuse": 0.49}
    shown = view(finding(), suspicions=suspicions).suspicions
    assert [(suspicion.category, suspicion.percent) for suspicion in shown] == [("dismissive", 50)]


@pytest.mark.parametrize(
    ("numbers", "outcome", "expected"),
    [
        pytest.param({"hits": 2, "deducted": 80.0, "cap": 80.0}, Outcome.HIT, "2 处问题，上限 80", id="capped"),
        pytest.param({"hits": 0}, Outcome.CLEAR, "没有违规", id="clear"),
        pytest.param(
            {"tone": 0.3, "thresholds": ["below 0.25", "below 0.4"]},
            Outcome.HIT,
            "语气 0.3，门槛：低于 0.25、低于 0.4",
            id="figure",
        ),
        pytest.param({}, Outcome.HIT, "the scorer's sentence", id="no numbers"),
    ],
)
def test_a_criterions_reason_is_told_in_chinese(numbers: dict[str, Any], outcome: Outcome, expected: str) -> None:
    criterion = CriterionScore(
        id="c", title="C", outcome=outcome, points=Decimal(-1), reason="the scorer's sentence", numbers=numbers
    )
    assert criterion_reason(criterion, CHINESE) == expected
    assert criterion_reason(criterion, ENGLISH) == "the scorer's sentence"


@pytest.mark.parametrize("figure", list(Figure))
def test_every_figure_of_a_rubric_has_a_word_in_both_languages(figure: Figure) -> None:
    assert ENGLISH.label("figure", figure) != figure
    assert CHINESE.label("figure", figure) != figure


@pytest.mark.parametrize("reason", [NOT_THE_AGENT, LOST_OTHERWISE])
def test_why_a_loss_is_not_put_on_the_agent_is_told_in_both_languages(reason: str) -> None:
    assert reason_in(ENGLISH, reason).endswith("not put on the agent")
    assert reason_in(CHINESE, reason).endswith("不计在客服头上")


def test_a_band_has_the_pages_word_or_the_rubrics() -> None:
    bands = [Band(id="s", minimum=Decimal(95), label="S 级")]
    assert [band_word(band, bands, ENGLISH) for band in ("pass", "s", "gone", None)] == ["Pass", "S 级", "gone", None]


@pytest.mark.parametrize(
    ("sentence", "chinese", "english"),
    [
        pytest.param(
            "start -0.1056 is not at most -0.25",
            "开始情绪 -0.1056，不高于 -0.25 才适用",
            "Mood at the start -0.1056; applies when at most -0.25",
            id="condition",
        ),
        pytest.param(
            "agent_cause 0 is not at least 0.5 (the model's 0.92 is left out: no cold or suspected words)",
            "客服为诱因 0，不低于 0.5 才适用（模型给出的 0.92 不采用：客户没有在该客服冷淡或存疑的话之后不满）",
            "Agent as the cause 0; applies when at least 0.5 (the model's 0.92 is left out: the customer was not unhappy after"
            " cold or suspected words of this agent)",
            id="condition on a figure held at 0",
        ),
        pytest.param(
            "no attributable_change: one scored customer turn shows no change",
            "没有客服带来的变化：只有一条有情绪的消息，看不出变化",
            "Change by the agent not measured: one scored message shows no change",
            id="no figure",
        ),
        pytest.param(
            "no customer mood: the customer wrote nothing",
            "没有客户情绪：客户没有发文字",
            "no mood of the customer: the customer wrote nothing",
            id="no mood",
        ),
        pytest.param(
            "the agent said 1 turns; applies from 2",
            "客服只发了 1 条消息，满 2 条才适用",
            "the agent wrote 1 messages; applies from 2",
            id="few turns",
        ),
        pytest.param("something new", "something new", "something new", id="without words of the page"),
    ],
)
def test_a_criterion_without_points_says_why_in_both_languages(sentence: str, chinese: str, english: str) -> None:
    criterion = CriterionScore(id="c", title="C", outcome=Outcome.NOT_APPLICABLE, points=None, reason=sentence)

    assert criterion_reason(criterion, CHINESE) == chinese
    assert criterion_reason(criterion, ENGLISH) == english


def test_a_figure_held_at_nothing_says_why_in_chinese() -> None:
    criterion = CriterionScore(
        id="c",
        title="C",
        outcome=Outcome.CLEAR,
        points=Decimal(0),
        reason="attributable_change 0 is not at most -0.5 (nothing that the agent said between is cold or suspected: the loss)",
        numbers={"attributable_change": 0.0, "thresholds": ["at_most -0.5"]},
    )

    expected = "客服带来的变化 0.0，门槛：不高于 -0.5（其间客服的话既不冷淡也无存疑，不计在客服头上）"
    assert criterion_reason(criterion, CHINESE) == expected
