"""What every store must do to assign chats: order, scope, and of two at once each gets another one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from qa_service.domain.assignment import AssignedChat
from qa_service.domain.finding import Severity
from qa_service.domain.identity import EVERYTHING, Principal, Role, Scope
from qa_service.domain.review import ReviewState
from qa_service.workflows.assignments import Assignments
from qa_service.workflows.ports import Repository, UnitOfWork
from tests.contract.stores import find, found, get, store, submit
from tests.fakes.stages import FakeClock
from tests.unit.storage.builders import chat, finding, mood_correction, scorecard, suspicion_review, verdict

MINE = Scope(shops=frozenset({"mine"}))


def flagged(uow: UnitOfWork, name: str, severity: Severity = Severity.MAJOR, shop: str = "demo") -> str:
    return store(uow, chat(name, shop=shop), finding(severity=severity))


def set_state(uow: UnitOfWork, conversation_id: str, state: ReviewState) -> None:
    with uow() as repository:
        repository.save_final_scorecards(conversation_id, [scorecard()], state, findings=[finding()])


def assign(uow: UnitOfWork, assignee: str | None, *ids: str) -> None:
    with uow() as repository:
        repository.assign(ids, assignee)


def ids_of(chats: list[AssignedChat]) -> list[str]:
    return [one.id for one in chats]


def test_what_nobody_reviews_is_held_worst_first(uow: UnitOfWork) -> None:
    minor, fatal, major = (
        flagged(uow, name, severity)
        for name, severity in (("a", Severity.MINOR), ("b", Severity.CRITICAL), ("c", Severity.MAJOR))
    )
    store(uow, chat("calm"))
    submit(uow, chat("not inspected"))
    set_state(uow, flagged(uow, "done"), ReviewState.CONFIRMED)
    assign(uow, "wangmin", flagged(uow, "taken"))
    with uow() as repository:
        assert ids_of(repository.hold_unassigned(9)) == [fatal, major, minor]
        assert ids_of(repository.hold_unassigned(2)) == [fatal, major]
        assert (repository.count_unassigned(at_most=9), repository.count_unassigned(at_most=2)) == (3, 2)


def test_what_nobody_reviews_is_narrowed_by_shop_and_by_who_gets_it(uow: UnitOfWork) -> None:
    mine, theirs = flagged(uow, "a", shop="mine"), flagged(uow, "a", shop="theirs")
    both = Scope(shops=frozenset({"theirs"})), MINE
    with uow() as repository:
        assert ids_of(repository.hold_unassigned(9, shop="mine")) == [mine]
        assert ids_of(repository.hold_unassigned(9, within=[MINE])) == [mine]
        assert sorted(ids_of(repository.hold_unassigned(9, within=both))) == sorted([mine, theirs])
        assert repository.hold_unassigned(9, within=[]) == []
        assert repository.ids_within([mine, theirs, "0" * 32], MINE) == {mine}


def test_a_chat_is_held_with_its_shop_assignee_and_whether_it_was_judged(uow: UnitOfWork) -> None:
    one, other = flagged(uow, "a"), flagged(uow, "b", shop="other")
    assign(uow, "wangmin", one)
    with uow() as repository:
        repository.add_verdict(verdict(next(iter(get(uow, other).finding_ids.values()))))
    with uow() as repository:
        chats = repository.hold_chats([one, other, "0" * 32])
    expected = [
        AssignedChat(id=one, shop="demo", assignee="wangmin", is_judged=False),
        AssignedChat(id=other, shop="other", assignee=None, is_judged=True),
    ]
    assert chats == sorted(expected, key=lambda held: held.id)


@pytest.mark.parametrize(
    "judge",
    [
        pytest.param(lambda r, one: r.add_verdict(verdict(next(iter(r.get(one).finding_ids.values())))), id="verdict"),
        pytest.param(lambda r, one: r.add_suspicion_review(suspicion_review(one)), id="cleared suspicion"),
        pytest.param(lambda r, one: r.add_mood_correction(mood_correction(one)), id="corrected mood"),
    ],
)
def test_what_somebody_has_begun_with_is_not_among_what_can_be_taken_back(
    uow: UnitOfWork, judge: Callable[[Repository, str], None]
) -> None:
    begun, waiting, done = (flagged(uow, name) for name in "abc")
    assign(uow, "wangmin", begun, waiting, done)
    assign(uow, "lifang", flagged(uow, "d"))
    set_state(uow, done, ReviewState.CONFIRMED)
    with uow() as repository:
        judge(repository, begun)
    with uow() as repository:
        assert ids_of(repository.hold_assigned("wangmin", 9)) == [waiting]
        assert repository.hold_assigned("nobody", 9) == []


def test_open_and_appealed_chats_are_counted_for_each(uow: UnitOfWork) -> None:
    ids = [flagged(uow, name) for name in "abcd"]
    assign(uow, "wangmin", *ids, store(uow, chat("calm")))
    set_state(uow, ids[0], ReviewState.APPEALED)
    set_state(uow, ids[1], ReviewState.CONFIRMED)
    with uow(is_read_only=True) as repository:
        assert dict(repository.open_chats(["wangmin", "lifang"])) == {"wangmin": 3}


def test_lists_show_and_select_the_assignee(uow: UnitOfWork) -> None:
    one, other = flagged(uow, "a"), flagged(uow, "b")
    flagged(uow, "c")
    assign(uow, "wangmin", one)
    assign(uow, "lifang", other)
    assert found(uow, assignee="wangmin", worst_first=True) == ["a"]
    assert found(uow, is_assigned=False) == ["c"]
    assert sorted(found(uow, is_assigned=True)) == ["a", "b"]
    assert [row.assignee for row in find(uow, assignee="lifang").rows] == ["lifang"]
    assert get(uow, one).assignee == "wangmin"
    assign(uow, None, one)
    assert get(uow, one).assignee is None


def test_a_new_result_leaves_the_assignee(uow: UnitOfWork) -> None:
    one = flagged(uow, "a")
    assign(uow, "wangmin", one)
    store(uow, chat("a", text="三天内可以退"), finding())
    assert (get(uow, one).revision, get(uow, one).assignee) == (2, "wangmin")


def test_what_is_out_of_scope_is_neither_held_nor_counted(uow: UnitOfWork) -> None:
    mine, theirs, free = flagged(uow, "a", shop="mine"), flagged(uow, "a", shop="theirs"), flagged(uow, "b", shop="x")
    assign(uow, "wangmin", mine, theirs)
    with uow.within(MINE)() as repository:
        assert ids_of(repository.hold_chats([mine, theirs, free])) == [mine]
        assert ids_of(repository.hold_assigned("wangmin", 9)) == [mine]
        assert repository.hold_unassigned(9) == []
        assert repository.ids_within([mine, theirs], EVERYTHING) == {mine}
        assert dict(repository.open_chats(["wangmin"])) == {"wangmin": 1}
        assert repository.count_unassigned(at_most=9) == 0


def test_two_who_take_the_next_chat_at_once_never_get_the_same(uow: UnitOfWork) -> None:
    ids = [flagged(uow, f"c-{number}") for number in range(12)]
    both = Barrier(2)
    taken: dict[str, list[str]] = {"wangmin": [], "lifang": []}

    def take(name: str) -> None:
        work = Assignments(unit_of_work=uow, clock=FakeClock())
        reviewer = Principal(name=name, role=Role.REVIEWER)
        both.wait()
        while conversation_id := work.take_next(reviewer):
            taken[name].append(conversation_id)

    reviewers = [Thread(target=take, args=(name,)) for name in taken]
    for reviewer in reviewers:
        reviewer.start()
    for reviewer in reviewers:
        reviewer.join()

    assert sorted(taken["wangmin"] + taken["lifang"]) == sorted(ids)
    for name, own in taken.items():
        assert all(get(uow, one).assignee == name for one in own)


def test_two_who_share_at_once_give_no_chat_twice(uow: UnitOfWork) -> None:
    ids = [flagged(uow, f"c-{number}") for number in range(12)]
    both = Barrier(2)
    held: list[list[str]] = []

    def share(name: str) -> None:
        both.wait()
        with uow() as repository:
            chats = ids_of(repository.hold_unassigned(6))
            repository.assign(chats, name)
        held.append(chats)

    leads = [Thread(target=share, args=(name,)) for name in ("a", "b")]
    for lead in leads:
        lead.start()
    for lead in leads:
        lead.join()

    given = [one for chats in held for one in chats]
    assert len(given) == len(set(given))
    assert set(given) <= set(ids)
