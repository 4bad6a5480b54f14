from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.evidence import cut
from qa_service.domain.finding import Finding, Outcome, Severity
from qa_service.domain.mood import CallEvidence


def finding(start: int | None, end: int | None, severity: Severity = Severity.MAJOR, rule_id: str = "r") -> Finding:
    return Finding(
        rule_id=rule_id,
        rule_version=1,
        category="abuse",
        severity=severity,
        outcome=Outcome.HIT,
        turn_id=None,
        start=start,
        end=end,
    )


def test_offsets_count_code_points_also_beyond_the_basic_plane() -> None:
    pieces = cut("😀😀七天😀", [finding(2, 4)])
    assert [(piece.text, len(piece.findings)) for piece in pieces] == [("😀😀", 0), ("七天", 1), ("😀", 0)]


def test_where_spans_overlap_the_worst_finding_colours_and_all_are_linked() -> None:
    minor, critical = finding(0, 4, Severity.MINOR), finding(2, 6, Severity.CRITICAL)
    pieces = cut("abcdefgh", [minor, critical])
    assert [(piece.text, piece.tone if piece.findings else None) for piece in pieces] == [
        ("ab", "minor"),
        ("cd", "critical"),
        ("ef", "critical"),
        ("gh", None),
    ]
    assert pieces[1].keys.split() == [critical.key, minor.key]


@pytest.mark.parametrize(
    ("start", "end"),
    [pytest.param(None, None, id="an absence"), pytest.param(3, 3, id="empty"), pytest.param(9, 12, id="beyond")],
)
def test_what_covers_no_text_marks_nothing(start: int | None, end: int | None) -> None:
    assert [(piece.text, piece.findings) for piece in cut("abcd", [finding(start, end)])] == [("abcd", ())]


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(0, 35), st.integers(0, 35)), max_size=6),
)
def test_the_pieces_join_to_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    found = [finding(*span, rule_id=str(number)) for number, span in enumerate(spans)]
    pieces = cut(text, found)
    assert "".join(piece.text for piece in pieces) == text
    for one in found:
        marked = "".join(piece.text for piece in pieces if one in piece.findings)
        assert marked == text[one.start : one.end]


def call(start: int | None, end: int | None, value: float = -0.9) -> CallEvidence:
    return CallEvidence(call="polarity", start=start, end=end, value=value, value_without=0.0)


def test_words_of_a_call_are_marked_beside_findings() -> None:
    pieces = cut("abcdef", [finding(0, 3)], [call(2, 5)])
    assert [(piece.text, len(piece.findings), len(piece.calls)) for piece in pieces] == [
        ("ab", 1, 0),
        ("c", 1, 1),
        ("de", 0, 1),
        ("f", 0, 0),
    ]


def test_a_call_that_rests_on_no_words_marks_nothing() -> None:
    assert [piece.calls for piece in cut("abc", [], [call(None, None)])] == [()]


@pytest.mark.parametrize(("value", "feeling"), [(0.9, "good"), (-0.9, "bad")], ids=["happy", "unhappy"])
def test_a_happy_call_is_coloured_otherwise(value: float, feeling: str) -> None:
    (piece,) = cut("abc", [], [call(0, 3, value)])
    assert piece.feeling == feeling
