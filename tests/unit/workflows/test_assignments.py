"""Who gets which chat: given by leads, taken by reviewers, never more than the scope of either allows."""

from __future__ import annotations

import pytest

from qa_service.domain.assignment import Reassigned, Reviewer
from qa_service.domain.audit import AuditEvent
from qa_service.domain.finding import Severity
from qa_service.domain.identity import EVERYTHING, Principal, Role, Scope
from qa_service.errors import Conflict, InvalidInput, NotFound, NotPermitted
from qa_service.workflows.acting import begin_act
from qa_service.workflows.assignments import Assignments
from tests.contract.stores import get, store
from tests.fakes.services import FakeServices
from tests.unit.storage.builders import chat, finding, verdict

MINE, THEIRS = Scope(shops=frozenset({"mine"})), Scope(shops=frozenset({"theirs"}))
LEAD = Principal(name="lead", role=Role.QA_LEAD)
WANGMIN = Principal(name="wangmin", role=Role.REVIEWER)


@pytest.fixture
def services() -> FakeServices:
    """Two reviewers of all shops, one of `theirs`, one who was shut out, and an agent."""
    services = FakeServices()
    services.people.add("wangmin", role=Role.REVIEWER, display_name="王敏")
    services.people.add("lifang", role=Role.REVIEWER)
    services.people.add("zhao", role=Role.REVIEWER, scope=THEIRS)
    services.people.add("gone", role=Role.REVIEWER)
    services.people.change("gone", is_active=False)
    services.people.add("agent", role=Role.AGENT)
    return services


def assignments(services: FakeServices, scope: Scope = EVERYTHING) -> Assignments:
    return Assignments(unit_of_work=services.unit_of_work.within(scope), clock=services.clock)


def flagged(services: FakeServices, name: str, severity: Severity = Severity.MAJOR, shop: str = "mine") -> str:
    return store(services.unit_of_work, chat(name, shop=shop), finding(severity=severity))


def judge(services: FakeServices, conversation_id: str) -> None:
    (finding_id,) = get(services.unit_of_work, conversation_id).finding_ids.values()
    with services.unit_of_work() as repository:
        repository.add_verdict(verdict(finding_id))


def assignee(services: FakeServices, conversation_id: str) -> str | None:
    return get(services.unit_of_work, conversation_id).assignee


def acts(services: FakeServices) -> list[tuple[str, object, object, str | None]]:
    """What the audit log says about assignments: chat, before, after, shop."""
    with services.unit_of_work(is_read_only=True) as repository:
        entries = [record.entry for record in repository.audit_records()]
    return [
        (entry.on["conversation"], (entry.before or {})["assignee"], (entry.after or {})["assignee"], entry.shop)
        for entry in entries
        if entry.event == AuditEvent.ASSIGNED
    ]


class TestTaking:
    def test_the_next_chat_is_the_most_urgent_that_nobody_has(self, services: FakeServices) -> None:
        flagged(services, "minor", Severity.MINOR)
        worst, second = flagged(services, "worst", Severity.CRITICAL), flagged(services, "second")
        assignments(services).assign(worst, "lifang", by=LEAD)
        with begin_act(principal=WANGMIN):
            assert assignments(services).take_next(WANGMIN) == second
        assert assignee(services, second) == "wangmin"
        assert acts(services)[-1] == (second, None, "wangmin", "mine")

    def test_nothing_is_taken_where_nothing_waits(self, services: FakeServices) -> None:
        flagged(services, "a", shop="theirs")
        assert assignments(services).take_next(WANGMIN, shop="mine") is None
        assert assignments(services, MINE).take_next(WANGMIN) is None
        assert acts(services) == []

    def test_whoever_sees_assigned_chats_only_takes_none(self, services: FakeServices) -> None:
        flagged(services, "a")
        limited = services.people.change("wangmin", only_assigned=True).principal
        with pytest.raises(NotPermitted):
            assignments(services, limited.scope).take_next(limited)

    def test_one_takes_what_nobody_has_and_gives_it_back(self, services: FakeServices) -> None:
        one = flagged(services, "a")
        assignments(services).assign(one, "wangmin", by=WANGMIN)
        assignments(services).assign(one, "wangmin", by=WANGMIN)
        assignments(services).assign(one, None, by=WANGMIN)
        assert acts(services) == [(one, None, "wangmin", "mine"), (one, "wangmin", None, "mine")]

    def test_what_somebody_else_has_is_not_taken(self, services: FakeServices) -> None:
        one = flagged(services, "a")
        assignments(services).assign(one, "lifang", by=LEAD)
        with pytest.raises(Conflict):
            assignments(services).assign(one, "wangmin", by=WANGMIN)
        assert assignee(services, one) == "lifang"

    @pytest.mark.parametrize(
        ("had_by", "reviewer"), [(None, "lifang"), ("lifang", None), ("lifang", "zhao")], ids=["give", "free", "move"]
    )
    def test_a_reviewer_says_nothing_about_others(
        self, services: FakeServices, had_by: str | None, reviewer: str | None
    ) -> None:
        one = flagged(services, "a")
        assignments(services).assign(one, had_by, by=LEAD)
        with pytest.raises(NotPermitted):
            assignments(services).assign(one, reviewer, by=WANGMIN)
        assert assignee(services, one) == had_by

    def test_a_program_takes_for_itself(self, services: FakeServices) -> None:
        one = flagged(services, "a")
        program = Principal(name="key:tool", role=Role.REVIEWER)
        assignments(services).assign(one, "key:tool", by=program)
        assert assignee(services, one) == "key:tool"


