"""Decides whether a hit is the speaker's own assertion or promise. Owns the reach of each kind of cue."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.text import Span
from qa_service.rule_engine.agreement import is_taken_back
from qa_service.rule_engine.answer import Cue, Hit
from qa_service.rule_engine.cues import CueKind, Cues
from qa_service.rule_engine.reading import TurnReading
from qa_service.rule_engine.text_reading import Within


class SpeechAct(StrEnum):
    """What takes a hit back, in the order of asking."""

    QUOTATION = "quotation"
    REPORTED = "reported"
    WARNING = "warning"
    NEGATION = "negation"
    HYPOTHETICAL = "hypothetical"
    CONDITION = "condition"
    QUESTION = "question"
    CORRECTION = "correction"
    HEDGE = "hedge"


DEFAULT_GUARD = frozenset(SpeechAct) - {SpeechAct.HEDGE}

# In characters from the hit.
_FURTHEST_CUE = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """How far cues reach, in characters; English words are about three times as long as Chinese ones."""

    before: int
    behind: int
    correction: int
    adjacent: int
    speech: int


REACH = {
    "zh": Reach(before=14, behind=4, correction=12, adjacent=1, speech=6),
    "en": Reach(before=45, behind=12, correction=40, adjacent=1, speech=25),
}


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
        return self.between(CueKind.TERMINATOR, cue.span.end, part.start) is None

    def between(self, kind: CueKind, start: int, end: int) -> Cue | None:
        """The first cue of a kind that begins in [start, end)."""
        return self.first((kind,), lambda cue: start <= cue.span.start < end)

    def is_bare(self, start: int, end: int, letters: int = 0) -> bool:
        """Whether at most so many letters, digits or Han characters stand in [start, end)."""
        return sum(char.isalnum() for char in self.turn.original[start:end]) <= letters

    def near(self, kind: CueKind) -> Sequence[Cue]:
        """The cues of a kind around the hit, in order; what stands further off belongs to other words."""
        cues = self.cues.of(kind)
        if not cues:
            return cues
        hit = self.hit.span
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
    if _is_denial(scene):
        return None
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


def _is_denial(scene: Scene) -> bool:
    """Whether somebody is asked who said no, which says yes: 谁说七天不能退."""
    if (asked := scene.first((CueKind.DENIAL,), scene.clause_holds)) is None:
        return False
    begin = max(asked.span.end, scene.hit.span.start - scene.reach.before)
    kinds = CueKind.NEGATION, CueKind.NEGATION_ADJACENT
    return any(scene.between(kind, begin, scene.hit.span.end) is not None for kind in kinds)


def _inner_negation(scene: Scene) -> Cue | None:
    kinds = (CueKind.NEGATION, CueKind.NEGATION_ADJACENT, CueKind.NEGATION_AFTER)
    return scene.first(kinds, lambda cue: scene.hit.span.covers(cue.span))


def _is_right_behind(scene: Scene, cue: Cue, limit: int) -> bool:
    return any(
        0 <= cue.span.start - part.end <= limit and scene.turn.share(cue.span, part, Within.CLAUSE)
        for part in scene.hit.parts
    )


def _question(scene: Scene) -> Cue | None:
    if _is_denial(scene):
        return None
    last = max(scene.hit.parts, key=lambda part: part.end)
    asked = scene.first((CueKind.QUESTION,), scene.clause_holds) or scene.first(
        (CueKind.QUESTION_AFTER,), lambda cue: 0 <= cue.span.start - last.end <= scene.reach.adjacent
    )
    # 赔您两百可以吗 is an offer, 这还能不赔您两百吗 a promise.
    if asked is not None or scene.first((CueKind.RHETORICAL,), scene.clause_holds) is not None:
        return asked
    clause = scene.turn.piece(last.end - 1, Within.CLAUSE)
    if _is_answered(scene, clause.end):
        return None
    mark = scene.turn.question_mark(last.end - 1, clause.end)
    if mark is not None:
        return Cue("question", scene.turn.original[mark.start : mark.end], mark)
    tail = scene.first(
        (CueKind.QUESTION_END,),
        lambda cue: last.end < cue.span.end and scene.turn.share(cue.span, last, Within.CLAUSE),
    )
    # 吗 asks at the end of a clause, also before an address or a particle (吗亲, 吗哈).
    return tail if tail is not None and scene.is_bare(tail.span.end, clause.end, letters=1) else None


def _is_answered(scene: Scene, end: int) -> bool:
    """Whether the speaker says yes to a clause in the next sentence, and nothing else: 七天内能退吗？可以的哦."""
    following = scene.turn.piece(end, Within.SENTENCE).end
    answers = [cue.span for cue in scene.near(CueKind.ANSWER) if end <= cue.span.start < following]
    said = max(answers, key=lambda span: (-span.start, span.end), default=None)
    if (
        said is None
        or scene.turn.question_mark(end, following)
        or scene.between(CueKind.QUESTION_END, said.end, following)
    ):
        return False
    is_all = scene.is_bare(end, said.start) and scene.is_bare(said.end, following, scene.reach.behind // 4)
    return is_all and not is_taken_back(scene.turn.original, said, Span(end, following))


def _hypothetical(scene: Scene) -> Cue | None:
    hit = scene.hit.span
    told = scene.first((CueKind.HYPOTHETICAL,), lambda cue: _stands_before(scene, cue))
    refused = scene.first(
        (CueKind.NEGATION, CueKind.NEGATION_AFTER, CueKind.REFUSAL),
        lambda cue: cue.span.start >= hit.start and scene.turn.share(cue.span, hit, Within.SENTENCE),
    )
    if told is not None and refused is not None:
        return told
    if _is_bargain(scene):
        return None
    return (
        scene.first((CueKind.SUPPOSED,), lambda cue: _supposes(scene, cue))
        or scene.first((CueKind.IMAGINED,), lambda cue: _introduces(scene, cue, scene.reach.before))
        or scene.first((CueKind.COUNTERFACTUAL,), lambda cue: scene.turn.share(cue.span, hit, Within.SENTENCE))
    )


def _supposes(scene: Scene, cue: Cue) -> bool:
    """Whether the hit itself is supposed (如果七天可以退的话), not what it follows from (如果不喜欢，七天可以退)."""
    hit = scene.hit.span
    if not scene.before_part(cue, hit, Within.CLAUSE, scene.reach.adjacent):
        return False
    return all(scene.turn.share(part, hit, Within.CLAUSE) for part in scene.hit.parts)


def _is_bargain(scene: Scene) -> bool:
    """Whether the customer is asked for something in return: 如果赔您两百，您能撤销投诉吗."""
    end = scene.hit.span.end
    sentence = scene.turn.piece(end - 1, Within.SENTENCE).end
    if (asked := scene.between(CueKind.CUSTOMER, end, sentence)) is None:
        return False
    mark = scene.turn.question_mark(asked.span.end, sentence)
    tail = scene.between(CueKind.QUESTION_END, asked.span.end, sentence)
    return mark is not None or (tail is not None and scene.is_bare(tail.span.end, sentence, letters=1))


def _introduces(scene: Scene, cue: Cue, limit: int) -> bool:
    """Whether a cue stands before the hit in its clause, or ends the clause before it (打个比方，七天可以退)."""
    hit = scene.hit.span
    if scene.before_part(cue, hit, Within.CLAUSE, limit):
        return True
    return scene.before_part(cue, hit, Within.SENTENCE, limit) and _ends_clause_before(scene, cue)


def _ends_clause_before(scene: Scene, cue: Cue) -> bool:
    end = scene.turn.piece(cue.span.end - 1, Within.CLAUSE).end
    begin = scene.turn.piece(scene.hit.span.start, Within.CLAUSE).start
    return scene.is_bare(cue.span.end, end, letters=1) and scene.is_bare(end, begin)


def _condition(scene: Scene) -> Cue | None:
    """A condition that others decide: 如果审核通过. What the customer may wish (不喜欢) or suffer (丢件) binds the shop."""
    hit = scene.hit.span
    return scene.first(
        (CueKind.PROVISO,), lambda cue: scene.turn.share(cue.span, hit, Within.SENTENCE) and _reaches(scene, cue)
    ) or scene.first((CueKind.CONDITION,), lambda cue: _reaches(scene, cue) and _is_decided_by_others(scene, cue))


def _reaches(scene: Scene, cue: Cue) -> bool:
    """Whether a condition belongs to the hit: said before it in the sentence, or right behind it."""
    hit = scene.hit.span
    if cue.span.start >= hit.end:
        return cue.span.start - hit.end <= scene.reach.correction and scene.turn.share(cue.span, hit, Within.SENTENCE)
    return _stands_before(scene, cue)


def _is_decided_by_others(scene: Scene, cue: Cue) -> bool:
    end = scene.turn.piece(cue.span.end - 1, Within.CLAUSE).end
    if cue.span.end <= scene.hit.span.start:
        end = min(end, scene.hit.span.start)
    decision = scene.between(CueKind.DECISION, cue.span.end, end)
    if decision is None:
        return False
    return (
        scene.between(
            CueKind.CUSTOMER, max(cue.span.start, decision.span.start - scene.reach.behind), decision.span.start
        )
        is None
    )


def _stands_before(scene: Scene, cue: Cue) -> bool:
    return scene.before_part(cue, scene.hit.span, Within.SENTENCE, 3 * scene.reach.before)


def _reported(scene: Scene) -> Cue | None:
    start = scene.hit.span.start
    return scene.first(
        (CueKind.REPORTED,),
        # The shop's own voice between cue and hit: 别家三天，我们七天.
        lambda cue: _stands_before(scene, cue) and scene.between(CueKind.OWN_WORDS, cue.span.end, start + 1) is None,
    ) or scene.first((CueKind.PAYER,), lambda cue: _is_paid_by(scene, cue))


def _is_paid_by(scene: Scene, cue: Cue) -> bool:
    """Whether what the hit says begins with somebody else who pays: 快递赔您两百, your insurer may pay you $200."""
    hit = scene.hit.span
    is_said = cue.span.start <= hit.start <= cue.span.end + scene.reach.adjacent
    is_said = is_said and scene.turn.share(cue.span, hit, Within.CLAUSE)
    # The shop's own voice behind it: 快递赔您一百我给您补五百.
    return is_said and scene.between(CueKind.OWN_WORDS, cue.span.end, hit.end) is None


def _quotation(scene: Scene) -> Cue | None:
    for told in _told(scene):
        if _introduces(scene, told, 3 * scene.reach.before):
            return told
    hit, original = scene.hit.span, scene.turn.original
    if (line := scene.turn.said.quoted_line_around(hit)) is not None:
        return Cue("quotation", original[line.start : line.end].strip()[0], line)
    quote = scene.turn.said.quote_around(hit)
    if quote is not None and _quotes_somebody(scene, original[quote.start + 1 : quote.end - 1], quote):
        return Cue("quotation", original[quote.start], Span(quote.start, quote.start + 1))
    return None


def _told(scene: Scene) -> Iterator[Cue]:
    """Expressions that name somebody's words: listed ones (您的意思), and somebody with a verb of saying (快递员跟您讲)."""
    yield from scene.near(CueKind.QUOTATION)
    for verb in scene.near(CueKind.SPEECH):
        for speaker in scene.near(CueKind.SPEAKER):
            gap = Span(min(speaker.span.end, verb.span.start), verb.span.start)
            if (
                0 <= verb.span.start - speaker.span.end <= scene.reach.speech
                and scene.turn.share(speaker.span, verb.span, Within.CLAUSE)
                and scene.between(CueKind.OWN_WORDS, gap.start, gap.end) is None
            ):
                span = Span(speaker.span.start, verb.span.end)
                yield Cue("quotation", scene.turn.original[span.start : span.end], span)


