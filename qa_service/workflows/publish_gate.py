"""What speaks against publishing packs, by their backtests. Owns no backtest and no publishing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qa_service.domain.review import Decision
from qa_service.domain.rule_log import RuleVerdict

MOST_NEWER_DECISIONS = 30
"""As many decisions as can demote a rule: with so many more, a backtest no longer tells what people think."""


def decided_hits(verdicts: Iterable[RuleVerdict]) -> int:
    """How many hits people confirmed or overturned."""
    decisive = (Decision.CONFIRM, Decision.OVERTURN)
    return len({verdict.finding_id for verdict in verdicts if verdict.decision in decisive})


def objection(tests: Sequence[Mapping[str, Any]], *, decided: int) -> str | None:
    """Why these packs should not be published, with what to do about it; None where nothing speaks against them.

    Args:
        tests: the stored backtests of these very packs against those in force, oldest first, at least one. What one of
            them saw holds, whatever a later one saw: neither packs nor chats have changed in between.
        decided: how many hits people have decided about by now.
    """
    newest = tests[-1]
    drop = next((test for test in tests if test["drops"]), None)
    if drop is not None:
        rules = ", ".join(drop.get("dropping", ()))
        of_rules = f" ({rules})" if rules else ""
        return f"the precision on reviewed hits drops{of_rules}: look at the lost hits of backtest {drop['id']}"
    if newest.get("unversioned"):
        rules = ", ".join(newest["unversioned"])
        return f"what {rules} asks for has changed, and its version has not: give it the next version"
    newer = decided - newest.get("decided", 0)
    if newer >= MOST_NEWER_DECISIONS or (newer > 0 and not newest.get("decided")):
        return f"people have decided about {newer} hits since the backtest: run it again"
    return None
