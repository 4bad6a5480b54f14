"""What erasing must do in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from qa_service.domain.conversation import Conversation, Customer
from qa_service.domain.erasure import (
    CustomerQuery,
    Due,
    Erased,
    Erasure,
    ErasureReason,
    ErasureState,
    customer_digest,
)
from qa_service.domain.identity import Scope
from qa_service.domain.review import Decision, ReviewState
from qa_service.errors import ErrorCode, NotFound, NotPermitted, TextErased
from qa_service.workflows.ports import UnitOfWork
from tests.contract.stores import add, find, get, store, submit
from tests.unit.storage.builders import (
    MINUTE,
    NOW,
    chat,
    digest,
    finding,
    inspection,
    scorecard,
    suspicion_review,
    verdict,
)

LATER = NOW + timedelta(days=1)
SECRET = "我的电话是13800138000"
QUOTING = finding(
    text="七天内",
    explanation={"title": "承诺", "policy": {"value": Decimal(3)}, "matched": ["七天内"], "cue": {"text": "七天"}},
)


def of_customer(customer_id: str | None, external_id: str = "c-1", **fields: object) -> Conversation:
    asked = chat(external_id, SECRET, **fields)
    return replace(asked, customer=Customer(id=customer_id), attributes={"phone": "13800138000"})


def erase(uow: UnitOfWork, *, shop: str | None = "demo", limit: int = 10) -> int:
    with uow() as repository:
        return repository.erase_expired(shop, LATER, limit=limit, now=LATER)


def expired(uow: UnitOfWork, shop: str | None = "demo") -> Due:
    with uow(is_read_only=True) as repository:
        return repository.expired(shop, LATER)


class TestText:
    def test_no_word_is_left_and_every_figure_is(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, of_customer("u-9"), QUOTING)
        before = get(uow, conversation_id)
        (finding_id,) = before.finding_ids.values()
        with uow() as repository:
            repository.add_verdict(verdict(finding_id, Decision.CONFIRM))
            repository.add_suspicion_review(suspicion_review(conversation_id))
        assert erase(uow) == 1
        after = get(uow, conversation_id)
        shown = repr(after)
        for words in (SECRET, "13800138000", "七天", "你好", "引用客户原话", "语气正常", "u-9"):
            assert words not in shown
        assert after.erased == Erased(at=LATER, reason=ErasureReason.RETENTION)
        assert [(t.id, t.role, t.kind, t.at) for t in after.conversation.turns] == [
            (t.id, t.role, t.kind, t.at) for t in before.conversation.turns
        ]
        assert after.conversation.agent_ids == ("a-7",)
        assert before.inspection is not None
        assert after.inspection is not None
        (kept,) = after.inspection.findings
        assert (kept.key, kept.start, kept.end) == (QUOTING.key, QUOTING.start, QUOTING.end)
        assert kept.explanation == {"title": "承诺", "policy": {"value": Decimal(3)}}
        assert after.inspection.scorecards == after.final_scorecards == (scorecard(),)
        assert after.inspection.mood == before.inspection.mood
        assert after.inspection.provenance == before.inspection.provenance
        assert [one.decision for one in after.verdicts] == [Decision.CONFIRM]
        assert find(uow).rows[0].hits == 1

    def test_earlier_revisions_and_results_lose_theirs_too(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, of_customer("u-9"), QUOTING)
        (finding_id,) = get(uow, conversation_id).finding_ids.values()
        changed = replace(of_customer("u-9"), turns=chat(text="十天内").turns)
        submit(uow, changed)
        add(uow, conversation_id, inspection(changed))
        assert erase(uow) == 1
        with uow(is_read_only=True) as repository:
            first = repository.get_finding(finding_id).finding
        assert (first.key, first.text) == (QUOTING.key, None)

    def test_erasing_twice_changes_nothing(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, of_customer("u-9"))
        assert erase(uow) == 1
        before = get(uow, conversation_id)
        with uow() as repository:
            assert repository.erase_expired("demo", LATER, limit=10, now=LATER + MINUTE) == 0
        assert get(uow, conversation_id) == before

    def test_an_erased_chat_takes_no_result_and_no_second_try(self, uow: UnitOfWork) -> None:
        content = of_customer("u-9")
        conversation_id = submit(uow, content)
        with uow() as repository:
            repository.mark_failed(conversation_id, error=ErrorCode.INTERNAL, now=NOW)
        assert erase(uow) == 1
        with pytest.raises(TextErased, match=r"2026-11-03 \(retention\)"), uow() as repository:
            repository.requeue(conversation_id, now=LATER)
        with pytest.raises(TextErased), uow() as repository:
            repository.add_inspection(conversation_id, inspection(content), now=LATER)
        with uow() as repository:
            assert repository.requeue_all(now=LATER) == 0
            assert repository.decided_ids() == []

    def test_the_same_content_again_is_not_kept_again_and_new_content_is(self, uow: UnitOfWork) -> None:
        content = of_customer("u-9")
        conversation_id = store(uow, content)
        erase(uow)
        with uow() as repository:
            again = repository.submit(content, content_sha256=digest(content), now=LATER)
        assert (again.id, again.created, again.state) == (conversation_id, False, "complete")
        assert again.erased == Erased(at=LATER, reason=ErasureReason.RETENTION)
        new = replace(content, turns=chat(text="十天").turns)
        with uow() as repository:
            submitted = repository.submit(new, content_sha256=digest(new), now=LATER + MINUTE)
        assert (submitted.revision, submitted.created, submitted.erased) == (2, True, None)
        assert get(uow, conversation_id).conversation == new
        assert get(uow, conversation_id).erased is None
        assert expired(uow) == Due(ready=0, waiting=0)


class TestWhatIsDue:
    def test_by_shop_and_age_in_batches_the_oldest_first(self, uow: UnitOfWork) -> None:
        for number in range(3):
            content = of_customer("u-9", f"c-{number}")
            with uow() as repository:
                identity = repository.submit(content, content_sha256=digest(content), now=NOW - number * MINUTE).id
                repository.add_inspection(identity, inspection(content), now=NOW)
        store(uow, chat("other", shop="y"))
        store(uow, chat("nobody's", shop=None))
        with uow(is_read_only=True) as repository:
            assert repository.shops_with_text() == [None, "demo", "y"]
            assert repository.expired("demo", NOW - MINUTE) == Due(ready=1, waiting=0)
        assert expired(uow) == Due(ready=3, waiting=0)
        assert expired(uow, None) == Due(ready=1, waiting=0)
        assert erase(uow, limit=2) == 2
        left = [row.external_id for row in find(uow, shop="demo").rows if get(uow, row.id).erased is None]
        assert left == ["c-0"]
        assert erase(uow) == 1
        assert erase(uow, shop=None) == 1
        with uow(is_read_only=True) as repository:
            assert repository.shops_with_text() == ["y"]

    def test_a_chat_that_waits_or_is_appealed_is_left_alone(self, uow: UnitOfWork) -> None:
        submit(uow, chat("pending"))
        appealed = store(uow, chat("appealed"), finding())
        with uow() as repository:
            repository.save_final_scorecards(appealed, [scorecard()], ReviewState.APPEALED, findings=[finding()])
        assert expired(uow) == Due(ready=0, waiting=2)
        assert erase(uow) == 0
        with uow() as repository:
            repository.save_final_scorecards(appealed, [scorecard()], ReviewState.CONFIRMED, findings=[finding()])
        assert erase(uow) == 1


class TestCustomers:
    def test_a_customer_is_found_by_name_and_by_what_was_sent(self, uow: UnitOfWork) -> None:
        store(uow, of_customer("u-9", "named"))
        sent = of_customer(None, "sent")
        asked, *rest = sent.turns
        store(uow, replace(sent, turns=(replace(asked, sender_id="u-9"), *rest)))
        store(uow, of_customer("u-8", "another"))
        store(uow, of_customer("a-7", "an agent's id is no customer's"))
        with uow() as repository:
            query = CustomerQuery(customer_digest=customer_digest("u-9"))
            assert repository.chats_of(query) == Due(ready=2, waiting=0)
            assert repository.erase_chats_of(query, limit=1, now=LATER) == 1
            assert repository.erase_chats_of(query, limit=10, now=LATER) == 1
            assert repository.chats_of(query) == Due(ready=0, waiting=0)
        erased = {row.external_id: get(uow, row.id).erased for row in find(uow).rows}
        by_request = Erased(at=LATER, reason=ErasureReason.REQUEST)
        assert {name for name, one in erased.items() if one == by_request} == {"named", "sent"}

    @pytest.mark.parametrize(
        ("narrowed", "number"),
        [
            pytest.param({}, 3, id="everywhere"),
            pytest.param({"shop": "y"}, 1, id="one shop"),
            pytest.param({"source": "im"}, 1, id="one source"),
            pytest.param({"shop": "y", "source": "im"}, 0, id="both"),
        ],
    )
    def test_in_one_shop_or_source_only(self, uow: UnitOfWork, narrowed: dict[str, str], number: int) -> None:
        store(uow, of_customer("u-9", "1"))
        store(uow, of_customer("u-9", "2", shop="y"))
        store(uow, of_customer("u-9", "3", source="im"))
        with uow(is_read_only=True) as repository:
            query = CustomerQuery(customer_digest=customer_digest("u-9"), **narrowed)
            assert repository.chats_of(query).ready == number

    def test_the_customer_of_an_earlier_revision_is_still_found(self, uow: UnitOfWork) -> None:
        store(uow, of_customer("u-9"))
        changed = replace(of_customer("u-8"), turns=chat(text="十天").turns)
        add(uow, submit(uow, changed), inspection(changed))
        with uow(is_read_only=True) as repository:
            found = [repository.chats_of(CustomerQuery(customer_digest=customer_digest(one))) for one in ("u-9", "u-8")]
        assert found == [Due(ready=1, waiting=0)] * 2


class TestRequests:
    def test_requests_are_kept_with_their_progress(self, uow: UnitOfWork) -> None:
        requests = [
            Erasure(
                id=str(number) * 32,
                query=CustomerQuery(customer_digest=customer_digest("u-9"), source="im", shop="y"),
                requested_by="王",
                requested_at=NOW + number * MINUTE,
                waiting=2,
            )
            for number in range(3)
        ]
        with uow() as repository:
            for request in requests:
                repository.add_erasure(request)
        done = replace(requests[1], erased=2, waiting=0, state=ErasureState.DONE, finished_at=LATER)
        with uow() as repository:
            assert repository.get_erasure(done.id, for_update=True) == requests[1]
            repository.save_erasure(done)
        with uow(is_read_only=True) as repository:
            assert repository.get_erasure(done.id) == done
            assert repository.erasures(2) == [requests[2], done]
            assert repository.pending_erasures() == [requests[0].id, requests[2].id]

    @pytest.mark.parametrize(
        ("scope", "shop", "is_allowed"),
        [
            pytest.param(Scope(shops=frozenset({"y"})), "y", True, id="own shop"),
            pytest.param(Scope(shops=frozenset({"y"})), "x", False, id="another shop"),
            pytest.param(Scope(shops=frozenset({"y"})), None, False, id="all shops"),
            pytest.param(Scope(agent_ids=frozenset({"a-7"})), "y", False, id="of some agents only"),
        ],
    )
    def test_nobody_asks_for_or_sees_more_than_the_own_shops(
        self, uow: UnitOfWork, scope: Scope, shop: str | None, is_allowed: bool
    ) -> None:
        request = Erasure(
            id="1" * 32,
            query=CustomerQuery(customer_digest=customer_digest("u-9"), shop=shop),
            requested_by="王",
            requested_at=NOW,
        )
        own = uow.within(scope)
        if is_allowed:
            with own() as repository:
                repository.add_erasure(request)
        else:
            with pytest.raises(NotPermitted), own() as repository:
                repository.add_erasure(request)
            with uow() as repository:
                repository.add_erasure(request)
        with own(is_read_only=True) as repository:
            assert repository.erasures(10) == ([request] if is_allowed else [])
            if is_allowed:
                assert repository.get_erasure(request.id) == request
            else:
                with pytest.raises(NotFound):
                    repository.get_erasure(request.id)

    def test_an_unknown_one_is_not_found(self, uow: UnitOfWork) -> None:
        with pytest.raises(NotFound), uow(is_read_only=True) as repository:
            repository.get_erasure("0" * 32)
