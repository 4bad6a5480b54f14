"""What every store keeps of rules: the log, and verdicts by version of the rule."""

from __future__ import annotations

from qa_service.domain.finding import Outcome
from qa_service.domain.review import Decision, Verdict
from qa_service.domain.rule_log import RuleEvent, RuleRecord
from qa_service.workflows.ports import UnitOfWork
from tests.contract.stores import add, get, store
from tests.unit.storage.builders import MINUTE, NOW, chat, finding, inspection


def record(event: RuleEvent, key: str, n: int) -> RuleRecord:
    return RuleRecord(event=event, key=key, document={"n": n, "词": ["退"]}, created_at=NOW + n * MINUTE)


def test_the_log_gives_back_what_happened_oldest_first(uow: UnitOfWork) -> None:
    first, second = record(RuleEvent.DEMOTION, "a.b", 1), record(RuleEvent.DEMOTION, "a.b", 2)
    with uow() as repository:
        for entry in (first, record(RuleEvent.BACKTEST, "a.b", 3), record(RuleEvent.DEMOTION, "c.d", 4), second):
            repository.add_rule_record(entry)
    with uow(is_read_only=True) as repository:
        assert repository.rule_records(RuleEvent.DEMOTION, "a.b") == [first, second]
        assert [entry.key for entry in repository.rule_records(RuleEvent.DEMOTION)] == ["a.b", "c.d", "a.b"]
        assert repository.rule_records(RuleEvent.PUBLICATION) == []


def test_only_what_changes_the_rules_in_force_moves_the_revision(uow: UnitOfWork) -> None:
    def after(*events: RuleEvent) -> int:
        with uow() as repository:
            for event in events:
                repository.add_rule_record(record(event, "a.b", 1))
        with uow(is_read_only=True) as repository:
            return repository.rule_revision()

    assert after() == 0
    demoted = after(RuleEvent.DEMOTION)
    assert demoted > 0
    assert after(RuleEvent.BACKTEST) == demoted
    assert after(RuleEvent.PUBLICATION) > demoted


def decide(uow: UnitOfWork, finding_id: str, decision: Decision) -> None:
    with uow() as repository:
        repository.add_verdict(
            Verdict(finding_id=finding_id, decision=decision, comment="x", reviewer="r", created_at=NOW)
        )


def test_the_newest_decision_on_a_finding_counts_for_each_version_that_found_it(uow: UnitOfWork) -> None:
    content = chat()
    conversation_id = store(uow, content, finding(), finding("abuse.insult", start=4, end=5))
    (finding_id,) = (get(uow, conversation_id).finding_ids[finding().key],)
    decide(uow, finding_id, Decision.OVERTURN)
    decide(uow, finding_id, Decision.CONFIRM)
    add(uow, conversation_id, inspection(content, finding(rule_version=2), rules="r2"))
    with uow(is_read_only=True) as repository:
        mine = repository.rule_verdicts("promise.return_window")
        assert [(v.rule_version, v.decision, v.conversation_id, v.finding_id) for v in mine] == [
            (1, "confirm", conversation_id, finding_id), (2, "confirm", conversation_id, finding_id),
        ]  # fmt: skip
        assert repository.rule_verdicts() == mine
        assert repository.rule_verdicts("abuse.insult") == []


def test_a_version_that_holds_the_words_back_does_not_answer_for_them(uow: UnitOfWork) -> None:
    content = chat()
    conversation_id = store(uow, content, finding())
    decide(uow, get(uow, conversation_id).finding_ids[finding().key], Decision.OVERTURN)
    held_back = finding(rule_version=2, outcome=Outcome.SUPPRESSED)
    add(uow, conversation_id, inspection(content, held_back, rules="r2"))
    with uow(is_read_only=True) as repository:
        found = repository.rule_verdicts("promise.return_window")
    assert [(verdict.rule_version, verdict.decision) for verdict in found] == [(1, "overturn")]