def _quotes_somebody(scene: Scene, words: str, span: Span) -> bool:
    """Quote marks also emphasise; they quote if somebody is named in the sentence or the customer said the words."""
    if any(words in text for index, text in scene.customer_texts if index < scene.turn.index):
        return True
    named = (*_told(scene), *scene.near(CueKind.REPORTED))
    return any(scene.turn.share(cue.span, span, Within.SENTENCE) for cue in named)


def _warning(scene: Scene) -> Cue | None:
    hit, reach = scene.hit.span, scene.reach
    return (
        scene.first((CueKind.WARNING,), lambda cue: scene.before_part(cue, hit, Within.SENTENCE, 2 * reach.before))
        or scene.first((CueKind.WARNING,), lambda cue: _is_right_behind(scene, cue, 2 * reach.behind))
        or scene.first((CueKind.FRAUD,), lambda cue: scene.turn.share(cue.span, hit, Within.SENTENCE))
    )


def _correction(scene: Scene) -> Cue | None:
    hit, reach = scene.hit.span, scene.reach
    return scene.first(
        (CueKind.CORRECTION,), lambda cue: 0 <= cue.span.start - hit.end <= reach.correction
    ) or scene.first((CueKind.RETRACTION,), lambda cue: scene.before_part(cue, hit, Within.CLAUSE, reach.before))


def _hedge(scene: Scene) -> Cue | None:
    return scene.first((CueKind.HEDGE,), scene.clause_holds)


_ACTS: Mapping[SpeechAct, Callable[[Scene], Cue | None]] = {
    SpeechAct.QUOTATION: _quotation,
    SpeechAct.REPORTED: _reported,
    SpeechAct.WARNING: _warning,
    SpeechAct.NEGATION: _negation,
    SpeechAct.HYPOTHETICAL: _hypothetical,
    SpeechAct.CONDITION: _condition,
    SpeechAct.QUESTION: _question,
    SpeechAct.CORRECTION: _correction,
    SpeechAct.HEDGE: _hedge,
}
