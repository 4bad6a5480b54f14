from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from qa_service.domain.conversation import TurnKind
from qa_service.domain.finding import Outcome, RuleStatus, Severity
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.scoring.criteria import score_criterion
from qa_service.scoring.evidence import gather
from qa_service.scoring.rubric import (
    AppliesWhen,
    Comparator,
    Condition,
    Fatal,
    Figure,
    FigureCriterion,
    FigureKind,
    FindingMatch,
    FindingsCriterion,
    Per,
    Step,
    Threshold,
)
from tests.builders import conversation
from tests.unit.scoring.builders import finding, mood, no_mood, service, turn_mood, turn_tone

CHAT = conversation("customer: 能退吗", "agent[a-1]: 您自己看", "customer: 哦", attributes={"stage": "after_sales"})


def rude(**fields):
    defaults = {
        "id": "rude",
        "title": "不耐烦",
        "match": FindingMatch(categories=frozenset({"dismissive"})),
        "deduct": {
            Severity.INFO: Decimal(0),
            Severity.MINOR: Decimal(5),
            Severity.MAJOR: Decimal("12.5"),
            Severity.CRITICAL: Decimal(30),
        },
    }
    return FindingsCriterion(**{**defaults, **fields})


def step(comparator: str, value: str, points: str) -> Step:
    return Step(threshold=Threshold(comparator=Comparator(comparator), value=Decimal(value)), points=Decimal(points))


def figure(name: Figure, *steps: Step, kind: FigureKind = FigureKind.MOOD, **fields) -> FigureCriterion:
    return FigureCriterion(id="f", title="f", kind=kind, figure=name, steps=steps, **fields)


def score(criterion, *findings, mood=None, service_=None):
    return score_criterion(criterion, gather(CHAT, findings, mood or calm(), service_ or service()))


def calm():
    return mood()


# findings


@pytest.mark.parametrize(
    ("match", "matches"),
    [
        ({"rules": frozenset({"dismissive.rule"})}, True),
        ({"rules": frozenset({"dismissive"})}, False),
        ({"prefixes": frozenset({"dismissive."})}, True),
        ({"prefixes": frozenset({"promise."})}, False),
        ({"categories": frozenset({"dismissive"})}, True),
        ({"categories": frozenset({"abuse"})}, False),
        ({"categories": frozenset({"abuse"}), "rules": frozenset({"dismissive.rule"})}, True),
        ({"categories": frozenset({"dismissive"}), "severities": frozenset({Severity.MAJOR})}, False),
    ],
    ids=["rule", "other rule", "prefix", "other prefix", "category", "other category", "any of them", "severity"],
)
def test_a_finding_matches_by_rule_prefix_or_category_and_severity(match, matches):
    result = score(rude(match=FindingMatch(**match)), finding())
    assert result.outcome is (Outcome.HIT if matches else Outcome.CLEAR)


def test_no_finding_is_clear_with_0_points():
    result = score(rude())
    assert (result.outcome, result.points, result.reason) == (Outcome.CLEAR, 0, "no violation")


def test_every_hit_deducts_by_severity_and_says_so():
    hits = [finding(), finding("dismissive", "major", turn_id="4")]
    result = score(rude(), *hits)
    assert result.points == Decimal("-17.5")
    assert result.reason == "1 major and 1 minor violations: deducts 17.5"
    assert result.findings == (hits[1].key, hits[0].key)
    assert result.numbers == {"hits": 2, "deducted": 17.5}


def test_per_turn_deducts_the_worst_hit_of_each_turn():
    result = score(
        rude(per=Per.TURN),
        finding(),
        finding("dismissive", "major", turn_id="4"),
        finding("dismissive", "minor", turn_id="4"),
    )

    assert result.points == score(rude(), finding(), finding("dismissive", "major", turn_id="4")).points
    assert result.reason.endswith("once a turn for the worst")


def test_per_once_deducts_the_worst_hit_only():
    result = score(rude(per=Per.ONCE), finding(), finding("dismissive", "major", turn_id="4"))
    assert result.points == Decimal("-12.5")
    assert result.reason == "1 major and 1 minor violations: deducts 12.5, once for the worst"


@pytest.mark.parametrize(
    ("cap", "points", "reason"),
    [
        ("9.99", "-9.99", "2 minor violations: deducts 9.99 (10 capped at 9.99)"),
        ("10", "-10", "2 minor violations: deducts 10"),
        ("10.01", "-10", "2 minor violations: deducts 10"),
    ],
    ids=["above the cap", "at the cap", "below the cap"],
)
def test_the_sum_is_capped_and_the_reason_agrees(cap, points, reason):
    result = score(rude(cap=Decimal(cap)), finding(), finding(turn_id="4"))
    assert (result.points, result.reason) == (Decimal(points), reason)
    assert result.numbers["cap"] == float(cap)


def test_a_fatal_hit_says_what_it_zeroes():
    assert score(rude(fatal=Fatal.CARD), finding()).reason.endswith("fatal, zeroes the card")


