from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.audit import GENESIS, NO_ROWS, Anchor, AuditEntry, AuditEvent, AuditRecord, chained, check_chain

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
AT = datetime(2026, 11, 22, 9, 30, 0, 250_000, tzinfo=UTC)


def entry(n: int = 1, **fields: object) -> AuditEntry:
    known: dict[str, object] = {
        "at": AT,
        "by": "王",
        "role": "reviewer",
        "event": AuditEvent.VERDICT,
        "on": {"finding": f"f-{n}"},
        "shop": "shop-1",
        "before": {"state": "open"},
        "after": {"state": "confirmed"},
        "request_id": "r-1",
        "address": "127.0.0.1",
    }
    return AuditEntry(**{**known, **fields})  # type: ignore[arg-type]


def chain(n: int) -> list[AuditRecord]:
    records: list[AuditRecord] = []
    newest = NO_ROWS
    for number in range(1, n + 1):
        records.append(chained(entry(number), newest))
        newest = Anchor(count=number, sha256=records[-1].sha256)
    return records


def test_a_chain_as_it_was_written_has_nothing_to_report_but_its_anchor() -> None:
    records = chain(3)

    check = check_chain(records)

    assert (check.broken_row, check.problem) == (None, None)
    assert check.newest == Anchor(count=3, sha256=records[-1].sha256)
    assert records[0].previous_sha256 == GENESIS


def test_an_empty_log_is_whole() -> None:
    assert check_chain([]).newest == NO_ROWS


@pytest.mark.parametrize(
    "change",
    [
        {"at": AT + timedelta(microseconds=1)},
        {"by": "李"},
        {"role": "admin"},
        {"role": None},
        {"event": AuditEvent.SUSPICION_CLEARED},
        {"on": {"finding": "f-9"}},
        {"shop": None},
        {"before": None},
        {"after": {"state": "overturned"}},
        {"request_id": None},
        {"address": "10.0.0.1"},
    ],
    ids="-".join,
)
def test_an_edited_row_is_named(change: dict[str, object]) -> None:
    records = chain(3)
    records[1] = replace(records[1], entry=replace(records[1].entry, **change))  # type: ignore[arg-type]

    assert check_chain(records).broken_row == 2


def test_an_edited_row_with_a_new_hash_breaks_the_row_after_it() -> None:
    records = chain(3)
    records[1] = chained(entry(2, by="李"), Anchor(count=1, sha256=records[0].sha256))

    assert check_chain(records).broken_row == 3


@pytest.mark.parametrize("gone", [1, 2], ids=["first", "middle"])
def test_a_missing_row_is_named(gone: int) -> None:
    records = [record for record in chain(3) if record.number != gone]

    check = check_chain(records)

    assert (check.broken_row, check.problem) == (gone, "it is missing")


def test_rows_in_another_order_are_seen() -> None:
    first, second, third = chain(3)

    assert check_chain([first, third, second]).broken_row == 2


def test_rows_cut_off_at_the_end_show_against_an_anchor_from_before() -> None:
    records = chain(3)
    written_down = check_chain(records).newest

    assert check_chain(records[:2]).broken_row is None
    assert check_chain(records[:2], expected=written_down).broken_row == 3
    assert check_chain([], expected=written_down).broken_row == 1


def test_rows_after_the_anchor_are_no_fault() -> None:
    assert check_chain(chain(5), expected=check_chain(chain(3)).newest).broken_row is None


def test_a_log_written_anew_shows_against_an_anchor_from_before() -> None:
    written_down = check_chain(chain(2)).newest
    first = chained(entry(9), NO_ROWS)
    second = chained(entry(2), Anchor(count=1, sha256=first.sha256))

    assert check_chain([first, second]).broken_row is None
    assert check_chain([first, second], expected=written_down).broken_row == 2


def test_the_zone_in_which_a_time_is_given_changes_no_hash() -> None:
    east = entry(at=AT.astimezone(timezone(timedelta(hours=8))))

    assert chained(east, NO_ROWS) == replace(chained(entry(), NO_ROWS), entry=east)


@given(st.dictionaries(TEXT, st.integers() | TEXT | st.none()))
def test_the_order_of_keys_changes_no_hash(values: dict[str, object]) -> None:
    turned = dict(reversed(values.items()))

    assert chained(entry(after=values), NO_ROWS).sha256 == chained(entry(after=turned), NO_ROWS).sha256
