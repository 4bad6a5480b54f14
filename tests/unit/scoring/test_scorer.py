from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.finding import RuleStatus
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.scorecard import Band, band_of
from qa_service.scoring import RubricScorer, load_rubric
from qa_service.scoring.rubric import Dimension, FigureCriterion
from tests.builders import conversation
from tests.unit.scoring.builders import RUBRICS, default_rubric, finding, mood, no_mood, service

CHAT = conversation("customer: 能退吗", "agent[a-1]: 可以的", "customer: 谢谢啊", "agent[a-1]: 不客气")
DEFAULT = RubricScorer(default_rubric())


def card(*findings, scorer=DEFAULT, mood_=None, chat=CHAT, **figures):
    (result,) = scorer.score(chat, findings, mood_ or mood(), [service(**figures)])
    return result


def scores(result):
    return {dimension.id: dimension.score for dimension in result.dimensions}


def with_dimensions(*dimensions: Dimension) -> RubricScorer:
    return RubricScorer(replace(default_rubric(), dimensions=dimensions))


def test_a_clean_chat_is_excellent():
    result = card()
    assert scores(result) == {"service_attitude": Decimal("100"), "compliance": Decimal("100")}
    assert (result.total, result.band, result.fatal, result.reason) == (100, "excellent", False, None)
    assert (result.rubric, result.rubric_version, result.agent_id) == ("default", 1, "a-1")


def test_the_scorer_names_its_rubric():
    assert (DEFAULT.rubric, DEFAULT.rubric_version) == ("default", 1)
    assert DEFAULT.rubric_digest == default_rubric().digest


def test_dimensions_are_weighed_into_the_total():
    result = card(finding("dismissive", "minor"), finding("unauthorized_promise", "major"))
    assert scores(result) == {"service_attitude": 92, "compliance": 70}
    assert (str(result.total), result.band) == ("83.20", "pass")


def test_rounding_is_half_even_and_happens_once():
    rubric = default_rubric()
    attitude, compliance = rubric.dimensions
    weighed = with_dimensions(replace(attitude, weight=Decimal(1)), replace(compliance, weight=Decimal(2)))
    assert card(finding("dismissive", "minor"), scorer=weighed).total == Decimal("97.33")
    half = with_dimensions(replace(attitude, start=Decimal("80.125"), criteria=attitude.criteria[:1]))
    assert card(scorer=half).total == Decimal("80.12")
    three_quarters = with_dimensions(replace(attitude, start=Decimal("80.135"), criteria=attitude.criteria[:1]))
    assert card(scorer=three_quarters).total == Decimal("80.14")


def test_a_fatal_hit_zeroes_its_dimension_only():
    result = card(finding("off_platform", "critical"))
    assert scores(result) == {"service_attitude": 100, "compliance": 0}
    assert (result.total, result.fatal, result.band) == (60, False, "needs_improvement")
    assert [dimension.fatal for dimension in result.dimensions] == [False, True]


def test_a_card_fatal_hit_zeroes_the_card():
    result = card(finding("abuse", "critical"))
    assert scores(result) == {"service_attitude": 0, "compliance": 100}
    assert (result.total, result.fatal, result.band) == (0, True, "needs_improvement")


def test_a_score_stays_between_the_floor_and_100():
    worst = [finding("abuse", "major", turn_id=str(n)) for n in range(9)] + [
        finding("dismissive", "critical", turn_id=str(n)) for n in range(9)
    ]
    assert scores(card(*worst))["service_attitude"] == 0
    assert scores(card(mood_=mood(start=-0.8, shift=1.2)))["service_attitude"] == 100
    attitude = replace(default_rubric().dimensions[0], floor=Decimal(30))
    assert scores(card(*worst, scorer=with_dimensions(attitude)))["service_attitude"] == 30
    assert scores(card(finding("abuse", "critical"), scorer=with_dimensions(attitude)))["service_attitude"] == 0


def test_a_bad_mood_alone_never_deducts():
    furious = mood(start=-0.9, end=-1.0, lowest=-1.0, shift=-0.1, negative_share=1.0, satisfaction=1.0)
    assert card(mood_=furious).total == 100


def test_turning_an_unhappy_customer_round_makes_up_for_a_slip():
    slip = finding("dismissive", "minor")
    assert scores(card(slip))["service_attitude"] == 92
    assert scores(card(slip, mood_=mood(start=-0.6, shift=0.5)))["service_attitude"] == 97
    assert scores(card(slip, mood_=mood(start=-0.6, shift=0.49)))["service_attitude"] == 92
    assert scores(card(slip, mood_=mood(start=-0.2, shift=0.9)))["service_attitude"] == 92


def test_a_warm_tone_earns_credit_and_a_cold_one_alone_costs_nothing():
    slip = finding("dismissive", "minor")
    assert [scores(card(slip, tone=tone))["service_attitude"] for tone in (0.75, 0.74, 0.05)] == [95, 92, 92]


def test_without_mood_there_is_no_total_and_the_stage_is_named():
    result = card(finding("abuse", "critical"), mood_=no_mood("model_unavailable"), tone=None)
    attitude, compliance = result.dimensions
    assert (attitude.score, attitude.fatal, compliance.score) == (None, True, 100)
    assert attitude.reason == "mood unavailable: no tone of the agent's turns; mood unavailable: model_unavailable"
    assert (result.total, result.band, result.fatal) == (None, None, True)
    assert result.reason == f"service_attitude: {attitude.reason}"


