"""Decides whether a hit is the speaker's own assertion or promise. Owns the reach of each kind of cue."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.text import Span
from qa_service.rule_engine.answer import Cue, Hit
from qa_service.rule_engine.cues import CueKind, Cues
from qa_service.rule_engine.reading import TurnReading, Within


class SpeechAct(StrEnum):
    """What takes a hit back, in the order of asking."""

    QUOTATION = "quotation"
    REPORTED = "reported"
    WARNING = "warning"
    NEGATION = "negation"
    HYPOTHETICAL = "hypothetical"
    QUESTION = "question"
    CORRECTION = "correction"
    HEDGE = "hedge"


DEFAULT_GUARD = frozenset(SpeechAct) - {SpeechAct.HEDGE}

# In characters from the hit.
_FURTHEST_CUE = 200
_QUESTION_MARK = re.compile(r"[?？]")


@dataclass(frozen=True, slots=True)
class Reach:
    """How far cues reach, in characters; English words are about three times as long as Chinese ones."""

    before: int
    behind: int
    correction: int


REACH = {"zh": Reach(before=14, behind=4, correction=12), "en": Reach(before=45, behind=12, correction=40)}


@dataclass(frozen=True, slots=True)
class Scene:
    """A hit in its turn, with the cues there and what the customer said before."""

    hit: Hit
    turn: TurnReading
    cues: Cues
    reach: Reach
    customer_texts: Sequence[tuple[int, str]]

    def before_part(self, cue: Cue, part: Span, within: Within, limit: int) -> bool:
        """Whether a cue stands before a part, near enough, in the same piece and with no terminator between."""
        gap = part.start - cue.span.end
        if not 0 <= gap <= limit or not self.turn.share(cue.span, part, within):
            return False
        return not any(cue.span.end <= stop.span.start < part.start for stop in self.near(CueKind.TERMINATOR))

    def near(self, kind: CueKind) -> Sequence[Cue]:
        """The cues of a kind around the hit, in order; what stands further off belongs to other words."""
        cues, hit = self.cues.of(kind), self.hit.span
        first = bisect_left(cues, hit.start - _FURTHEST_CUE, key=_start)
        return cues[first : bisect_left(cues, hit.end + _FURTHEST_CUE, key=_start)]

    def first(self, kinds: Iterable[CueKind], test: Callable[[Cue], bool]) -> Cue | None:
        """The first cue of these kinds that passes."""
        return next((cue for kind in kinds for cue in self.near(kind) if test(cue)), None)

    def clause_holds(self, cue: Cue) -> bool:
        """Whether a cue stands in the clause of a part."""
        return any(self.turn.share(cue.span, part, Within.CLAUSE) for part in self.hit.parts)


def _start(cue: Cue) -> int:
    return cue.span.start


def suppressing_cue(acts: Iterable[SpeechAct], scene: Scene) -> Cue | None:
    """The cue that takes the hit back, by the first of `acts` that finds one."""
    for act in SpeechAct:
        if act in acts and (cue := _ACTS[act](scene)) is not None:
            return Cue(str(act), cue.text, cue.span)
    return None


def _negation(scene: Scene) -> Cue | None:
    parts = scene.hit.parts
    limit = scene.reach.before
    return (
        scene.first(
            (CueKind.NEGATION,), lambda cue: any(scene.before_part(cue, part, Within.CLAUSE, limit) for part in parts)
        )
        or scene.first((CueKind.NEGATION_ADJACENT,), lambda cue: any(cue.span.end == part.start for part in parts))
        or scene.first((CueKind.NEGATION_AFTER,), lambda cue: _is_right_behind(scene, cue, scene.reach.behind))
        or (_inner_negation(scene) if scene.hit.turned_by_negation else None)
    )


def _inner_negation(scene: Scene) -> Cue | None:
    kinds = (CueKind.NEGATION, CueKind.NEGATION_ADJACENT, CueKind.NEGATION_AFTER)
    return scene.first(kinds, lambda cue: scene.hit.span.covers(cue.span))


def _is_right_behind(scene: Scene, cue: Cue, limit: int) -> bool:
    return any(
        0 <= cue.span.start - part.end <= limit and scene.turn.share(cue.span, part, Within.CLAUSE)
        for part in scene.hit.parts
    )


def _question(scene: Scene) -> Cue | None:
    asked = scene.first((CueKind.QUESTION,), scene.clause_holds)
    if asked is not None:
        return asked
    last = max(scene.hit.parts, key=lambda part: part.end)
    clause = scene.turn.piece(last.end - 1, Within.CLAUSE)
    mark = _QUESTION_MARK.search(scene.turn.original, last.end - 1, clause.end)
    if mark is not None:
        return Cue("question", mark.group(), Span(*mark.span()))
    tail = scene.first(
        (CueKind.QUESTION_END,),
        lambda cue: last.end <= cue.span.start and scene.turn.share(cue.span, last, Within.CLAUSE),
    )
    return tail if tail is not None and _ends_clause(scene, tail, clause) else None


def _ends_clause(scene: Scene, cue: Cue, clause: Span) -> bool:
    """吗 asks at the end of a clause, also before an address or a particle (吗亲, 吗哈)."""
    return sum(char.isalnum() for char in scene.turn.original[cue.span.end : clause.end]) <= 1


def _hypothetical(scene: Scene) -> Cue | None:
    hit = scene.hit.span
    supposed = scene.first((CueKind.HYPOTHETICAL,), lambda cue: _stands_before(scene, cue))
    refused = scene.first(
        (CueKind.NEGATION, CueKind.NEGATION_AFTER),
        lambda cue: cue.span.start >= hit.start and scene.turn.share(cue.span, hit, Within.SENTENCE),
    )
    if supposed is not None and refused is not None:
        return supposed
    return scene.first((CueKind.COUNTERFACTUAL,), lambda cue: scene.turn.share(cue.span, hit, Within.SENTENCE))


def _stands_before(scene: Scene, cue: Cue) -> bool:
    return scene.before_part(cue, scene.hit.span, Within.SENTENCE, 3 * scene.reach.before)


def _told_by_others(scene: Scene, kind: CueKind) -> Cue | None:
    return scene.first((kind,), lambda cue: _stands_before(scene, cue) and not _speaks_for_itself(scene, cue))


def _speaks_for_itself(scene: Scene, cue: Cue) -> bool:
    """Whether a new clause between cue and hit begins with the shop's own voice: 别家三天，我们七天."""
    start = scene.hit.span.start
    return any(
        cue.span.end <= own.span.start <= start
        and not scene.turn.original[scene.turn.piece(own.span.start, Within.CLAUSE).start : own.span.start].strip()
        for own in scene.near(CueKind.OWN_WORDS)
    )


