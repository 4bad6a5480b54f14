from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qa_service.domain.review import Decision, ReviewState, Verdict, state_after


def verdict(decision: Decision) -> Verdict:
    return Verdict(
        finding_id="f-1", decision=decision, comment="", reviewer="王", created_at=datetime(2026, 11, 2, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], ReviewState.OPEN),
        ([Decision.CONFIRM], ReviewState.CONFIRMED),
        ([Decision.OVERTURN], ReviewState.OVERTURNED),
        ([Decision.CONFIRM, Decision.APPEAL], ReviewState.APPEALED),
        ([Decision.CONFIRM, Decision.APPEAL, Decision.OVERTURN], ReviewState.OVERTURNED),
    ],
)
def test_a_finding_stands_where_the_newest_verdict_puts_it(decisions: list[Decision], expected: ReviewState) -> None:
    assert state_after([verdict(decision) for decision in decisions]) is expected
