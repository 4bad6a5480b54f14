"""Every act that matters leaves its row, with what was before and after; what is refused leaves none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from qa_service.domain.audit import AuditEntry, AuditEvent
from qa_service.domain.identity import Principal, Role
from qa_service.domain.mood import Emotion
from qa_service.domain.records import ConversationFilter
from qa_service.domain.review import Decision
from qa_service.domain.rule_log import ReloadCause, RuleDigests
from qa_service.domain.work import Lane
from qa_service.errors import Conflict, NotFound
from qa_service.normalise import PersonalDataMasker
from qa_service.storage import Database
from qa_service.workflows.acting import SYSTEM, begin_act
from qa_service.workflows.backtest import Backtest
from qa_service.workflows.dead_letters import DeadLetterOffice
from qa_service.workflows.inspect_files import StreamInspection
from qa_service.workflows.learning import Learning
from qa_service.workflows.ports import UnitOfWork
from qa_service.workflows.publication import Publication
from qa_service.workflows.review_findings import Review
from qa_service.workflows.rule_precision import FEWEST_REVIEWS, RulePrecision
from qa_service.workflows.worker import Worker
from tests.builders import conversation
from tests.fakes.queue import fake_intake
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.services import FakeServices
from tests.fakes.stages import FakeClock, FakeNormaliser, FakeRules, FakeScorer, fake_inspector
from tests.unit.workflows.test_rule_work import RULE_ID, PackRule, decide

PROMISE = ("customer: 太差了", "agent[a-7]: 七天可以退")
SUSPECTED = ("customer: 怎么退", "agent[a-7]: 你自己看")
CLOCK = FakeClock()


@pytest.fixture(params=["memory", "sqlite"])
def uow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UnitOfWork]:
    if request.param == "memory":
        yield FakeUnitOfWork()
    else:
        database = Database(f"sqlite:///{tmp_path}/qa.sqlite3")
        database.upgrade()
        yield database.unit_of_work()
        database.close()


def rows(uow: UnitOfWork) -> list[AuditEntry]:
    with uow(is_read_only=True) as repository:
        return [record.entry for record in repository.audit_records()]


def only(uow: UnitOfWork, event: AuditEvent) -> AuditEntry:
    (row,) = (row for row in rows(uow) if row.event == event)
    return row


def store(uow: UnitOfWork, *lines: str, rules: FakeRules | None = None) -> str:
    stream = StreamInspection(inspector=fake_inspector(rules=rules), clock=CLOCK, unit_of_work=uow)
    chat = conversation(*lines, shop="shop-1", attributes={"training_consent": "yes"})
    list(stream.run([chat]))
    with uow() as repository:
        return repository.submit(chat, content_sha256=fake_inspector().provenance(chat).text_sha256, now=CLOCK.now()).id


def review(uow: UnitOfWork) -> Review:
    return Review(unit_of_work=uow, clock=CLOCK, scorer=FakeScorer(), masker=PersonalDataMasker())


def test_inspecting_for_the_first_time_changes_no_score(uow: UnitOfWork) -> None:
    store(uow, *PROMISE)
    store(uow, *PROMISE)

    assert rows(uow) == []


def test_a_verdict_and_the_score_that_it_moves(uow: UnitOfWork) -> None:
    conversation_id = store(uow, *PROMISE)
    (finding_id,) = review(uow).conversation(conversation_id).finding_ids.values()

    review(uow).decide(finding_id, decision=Decision.OVERTURN, comment="他说的是包装", reviewer="王")

    verdict, score = only(uow, AuditEvent.VERDICT), only(uow, AuditEvent.SCORE_CHANGED)
    assert verdict.on == {"finding": finding_id, "rule": RULE_ID, "conversation": conversation_id}
    assert (verdict.before, verdict.shop) == ({"state": "open"}, "shop-1")
    assert verdict.after == {"state": "overturned", "decision": "overturn", "reviewer": "王"}
    assert (score.before, score.after) == (
        {"a-7": {"total": "70", "compliance": "70"}},
        {"a-7": {"total": "100", "compliance": "100"}},
    )
    assert (score.on, score.shop) == ({"conversation": conversation_id}, "shop-1")


def test_a_verdict_that_moves_no_score_is_one_row(uow: UnitOfWork) -> None:
    (finding_id,) = review(uow).conversation(store(uow, *PROMISE)).finding_ids.values()

    review(uow).decide(finding_id, decision=Decision.CONFIRM, comment="", reviewer="王")

    assert [row.event for row in rows(uow)] == [AuditEvent.VERDICT]


def test_no_row_repeats_what_a_reviewer_or_a_customer_wrote(uow: UnitOfWork) -> None:
    (finding_id,) = review(uow).conversation(store(uow, *PROMISE)).finding_ids.values()

    review(uow).decide(finding_id, decision=Decision.OVERTURN, comment="七天可以退是引用", reviewer="王")

    assert "七天" not in str(rows(uow))


def test_a_verdict_that_is_refused_leaves_nothing(uow: UnitOfWork) -> None:
    with pytest.raises(NotFound):
        review(uow).decide("0" * 32, decision=Decision.CONFIRM, comment="", reviewer="王")

    assert rows(uow) == []


def test_other_rules_that_move_a_score(uow: UnitOfWork) -> None:
    store(uow, *PROMISE)

    store(uow, *PROMISE, rules=NoRules(rules_digest="rules-2"))

    score = only(uow, AuditEvent.SCORE_CHANGED)
    assert ((score.before or {})["a-7"]["total"], (score.after or {})["a-7"]["total"], score.by) == (
        "70",
        "100",
        "system",
    )


class NoRules(FakeRules):
    def inspect(self, *_: object) -> tuple[()]:
        return ()


def test_a_cleared_suspicion(uow: UnitOfWork) -> None:
    review(uow).dismiss_suspicion(store(uow, *SUSPECTED), "语气正常", "王")

    row = only(uow, AuditEvent.SUSPICION_CLEARED)
    assert (row.before, row.after) == ({"review_state": "open"}, {"review_state": "cleared", "reviewer": "王"})


def test_a_corrected_mood_and_the_export_of_what_was_decided(uow: UnitOfWork) -> None:
    learning = Learning(unit_of_work=uow, clock=CLOCK)
    learning.correct_mood(store(uow, *PROMISE), turn_id="1", emotion=Emotion.ABUSIVE, reviewer="王")
    learning.export()

    mood, exported = rows(uow)
    assert (mood.event, mood.on["turn"]) == (AuditEvent.MOOD_CORRECTED, "1")
    assert (mood.before, mood.after) == ({"emotion": "angry"}, {"emotion": "abusive", "reviewer": "王"})
    assert (exported.event, exported.after) == (AuditEvent.VERDICTS_EXPORTED, {"chats": 1, "without_consent": 0})


def test_dead_letters_that_are_queued_again(uow: UnitOfWork) -> None:
    intake = fake_intake(uow, clock=CLOCK)
    conversation_id = intake.submit(conversation(*PROMISE, shop="shop-1")).id
    office = DeadLetterOffice(intake=intake)
    for again in (lambda: office.requeue(conversation_id), lambda: office.requeue_all(error="internal")):
        with uow() as repository:
            repository.claim(1, lane=Lane.REALTIME, claimant="w", now=CLOCK.now(), ids=[conversation_id])
            repository.mark_failed(conversation_id, error="internal", now=CLOCK.now())
        again()

    one, everything = rows(uow)
    assert (one.event, one.on, one.shop) == (AuditEvent.REQUEUED, {"conversation": conversation_id}, "shop-1")
    assert (one.before, one.after) == (
        {"state": "failed", "error": "internal"},
        {"state": "pending", "lane": "realtime"},
    )
    assert (everything.before, everything.after) == (
        {"state": "failed", "error": "internal"},
        {"state": "pending", "chats": 1},
    )


def test_packs_that_are_published_withdrawn_and_reloaded(uow: UnitOfWork) -> None:
    publication = Publication(unit_of_work=uow, clock=CLOCK)
    test = Backtest(unit_of_work=uow, normaliser=FakeNormaliser(), scorer=FakeScorer())
    old, new = FakeRules(), FakeRules(rules_digest="rules-2")
    with pytest.raises(Conflict):
        publication.publish("rules-2", {}, base_digest=old.rules_digest, by="王", force=False, reason="")
    publication.keep(test.run(old, new, since=CLOCK.now(), identity="b-1"))
    publication.publish("rules-2", {}, base_digest=old.rules_digest, by="王", force=False, reason="")
    publication.withdraw(by="李")
    digests = [RuleDigests(rules=name, policies="policies-1") for name in ("rules-1", "rules-3")]
    publication.ask_reload(by="李", before=digests[0], after=digests[1])
    publication.note_reload(ReloadCause.FOLDER, before=None, after=digests[1])

    published, withdrawn, reloaded, noticed = rows(uow)
    assert (published.event, published.before) == (AuditEvent.RULES_PUBLISHED, {"rules": old.rules_digest})
    assert published.after == {"rules": "rules-2", "backtest": "b-1", "by": "王", "reason": None}
    assert (withdrawn.event, withdrawn.before, withdrawn.after) == (
        AuditEvent.RULES_WITHDRAWN,
        {"rules": "rules-2"},
        {"by": "李"},
    )
    assert (reloaded.event, reloaded.on) == (AuditEvent.RULES_RELOADED, {"rules": "rules-3"})
    assert reloaded.before == {"rules": "rules-1", "policies": "policies-1"}
    assert reloaded.after == {**asdict(digests[1]), "cause": "request", "process": noticed.after["process"], "by": "李"}
    assert (noticed.event, noticed.by, noticed.before) == (AuditEvent.RULES_RELOADED, SYSTEM, None)
    assert noticed.after["cause"] == "folder"


def test_a_rule_that_is_demoted_and_restored() -> None:
    uow = FakeUnitOfWork()
    decide(uow, *["七天"] * FEWEST_REVIEWS, decision=Decision.OVERTURN)
    rules = RulePrecision(unit_of_work=uow, clock=CLOCK)
    rules.demote_failing([PackRule()])
    rules.restore([PackRule()], RULE_ID, reason="例外已补", by="王")

    demoted, restored = only(uow, AuditEvent.RULE_DEMOTED), only(uow, AuditEvent.RULE_RESTORED)
    assert (demoted.on, demoted.by) == ({"rule": RULE_ID}, "system")
    assert [(row.after or {})["is_demoted"] for row in (demoted, restored)] == [True, False]
    assert (restored.after or {})["reason"] == "例外已补"


def export_file(services: FakeServices) -> None:
    services.performance.export("2026-11", "csv", "shop-1")


def push(services: FakeServices) -> None:
    services.sender.statuses = (503, 204)
    services.performance.push("2026-11")


@pytest.mark.parametrize(
    ("act", "event", "afters"),
    [
        (export_file, AuditEvent.PERFORMANCE_EXPORTED, [("agents", 0)]),
        (push, AuditEvent.PERFORMANCE_PUSHED, [("status", 503), ("status", 204)]),
    ],
    ids=["file", "each-attempt-of-a-push"],
)
def test_performance_that_leaves(
    act: Callable[[FakeServices], None], event: AuditEvent, afters: list[tuple[str, object]]
) -> None:
    services = FakeServices()

    act(services)

    found = rows(services.unit_of_work)
    assert {row.event for row in found} == {event}
    assert [(name, (row.after or {})[name]) for row, (name, _) in zip(found, afters, strict=True)] == afters
    assert {row.on["period"] for row in found} == {"2026-11"}


def test_a_worker_signs_for_nobody_whoever_started_it(uow: UnitOfWork) -> None:
    store(uow, *PROMISE)
    with uow() as repository:
        (row,) = repository.find(ConversationFilter()).rows
    fake_intake(uow, clock=CLOCK).submit(conversation(*PROMISE, "agent[a-7]: 七天", shop="shop-1"))

    with begin_act(principal=Principal(name="cli:root", role=Role.ADMIN)):
        Worker(unit_of_work=uow, clock=CLOCK, inspector=fake_inspector(), claimant="w").work()

    score = only(uow, AuditEvent.SCORE_CHANGED)
    assert (score.on, score.by, score.role) == ({"conversation": row.id}, "system", None)
