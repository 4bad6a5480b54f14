"""Cuts a turn's text where findings and the model's evidence begin and end, so that templates can highlight. Owns no HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import CallEvidence

_Mark = TypeVar("_Mark", Finding, CallEvidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of text and what covers all of it, findings worst first; the pieces of a turn join to its text."""

    text: str
    findings: tuple[Finding, ...]
    calls: tuple[CallEvidence, ...] = ()

    @property
    def tone(self) -> str:
        """What colours it: the severity of the worst hit, or `suppressed` where no hit covers it."""
        hits = [finding for finding in self.findings if finding.outcome is Outcome.HIT]
        return str(hits[0].severity) if hits else "suppressed"

    @property
    def keys(self) -> str:
        """The keys of its findings, separated by spaces."""
        return " ".join(finding.key for finding in self.findings)

    @property
    def feeling(self) -> str:
        """What underlines it: `good` for a happy customer, `bad` for every other strong call."""
        happy = all(evidence.call == "polarity" and evidence.value > 0 for evidence in self.calls)
        return "good" if happy else "bad"


def cut(text: str, findings: Sequence[Finding], calls: Sequence[CallEvidence] = ()) -> tuple[Segment, ...]:
    """The text of one turn in pieces.

    Args:
        text: the original text; spans are code points of it.
        findings: of this turn; those without a span highlight nothing, spans may overlap, and parts of a span beyond
            the text are ignored.
        calls: the model's strong calls of this turn, likewise.
    """
    marked = _placed(text, findings)
    called = _placed(text, calls)
    edges = sorted({0, len(text), *(edge for start, end, _ in (*marked, *called) for edge in (start, end))})
    return tuple(
        Segment(
            text=text[begin:end],
            findings=tuple(
                sorted((f for start, stop, f in marked if start <= begin and end <= stop), key=_worst_first)
            ),
            calls=tuple(call for start, stop, call in called if start <= begin and end <= stop),
        )
        for begin, end in pairwise(edges)
    )


def _placed(text: str, marks: Sequence[_Mark]) -> list[tuple[int, int, _Mark]]:
    """Those that lie in the text, with their start and end there."""
    spans = [(max(m.start, 0), min(m.end, len(text)), m) for m in marks if m.start is not None and m.end is not None]
    return [span for span in spans if span[0] < span[1]]


def _worst_first(finding: Finding) -> tuple[bool, int, str]:
    return (finding.outcome is not Outcome.HIT, -finding.severity.rank, finding.key)
