"""Domain objects ↔ plain JSON: the result for callers, the stored result, upgrades."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.conversation import Agent, AgentId, Customer, TurnId
from qa_service.domain.document import (
    STORED_VERSION,
    conversation_document,
    finding_document,
    inspection_document,
    inspection_from_document,
    scorecard_document,
    scorecard_from_document,
    stored_document,
    stored_scorecard,
    upgrade,
)
from qa_service.domain.finding import Finding, Outcome, RuleStatus, Severity
from qa_service.domain.inspection import Inspection, InspectionStatus
from qa_service.domain.mood import (
    AgentService,
    CallEvidence,
    Cause,
    ConversationMood,
    Emotion,
    MoodStatus,
    Sentiment,
    TurnMood,
    TurnTone,
)
from qa_service.domain.provenance import Provenance
from qa_service.domain.scorecard import CriterionScore, DimensionScore, Scorecard
from qa_service.errors import InvalidInput
from tests.builders import conversation

AGENT = AgentId("a-7")
HIT = Finding(
    rule_id="promise.return_window",
    rule_version=1,
    category="unauthorized_promise",
    severity=Severity.MAJOR,
    outcome=Outcome.HIT,
    agent_id=AGENT,
    turn_id=TurnId("2"),
    start=2,
    end=12,
    text="七天内不满意都可以退",
    explanation={"stated": {"value": 7, "unit": "day"}, "policy": {"key": "return_days", "value": 3}},
)
MOOD = ConversationMood(
    status=MoodStatus.COMPLETE,
    turns=(
        TurnMood(
            turn_id=TurnId("1"),
            status=MoodStatus.COMPLETE,
            polarity=-0.123456,
            sentiment=Sentiment.NEUTRAL,
            emotion=Emotion.NEUTRAL,
            probabilities={"neutral": 0.87654321},
            confidence=0.87654321,
            risks={"churn": 0.1},
            evidence=(CallEvidence(call="risk.churn", start=0, end=2, value=0.9, value_without=0.2),),
        ),
    ),
    tones=(TurnTone(turn_id=TurnId("2"), agent_id=AGENT, status=MoodStatus.COMPLETE, tone=0.8),),
    start=-0.1,
    end=0.2,
    lowest=-0.1,
    shift=0.3,
    negative_share=0.0,
    satisfaction=3.4,
    cause=Cause.PRODUCT,
    causes={"product": 0.9},
)
CRITERION = CriterionScore(
    id="promises",
    title="承诺",
    outcome=Outcome.HIT,
    points=Decimal("-30.000"),
    reason="1 × 30",
    findings=(HIT.key,),
    numbers={"hits": 1, "deducted": Decimal("30.005")},
)
CARD = Scorecard(
    agent_id=AGENT,
    rubric="default",
    rubric_version=1,
    dimensions=(
        DimensionScore(id="service_attitude", score=None, weight=Decimal("0.6"), criteria=(), reason="no mood"),
        DimensionScore(id="compliance", score=Decimal("69.995"), weight=Decimal("0.4"), criteria=(CRITERION,)),
    ),
    total=Decimal("83.20"),
    fatal=False,
    band="达标",
)
INSPECTION = Inspection(
    external_id="c-1",
    status=InspectionStatus.COMPLETE,
    findings=(
        HIT,
        replace(HIT, outcome=Outcome.SUPPRESSED, start=3),
        replace(HIT, outcome=Outcome.CLEAR, start=None, end=None, turn_id=None, text=None),
    ),
    mood=MOOD,
    agents=(AgentService(agent_id=AGENT, tone=0.8, first_reply_seconds=41.0),),
    scorecards=(CARD,),
    provenance=Provenance(
        text_sha256="t",
        rules_digest="r",
        policy_digest="p",
        model_revision="m",
        rubric="default",
        rubric_version=1,
        rubric_digest="d",
        code_version="0.1.0",
    ),
)


def test_a_conversation_is_written_in_the_generic_format():
    talk = conversation(
        "customer: 在吗",
        "agent[a-7]: 在的",
        started_at=datetime(2026, 11, 2, 9, 58, tzinfo=UTC),
        customer=Customer(id="u-9"),
        agents=(Agent(id=AGENT, name="小林"),),
        attributes={"stage": "pre_sales"},
        csat=5.0,
    )

    assert conversation_document(talk) == {
        "external_id": "c-1",
        "source": "default",
        "channel": None,
        "shop": None,
        "language": None,
        "started_at": "2026-11-02T09:58:00+00:00",
        "customer": {"id": "u-9"},
        "agents": [{"id": "a-7", "name": "小林", "group": None}],
        "attributes": {"stage": "pre_sales"},
        "csat": 5.0,
        "turns": [
            {"id": "1", "role": "customer", "sender_id": None, "at": None, "text": "在吗", "kind": "text"},
            {"id": "2", "role": "agent", "sender_id": "a-7", "at": None, "text": "在的", "kind": "text"},
        ],
    }


def test_the_result_has_the_agreed_shape():
    document = inspection_document(INSPECTION)

    assert (document["external_id"], document["status"]) == ("c-1", "complete")
    assert document["findings"][0] == {
        "key": HIT.key,
        "rule_id": "promise.return_window",
        "rule_version": 1,
        "category": "unauthorized_promise",
        "severity": "major",
        "outcome": "hit",
        "agent_id": "a-7",
        "turn_id": "2",
        "start": 2,
        "end": 12,
        "text": "七天内不满意都可以退",
        "status": "scored",
        "explanation": {"stated": {"value": 7, "unit": "day"}, "policy": {"key": "return_days", "value": 3}},
    }
    assert document["mood"]["turns"] == [
        {
            "turn_id": "1",
            "status": "complete",
            "reason": None,
            "polarity": -0.1235,
            "sentiment": "neutral",
            "emotion": "neutral",
            "probabilities": {"neutral": 0.8765},
            "confidence": 0.8765,
            "risks": {"churn": 0.1},
            "evidence": [{"call": "risk.churn", "start": 0, "end": 2, "value": 0.9, "value_without": 0.2}],
        }
    ]
    assert (document["mood"]["cause"], document["mood"]["causes"]) == ("product", {"product": 0.9})
    assert document["mood"]["satisfaction"] == 3.4
    assert document["mood"]["tones"][0]["tone"] == 0.8
    assert document["agents"] == [
        {
            "agent_id": "a-7",
            "tone": 0.8,
            "first_reply_seconds": 41.0,
            "average_reply_seconds": None,
            "longest_reply_seconds": None,
            "unanswered_turns": 0,
        }
    ]
    assert set(document["provenance"]) >= {"text_sha256", "rules_digest", "policy_digest", "model_revision"}
    json.dumps(document, allow_nan=False)


def test_the_result_has_dimensions_by_id_and_scores_to_the_cent():
    (card,) = inspection_document(INSPECTION)["scorecards"]

    assert card == {
        "agent_id": "a-7",
        "rubric": "default",
        "rubric_version": 1,
        "dimensions": {
            "service_attitude": {"score": None, "weight": 0.6, "criteria": [], "fatal": False, "reason": "no mood"},
            "compliance": {
                "score": 70.0,
                "weight": 0.4,
                "criteria": [
                    {
                        "id": "promises",
                        "title": "承诺",
                        "outcome": "hit",
                        "points": -30.0,
                        "reason": "1 × 30",
                        "findings": [HIT.key],
                        "numbers": {"hits": 1, "deducted": 30.01},
                    }
                ],
                "fatal": False,
                "reason": None,
            },
        },
        "total": 83.2,
        "fatal": False,
        "band": "达标",
        "reason": None,
    }


def test_the_result_lists_hits_and_suppressed_ones_unless_all_are_wanted():
    def outcomes(**options):
        return [finding["outcome"] for finding in inspection_document(INSPECTION, **options)["findings"]]

    assert outcomes() == ["hit", "suppressed"]
    assert outcomes(all_outcomes=True) == ["hit", "suppressed", "clear"]


def test_a_finding_and_a_scorecard_by_themselves_are_as_in_the_result():
    document = inspection_document(INSPECTION)

    assert finding_document(HIT) == document["findings"][0]
    assert scorecard_document(CARD) == document["scorecards"][0]


def test_the_result_has_no_negative_zero():
    document = inspection_document(replace(INSPECTION, mood=replace(MOOD, shift=-0.00001)))

    assert str(document["mood"]["shift"]) == "0.0"


def through_json(inspection: Inspection) -> Inspection:
    return inspection_from_document(json.loads(json.dumps(stored_document(inspection), allow_nan=False)))


def test_what_is_stored_comes_back_exactly():
    back = through_json(INSPECTION)

    assert back == INSPECTION
    assert stored_document(INSPECTION)["version"] == STORED_VERSION
    criterion = back.scorecards[0].dimensions[1].criteria[0]
    assert [str(criterion.points), str(criterion.numbers["deducted"])] == ["-30.000", "30.005"]


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=5)
RATES = st.dictionaries(TEXTS, NUMBERS, max_size=2)
PLAIN = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | st.integers() | NUMBERS | DECIMALS | TEXTS,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
        max_leaves=4,
    ),
    max_size=2,
)
MAYBE_NUMBER = st.none() | NUMBERS
FINDINGS = st.builds(
    Finding,
    agent_id=st.none() | TEXTS,
    turn_id=st.none() | TEXTS,
    start=st.none() | st.integers(),
    end=st.none() | st.integers(),
    text=st.none() | TEXTS,
    status=st.sampled_from(RuleStatus),
    explanation=PLAIN,
)
TURN_MOODS = st.builds(
    TurnMood,
    polarity=MAYBE_NUMBER,
    sentiment=st.none() | st.sampled_from(Sentiment),
    emotion=st.none() | st.sampled_from(Emotion),
    probabilities=st.dictionaries(st.sampled_from(Emotion), NUMBERS, max_size=2),
    risks=RATES,
)
TONES = st.builds(TurnTone, tone=MAYBE_NUMBER, acts=RATES, suspicions=RATES)
MOODS = st.builds(
    ConversationMood,
    turns=st.lists(TURN_MOODS, max_size=2).map(tuple),
    tones=st.lists(TONES, max_size=2).map(tuple),
    shift=MAYBE_NUMBER,
    satisfaction=MAYBE_NUMBER,
)
CRITERIA = st.builds(
    CriterionScore, points=st.none() | DECIMALS, findings=st.lists(TEXTS, max_size=2).map(tuple), numbers=PLAIN
)
DIMENSIONS = st.builds(
    DimensionScore, score=st.none() | DECIMALS, weight=DECIMALS, criteria=st.lists(CRITERIA, max_size=2).map(tuple)
)
CARDS = st.builds(Scorecard, dimensions=st.lists(DIMENSIONS, max_size=2).map(tuple), total=st.none() | DECIMALS)
INSPECTIONS = st.builds(
    Inspection,
    findings=st.lists(FINDINGS, max_size=2).map(tuple),
    mood=MOODS,
    agents=st.lists(st.builds(AgentService, tone=MAYBE_NUMBER), max_size=2).map(tuple),
    scorecards=st.lists(CARDS, max_size=2).map(tuple),
)


@given(INSPECTIONS)
def test_stored_and_read_is_the_identity(inspection: Inspection):
    assert through_json(inspection) == inspection


@given(CARDS)
def test_a_scorecard_stored_by_itself_comes_back_exactly(scorecard: Scorecard):
    assert scorecard_from_document(json.loads(json.dumps(stored_scorecard(scorecard)))) == scorecard


def test_upgrades_step_by_step_and_leaves_the_given_document_alone():
    old = {"version": 1, "steps": []}
    upgrades = {
        1: lambda document: {**document, "steps": [*document["steps"], "one"]},
        2: lambda document: {**document, "steps": [*document["steps"], "two"]},
    }

    assert upgrade(old, version=3, upgrades=upgrades) == {"version": 3, "steps": ["one", "two"]}
    assert old == {"version": 1, "steps": []}


@pytest.mark.parametrize("version", [0, STORED_VERSION + 1, "1"])
def test_refuses_a_stored_version_that_it_does_not_know(version):
    with pytest.raises(InvalidInput) as caught:
        inspection_from_document({**stored_document(INSPECTION), "version": version})

    assert caught.value.field == "version"
