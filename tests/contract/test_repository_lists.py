"""What every store's lists must do."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service.domain.finding import Outcome, RuleStatus, Severity
from qa_service.domain.identity import Scope
from qa_service.domain.review import ReviewState
from qa_service.errors import InvalidInput
from qa_service.workflows.ports import UnitOfWork
from tests.builders import conversation
from tests.contract.stores import find, found, store, submit
from tests.unit.storage.builders import (
    MINUTE,
    NOW,
    chat,
    finding,
    scorecard,
)


class TestLists:
    def test_a_row_sums_the_result_up(self, uow: UnitOfWork) -> None:
        hits = finding(), finding("abuse.insult", category="abuse", severity=Severity.CRITICAL)
        cards = scorecard("83.25"), scorecard("61.5", "a-8"), scorecard(None, "a-9")
        store(uow, chat(), *hits, finding("x", status=RuleStatus.SHADOW, category="shadow"), cards=cards, suspicion=0.9)
        (row,) = find(uow).rows
        assert (row.external_id, row.shop, row.channel, row.started_at) == ("c-1", "demo", "taobao", NOW)
        assert (row.state, row.review_state, row.agents) == ("complete", "open", ("a-7",))
        assert (row.hits, row.worst_severity, row.categories) == (2, "critical", ("abuse", "unauthorized_promise"))
        assert (row.lowest_polarity, row.satisfaction, row.lowest_total) == (-0.25, 3.5, Decimal("61.5"))
        assert row.suspected

    def test_a_row_without_result_says_so(self, uow: UnitOfWork) -> None:
        submit(uow, chat())
        (row,) = find(uow).rows
        assert (row.state, row.hits, row.worst_severity, row.lowest_total) == ("pending", 0, None, None)
        assert (row.lowest_polarity, row.satisfaction, row.categories, row.suspected) == (None, None, (), False)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            pytest.param({"since": NOW + MINUTE}, {"calm", "silent"}, id="since"),
            pytest.param({"until": NOW + MINUTE}, {"bad"}, id="until"),
            pytest.param({"agent_id": "a-8"}, {"calm"}, id="agent"),
            pytest.param({"shop": "y"}, {"calm"}, id="shop"),
            pytest.param({"channel": "jd"}, {"calm"}, id="channel"),
            pytest.param({"rule_id": "promise.return_window"}, {"bad"}, id="rule"),
            pytest.param({"category": "abuse"}, {"bad"}, id="category"),
            pytest.param({"severity": "critical"}, {"bad"}, id="severity"),
            pytest.param({"category": "abuse", "severity": "major"}, set(), id="category and severity of one hit"),
            pytest.param({"dimension": "compliance"}, {"bad", "calm"}, id="dimension"),
            pytest.param({"dimension": "compliance", "score_at_most": Decimal("40.5")}, {"bad"}, id="dimension score"),
            pytest.param({"score_at_most": Decimal("95")}, {"bad", "calm"}, id="total"),
            pytest.param({"score_at_most": Decimal("94.99")}, {"bad"}, id="total just below"),
            pytest.param({"polarity_at_most": -0.9}, {"bad"}, id="polarity"),
            pytest.param({"review_state": "confirmed"}, {"calm"}, id="review state"),
            pytest.param({"flagged": True}, {"bad", "silent"}, id="flagged"),
            pytest.param({"flagged": False}, {"calm"}, id="not flagged"),
            pytest.param({"shop": "demo", "flagged": True, "agent_id": "a-7"}, {"bad", "silent"}, id="together"),
        ],
    )
    def test_filters_select(self, uow: UnitOfWork, query: dict[str, object], expected: set[str]) -> None:
        abuse = finding("abuse.insult", category="abuse", severity=Severity.CRITICAL)
        store(uow, chat("bad"), finding(), abuse, cards=(scorecard("40.5"),), lowest=-0.9)
        calm = conversation("agent[a-8]: 好的", external_id="calm", shop="y", channel="jd", started_at=NOW + MINUTE)
        conversation_id = store(uow, calm, cards=(scorecard("95"),), lowest=0.1)
        with uow() as repository:
            repository.save_final_scorecards(conversation_id, [scorecard("95")], ReviewState.CONFIRMED, findings=[])
        # a model's suspicion without a hit, and no score
        store(uow, chat("silent", started_at=NOW + 2 * MINUTE), cards=(scorecard(None),), lowest=None, suspicion=0.5)
        assert set(found(uow, **query)) == expected

    def test_an_overturned_hit_is_neither_counted_nor_found(self, uow: UnitOfWork) -> None:
        stands = finding("promise.gift", severity=Severity.MINOR, category="gift")
        wrong = finding("abuse.insult", severity=Severity.CRITICAL, category="abuse")
        conversation_id = store(uow, chat(), wrong, stands, cards=(scorecard("0", fatal=True),))
        after = [replace(wrong, outcome=Outcome.SUPPRESSED), stands]
        with uow() as repository:
            repository.save_final_scorecards(conversation_id, [scorecard("90")], ReviewState.OVERTURNED, findings=after)
        (row,) = find(uow).rows
        assert (row.hits, row.worst_severity, row.categories) == (1, "minor", ("gift",))
        for query in ({"category": "abuse"}, {"rule_id": "abuse.insult"}, {"severity": "critical"}):
            assert found(uow, **query) == []
        store(uow, chat("major"), finding())
        assert found(uow, worst_first=True) == ["major", "c-1"]

    def test_a_confirmation_after_all_brings_the_hit_back(self, uow: UnitOfWork) -> None:
        hit = finding()
        conversation_id = store(uow, chat(), hit)
        for outcome, shown in ((Outcome.SUPPRESSED, []), (Outcome.HIT, ["c-1"])):
            with uow() as repository:
                repository.save_final_scorecards(
                    conversation_id, [scorecard()], ReviewState.OPEN, findings=[replace(hit, outcome=outcome)]
                )
            assert found(uow, category="unauthorized_promise") == shown
            assert found(uow, flagged=True) == shown

    def test_the_newest_come_first(self, uow: UnitOfWork) -> None:
        for minutes in (1, 3, 2):
            submit(uow, chat(f"c-{minutes}", started_at=NOW + minutes * MINUTE))
        assert found(uow) == ["c-3", "c-2", "c-1"]

    def test_worst_first_is_by_fatality_severity_number_of_hits_and_mood(self, uow: UnitOfWork) -> None:
        minor = finding("a", severity=Severity.MINOR)
        store(uow, chat("nothing"))
        store(uow, chat("suspected"), suspicion=0.8)
        store(uow, chat("minor"), minor)
        store(uow, chat("two minor"), minor, finding("b", severity=Severity.MINOR))
        store(uow, chat("two minor, angry"), minor, finding("b", severity=Severity.MINOR), lowest=-0.75)
        store(uow, chat("major"), finding())
        store(uow, chat("critical"), finding("c", severity=Severity.CRITICAL))
        store(uow, chat("fatal"), minor, cards=(scorecard("0", fatal=True),))
        expected = ["fatal", "critical", "major", "two minor, angry", "two minor", "minor", "suspected", "nothing"]
        assert found(uow, worst_first=True) == expected

    @pytest.mark.parametrize("worst_first", [False, True], ids=["newest", "worst"])
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(data=st.data())
    def test_pages_show_every_row_once_also_where_sort_keys_are_equal(
        self, uow: UnitOfWork, worst_first: bool, data: st.DataObject
    ) -> None:
        shop = uuid4().hex  # its own rows, since the store lives as long as all examples
        rows = data.draw(
            st.lists(
                st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([None, -0.5, -1 / 3, 0.25])), max_size=9
            )
        )
        for number, (minutes, hits, lowest) in enumerate(rows):
            content = chat(f"{shop}-{number}", shop=shop, started_at=NOW + minutes * MINUTE)
            store(uow, content, *(finding(f"rule.{hit}") for hit in range(hits)), lowest=lowest)
        limit = data.draw(st.integers(1, 4))
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = find(uow, shop=shop, worst_first=worst_first, limit=limit, cursor=cursor)
            assert len(page.rows) <= limit
            seen += [row.external_id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == found(uow, shop=shop, worst_first=worst_first, limit=100)
        assert sorted(seen) == sorted(f"{shop}-{number}" for number in range(len(rows)))

    @pytest.mark.parametrize("cursor", ["", "x", "after-x", "W10", "!!!!"], ids=repr)
    def test_a_broken_cursor_is_invalid_input(self, uow: UnitOfWork, cursor: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            find(uow, cursor=cursor)
        assert caught.value.field == "cursor"

    @pytest.mark.parametrize(("field", "value"), [("limit", 0), ("severity", "deadly")])
    def test_a_filter_that_makes_no_sense_is_invalid_input(self, uow: UnitOfWork, field: str, value: object) -> None:
        with pytest.raises(InvalidInput) as caught:
            find(uow, **{field: value})
        assert caught.value.field == field


@pytest.mark.parametrize("shops", [2, 60], ids=["merged", "too many to merge"])
@pytest.mark.parametrize("worst_first", [False, True], ids=["newest", "worst"])
def test_pages_of_some_shops_are_those_of_one_list(uow: UnitOfWork, worst_first: bool, shops: int) -> None:
    for number in range(12):
        shop = ("x", "y", "other")[number % 3]
        own = finding(severity=list(Severity)[number % 4])
        store(uow, chat(f"c-{number}", shop=shop, started_at=NOW + (number * 5 % 7) * MINUTE), own)
    scope = Scope(shops=frozenset({"x", "y", *(f"empty-{number}" for number in range(shops - 2))}))
    expected = [row.external_id for row in find(uow, worst_first=worst_first).rows if row.shop != "other"]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = find(uow.within(scope), worst_first=worst_first, limit=3, cursor=cursor)
        seen += [row.external_id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == expected
    assert len(seen) == 8
