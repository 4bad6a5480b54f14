from __future__ import annotations

import base64
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qa_service.domain.identity import EVERYTHING
from qa_service.errors import InvalidInput
from qa_service.storage.conversations import NEWEST_FIRST, worst_first
from qa_service.storage.scoping import list_columns
from qa_service.storage.summary import FIRST_UNFLAGGED
from tests.unit.storage.builders import NOW

ID = "0123456789abcdef" * 2
WORST_FIRST = worst_first(list_columns(EVERYTHING))
ORDERINGS = {"newest": NEWEST_FIRST, "worst": WORST_FIRST}


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_cursor_gives_back_what_it_was_made_from() -> None:
    assert NEWEST_FIRST.values(NEWEST_FIRST.cursor([NOW, ID])) == (NOW, ID)
    assert WORST_FIRST.values(WORST_FIRST.cursor([FIRST_UNFLAGGED, ID])) == (FIRST_UNFLAGGED, ID)


@pytest.mark.parametrize(
    ("ordering", "value"),
    [
        pytest.param("newest", ["worst", 3, ID], id="of another order"),
        pytest.param("newest", ["newest", NOW.isoformat()], id="too short"),
        pytest.param("newest", ["newest", "2026-11-02T02:00:00", ID], id="time without zone"),
        pytest.param("newest", ["newest", "0001-01-01T00:00:00+08:00", ID], id="time before the calendar"),
        pytest.param("newest", ["newest", 5, ID], id="time is a number"),
        pytest.param("newest", ["newest", NOW.isoformat(), "' OR 1=1"], id="strange id"),
        pytest.param("newest", ["newest", NOW.isoformat(), None], id="no id"),
        pytest.param("newest", {"newest": 1}, id="an object"),
        pytest.param("newest", 5, id="a number"),
        pytest.param("worst", ["worst", 2**70, ID], id="place too large"),
        pytest.param("worst", ["worst", -1, ID], id="place below any"),
        pytest.param("worst", ["worst", True, ID], id="place is a boolean"),
        pytest.param("worst", ["worst", 3.5, ID], id="place is no whole number"),
        pytest.param("worst", ["worst", 3, 2, -0.5, ID], id="of an earlier version"),
    ],
)
def test_a_cursor_that_was_never_given_out_is_refused(ordering: str, value: object) -> None:
    with pytest.raises(InvalidInput):
        ORDERINGS[ordering].values(encoded(value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=5)
)


@settings(max_examples=50, deadline=None)
@given(st.text() | json_values.map(encoded) | st.lists(json_values).map(lambda rest: encoded(["worst", *rest])))
@example("é")
@example("[" * 9)
def test_no_text_whatsoever_breaks_a_list(cursor: str) -> None:
    for ordering in ORDERINGS.values():
        try:
            values = ordering.values(cursor)
        except InvalidInput:
            continue
        assert ordering.values(ordering.cursor(values)) == values
