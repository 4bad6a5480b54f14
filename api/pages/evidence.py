"""Cuts a turn's text where findings begin and end, so that templates can highlight. Owns no HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa_service.domain.finding import Finding, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of text and the findings that cover all of it, worst first; the pieces of a turn join to its text."""

    text: str
    findings: tuple[Finding, ...]

    @property
    def tone(self) -> str:
        """What colours it: the severity of the worst hit, or `suppressed` where no hit covers it."""
        hits = [finding for finding in self.findings if finding.outcome is Outcome.HIT]
        return str(hits[0].severity) if hits else "suppressed"

    @property
    def keys(self) -> str:
        """The keys of its findings, separated by spaces."""
        return " ".join(finding.key for finding in self.findings)


def cut(text: str, findings: Sequence[Finding]) -> tuple[Segment, ...]:
    """The text of one turn in pieces.

    Args:
        text: the original text; spans are code points of it.
        findings: of this turn; those without a span highlight nothing, spans may overlap, and parts of a span beyond
            the text are ignored.
    """
    spans = [(max(f.start, 0), min(f.end, len(text)), f) for f in findings if f.start is not None and f.end is not None]
    spans = [span for span in spans if span[0] < span[1]]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return tuple(
        Segment(
            text=text[begin:end],
            findings=tuple(sorted((f for start, stop, f in spans if start <= begin and end <= stop), key=_worst_first)),
        )
        for begin, end in pairwise(edges)
    )


def _worst_first(finding: Finding) -> tuple[bool, int, str]:
    return (finding.outcome is not Outcome.HIT, -finding.severity.rank, finding.key)