def test_an_unavailable_rule_leaves_its_dimension_and_the_total_open():
    result = card(finding("privacy", outcome="unavailable", agent_id=None))
    assert scores(result) == {"service_attitude": 100, "compliance": None}
    assert (result.total, result.reason) == (None, "compliance: rules unavailable: privacy.rule")


def test_an_unknown_mood_that_was_never_there_leaves_the_score():
    result = card(mood_=ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="no customer text"))
    assert result.total == 100


def test_a_dimension_where_nothing_applies_leaves_the_denominator():
    attitude, compliance = default_rubric().dimensions
    recovery = [c for c in attitude.criteria if isinstance(c, FigureCriterion) and c.id == "recovery"]
    scorer = with_dimensions(replace(attitude, criteria=tuple(recovery)), compliance)
    result = card(finding("unauthorized_promise", "major"), scorer=scorer)
    assert scores(result) == {"service_attitude": None, "compliance": 70}
    assert (result.dimensions[0].reason, result.total) == ("nothing applied", 70)
    alone = card(scorer=with_dimensions(replace(attitude, criteria=tuple(recovery))))
    assert (alone.total, alone.band, alone.reason) == (None, None, "nothing applied")


def test_an_agent_who_said_nothing_to_inspect_has_no_score():
    chat = conversation("customer: 能退吗", "agent[a-1]:  ")
    result = card(finding("required_phrase", "minor", turn_id=None), chat=chat, tone=None)
    assert set(scores(result).values()) == {None}
    assert (result.total, result.band, result.reason) == (None, None, "nothing applied")
    reasons = {criterion.reason for dimension in result.dimensions for criterion in dimension.criteria}
    assert "the agent said nothing that can be inspected" in reasons


def test_each_agent_of_a_transferred_chat_has_a_card_of_the_own_findings():
    chat = conversation("customer: 在吗", "agent[a-1]: 等着", "agent[a-2]: 抱歉久等")
    first, second = DEFAULT.score(chat, [finding("dismissive", "minor")], mood(), [service(), service("a-2")])
    assert (scores(first)["service_attitude"], scores(second)["service_attitude"]) == (92, 100)


def test_the_community_rubric_scores_response_first():
    scorer = RubricScorer(load_rubric(RUBRICS / "community.yaml"))
    slow = {"first_reply_seconds": 301.0, "average_reply_seconds": 900.0, "longest_reply_seconds": 4000.0, "tone": 0.8}
    after_sales = replace(CHAT, attributes={"stage": "after_sales"})
    assert scores(card(scorer=scorer, **slow)) == {"response": 80, "service_attitude": 95, "compliance": 100}
    result = card(scorer=scorer, chat=after_sales, **slow)
    assert scores(result)["response"] == 70
    assert (result.total, result.band) == (Decimal("79.17"), "b")


@pytest.mark.parametrize(
    ("score", "band"),
    [("0", "low"), ("79.99", "low"), ("80", "high"), ("100", "high"), (None, None)],
)
def test_a_band_begins_at_its_minimum(score, band):
    bands = [Band(id="low", minimum=Decimal(0), label="低"), Band(id="high", minimum=Decimal(80), label="高")]
    assert band_of(None if score is None else Decimal(score), bands) == band


def test_a_score_below_every_band_has_none():
    assert band_of(Decimal(10), [Band(id="high", minimum=Decimal(80), label="高")]) is None


CATEGORIES = (
    "abuse", "dismissive", "absolute_claim", "off_platform", "privacy", "review_inducement",
    "unauthorized_promise", "required_phrase", "timeliness",
)  # fmt: skip
FINDINGS = st.builds(
    finding,
    st.sampled_from(CATEGORIES),
    st.sampled_from(["info", "minor", "major", "critical"]),
    st.sampled_from(["hit", "suppressed", "clear"]),
    turn_id=st.integers(1, 9).map(str),
    agent_id=st.sampled_from(["a-1", "a-2", None]),
    status=st.sampled_from(RuleStatus),
)
SCORERS = st.sampled_from([DEFAULT, RubricScorer(load_rubric(RUBRICS / "community.yaml"))])
MOODS = st.builds(lambda start, shift: mood(start=start, shift=shift, lowest=start), st.floats(-1, 1), st.floats(-2, 2))
TONES = st.floats(0, 1)


@given(SCORERS, st.lists(FINDINGS, max_size=12), FINDINGS, MOODS, TONES)
def test_another_violation_never_raises_a_score(scorer, findings, another, mood_, tone):
    violation = replace(another, outcome="hit", status=RuleStatus.SCORED, agent_id="a-1")
    before = card(*findings, scorer=scorer, mood_=mood_, tone=tone)
    after = card(*findings, violation, scorer=scorer, mood_=mood_, tone=tone)
    assert after.total <= before.total
    assert all(scores(after)[name] <= score for name, score in scores(before).items())


@given(SCORERS, st.lists(FINDINGS, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_findings_is_irrelevant(scorer, findings, shuffler: random.Random):
    shuffled = list(findings)
    shuffler.shuffle(shuffled)
    assert card(*shuffled, scorer=scorer) == card(*findings, scorer=scorer)


@given(st.lists(FINDINGS, max_size=12), MOODS, TONES)
def test_scores_stay_within_0_and_100(findings, mood_, tone):
    result = card(*findings, mood_=mood_, tone=tone)
    assert all(0 <= score <= 100 for score in (result.total, *scores(result).values()))
