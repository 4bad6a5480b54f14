"""Scorecards side by side: what the machine gave and what stands after verdicts. Owns no arithmetic (`scoring`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from api.pages.language import Catalogue, Language
from api.pages.reasons import reason_in
from api.pages.sentences import sentence_in, why_held
from qa_service.domain.finding import Outcome
from qa_service.domain.mood import AgentService
from qa_service.domain.records import StoredConversation
from qa_service.domain.scorecard import Band, CriterionScore, DimensionScore, Scorecard

OWN_RUBRIC = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRow:
    """One criterion: final points, the machine's, and its name and reason in the reader's language."""

    final: CriterionScore
    title: str
    machine_points: Decimal | None
    reason: str

    @property
    def has_changed(self) -> bool:
        """Whether a verdict moved it."""
        return self.machine_points != self.final.points

    @property
    def matters(self) -> bool:
        """Whether it moved the score, was moved by a verdict, or should have counted and could not."""
        return bool(self.final.points) or self.has_changed or self.final.outcome is Outcome.UNAVAILABLE

    @property
    def moves(self) -> str:
        """`lowers`, `raises`, `nothing` or `none` (does not count)."""
        points = self.final.points
        if points is None:
            return "none"
        return "lowers" if points < 0 else "raises" if points > 0 else "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionRow:
    """One dimension: final, the machine's score, the criteria."""

    final: DimensionScore
    machine_score: Decimal | None
    criteria: tuple[CriterionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardView:
    """One agent's card. `service` are the agent's own figures, None where there are none."""

    final: Scorecard
    machine_total: Decimal | None
    agent_name: str
    band: str | None
    service: AgentService | None
    dimensions: tuple[DimensionRow, ...]

    @property
    def has_changed(self) -> bool:
        """Whether verdicts moved the total."""
        return self.machine_total != self.final.total


def scorecard_views(stored: StoredConversation, bands: Sequence[Band], words: Catalogue) -> tuple[ScorecardView, ...]:
    """One an agent; the final card is the machine's until there is a verdict."""
    if stored.inspection is None:
        return ()
    finals = {card.agent_id: card for card in stored.final_scorecards}
    services = {service.agent_id: service for service in stored.inspection.agents}
    names = {agent.id: agent.name for agent in stored.conversation.agents}
    return tuple(
        _view(
            machine,
            finals.get(machine.agent_id, machine),
            name=names.get(machine.agent_id) or machine.agent_id,
            service=services.get(machine.agent_id),
            bands=bands,
            words=words,
        )
        for machine in stored.inspection.scorecards
    )


def _view(
    machine: Scorecard,
    final: Scorecard,
    *,
    name: str,
    service: AgentService | None,
    bands: Sequence[Band],
    words: Catalogue,
) -> ScorecardView:
    before = {dimension.id: dimension for dimension in machine.dimensions}
    return ScorecardView(
        final=final,
        machine_total=machine.total,
        agent_name=name,
        band=band_word(final.band, bands, words),
        service=service,
        dimensions=tuple(
            _dimension(dimension, before.get(dimension.id), rubric=final.rubric, words=words)
            for dimension in final.dimensions
        ),
    )


def _dimension(final: DimensionScore, machine: DimensionScore | None, *, rubric: str, words: Catalogue) -> DimensionRow:
    before = {criterion.id: criterion.points for criterion in machine.criteria} if machine else {}
    return DimensionRow(
        final=final,
        machine_score=machine.score if machine else None,
        criteria=tuple(
            CriterionRow(
                final=criterion,
                title=_title(criterion, rubric, words),
                machine_points=before.get(criterion.id),
                reason=criterion_reason(criterion, words),
            )
            for criterion in final.criteria
        ),
    )


def _title(criterion: CriterionScore, rubric: str, words: Catalogue) -> str:
    """The pages translate the criteria of the rubric that comes with the product; others keep their own titles."""
    own = words.strings.get(f"default_criterion.{criterion.id}") if rubric == OWN_RUBRIC else None
    return own or criterion.title


def criterion_reason(criterion: CriterionScore, words: Catalogue) -> str:
    """Why a criterion moved what it moved.

    The scorer's own sentence in English; in other languages one made from the same numbers, with why a figure is held at 0.
    What has no points is said in the page's words in every language.
    """
    numbers = dict(criterion.numbers)
    if criterion.outcome is Outcome.UNAVAILABLE:
        return reason_in(words, criterion.reason)
    if criterion.points is None:
        return sentence_in(words, criterion.reason)
    if words.language is Language.EN or not numbers:
        return criterion.reason
    if "hits" in numbers:
        if criterion.outcome is not Outcome.HIT:
            return words.text("criterion.clear")
        parts = [words.text("criterion.hits", n=numbers["hits"])]
        if numbers.get("cap") == numbers.get("deducted"):
            parts.append(words.text("criterion.capped", cap=f"{numbers['cap']:g}"))
        return "，".join(parts)
    thresholds = [_threshold(str(item), words) for item in numbers.pop("thresholds", [])]
    figures = [f"{words.label('figure', name)} {value}" for name, value in numbers.items()]
    if thresholds:
        figures.append(words.text("criterion.threshold", thresholds="、".join(thresholds)))
    held = why_held(words, criterion.reason)
    return "，".join(figures) + (words.text("criterion.held", why=held) if held else "")


def _threshold(text: str, words: Catalogue) -> str:
    """`at_least 0.5` in words."""
    comparator, _, value = text.partition(" ")
    key = f"criterion.{comparator}"
    return words.text(key, value=value) if key in words.strings else text


def band_word(band: str | None, bands: Sequence[Band], words: Catalogue) -> str | None:
    """A band's name: the pages' own word, else the rubric's label."""
    if band is None:
        return None
    labels = {known.id: known.label for known in bands}
    return words.strings.get(f"band.{band}") or labels.get(band, band)