@pytest.mark.parametrize(
    "fields",
    [
        {"status": RuleStatus.SHADOW},
        {"status": RuleStatus.ADVISORY},
        {"outcome": "suppressed"},
        {"outcome": "clear"},
        {"agent_id": "a-2"},
        {"agent_id": None},
    ],
    ids=["shadow", "advisory", "suppressed", "clear", "another agent's", "nobody's (a bot's)"],
)
def test_a_finding_that_does_not_count_deducts_nothing(fields):
    result = score(rude(), finding(**fields))
    assert (result.outcome, result.points, result.findings) == (Outcome.CLEAR, 0, ())


def test_an_auto_confirmed_hit_counts():
    assert score(rude(), finding(status=RuleStatus.AUTO_CONFIRMED)).points == -5


def test_rules_that_do_not_apply_take_the_criterion_out():
    result = score(rude(), finding(outcome="not_applicable", agent_id=None))
    assert (result.outcome, result.points) == (Outcome.NOT_APPLICABLE, None)


def test_one_rule_that_applies_keeps_the_criterion_in():
    result = score(rude(), finding(outcome="not_applicable"), finding(outcome="clear", rule_id="dismissive.other"))
    assert (result.outcome, result.points) == (Outcome.CLEAR, 0)


def test_an_unavailable_rule_makes_the_criterion_unavailable_and_keeps_its_hits():
    hit = finding()
    result = score(rude(), hit, finding(outcome="unavailable", rule_id="dismissive.slow", agent_id=None))
    assert (result.outcome, result.points) == (Outcome.UNAVAILABLE, None)
    assert result.reason == "rules unavailable: dismissive.slow"
    assert result.findings == (hit.key,)


@pytest.mark.parametrize("fields", [{"status": RuleStatus.SHADOW}, {"agent_id": "a-2"}], ids=["shadow", "other agent"])
def test_an_unavailable_rule_that_could_not_move_this_score_changes_nothing(fields):
    assert score(rude(), finding(outcome="unavailable", **fields)).outcome is Outcome.CLEAR


# where a criterion applies


@pytest.mark.parametrize(
    ("needs", "reason"),
    [
        (AppliesWhen(min_agent_turns=1, min_customer_turns=2, attributes={"stage": frozenset({"after_sales"})}), None),
        (AppliesWhen(min_agent_turns=2), "the agent said 1 turns; applies from 2"),
        (AppliesWhen(min_customer_turns=3), "the customer said 2 turns; applies from 3"),
        (AppliesWhen(attributes={"stage": frozenset({"x", "pre_sales"})}), "applies where stage is pre_sales or x"),
        (AppliesWhen(attributes={"vip": frozenset({"yes"})}), "applies where vip is yes"),
    ],
    ids=["all met", "agent turns", "customer turns", "other value", "no such attribute"],
)
def test_a_criterion_applies_only_when_its_needs_are_met(needs, reason):
    result = score(rude(applies_when=needs), finding())
    if reason is None:
        assert result.outcome is Outcome.HIT
    else:
        assert (result.outcome, result.points, result.reason) == (Outcome.NOT_APPLICABLE, None, reason)


# figures


@pytest.mark.parametrize(
    ("comparator", "number", "holds"),
    [
        ("at_least", "0.4999", False),
        ("at_least", "0.5", True),
        ("above", "0.5", False),
        ("above", "0.5001", True),
        ("at_most", "0.5", True),
        ("at_most", "0.5001", False),
        ("below", "0.5", False),
        ("below", "0.4999", True),
    ],
)
def test_the_sentence_agrees_with_the_comparison_at_the_boundary(comparator, number, holds):
    result = score(figure(Figure.END, step(comparator, "0.5", "-2")), mood=mood(end=float(number)))
    words = comparator.replace("_", " ")
    if holds:
        assert (result.outcome, result.points) == (Outcome.HIT, -2)
        assert result.reason == f"end {number} is {words} 0.5: deducts 2"
    else:
        assert (result.outcome, result.points) == (Outcome.CLEAR, 0)
        assert result.reason == f"end {number} is not {words} 0.5"
    assert result.numbers == {"end": float(number), "thresholds": [f"{comparator} 0.5"]}


def test_a_figure_is_compared_as_it_is_shown():
    # 0.1 − (−0.4) in floats, after some arithmetic
    result = score(figure(Figure.SHIFT, step("at_least", "0.5", "5")), mood=mood(shift=0.49999999999999994))
    assert (result.points, result.reason) == (5, "shift 0.5 is at least 0.5: adds 5")


def test_the_first_step_that_holds_counts():
    steps = (step("above", "600", "-10"), step("above", "180", "-5"))
    criterion = figure(Figure.AVERAGE_REPLY_SECONDS, *steps, kind=FigureKind.TIMING)
    points = {
        seconds: score(criterion, service_=service(average_reply_seconds=seconds)).points
        for seconds in (180, 181, 600, 601)
    }
    assert points == {180: 0, 181: -5, 600: -5, 601: -10}
    clear = score(criterion, service_=service(average_reply_seconds=40.0))
    assert clear.reason == "average_reply_seconds 40 is not above 600, not above 180"


