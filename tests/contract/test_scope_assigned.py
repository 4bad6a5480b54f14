"""Whoever sees assigned chats only neither sees nor touches another one, on any store."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service.domain.audit import AuditFilter
from qa_service.domain.erasure import CustomerQuery, Erasure, ErasureState
from qa_service.domain.identity import Scope
from qa_service.errors import NotFound, NotPermitted
from qa_service.workflows.ports import ConversationFilter, Repository, UnitOfWork
from tests.contract.stores import found, get, store
from tests.contract.test_scope import Rows, everything_read
from tests.unit.storage.builders import (
    MINUTE,
    NOW,
    chat,
    digest,
    finding,
    mood_correction,
    scorecard,
    shadow_difference,
    suspicion_review,
    verdict,
)

ASSIGNED = Scope(assigned_to="wangmin")


@pytest.fixture
def rows(uow: UnitOfWork) -> Rows:
    """Three chats of one shop: wangmin's, lifang's, nobody's; all with a hit, a verdict, a correction, a difference."""
    ids = {}
    for number, assignee in enumerate(("wangmin", "lifang", None)):
        one = store(uow, chat(f"c-{number}"), finding(), cards=(scorecard("80"),))
        (finding_id,) = get(uow, one).finding_ids.values()
        with uow() as repository:
            repository.add_verdict(verdict(finding_id))
            repository.add_mood_correction(mood_correction(one))
            repository.add_shadow_difference(shadow_difference(one))
            repository.assign([one], assignee)
        ids[assignee] = (one, finding_id)
    return Rows(mine=ids["wangmin"][0], theirs=ids["lifang"][0], finding_of_theirs=ids["lifang"][1])


def test_lists_counts_and_reports_have_assigned_chats_only(uow: UnitOfWork, rows: Rows) -> None:
    ours = [rows.mine]
    with uow.within(ASSIGNED)(is_read_only=True) as repository:
        assert everything_read(repository) == (ours, ours, ours, {"complete": 1}, ours, ours, ours)
        (sums,) = repository.agent_sums(since=NOW - MINUTE, until=NOW + MINUTE)
        (day,) = repository.day_sums([NOW - MINUTE], until=NOW + MINUTE)
    assert (sums.scorecards, day.conversations) == (1, 1)
    assert found(uow.within(Scope(assigned_to="nobody"))) == []


@pytest.mark.parametrize(
    "touch",
    [
        pytest.param(lambda r, rows: r.get(rows.theirs), id="read"),
        pytest.param(lambda r, rows: r.get_finding(rows.finding_of_theirs), id="finding"),
        pytest.param(lambda r, rows: r.add_verdict(verdict(rows.finding_of_theirs)), id="verdict"),
        pytest.param(lambda r, rows: r.add_suspicion_review(suspicion_review(rows.theirs)), id="clear"),
        pytest.param(lambda r, rows: r.add_mood_correction(mood_correction(rows.theirs)), id="mood"),
        pytest.param(lambda r, rows: r.final_scores(rows.theirs), id="final scores"),
        pytest.param(lambda r, rows: r.originals(rows.theirs), id="personal data"),
        pytest.param(lambda r, rows: r.requeue(rows.theirs, now=NOW), id="requeue"),
    ],
)
def test_a_chat_of_somebody_else_is_as_if_it_did_not_exist(
    uow: UnitOfWork, rows: Rows, touch: Callable[[Repository, Rows], object]
) -> None:
    before = get(uow, rows.theirs)
    with pytest.raises(NotFound), uow.within(ASSIGNED)() as repository:
        touch(repository, rows)
    assert get(uow, rows.theirs) == before


def test_a_chat_that_is_taken_back_is_gone_at_once(uow: UnitOfWork, rows: Rows) -> None:
    with uow() as repository:
        repository.assign([rows.mine], None)
    with pytest.raises(NotFound):
        get(uow.within(ASSIGNED), rows.mine)


def test_nobody_who_sees_assigned_chats_only_holds_another(uow: UnitOfWork, rows: Rows) -> None:
    with uow.within(ASSIGNED)() as repository:
        assert repository.hold_unassigned(9) == []
        assert [held.id for held in repository.hold_chats([rows.mine, rows.theirs])] == [rows.mine]
        assert repository.count_unassigned(at_most=9) == 0


@pytest.mark.parametrize(
    "touch",
    [
        pytest.param(lambda r: r.audit_page(AuditFilter()), id="audit log"),
        pytest.param(lambda r: list(r.audit_records()), id="whole audit log"),
        pytest.param(lambda r: r.deliveries(5), id="pushes"),
        pytest.param(lambda r: r.submit(chat("new"), content_sha256=digest(chat("new")), now=NOW), id="handing in"),
    ],
)
@pytest.mark.usefixtures("rows")
def test_what_is_not_of_assigned_chats_is_refused(uow: UnitOfWork, touch: Callable[[Repository], object]) -> None:
    for scope in (ASSIGNED, Scope(shops=frozenset({"demo"}), assigned_to="wangmin")):
        with pytest.raises(NotPermitted), uow.within(scope)() as repository:
            touch(repository)


def test_requests_to_erase_are_not_shown(uow: UnitOfWork) -> None:
    request = Erasure(
        id="e" * 32,
        query=CustomerQuery(customer_digest="d" * 64, shop="demo"),
        state=ErasureState.PENDING,
        requested_at=NOW,
        requested_by="王敏",
    )
    with uow() as repository:
        repository.add_erasure(request)
    with uow.within(Scope(shops=frozenset({"demo"}), assigned_to="wangmin"))() as repository:
        assert repository.erasures(5) == []
        with pytest.raises(NotFound):
            repository.get_erasure(request.id)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chats=st.lists(
        st.tuples(st.sampled_from(["x", "y", None]), st.sampled_from(["wangmin", "lifang", None])), max_size=6
    ),
    shops=st.sampled_from([None, frozenset({"x"}), frozenset({"x", "y"})]),
)
def test_a_list_is_what_a_filter_by_hand_leaves(
    uow: UnitOfWork, chats: list[tuple[str | None, str | None]], shops: frozenset[str] | None
) -> None:
    expected = set()
    with uow(is_read_only=True) as repository:
        known = len(repository.find(ConversationFilter(limit=10_000)).rows)
    for number, (own_shop, assignee) in enumerate(chats, start=known):
        one = store(uow, chat(f"c-{number}", shop=own_shop), finding(), cards=(scorecard("50"),))
        with uow() as repository:
            repository.assign([one], assignee and f"{assignee}-{known}")
        if assignee == "wangmin" and (shops is None or own_shop in shops):
            expected.add(f"c-{number}")
    scope = Scope(shops=shops, assigned_to=f"wangmin-{known}")
    with uow.within(scope)(is_read_only=True) as repository:
        shown = repository.find(ConversationFilter(limit=10_000, score_at_most=Decimal(50))).rows
        scored = [one.external_id for one in repository.scorecards(since=None, until=None)]
    assert {row.external_id for row in shown} == expected
    assert set(scored) == expected