def _quotation(scene: Scene) -> Cue | None:
    told = _told_by_others(scene, CueKind.QUOTATION)
    if told is not None:
        return told
    hit, original = scene.hit.span, scene.turn.original
    for line in scene.turn.quoted_lines:
        if line.covers(hit):
            return Cue("quotation", original[line.start : line.end].strip()[0], line)
    for quote in scene.turn.quotes:
        if quote.covers(hit) and _quotes_somebody(scene, original[quote.start + 1 : quote.end - 1], quote):
            return Cue("quotation", original[quote.start], Span(quote.start, quote.start + 1))
    return None


def _quotes_somebody(scene: Scene, words: str, span: Span) -> bool:
    """Quote marks also emphasise; they quote if somebody is named in the sentence or the customer said the words."""
    if any(words in text for index, text in scene.customer_texts if index < scene.turn.index):
        return True
    kinds = (CueKind.QUOTATION, CueKind.REPORTED)
    return scene.first(kinds, lambda cue: scene.turn.share(cue.span, span, Within.SENTENCE)) is not None


def _warning(scene: Scene) -> Cue | None:
    hit, reach = scene.hit.span, scene.reach
    return (
        scene.first((CueKind.WARNING,), lambda cue: scene.before_part(cue, hit, Within.SENTENCE, 2 * reach.before))
        or scene.first((CueKind.WARNING,), lambda cue: _is_right_behind(scene, cue, 2 * reach.behind))
        or scene.first((CueKind.FRAUD,), lambda cue: scene.turn.share(cue.span, hit, Within.SENTENCE))
    )


def _correction(scene: Scene) -> Cue | None:
    end = scene.hit.span.end
    return scene.first((CueKind.CORRECTION,), lambda cue: 0 <= cue.span.start - end <= scene.reach.correction)


def _hedge(scene: Scene) -> Cue | None:
    return scene.first((CueKind.HEDGE,), scene.clause_holds)


_ACTS: Mapping[SpeechAct, Callable[[Scene], Cue | None]] = {
    SpeechAct.QUOTATION: _quotation,
    SpeechAct.REPORTED: lambda scene: _told_by_others(scene, CueKind.REPORTED),
    SpeechAct.WARNING: _warning,
    SpeechAct.NEGATION: _negation,
    SpeechAct.HYPOTHETICAL: _hypothetical,
    SpeechAct.QUESTION: _question,
    SpeechAct.CORRECTION: _correction,
    SpeechAct.HEDGE: _hedge,
}
