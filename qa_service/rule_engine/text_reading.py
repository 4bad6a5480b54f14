"""One text, scanned and segmented at most once for all rules and all turns that say it. Owns no conversation (`reading`)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable
from enum import StrEnum
from functools import cached_property

from qa_service.domain.text import NormalisedText, NormalisedTurn, Span
from qa_service.rule_engine.abbreviations import FULL_STOP
from qa_service.rule_engine.answer import Answer
from qa_service.rule_engine.blocks import JOINT
from qa_service.rule_engine.cues import Cues
from qa_service.rule_engine.evasion.automaton import Depth, Found
from qa_service.rule_engine.evasion.joined import Joined, joined
from qa_service.rule_engine.evasion.reading import Hidden, readings
from qa_service.rule_engine.evasion.view import View
from qa_service.rule_engine.lexicon import Occurrence, Scanner
from qa_service.rule_engine.pattern import pattern_trigger
from qa_service.rule_engine.stated_value import StatedValue, stated_values

# Agents repeat stock phrases: so many short texts are kept, those said last.
_MOST_TEXTS = 2_000
_LONGEST_KEPT_CHARS = 200


class Within(StrEnum):
    """The piece of text that words must share."""

    CLAUSE = "clause"
    SENTENCE = "sentence"
    TURN = "turn"


# A comma or colon inside a number or time ends nothing.
_SENTENCE_END = re.compile(rf"[。！？；!?;\n\r…]+|{FULL_STOP}")
_CLAUSE_END = re.compile(rf"[。！？；!?;\n\r…，～~]+|{FULL_STOP}|(?<![0-9])[,:：]|[,:：](?![0-9])")

_JOINTS = re.compile(f"(?:{JOINT})+")
_QUOTED = re.compile(r"“[^”]{1,200}”|‘[^’]{1,200}’|「[^」]{1,200}」|『[^』]{1,200}』|\"[^\"]{1,200}\"")
_QUESTION_MARK = re.compile(r"[?？]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[a-z]{3}")
_QUOTED_LINE = re.compile(r"(?m)^[ \t]{0,8}[>＞][^\n]*$")


class TextReading:
    """A text, read on demand. What is not to be read holds no words, patterns and values."""

    def __init__(self, turn: NormalisedTurn, scanner: Scanner, *, is_read: bool) -> None:
        self.original = turn.turn.text
        self.allowed: dict[Hashable, list[Span]] = {}
        """The outermost spans of each rule's exceptions in order, once asked for."""
        self.answers: dict[str, Answer] = {}
        """What the nodes of textual rules said of it, by rule id."""
        self.candidates: dict[Hashable, tuple[int, ...]] = {}
        """The rules of each plan that it sets off."""
        self._turn = turn
        self._scanner = scanner
        self._is_read = is_read
        self._found: Found | None = None if is_read else {}
        self._depth = Depth.PLAIN if is_read else Depth.SOUNDS
        self._occurrences: dict[int, tuple[Occurrence, ...]] = {}
        self._matches: dict[int, tuple[Occurrence, ...]] = {}
        self._cues: dict[str, Cues] = {}

    def words(self, depth: Depth) -> Found:
        """The words that are said, sought so deep or deeper; digging is dear, and few rules look further down."""
        if self._found is None:
            self._found = self._scanner.words(self._turn)
        while self._depth < depth:
            self._depth = Depth(self._depth + 1)
            self._scanner.dig(self._turn, self._hidden, self._depth, self._found)
            self._occurrences.clear()
        return self._found

    @cached_property
    def _hidden(self) -> tuple[Hidden, ...]:
        return tuple(readings(self._turn))

    def all_words(self, term_ids: frozenset[int]) -> Found:
        """The words that are said, sought as deep as any rule seeks one of these."""
        return self.words(self._scanner.depth_for(term_ids))

    def word(self, term_id: int) -> tuple[Occurrence, ...]:
        """The occurrences of a word that `words` holds, in order."""
        if term_id not in self._occurrences:
            spans = sorted(self.words(Depth.PLAIN)[term_id].items())
            self._occurrences[term_id] = tuple(Occurrence(Span(*ends), *how) for ends, how in spans)
        return self._occurrences[term_id]

    @cached_property
    def pattern_ids(self) -> frozenset[int]:
        """The patterns of conditions that may match somewhere, also once what is spelt out is joined."""
        return self._possible(self._scanner.pattern_ids)

    @cached_property
    def _exception_ids(self) -> frozenset[int]:
        return self._possible(self._scanner.exception_ids)

    def _possible(self, seek: Callable[[NormalisedText], frozenset[int]]) -> frozenset[int]:
        if not self._is_read:
            return frozenset()
        found = seek(self._turn.text)
        return found if self.joined is None else found | seek(self.joined)

    @cached_property
    def possible_patterns(self) -> frozenset[int]:
        """The triggers of `pattern_ids`."""
        return frozenset(map(pattern_trigger, self.pattern_ids))

    @property
    def joined(self) -> NormalisedText | None:
        """The text with what is spelt out put together (7 天 无 理 由); None where nothing is."""
        return None if self._together is None else self._together.text

    @cached_property
    def _together(self) -> Joined | None:
        return joined(self._turn.text) if self._is_read else None

    @cached_property
    def stated(self) -> tuple[StatedValue, ...]:
        """The stated values in order, named days not yet counted."""
        return stated_values(self._turn.text, self._together)

    def pattern(self, pattern_id: int) -> tuple[Occurrence, ...]:
        """The matches of a pattern in order, each through the more literal reading."""
        possible = self.pattern_ids if pattern_id in self._scanner.sought_ids else self._exception_ids
        if pattern_id not in possible:
            return ()
        if pattern_id not in self._matches:
            self._matches[pattern_id] = self._matches_of(pattern_id)
        return self._matches[pattern_id]

    def _matches_of(self, pattern_id: int) -> tuple[Occurrence, ...]:
        spans = [span for span in self._scanner.find(pattern_id, self._turn.text) if not self._is_unsaid(span)]
        found = [Occurrence(span, View.CASED) for span in spans]
        if self._together is not None:
            for span in self._scanner.find(pattern_id, self._together.text):
                before = bisect_right(spans, span.end - 1, key=_span_start)
                is_found = before and spans[before - 1].overlaps(span)
                if not is_found and not self._is_unsaid(span):
                    undone = self._together.undone_in(span)
                    found.append(Occurrence(span, View.COMPACT if undone else View.CASED, undone))
        return tuple(sorted(found, key=_start))

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """The languages that the script shows."""
        shown = (("zh", _HAN), ("en", _LATIN_WORD))
        return tuple(name for name, script in shown if script.search(self._turn.text.text))

    def quote_around(self, span: Span) -> Span | None:
        """What stands in quote marks around a part of the original, marks included."""
        return _around(self._quotes, span)

    def quoted_line_around(self, span: Span) -> Span | None:
        """The line that begins with > around a part of the original."""
        return _around(self._quoted_lines, span)

    def _is_unsaid(self, span: Span) -> bool:
        """Whether it is nothing but the mark between merged messages, which nobody sent."""
        return _around(self._joints, span) is not None

    @cached_property
    def _joints(self) -> tuple[Span, ...]:
        return tuple(Span(*match.span()) for match in _JOINTS.finditer(self.original))

    @cached_property
    def _quotes(self) -> tuple[Span, ...]:
        return tuple(Span(*match.span()) for match in _QUOTED.finditer(self.original))

    @cached_property
    def _quoted_lines(self) -> tuple[Span, ...]:
        return tuple(Span(*match.span()) for match in _QUOTED_LINE.finditer(self.original))

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [0, *(match.end() for match in _SENTENCE_END.finditer(self.original))]

    @cached_property
    def _clause_starts(self) -> list[int]:
        return [0, *(match.end() for match in _CLAUSE_END.finditer(self.original))]

    @cached_property
    def _question_marks(self) -> list[int]:
        return [match.start() for match in _QUESTION_MARK.finditer(self.original)]

    def piece(self, at: int, within: Within) -> Span:
        """The clause, sentence or turn around a position of the original, its end mark included."""
        if within is Within.TURN:
            return Span(0, len(self.original))
        starts = self._clause_starts if within is Within.CLAUSE else self._sentence_starts
        following = bisect_right(starts, at)
        return Span(starts[following - 1], starts[following] if following < len(starts) else len(self.original))

    def question_mark(self, start: int, end: int) -> Span | None:
        """The first question mark in a part of the original."""
        at = bisect_left(self._question_marks, start)
        if at < len(self._question_marks) and (mark := self._question_marks[at]) < end:
            return Span(mark, mark + 1)
        return None

    def clause_ends(self, gap: Span) -> int:
        """How many clauses end in a part of the original."""
        return bisect_right(self._clause_starts, gap.end) - bisect_right(self._clause_starts, gap.start)

    def share(self, one: Span, other: Span, within: Within) -> bool:
        """Whether two spans begin in the same piece."""
        return within is Within.TURN or self.piece(one.start, within) == self.piece(other.start, within)

    def cues(self, language: str, find: Callable[[], Cues]) -> Cues:
        """The speech-act cues in a language, sought by `find` where they are not known yet."""
        if language not in self._cues:
            self._cues[language] = find()
        return self._cues[language]


def _span_start(span: Span) -> int:
    return span.start


def _around(apart: tuple[Span, ...], span: Span) -> Span | None:
    """The one of these, in order and apart from each other, that holds a span."""
    before = bisect_right(apart, span.start, key=_span_start)
    return apart[before - 1] if before and apart[before - 1].covers(span) else None


def _start(found: Occurrence) -> tuple[int, int]:
    return found.span.start, found.span.end


class Texts:
    """The texts that were read last, by what they say."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._known: OrderedDict[str, TextReading] = OrderedDict()

    def of(self, turn: NormalisedTurn, *, is_read: bool) -> TextReading:
        """The text of a turn; one that is not read is not kept."""
        text = turn.turn.text
        known = self._known.get(text) if is_read else None
        if known is None:
            known = TextReading(turn, self._scanner, is_read=is_read)
            if is_read and len(text) <= _LONGEST_KEPT_CHARS:
                if len(self._known) >= _MOST_TEXTS:
                    self._known.popitem(last=False)
                self._known[text] = known
        else:
            self._known.move_to_end(text)
        return known