class TestGiving:
    def test_a_lead_gives_a_chat_to_somebody_else_also_one_begun_with(self, services: FakeServices) -> None:
        one = flagged(services, "a")
        judge(services, one)
        for name in ("wangmin", "LiFang", None):
            assignments(services).assign(one, name, by=LEAD)
        assert [(before, after) for _, before, after, _ in acts(services)] == [
            (None, "wangmin"),
            ("wangmin", "lifang"),
            ("lifang", None),
        ]

    @pytest.mark.parametrize("name", ["nobody", "gone", "agent", "zhao"])
    def test_only_who_reviews_and_sees_the_chat_gets_it(self, services: FakeServices, name: str) -> None:
        one = flagged(services, "a")
        for give in (
            lambda: assignments(services).assign(one, name, by=LEAD),
            lambda: assignments(services).assign_many([one], name),
        ):
            with pytest.raises(InvalidInput) as caught:
                give()
            assert caught.value.field == "reviewer"
        assert assignee(services, one) is None

    def test_a_lead_of_one_shop_gives_nothing_of_another_and_to_nobody_of_another(self, services: FakeServices) -> None:
        mine, theirs = flagged(services, "a"), flagged(services, "a", shop="theirs")
        lead = assignments(services, MINE)
        with pytest.raises(NotFound):
            lead.assign(theirs, "wangmin", by=LEAD)
        with pytest.raises(NotFound):
            lead.assign_many([mine, theirs], "wangmin")
        with pytest.raises(InvalidInput):
            lead.share(["zhao"])
        assert [one.name for one in lead.reviewers()] == ["lifang", "wangmin"]
        assert acts(services) == []

    def test_many_are_given_but_for_what_somebody_else_has_begun_with(self, services: FakeServices) -> None:
        free, begun, waiting, own = (flagged(services, name) for name in "abcd")
        for one, name in ((begun, "lifang"), (waiting, "lifang"), (own, "wangmin")):
            assignments(services).assign(one, name, by=LEAD)
        judge(services, begun)
        judge(services, own)
        given = assignments(services).assign_many([free, begun, waiting, own, free], "wangmin")
        assert given == Reassigned(changed=2, kept=1)
        assert [assignee(services, one) for one in (free, begun, waiting, own)] == [
            "wangmin",
            "lifang",
            "wangmin",
            "wangmin",
        ]
        assert assignments(services).assign_many([free, begun], None) == Reassigned(changed=1, kept=1)


class TestSharing:
    def test_the_open_queue_is_shared_evenly_worst_first(self, services: FakeServices) -> None:
        ids = [
            flagged(services, severity, severity) for severity in (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)
        ]
        assert assignments(services).share(["wangmin", "lifang"]) == {"lifang": 2, "wangmin": 1}
        assert [assignee(services, one) for one in ids] == ["lifang", "wangmin", "lifang"]
        assert len(acts(services)) == 3

    def test_who_has_more_gets_less_and_nothing_is_taken_away(self, services: FakeServices) -> None:
        had = [flagged(services, f"had-{number}") for number in range(3)]
        for one in had:
            assignments(services).assign(one, "lifang", by=LEAD)
        judge(services, had[0])
        for number in range(3):
            flagged(services, f"new-{number}")
        assert assignments(services).share(["lifang", "wangmin"]) == {"lifang": 0, "wangmin": 3}
        assert [assignee(services, one) for one in had] == ["lifang"] * 3

    def test_nobody_gets_what_is_out_of_the_own_scope(self, services: FakeServices) -> None:
        for number in range(2):
            flagged(services, f"m-{number}", shop="mine")
            flagged(services, f"t-{number}", shop="theirs")
        assert assignments(services).share(["zhao"]) == {"zhao": 2}
        assert assignments(services).share(["zhao", "wangmin"]) == {"wangmin": 2, "zhao": 0}

    def test_one_shop_is_shared_alone(self, services: FakeServices) -> None:
        flagged(services, "a", shop="theirs")
        assert assignments(services).share(["wangmin"], shop="mine") == {"wangmin": 0}

    def test_somebody_is_named(self, services: FakeServices) -> None:
        with pytest.raises(InvalidInput) as caught:
            assignments(services).share([])
        assert caught.value.field == "reviewers"


def test_what_nobody_has_begun_with_is_taken_back(services: FakeServices) -> None:
    begun, waiting = flagged(services, "a"), flagged(services, "b")
    for one in (begun, waiting):
        assignments(services).assign(one, "wangmin", by=LEAD)
    judge(services, begun)
    assert assignments(services).take_back("wangmin") == Reassigned(changed=1, kept=1)
    assert [assignee(services, one) for one in (begun, waiting)] == ["wangmin", None]


def test_reviewers_are_listed_with_what_waits_for_them(services: FakeServices) -> None:
    services.people.change("gone", is_active=True)
    assignments(services).assign(flagged(services, "a"), "gone", by=LEAD)
    assignments(services).assign(flagged(services, "b"), "wangmin", by=LEAD)
    flagged(services, "c")
    services.people.change("gone", is_active=False)
    assert assignments(services).reviewers() == (
        Reviewer(name="gone", display_name="gone", open_chats=1, may_review=False),
        Reviewer(name="lifang", display_name="lifang", open_chats=0, may_review=True),
        Reviewer(name="wangmin", display_name="王敏", open_chats=1, may_review=True),
        Reviewer(name="zhao", display_name="zhao", open_chats=0, may_review=True),
    )
    assert assignments(services).count_unassigned() == 1
