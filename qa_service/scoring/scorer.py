"""A rubric applied: criteria → dimensions → total and band, one scorecard an agent. Arithmetic only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import AgentService, ConversationMood
from qa_service.domain.scorecard import CriterionScore, DimensionScore, Scorecard, band_of
from qa_service.scoring.criteria import score_criterion
from qa_service.scoring.evidence import Evidence, gather
from qa_service.scoring.own_points import share
from qa_service.scoring.rubric import Dimension, Fatal, FindingsCriterion, Rubric


class RubricScorer:
    """The scorer of one rubric.

    Sums are exact; a dimension and the total are each rounded half-even to two digits once, from unrounded values. The
    total is the mean of the dimensions that have a score, by weight. A fatal hit zeroes its dimension and, if it says
    so, the card; an unavailable stage leaves the score None even then, since a card made from parts is no card, but
    `fatal` shows.
    """

    def __init__(self, rubric: Rubric) -> None:
        self.rules = rubric
        self.rubric = rubric.id
        self.rubric_version = rubric.version
        self.rubric_digest = rubric.digest

    def score(
        self,
        conversation: Conversation,
        findings: Sequence[Finding],
        mood: ConversationMood,
        agents: Sequence[AgentService],
    ) -> tuple[Scorecard, ...]:
        """One scorecard for each of `agents`, same order. Only findings that count and are the agent's own deduct."""
        return tuple(self._card(gather(conversation, findings, mood, service)) for service in agents)

    def _card(self, evidence: Evidence) -> Scorecard:
        scored = [
            (dimension, *_score_dimension(dimension, found))
            for dimension, found in share(evidence, self.rules.dimensions)
        ]
        results = tuple(result for _, result, _ in scored)
        fatal = any(_is_fatal_hit(dimension, result.criteria, Fatal.CARD) for dimension, result, _ in scored)
        reason = _missing(results)
        total = None if reason else _total(scored, fatal=fatal)
        return Scorecard(
            agent_id=evidence.service.agent_id,
            rubric=self.rules.id,
            rubric_version=self.rules.version,
            dimensions=results,
            total=total,
            fatal=fatal,
            band=band_of(total, self.rules.bands),
            reason=reason,
        )


def _score_dimension(dimension: Dimension, evidence: Evidence) -> tuple[DimensionScore, Fraction | None]:
    """The dimension as shown, and its score before rounding."""
    criteria = tuple(score_criterion(criterion, evidence) for criterion in dimension.criteria)
    fatal = any(_is_fatal_hit(dimension, criteria, fatal) for fatal in (Fatal.DIMENSION, Fatal.CARD))
    unavailable = [criterion.reason for criterion in criteria if criterion.outcome is Outcome.UNAVAILABLE]
    points = [criterion.points for criterion in criteria if criterion.points is not None]
    exact: Fraction | None = None
    reason: str | None = None
    if unavailable:
        reason = "; ".join(dict.fromkeys(unavailable))
    elif not points:
        reason = "nothing applied"
    else:
        exact = Fraction(0) if fatal else _clamped(dimension, points)
    shown = DimensionScore(
        id=dimension.id,
        score=None if exact is None else _rounded(exact),
        weight=dimension.weight,
        criteria=criteria,
        fatal=fatal,
        reason=reason,
    )
    return shown, exact


def _clamped(dimension: Dimension, points: Sequence[Decimal]) -> Fraction:
    score = Fraction(dimension.start) + sum((Fraction(moved) for moved in points), Fraction(0))
    return max(Fraction(dimension.floor), min(Fraction(100), score))


def _is_fatal_hit(dimension: Dimension, scores: Sequence[CriterionScore], fatal: Fatal) -> bool:
    """Whether a criterion with this effect has a hit; an unavailable one lists those it has."""
    return any(
        isinstance(criterion, FindingsCriterion) and criterion.fatal is fatal and bool(score.findings)
        for criterion, score in zip(dimension.criteria, scores, strict=True)
    )


def _missing(results: Sequence[DimensionScore]) -> str | None:
    """Why there can be no total, or None."""
    lost = [
        f"{result.id}: {result.reason}"
        for result in results
        if any(criterion.outcome is Outcome.UNAVAILABLE for criterion in result.criteria)
    ]
    if lost:
        return "; ".join(lost)
    return None if any(result.score is not None for result in results) else "nothing applied"


def _total(scored: Sequence[tuple[Dimension, DimensionScore, Fraction | None]], *, fatal: bool) -> Decimal:
    if fatal:
        return _rounded(Fraction(0))
    parts = [(Fraction(dimension.weight), exact) for dimension, _, exact in scored if exact is not None]
    return _rounded(sum((weight * exact for weight, exact in parts), Fraction(0)) / sum(weight for weight, _ in parts))


def _rounded(exact: Fraction) -> Decimal:
    """Half-even to two digits: `round` of a Fraction to an integer is."""
    return Decimal(round(exact * 100)).scaleb(-2)