def test_a_criterion_applies_only_under_its_conditions():
    unhappy = Condition(figure=Figure.START, threshold=Threshold(comparator=Comparator.BELOW, value=Decimal(0)))
    recovery = figure(Figure.SHIFT, step("at_least", "0.5", "5"), when=(unhappy,))
    assert score(recovery, mood=mood(start=-0.4, shift=0.6)).points == 5
    content = score(recovery, mood=mood(start=0.0, shift=0.6))
    assert (content.outcome, content.points) == (Outcome.NOT_APPLICABLE, None)
    assert content.reason == "start 0 is not below 0"
    assert score(recovery, mood=no_mood()).outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize(
    ("criterion", "facts", "outcome", "reason"),
    [
        (Figure.END, {"mood": no_mood("timeout")}, Outcome.UNAVAILABLE, "mood unavailable: timeout"),
        (Figure.END, {"mood": no_mood("")}, Outcome.UNAVAILABLE, "mood unavailable: no reason given"),
        (
            Figure.END,
            {"mood": ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="no customer text")},
            Outcome.NOT_APPLICABLE,
            "no customer mood: no customer text",
        ),
        (Figure.TONE, {"service_": service(tone=None)}, Outcome.NOT_APPLICABLE, "no tone is known"),
        (
            Figure.TONE,
            {"service_": service(tone=None), "mood": no_mood()},
            Outcome.UNAVAILABLE,
            "mood unavailable: no tone of the agent's turns",
        ),
        (
            Figure.TONE,
            {"service_": service(tone=None), "mood": mood(tones=(turn_tone("2", "a-1", None),))},
            Outcome.UNAVAILABLE,
            "mood unavailable: no tone of the agent's turns",
        ),
        (
            Figure.TONE,
            {"service_": service(tone=None), "mood": mood(tones=(turn_tone("2", "a-2", None),))},
            Outcome.NOT_APPLICABLE,
            "no tone is known",
        ),
        (Figure.FIRST_REPLY_SECONDS, {"mood": no_mood()}, Outcome.NOT_APPLICABLE, "no first_reply_seconds is known"),
    ],
    ids=["mood", "mood without reason", "no customer", "no tone", "tone lost", "own tone lost", "other's lost", "time"],
)
def test_a_figure_that_is_not_there_has_no_points_and_names_the_stage(criterion, facts, outcome, reason):
    result = score(figure(criterion, step("above", "0", "-1")), **facts)
    assert (result.outcome, result.points, result.reason) == (outcome, None, reason)


def test_a_known_tone_counts_even_where_the_customers_mood_is_unknown():
    result = score(figure(Figure.TONE, step("below", "0.3", "-9")), mood=no_mood(), service_=service(tone=0.1))
    assert result.points == -9


@pytest.mark.parametrize(
    ("tone", "points"),
    [
        pytest.param(turn_tone("2", "a-1", 0.2), -5, id="cold"),
        pytest.param(turn_tone("2", "a-1", 0.8, suspicions={"dismissive": 0.5}), -5, id="suspected"),
        pytest.param(
            turn_tone("2", "a-1", 0.8), None, id="blameless: the model may call the agent a cause of a slow parcel"
        ),
        pytest.param(turn_tone("2", "a-2", 0.2), None, id="another agent's turn"),
    ],
)
def test_the_agent_is_a_cause_only_where_the_own_words_could_have_been(tone, points):
    blamed = Condition(
        figure=Figure.AGENT_CAUSE, threshold=Threshold(comparator=Comparator.AT_LEAST, value=Decimal("0.5"))
    )
    criterion = figure(Figure.SHIFT, step("at_most", "-0.5", "-5"), when=(blamed,))

    unhappy = (turn_mood("1", -0.6), turn_mood("3", -0.9))
    result = score(criterion, mood=mood(shift=-0.6, causes={"agent": 0.9}, tones=(tone,), turns=unhappy))

    assert result.points == points
    assert ("the model's 0.9 is left out" in result.reason) == (points is None)


def test_a_change_that_is_held_at_nothing_says_why_on_the_card():
    criterion = figure(Figure.ATTRIBUTABLE_CHANGE, step("at_most", "-0.5", "-5"))

    result = score(criterion, mood=mood(attributable_change=0.0, attributable_reason="not the agent's"))

    assert (result.points, result.reason) == (0, "attributable_change 0 is not at most -0.5 (not the agent's)")


def test_who_sent_a_picture_alone_is_paid_for_no_mood():
    """No recovery was asked for and none was given: nothing to add, nothing to deduct, no full mark either."""
    sent = replace(CHAT.turns[1], kind=TurnKind.IMAGE)
    chat = replace(CHAT, turns=(CHAT.turns[0], sent, CHAT.turns[2]))
    criterion = figure(Figure.RECOVERY, step("at_least", "0.5", "5"))

    result = score_criterion(criterion, gather(chat, (), mood(recovery=0.9), service()))

    assert (result.outcome, result.reason) == (Outcome.NOT_APPLICABLE, "the agent said nothing that can be inspected")
