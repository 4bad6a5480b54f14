"""Rules that name points or a dimension go before the rubric, and say so."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.scorecard import CriterionScore, Scorecard
from qa_service.scoring import RubricScorer, misplaced
from tests.builders import conversation
from tests.unit.scoring.builders import AGENT, default_rubric, finding, mood, service

RUBRIC = default_rubric()
SCORER = RubricScorer(RUBRIC)
CHAT = conversation("customer: 你好", "agent[a-1]: 您好", "customer: 能退吗", "agent[a-1]: 可以")


def card(*findings: Any) -> Scorecard:
    (made,) = SCORER.score(CHAT, findings, mood(), [service(AGENT)])
    return made


def criterion(made: Scorecard, dimension: str, name: str) -> CriterionScore | None:
    (found,) = [d for d in made.dimensions if d.id == dimension]
    return next((c for c in found.criteria if c.id == name), None)


def test_points_of_the_rule_count_in_place_of_those_of_its_severity() -> None:
    plain = criterion(card(finding()), "service_attitude", "dismissive")
    own = criterion(card(finding(points=Decimal("12.5"))), "service_attitude", "dismissive")

    assert plain is not None
    assert own is not None
    assert (plain.points, plain.reason.split(",")[0]) == (-8, "1 minor violation: deducts 8")
    assert own.points == Decimal("-12.5")
    assert "by own points of dismissive.rule 12.5" in own.reason


def test_the_cap_of_the_criterion_still_holds() -> None:
    own = criterion(card(finding(points=Decimal(90))), "service_attitude", "dismissive")

    assert own is not None
    assert own.points == -45
    assert "(90 capped at 45)" in own.reason


def test_a_named_dimension_counts_the_hit_and_no_other_does() -> None:
    hit = finding(points=Decimal(20), dimension="compliance")
    made = card(hit)

    moved = criterion(made, "compliance", "own_points")
    stayed = criterion(made, "service_attitude", "dismissive")
    assert moved is not None
    assert stayed is not None
    assert (moved.points, moved.findings) == (-20, (hit.key,))
    assert (stayed.points, stayed.findings) == (0, ())


def test_in_a_dimension_that_looks_at_the_category_its_criterion_counts() -> None:
    made = card(finding(dimension="service_attitude"))

    counted = criterion(made, "service_attitude", "dismissive")
    assert counted is not None
    assert counted.points == -8
    assert criterion(made, "service_attitude", "own_points") is None


def test_a_dimension_that_the_rubric_has_not_leaves_the_hit_where_its_category_is() -> None:
    counted = criterion(card(finding(dimension="gone")), "service_attitude", "dismissive")

    assert counted is not None
    assert counted.points == -8


def test_a_rule_that_failed_leaves_its_named_dimension_without_a_score() -> None:
    made = card(finding(outcome="unavailable", points=Decimal(20), dimension="compliance", turn_id=None))

    assert {d.id: d.score is None for d in made.dimensions} == {"service_attitude": False, "compliance": True}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, None),
        ({"points": Decimal(5)}, None),
        ({"points": Decimal(5), "dimension": "compliance"}, None),
        ({"dimension": "service_attitude"}, None),
        ({"dimension": "compliance"}, "no criterion of compliance looks at dismissive; give the rule points, too"),
        ({"dimension": "speed", "points": Decimal(5)}, "has no dimension speed; it has: service_attitude, compliance"),
        ({"category": "own", "points": Decimal(5)}, "looks at own; name a dimension, too"),
        ({"category": "own", "points": Decimal(5), "dimension": "compliance"}, None),
    ],
    ids=[
        "none",
        "points",
        "both",
        "its own dimension",
        "no points",
        "unknown dimension",
        "unknown category",
        "new category",
    ],
)
def test_what_the_rubric_cannot_take_is_said(fields: dict[str, Any], problem: str | None) -> None:
    found = misplaced(RUBRIC, finding(**fields))

    assert found == problem if problem is None else problem in (found or "")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["dismissive", "privacy", "own"]),
            st.none() | st.decimals(0, 100, places=2),
            st.sampled_from([None, "compliance", "service_attitude"]),
        ),
        max_size=6,
    )
)
def test_another_violation_never_raises_a_score(rules: list[tuple[str, Decimal | None, str | None]]) -> None:
    hits = [
        finding(category, points=points, dimension=dimension, start=at, end=at + 1)
        for at, (category, points, dimension) in enumerate(rules)
    ]
    totals = [card(*hits[:count]).total for count in range(len(hits) + 1)]

    assert all(now is not None for now in totals)
    assert totals == sorted(totals, reverse=True)  # type: ignore[type-var]
