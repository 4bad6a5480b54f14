"""What workflows do for somebody who may touch only some rows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from qa_service.domain.conversation import Conversation
from qa_service.domain.identity import Scope
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import Decision
from qa_service.errors import ErrorCode, InvalidInput, NotFound, NotPermitted
from tests.builders import conversation
from tests.fakes.queue import fake_intake
from tests.fakes.repository import FakeUnitOfWork
from tests.fakes.services import FakeServices

ONE = Scope(shops=frozenset({"mine"}))
TWO = Scope(shops=frozenset({"mine", "also mine"}))
AGENT = Scope(shops=frozenset({"mine"}), agent_ids=frozenset({"a-7"}))
HANDED_ON = conversation(
    "customer: 在吗", "agent[a-7]: 七天内都可以退", "customer: 还在吗", "agent[a-8]: 七天也行，自己看", shop="mine"
)


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def handed_on(services: FakeServices) -> str:
    """A chat in which a-7 and a-8 promised too much, and a-8 was cold."""
    identity = services.intake.submit(HANDED_ON).id
    services.work()
    return identity


def finding_ids(stored: StoredConversation) -> dict[str | None, str]:
    assert stored.inspection is not None
    return {f.agent_id: stored.finding_ids[f.key] for f in stored.inspection.findings if f.key in stored.finding_ids}


def get(services: FakeServices, identity: str) -> StoredConversation:
    with services.unit_of_work(is_read_only=True) as repository:
        return repository.get(identity)


class TestIntake:
    @pytest.mark.parametrize(
        ("scope", "shop", "stored"),
        [
            pytest.param(ONE, None, "mine", id="the only shop is filled in"),
            pytest.param(ONE, "mine", "mine", id="the only shop named"),
            pytest.param(TWO, "also mine", "also mine", id="one of several"),
            pytest.param(Scope(), None, None, id="anything goes"),
        ],
    )
    def test_a_chat_in_scope_is_taken(self, scope: Scope, shop: str | None, stored: str | None) -> None:
        uow = FakeUnitOfWork()
        identity = fake_intake(uow.within(scope)).submit(asked(shop)).id
        with uow(is_read_only=True) as repository:
            assert repository.get(identity).conversation.shop == stored

    def test_filled_in_or_named_it_is_the_same_chat(self) -> None:
        intake = fake_intake(FakeUnitOfWork().within(ONE))
        first, second = intake.submit(asked(None)), intake.submit(asked("mine"))
        assert (first.id, first.created, second.created) == (second.id, True, False)

    def test_a_missing_shop_is_asked_for_where_it_could_be_several(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            fake_intake(FakeUnitOfWork().within(TWO)).submit(asked(None))
        assert (caught.value.field, caught.value.code) == ("shop", ErrorCode.MISSING_FIELD)

    @pytest.mark.parametrize(
        ("scope", "shop"),
        [
            pytest.param(ONE, "theirs", id="another shop"),
            pytest.param(AGENT, "mine", id="an agent"),
            pytest.param(AGENT, None, id="an agent, no shop named"),
            pytest.param(Scope(shops=frozenset()), "mine", id="no shop at all"),
        ],
    )
    def test_a_chat_out_of_scope_is_refused(self, scope: Scope, shop: str | None) -> None:
        with pytest.raises(NotPermitted) as caught:
            fake_intake(FakeUnitOfWork().within(scope)).submit(asked(shop))
        assert caught.value.field == "shop"


def asked(shop: str | None) -> Conversation:
    return replace(conversation("customer: 在吗"), shop=shop)


class TestReview:
    def test_an_appeal_scores_the_whole_chat_and_not_what_the_agent_sees(
        self, services: FakeServices, handed_on: str
    ) -> None:
        ids = finding_ids(get(services, handed_on))
        services.review().decide(ids["a-8"], decision=Decision.OVERTURN, comment="误判", reviewer="王")

        own = services.within(AGENT).review()
        appealed = own.decide(ids["a-7"], decision=Decision.APPEAL, comment="请再看", reviewer="小林")

        stored = get(services, handed_on)
        assert appealed.state == "appealed"
        assert [(card.agent_id, card.total) for card in stored.final_scorecards] == [
            ("a-7", Decimal(70)),
            ("a-8", Decimal(100)),
        ]
        assert [card.agent_id for card in own.conversation(handed_on).final_scorecards] == ["a-7"]

    def test_a_colleagues_finding_cannot_be_appealed(self, services: FakeServices, handed_on: str) -> None:
        ids = finding_ids(get(services, handed_on))
        with pytest.raises(NotFound):
            services.within(AGENT).review().decide(
                ids["a-8"], decision=Decision.APPEAL, comment="请再看", reviewer="小林"
            )
        assert get(services, handed_on).verdicts == ()

    def test_a_suspicion_that_may_be_of_somebody_out_of_scope_is_not_cleared(
        self, services: FakeServices, handed_on: str
    ) -> None:
        with pytest.raises(NotPermitted) as caught:
            services.within(AGENT).review().dismiss_suspicion(handed_on, "语气正常", "小林")
        assert caught.value.field == "scope"
        assert get(services, handed_on).suspicion_reviews == ()

    def test_a_chat_of_agents_in_scope_alone_is_cleared(self, services: FakeServices) -> None:
        alone = conversation("customer: 在吗", "agent[a-7]: 自己看", shop="mine")
        identity = services.intake.submit(alone).id
        services.work()
        cleared = services.within(AGENT).review().dismiss_suspicion(identity, "语气正常", "王")
        assert (cleared.review_state, len(cleared.suspicion_reviews)) == ("cleared", 1)


def test_a_rule_is_not_explained_over_the_turns_of_others(services: FakeServices, handed_on: str) -> None:
    own = services.within(AGENT)
    with pytest.raises(NotPermitted):
        own.explainer().explain_stored(handed_on, "promise.return_window", own.unit_of_work)
    shop = services.within(ONE)
    explained = shop.explainer().explain_stored(handed_on, "promise.return_window", shop.unit_of_work)
    assert [turn.outcome for turn in explained.turns] == ["clear", "hit", "clear", "hit"]


def test_a_push_is_of_all_shops(services: FakeServices) -> None:
    with pytest.raises(NotPermitted):
        services.within(ONE).performance.push("2026-11")
    assert services.sender.received == []
