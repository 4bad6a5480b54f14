"""What every store keeps of the audit log."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest

from qa_service.domain.audit import AuditEntry, AuditEvent, AuditFilter, AuditRecord, check_chain
from qa_service.errors import InvalidInput, NotFound
from qa_service.workflows.ports import UnitOfWork
from tests.unit.storage.builders import MINUTE, NOW


def entry(n: int, **fields: object) -> AuditEntry:
    known = {
        "at": NOW + n * MINUTE,
        "by": f"person-{n}",
        "role": "admin",
        "event": AuditEvent.VERDICT,
        "on": {"n": str(n)},
    }
    return AuditEntry(**{**known, **fields})  # type: ignore[arg-type]


def write(uow: UnitOfWork, *entries: AuditEntry) -> None:
    with uow() as repository:
        for one in entries:
            repository.add_audit(one)


def read(uow: UnitOfWork) -> list[AuditRecord]:
    with uow(is_read_only=True) as repository:
        return list(repository.audit_records())


def test_rows_come_back_as_they_were_written_and_hold_together(uow: UnitOfWork) -> None:
    full = entry(
        2,
        shop="店",
        before={"total": "83.20", "findings": [1, 2], "share": 0.1},
        after={"total": None, "词": "\x00\n\"'"},
        request_id="r-1",
        address="::1",
    )
    write(uow, entry(1), full)
    write(uow, entry(3, role=None))

    records = read(uow)

    assert [record.entry for record in records] == [entry(1), full, entry(3, role=None)]
    assert [record.number for record in records] == [1, 2, 3]
    assert check_chain(records).broken_row is None


def test_an_act_that_is_rolled_back_is_not_in_the_log(uow: UnitOfWork) -> None:
    def fail() -> None:
        with uow() as repository:
            repository.add_audit(entry(1))
            repository.get("0" * 32)

    with pytest.raises(NotFound):
        fail()

    assert read(uow) == []


def test_a_read_only_transaction_cannot_audit(uow: UnitOfWork) -> None:
    with pytest.raises(RuntimeError), uow(is_read_only=True) as repository:
        repository.add_audit(entry(1))


def test_a_page_has_the_newest_rows_first_and_leads_to_the_next(uow: UnitOfWork) -> None:
    write(uow, *(entry(n) for n in range(1, 6)))
    with uow(is_read_only=True) as repository:
        first = repository.audit_page(AuditFilter(limit=2))
        second = repository.audit_page(AuditFilter(limit=2, cursor=first.next_cursor))
        last = repository.audit_page(AuditFilter(limit=2, cursor=second.next_cursor))

    assert [[row.number for row in page.rows] for page in (first, second, last)] == [[5, 4], [3, 2], [1]]
    assert last.next_cursor is None


def test_a_broken_cursor_is_refused(uow: UnitOfWork) -> None:
    with pytest.raises(InvalidInput), uow(is_read_only=True) as repository:
        repository.audit_page(AuditFilter(cursor="x"))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        (AuditFilter(event=AuditEvent.REQUEUED), [2]),
        (AuditFilter(by="person-3"), [3]),
        (AuditFilter(shops=frozenset({"s-1"})), [1]),
        (AuditFilter(shops=frozenset()), []),
        (AuditFilter(by="nobody"), []),
    ],
    ids=["event", "by", "shop", "no-shop", "unknown"],
)
def test_a_page_holds_what_was_asked_for(uow: UnitOfWork, query: AuditFilter, numbers: list[int]) -> None:
    write(uow, entry(1, shop="s-1"), entry(2, event=AuditEvent.REQUEUED, shop="s-2"), entry(3))
    with uow(is_read_only=True) as repository:
        assert [row.number for row in repository.audit_page(query).rows] == numbers


def test_two_writers_at_once_leave_one_chain(uow: UnitOfWork) -> None:
    both = Barrier(2)

    def work(name: str) -> None:
        both.wait()
        for n in range(10):
            write(uow, entry(n, by=name))

    writers = [Thread(target=work, args=(name,)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    records = read(uow)
    assert len(records) == 20
    assert check_chain(records).broken_row is None
