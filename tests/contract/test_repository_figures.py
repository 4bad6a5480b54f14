"""What every store must add up for reports: the same as plain Python, one scorecard after the other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from qa_service.domain.conversation import Agent, AgentId
from qa_service.domain.finding import Finding, Outcome, RuleStatus
from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.domain.performance import DaySums, ScoreSum
from qa_service.domain.review import Decision, ReviewState
from qa_service.domain.scorecard import Scorecard
from qa_service.reports import agent_performance, parse_period, shop_overview
from qa_service.workflows.ports import Repository, UnitOfWork
from tests.contract.stores import add, get, store, submit
from tests.fakes.figures import agent_sums, day_sums, figures_of
from tests.unit.storage.builders import MINUTE, NOW, chat, finding, inspection, scorecard, verdict

HOUR = timedelta(hours=1)
NOVEMBER = parse_period("2026-11", ZoneInfo("Asia/Shanghai"))
AGENTS = tuple(Agent(id=AgentId(f"a-{n}"), name=f"小{n}", group=("售前", "售后")[n % 2]) for n in range(4))


def score(value: str) -> ScoreSum:
    return ScoreSum(n=1, total=Decimal(value), squares=Decimal(value) ** 2)


def all_sums(repository: Repository, **wanted: Any) -> list[Any]:
    sums = repository.agent_sums(**{"since": NOVEMBER.since, "until": NOVEMBER.until, **wanted})
    return sorted(sums, key=lambda agent: (agent.shop or "", agent.agent_id))


class TestByHand:
    def test_final_and_machine_scores_hits_and_decisions_are_added_up(self, uow: UnitOfWork) -> None:
        agent = Agent(id=AgentId("a-7"), name="小林", group="售后")
        standing = finding("abuse.insult", category="abuse")
        judged = store(uow, chat(agents=(agent,)), finding(), standing)
        store(uow, chat("c-2", shop="y"), cards=(scorecard(None),), lowest=None)
        with uow() as repository:
            repository.add_verdict(verdict(get(uow, judged).finding_ids[finding().key]))
            repository.save_final_scorecards(judged, [scorecard("90.25")], ReviewState.OVERTURNED, findings=[standing])
        with uow() as repository:
            mine, theirs = all_sums(repository)
            before = repository.agent_sums(since=NOW - HOUR, until=NOW)
        assert (mine.agent_id, mine.agent_name, mine.group, mine.shop) == ("a-7", "小林", "售后", "demo")
        assert (mine.scorecards, mine.total, mine.machine_total) == (1, score("90.25"), score("83.25"))
        assert (mine.dimensions, mine.findings_by_category) == ({"compliance": score("90.25")}, {"abuse": 1})
        assert mine.verdicts == {"overturn": 1}
        assert (theirs.shop, theirs.scorecards, theirs.total, theirs.dimensions) == ("y", 1, ScoreSum(), {})
        assert before == []

    def test_the_newest_decision_counts_and_an_overturned_hit_does_not_stand(self, uow: UnitOfWork) -> None:
        conversation_id = store(uow, chat(), finding(), finding("abuse.insult", category="abuse"))
        ids = get(uow, conversation_id).finding_ids.values()
        with uow() as repository:
            for identity, last in zip(ids, (Decision.CONFIRM, Decision.OVERTURN), strict=True):
                repository.add_verdict(verdict(identity, Decision.APPEAL))
                repository.add_verdict(verdict(identity, last))
        with uow() as repository:
            (sums,) = all_sums(repository)
        assert sums.verdicts == {"confirm": 1, "overturn": 1}
        assert sum(sums.findings_by_category.values()) == 1

    def test_a_day_lasts_from_midnight_to_midnight_and_a_chat_of_two_agents_counts_once(self, uow: UnitOfWork) -> None:
        midnight = NOVEMBER.midnights[2]
        both = (scorecard("80"), scorecard("60", "a-8"))
        store(uow, chat("c-1", started_at=midnight - MINUTE), finding(), cards=both)
        store(uow, chat("c-2", started_at=midnight))
        store(uow, chat("c-3", started_at=NOVEMBER.until))
        with uow() as repository:
            days = repository.day_sums(NOVEMBER.midnights, until=NOVEMBER.until)
        first, second = sorted(days, key=lambda day: day.since)
        assert (first.since, second.since) == (NOVEMBER.midnights[1], midnight)
        assert first == DaySums(
            since=first.since,
            conversations=1,
            total=score("80") + score("60"),
            hits={"unauthorized_promise": 1},
            moods=1,
            negative_billionths=500_000_000,
        )
        assert (second.conversations, second.total, second.hits) == (1, score("83.25"), {})

    def test_a_chat_whose_mood_is_unknown_counts_in_no_share(self, uow: UnitOfWork) -> None:
        known, unknown = chat("c-1"), chat("c-2")
        store(uow, known)
        result = inspection(unknown)
        add(uow, submit(uow, unknown), replace(result, mood=replace(result.mood, negative_share=None)))
        with uow() as repository:
            (day,) = repository.day_sums(NOVEMBER.midnights, until=NOVEMBER.until)
        assert (day.conversations, day.moods, day.negative_billionths) == (2, 1, 500_000_000)


SCOPES = {
    "everything": EVERYTHING,
    "one shop": Scope(shops=frozenset({"x"})),
    "two agents of a shop": Scope(shops=frozenset({"x"}), agent_ids=frozenset({"a-1", "a-2"})),
    "a team": Scope(groups=frozenset({"售前"})),
}


@pytest.mark.parametrize("seed", range(3))
def test_the_sums_of_random_scorecards_are_those_of_python(uow: UnitOfWork, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(25):
        _store_any(uow, rng, number)
    for name, scope in SCOPES.items():
        with uow.within(scope)(is_read_only=True) as repository:
            for shop in (None, "x", "y"):
                assert _reported(repository, shop) == _expected(repository, shop), f"{name}, shop {shop}"
            records = repository.scorecards(since=NOVEMBER.since, until=NOVEMBER.until, agent_id="a-1")
            expected = agent_performance(agent_sums(map(figures_of, records)), period="", bands=())
            assert agent_performance(all_sums(repository, agent_id="a-1"), period="", bands=()) == expected, name


def _reported(repository: Repository, shop: str | None) -> object:
    days = repository.day_sums(NOVEMBER.midnights, until=NOVEMBER.until, shop=shop)
    return shop_overview(days, agent_performance(all_sums(repository, shop=shop), period="", bands=()))


def _expected(repository: Repository, shop: str | None) -> object:
    scored = repository.scorecards(since=NOVEMBER.since, until=NOVEMBER.until, shop=shop)
    records = [figures_of(one) for one in scored]
    agents = agent_performance(agent_sums(records), period="", bands=())
    return shop_overview(day_sums(records, NOVEMBER.midnights), agents)


def _store_any(uow: UnitOfWork, rng: random.Random, number: int) -> None:
    """A chat of one to three agents, in a month that is mostly November; then some verdicts and other final scores."""
    agents = rng.sample(AGENTS, rng.randint(1, 3))
    content = chat(
        f"c-{number}",
        shop=rng.choice(("x", "y", None)),
        agents=AGENTS,
        started_at=_moment(rng),
    )
    findings = _findings(rng, agents)
    result = inspection(content, *findings, cards=tuple(_card(rng, agent) for agent in agents))
    share = rng.choice((None, rng.random()))
    conversation_id = submit(uow, content)
    add(uow, conversation_id, replace(result, mood=replace(result.mood, negative_share=share)))
    stored = get(uow, conversation_id)
    with uow() as repository:
        for identity in rng.sample(sorted(stored.finding_ids.values()), rng.randint(0, len(stored.finding_ids))):
            for _ in range(rng.randint(1, 2)):
                repository.add_verdict(verdict(identity, rng.choice(list(Decision)), minutes=rng.randint(0, 1)))
        if rng.random() < 0.5:
            cards = [_card(rng, agent) for agent in agents]
            repository.save_final_scorecards(conversation_id, cards, ReviewState.CONFIRMED, findings=findings)


def _moment(rng: random.Random) -> datetime:
    return NOVEMBER.since + timedelta(minutes=rng.randint(-2 * 24 * 60, 31 * 24 * 60))


def _card(rng: random.Random, agent: Agent) -> Scorecard:
    total = None if rng.random() < 0.2 else str(Decimal(rng.randint(0, 1_000_000)) / 10_000)
    return scorecard(total, agent.id)


def _findings(rng: random.Random, agents: Sequence[Agent]) -> list[Finding]:
    return [
        finding(
            f"rule.{number}",
            category=rng.choice(("abuse", "privacy", "dismissive")),
            outcome=rng.choice((Outcome.HIT, Outcome.HIT, Outcome.SUPPRESSED)),
            status=rng.choice((RuleStatus.SCORED, RuleStatus.SCORED, RuleStatus.SHADOW)),
            agent_id=rng.choice((None, *(agent.id for agent in agents))),
        )
        for number in range(rng.randint(0, 6))
    ]
