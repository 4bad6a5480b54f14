"""Turns longer than the model reads at once: read in windows that share their edges, one of which speaks for the turn.

What stands at the end of a long text counts as what stands at its beginning: an insult behind a template's courtesies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from qa_service.domain.conversation import Role
from qa_service.domain.mood import SUSPECTED_AT_LEAST
from qa_service.domain.text import NormalisedText
from qa_service.mood.figures import CATEGORY_OF_LABEL, Floats, Logits, figure_of
from qa_service.mood.manifest import Manifest
from qa_service.mood.prepare import ROLES

OF_ANY_WINDOW = ("risk", "act", "category")
"""What a turn has if any of its windows has it; the rest is what the speaking window says."""
FELT_AT_LEAST = 0.5
"""The mildest feeling that is labelled."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The W ≥ 1 parts in which a turn is read, and their (W, width) vectors."""

    views: Sequence[NormalisedText]
    vectors: Floats


@dataclass(frozen=True, slots=True)
class WindowedTurn:
    """The logits (k,) of a turn by output; of a turn in W > 1 windows also theirs, (W, k), and which of them speaks for it."""

    row: Logits
    speaking: int = 0
    rows: Logits = field(default_factory=dict)

    def window_of(self, call: str, manifest: Manifest) -> int:
        """The window that a strong call (`domain.mood.CallEvidence`) comes from."""
        if not self.rows or call.partition(".")[0] not in ("risk", "suspicion"):
            return self.speaking
        return int(np.argmax(figure_of(call, self.rows, manifest)))


def part_of(view: NormalisedText, start: int, end: int) -> NormalisedText:
    """The characters [start, end) of a view."""
    return NormalisedText(view.text[start:end], view.origins[start:end], view.ends[start:end])


def joined(rows: Mapping[str, Floats], role: int, manifest: Manifest) -> WindowedTurn:
    """One turn of (W, k) logits by output, each of a window that might have been the whole turn."""
    speaking = _speaking(rows, role, manifest)
    row = {name: own.max(0) if name in OF_ANY_WINDOW else own[speaking] for name, own in rows.items()}
    return WindowedTurn(row, speaking, rows)


def _speaking(rows: Logits, role: int, manifest: Manifest) -> int:
    """Of a customer's turn the last window that feels much, of an agent's the most suspected one; where none is, the first."""
    if ROLES[role] is Role.CUSTOMER:
        felt = np.flatnonzero(np.abs(figure_of("polarity", rows, manifest)) >= FELT_AT_LEAST)
        return int(felt[-1]) if len(felt) else 0
    if ROLES[role] is not Role.AGENT:
        return 0
    suspicions = np.max([figure_of(f"suspicion.{c}", rows, manifest) for c in _suspected(manifest)], axis=0)
    return int(np.argmax(suspicions)) if suspicions.max() >= SUSPECTED_AT_LEAST else 0


def _suspected(manifest: Manifest) -> list[str]:
    return [category for label, category in CATEGORY_OF_LABEL.items() if label in manifest.labels["category"]]
