"""Nobody sees or touches a row out of scope, on any store: lists, single rows, counts, reports, writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service.domain.audit import AuditEntry, AuditEvent, AuditFilter
from qa_service.domain.conversation import Agent, AgentId, Conversation
from qa_service.domain.finding import Finding, Severity
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import ReviewState
from qa_service.errors import NotFound, NotPermitted
from qa_service.workflows.ports import ConversationFilter, Repository, UnitOfWork
from tests.builders import conversation
from tests.contract.stores import found, get, store, submit
from tests.unit.storage.builders import (
    NOW,
    chat,
    digest,
    finding,
    inspection,
    mood_correction,
    scorecard,
    shadow_difference,
    suspicion_review,
    verdict,
)

MINE = Scope(shops=frozenset({"mine"}))
GROUPS = {"a-7": "售后", "a-8": "售前"}


def shared(external_id: str, shop: str | None, *speakers: str) -> Conversation:
    """A chat in which these agents spoke, each known with the group of `GROUPS`."""
    lines = ["customer: 你好", *(f"agent[{speaker}]: 七天内都可以退" for speaker in speakers)]
    agents = tuple(Agent(id=AgentId(one), name=one, group=GROUPS.get(one)) for one in speakers)
    return conversation(*lines, external_id=external_id, shop=shop, started_at=NOW, agents=agents)


def of(agent: str, severity: Severity = Severity.MAJOR, rule_id: str = "promise.return_window") -> Finding:
    return finding(rule_id, agent_id=AgentId(agent), severity=severity, category=f"by {agent}")


@dataclass(frozen=True, kw_only=True)
class Rows:
    mine: str
    theirs: str
    finding_of_theirs: str


@pytest.fixture
def rows(uow: UnitOfWork) -> Rows:
    """A chat of each shop, both with a hit, a verdict, a correction; both failed once inspected."""
    ids = {}
    for shop in ("mine", "theirs"):
        ids[shop] = store(uow, chat("c-1", shop=shop), finding())
        (finding_id,) = get(uow, ids[shop]).finding_ids.values()
        with uow() as repository:
            repository.add_verdict(verdict(finding_id))
            repository.add_suspicion_review(suspicion_review(ids[shop]))
            repository.add_mood_correction(mood_correction(ids[shop]))
            repository.add_shadow_difference(shadow_difference(ids[shop]))
    return Rows(mine=ids["mine"], theirs=ids["theirs"], finding_of_theirs=finding_id)


def everything_read(repository: Repository) -> object:
    """All that a caller can list or count."""
    return (
        [row.id for row in repository.find(ConversationFilter()).rows],
        [row.id for row in repository.find(ConversationFilter(worst_first=True, flagged=True)).rows],
        [scored.conversation_id for scored in repository.scorecards(since=None, until=None)],
        repository.state_counts(),
        [decided.conversation_id for decided in repository.rule_verdicts()],
        repository.decided_ids(),
        [difference.conversation_id for difference in repository.shadow_differences()],
    )


class TestShops:
    def test_lists_counts_and_reports_have_rows_in_scope_only(self, uow: UnitOfWork, rows: Rows) -> None:
        with uow.within(MINE)(is_read_only=True) as repository:
            ours = [rows.mine]
            assert everything_read(repository) == (ours, ours, ours, {"complete": 1}, ours, ours, ours)
        with uow(is_read_only=True) as repository:
            assert repository.state_counts() == {"complete": 2}

    def test_dead_letters_are_listed_and_queued_again_in_scope_only(self, uow: UnitOfWork) -> None:
        ids = [submit(uow, chat("c-1", shop=shop)) for shop in ("mine", "theirs", "theirs too")]
        with uow() as repository:
            for one in ids:
                repository.mark_failed(one, error="worker_lost", now=NOW)
        with uow.within(MINE)() as repository:
            assert [row.id for row in repository.dead_letters(limit=10).rows] == ids[:1]
            assert repository.requeue_all(now=NOW) == 1
        with uow(is_read_only=True) as repository:
            assert repository.state_counts() == {"pending": 1, "failed": 2}

    @pytest.mark.parametrize(
        "touch",
        [
            pytest.param(lambda r, rows: r.get(rows.theirs), id="read"),
            pytest.param(lambda r, rows: r.get_finding(rows.finding_of_theirs), id="finding"),
            pytest.param(lambda r, rows: r.add_verdict(verdict(rows.finding_of_theirs)), id="verdict"),
            pytest.param(lambda r, rows: r.add_suspicion_review(suspicion_review(rows.theirs)), id="clear"),
            pytest.param(lambda r, rows: r.add_mood_correction(mood_correction(rows.theirs)), id="mood"),
            pytest.param(lambda r, rows: r.add_shadow_difference(shadow_difference(rows.theirs)), id="shadow"),
            pytest.param(lambda r, rows: r.final_scores(rows.theirs), id="final scores"),
            pytest.param(lambda r, rows: r.requeue(rows.theirs, now=NOW), id="requeue"),
            pytest.param(lambda r, rows: r.mark_failed(rows.theirs, error="x", now=NOW), id="fail"),
            pytest.param(lambda r, rows: r.add_inspection(rows.theirs, inspection(chat()), now=NOW), id="inspection"),
            pytest.param(
                lambda r, rows: r.save_final_scorecards(rows.theirs, [], ReviewState.CONFIRMED, findings=[]),
                id="scores",
            ),
        ],
    )
    def test_a_row_out_of_scope_is_as_if_it_did_not_exist(
        self, uow: UnitOfWork, rows: Rows, touch: Callable[[Repository, Rows], object]
    ) -> None:
        before = get(uow, rows.theirs)
        unknown = Rows(mine="", theirs="0" * 32, finding_of_theirs="0" * 32)
        with pytest.raises(NotFound) as of_theirs, uow.within(MINE)() as repository:
            touch(repository, rows)
        with pytest.raises(NotFound) as of_nothing, uow.within(MINE)() as repository:
            touch(repository, unknown)
        assert of_theirs.value.message == of_nothing.value.message
        assert get(uow, rows.theirs) == before

    def test_the_result_of_a_row_out_of_scope_is_not_known(self, uow: UnitOfWork, rows: Rows) -> None:
        known = inspection(chat(shop="theirs"), finding()).provenance.digest
        answers = []
        for scope in (EVERYTHING, MINE):
            with uow.within(scope)(is_read_only=True) as repository:
                answers.append(repository.has_inspection(rows.theirs, known))
        assert answers == [True, False]

    def test_what_follows_from_a_change_in_scope_may_touch_the_whole(self, uow: UnitOfWork, rows: Rows) -> None:
        with uow.within(MINE)() as repository:
            assert repository.whole.get(rows.theirs).id == rows.theirs

    def test_pushes_are_of_all_shops(self, uow: UnitOfWork) -> None:
        with uow() as repository:
            repository.add_delivery({"id": "d-1"})
        with pytest.raises(NotPermitted), uow.within(MINE)(is_read_only=True) as repository:
            repository.deliveries(5)

    def test_the_audit_log_tells_of_own_shops_only(self, uow: UnitOfWork) -> None:
        for shop in ("mine", "theirs", None):
            with uow() as repository:
                repository.add_audit(
                    AuditEntry(at=NOW, by="王", role=None, event=AuditEvent.VERDICT, on={"n": "1"}, shop=shop)
                )
        for query in (AuditFilter(), AuditFilter(shops=frozenset({"mine", "theirs"}))):
            with uow.within(MINE)(is_read_only=True) as repository:
                assert [row.entry.shop for row in repository.audit_page(query).rows] == ["mine"]
        with pytest.raises(NotPermitted), uow.within(MINE)(is_read_only=True) as repository:
            list(repository.audit_records())
        with (
            pytest.raises(NotPermitted),
            uow.within(Scope(groups=frozenset({"售后"})))(is_read_only=True) as repository,
        ):
            repository.audit_page(AuditFilter())

    @pytest.mark.parametrize(
        ("scope", "shop"),
        [
            pytest.param(MINE, "theirs", id="another shop"),
            pytest.param(MINE, None, id="no shop"),
            pytest.param(Scope(agent_ids=frozenset({"a-7"})), "mine", id="an agent"),
        ],
    )
    def test_a_chat_out_of_scope_is_not_taken(self, uow: UnitOfWork, scope: Scope, shop: str | None) -> None:
        content = chat(shop=shop)
        with pytest.raises(NotPermitted) as caught, uow.within(scope)() as repository:
            repository.submit(content, content_sha256=digest(content), now=NOW)
        assert caught.value.field == "shop"
        assert found(uow) == []

    def test_two_shops_with_the_same_ids_never_touch_each_others_chats(self, uow: UnitOfWork) -> None:
        ids = [submit(uow, chat(text=f"{shop}可以退", shop=shop)) for shop in ("mine", "theirs", None)]
        again = [submit(uow, chat(text=f"{shop}可以退", shop=shop)) for shop in ("mine", "theirs", None)]
        assert again == ids
        assert len(set(ids)) == 3
        assert [get(uow, one).revision for one in ids] == [1, 1, 1]


class TestAgents:
    """A chat that was handed from a-7 to a-8, as each of them sees it."""

    @pytest.fixture
    def identity(self, uow: UnitOfWork) -> str:
        return store(
            uow,
            shared("both", "mine", "a-7", "a-8"),
            of("a-7", Severity.MINOR),
            of("a-8", Severity.CRITICAL),
            cards=(scorecard("90", "a-7"), scorecard("10", "a-8", fatal=True)),
            suspicion=0.9,
        )

    @pytest.mark.parametrize(
        "scope",
        [
            pytest.param(Scope(agent_ids=frozenset({"a-7"})), id="the agent"),
            pytest.param(Scope(groups=frozenset({"售后"})), id="the team"),
            pytest.param(Scope(shops=frozenset({"mine"}), groups=frozenset({"售后"})), id="the team in its shop"),
        ],
    )
    def test_of_a_shared_chat_only_own_findings_and_scores_are_seen(
        self, uow: UnitOfWork, identity: str, scope: Scope
    ) -> None:
        with uow() as repository:
            for finding_id in repository.get(identity).finding_ids.values():
                repository.add_verdict(verdict(finding_id))
            repository.add_suspicion_review(suspicion_review(identity))
        with uow.within(scope)(is_read_only=True) as repository:
            stored = repository.get(identity)
            (row,) = repository.find(ConversationFilter()).rows
            cards = [scored.agent_id for scored in repository.scorecards(since=None, until=None)]
            judged = len(repository.rule_verdicts())
        assert stored.inspection is not None
        assert {hit.agent_id for hit in stored.inspection.findings} == {"a-7"}
        assert [card.agent_id for card in (*stored.inspection.scorecards, *stored.final_scorecards)] == ["a-7", "a-7"]
        assert (len(stored.finding_ids), len(stored.verdicts), stored.suspicion_reviews) == (1, 1, ())
        assert stored.agents_in_scope == {"a-7"}
        assert (row.hits, row.worst_severity, row.lowest_total) == (1, "minor", Decimal(90))
        assert (row.categories, row.suspected) == (("by a-7",), False)
        assert (cards, judged) == (["a-7"], 1)

    def test_a_colleagues_finding_is_not_found(self, uow: UnitOfWork, identity: str) -> None:
        stored = get(uow, identity)
        ids = {hit.agent_id: stored.finding_ids[hit.key] for hit in hits(stored)}
        with uow.within(Scope(agent_ids=frozenset({"a-7"})))() as repository:
            repository.add_verdict(verdict(ids[AgentId("a-7")]))
            with pytest.raises(NotFound):
                repository.get_finding(ids[AgentId("a-8")])
            with pytest.raises(NotFound):
                repository.add_verdict(verdict(ids[AgentId("a-8")]))

    @pytest.mark.usefixtures("identity")
    @pytest.mark.parametrize(
        ("query", "is_found"),
        [
            pytest.param({"flagged": True}, True, id="flagged by an own hit"),
            pytest.param({"severity": "critical"}, False, id="a colleague's severity"),
            pytest.param({"category": "by a-8"}, False, id="a colleague's category"),
            pytest.param({"score_at_most": Decimal(50)}, False, id="a colleague's total"),
            pytest.param({"dimension": "compliance", "score_at_most": Decimal(50)}, False, id="a colleague's score"),
            pytest.param({"score_at_most": Decimal(90)}, True, id="an own total"),
        ],
    )
    def test_filters_ask_about_own_figures_only(
        self, uow: UnitOfWork, query: dict[str, object], is_found: bool
    ) -> None:
        assert found(uow.within(Scope(agent_ids=frozenset({"a-7"}))), **query) == (["both"] if is_found else [])

    @pytest.mark.usefixtures("identity")
    def test_a_colleagues_hit_flags_nothing_and_comes_last(self, uow: UnitOfWork) -> None:
        store(uow, shared("other", "mine", "a-7", "a-8"), of("a-8", Severity.CRITICAL), cards=())
        own = uow.within(Scope(agent_ids=frozenset({"a-7"})))
        assert found(own, worst_first=True) == ["both", "other"]
        assert found(own, flagged=False) == ["other"]
        pages = [found(own, worst_first=True, limit=1)]
        with own(is_read_only=True) as repository:
            cursor = repository.find(ConversationFilter(worst_first=True, limit=1)).next_cursor
        assert [*pages[0], *found(own, worst_first=True, limit=1, cursor=cursor)] == ["both", "other"]

    def test_a_suspicion_of_somebody_who_spoke_alone_is_shown(self, uow: UnitOfWork) -> None:
        store(uow, shared("alone", "mine", "a-7"), suspicion=0.9)
        assert found(uow.within(Scope(agent_ids=frozenset({"a-7"}))), flagged=True) == ["alone"]

    def test_the_same_id_in_another_shop_is_another_person(self, uow: UnitOfWork) -> None:
        store(uow, shared("here", "mine", "a-7"))
        store(uow, chat("there", shop="theirs"))
        scope = Scope(shops=frozenset({"theirs"}), groups=frozenset({"售后"}))
        assert found(uow.within(scope)) == []


def hits(stored: StoredConversation) -> tuple[Finding, ...]:
    assert stored.inspection is not None
    return stored.inspection.findings


SHOPS = st.sampled_from(["x", "y", None])
SPEAKERS = st.lists(st.sampled_from(["a-7", "a-8", "a-9"]), min_size=1, max_size=3, unique=True)


def some(*values: str) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(st.sampled_from(values), max_size=len(values))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chats=st.lists(st.tuples(SHOPS, SPEAKERS), max_size=6),
    shops=some("x", "y", "z"),
    groups=some("售后", "售前", "晚班"),
    agent_ids=some("a-7", "a-8", "a-9", "a-10"),
)
def test_a_list_is_what_a_filter_by_hand_leaves(
    uow: UnitOfWork,
    chats: list[tuple[str | None, list[str]]],
    shops: frozenset[str] | None,
    groups: frozenset[str] | None,
    agent_ids: frozenset[str] | None,
) -> None:
    run = uuid4().hex  # its own rows, since the store lives as long as all examples
    for number, (shop, speakers) in enumerate(chats):
        content = shared(f"{run}-{number}", shop and f"{run}-{shop}", *speakers)
        cards = tuple(scorecard("50", speaker) for speaker in speakers)
        store(uow, content, *(of(speaker) for speaker in speakers), cards=cards)
    expected = {}
    for number, (shop, speakers) in enumerate(chats):
        own = [
            one
            for one in speakers
            if (agent_ids is None or one in agent_ids) and (groups is None or GROUPS.get(one) in groups)
        ]
        if own and (shops is None or shop in shops):
            expected[f"{run}-{number}"] = len(own)
    scope = Scope(shops=shops and frozenset(f"{run}-{shop}" for shop in shops), groups=groups, agent_ids=agent_ids)
    with uow.within(scope)(is_read_only=True) as repository:
        shown = [row for row in repository.find(ConversationFilter(limit=200)).rows if row.external_id.startswith(run)]
        scored = [one.external_id for one in repository.scorecards(since=None, until=None)]
    assert {row.external_id: row.hits for row in shown} == expected
    assert sorted(one for one in scored if one.startswith(run)) == sorted(
        name for name, cards in expected.items() for _ in range(cards)
    )
