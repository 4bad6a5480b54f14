from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qa_service.errors import ErrorCode, InvalidInput
from qa_service.reports import agent_performance, parse_period, shop_overview
from tests.fakes.figures import agent_sums, day_sums
from tests.unit.reports.builders import BANDS, NOON, mean, points, scored

SHANGHAI = ZoneInfo("Asia/Shanghai")


def performance(*records):
    return agent_performance(agent_sums(records), period="2026-11", bands=BANDS)


def test_no_records_no_rows():
    assert performance() == []


def test_an_agents_period_is_summed_up():
    (result,) = performance(
        scored(
            "80",
            machine="70",
            final_total=points("80"),
            dimensions={"service_attitude": points("90"), "compliance": points("65")},
            findings_by_category={"dismissive": 1},
            verdicts={"overturn": 1},
        ),
        scored(
            "88",
            machine="88",
            final_total=points("88"),
            dimensions={"service_attitude": points("94"), "compliance": points(None)},
            findings_by_category={"dismissive": 2, "abuse": 1},
            verdicts={"confirm": 2, "overturn": 1},
        ),
    )
    assert (result.agent_id, result.agent_name, result.group, result.shop) == ("a-1", "小林", "售后", "demo")
    assert (result.period, result.conversations, result.unscored, result.band) == ("2026-11", 2, 0, "pass")
    assert (result.total.n, result.total.mean, result.machine_total.mean) == (2, 84.0, 79.0)
    assert result.dimensions["service_attitude"].mean == 92.0
    assert result.dimensions["compliance"] == mean(1, 65.0)
    assert result.findings_by_category == {"abuse": 1, "dismissive": 3}
    assert result.verdicts == {"confirm": 2, "overturn": 2}


def test_an_unscored_conversation_is_counted_and_in_no_mean():
    (result,) = performance(
        scored("90"),
        scored(
            None,
            machine="10",
            final_total=points(None),
            dimensions={"service_attitude": points(None), "compliance": points("20")},
            findings_by_category={"abuse": 1},
        ),
    )
    assert (result.conversations, result.unscored) == (2, 1)
    assert (result.total, result.machine_total) == (mean(1, 90.0), mean(1, 90.0))
    assert "compliance" not in result.dimensions
    assert result.findings_by_category == {"abuse": 1}


def test_an_agent_with_no_score_at_all_has_no_band():
    (result,) = performance(scored(None))
    assert (result.total, result.band, result.dimensions) == (mean(), None, {})


@pytest.mark.parametrize(
    ("totals", "band"),
    [(("79.99",), "needs_improvement"), (("80",), "pass"), (("79.99", "80"), "pass")],
    ids=["below", "at", "shown as 80.00"],
)
def test_the_band_is_that_of_the_mean_as_shown(totals, band):
    (result,) = performance(*(scored(total) for total in totals))
    assert result.band == band


def test_rows_are_ordered_by_shop_and_agent_whatever_the_records_order():
    records = [
        scored(agent_id="a-2"),
        scored(agent_id="a-1"),
        scored(agent_id="a-2", shop=None),
        scored(agent_id="a-1", shop="b"),
    ]
    assert [(r.shop, r.agent_id) for r in performance(*records)] == [
        (None, "a-2"), ("b", "a-1"), ("demo", "a-1"), ("demo", "a-2"),
    ]  # fmt: skip
    assert performance(*records) == performance(*records[::-1])


def test_name_and_group_are_the_latest_known():
    (result,) = performance(
        scored(agent_name="林", group="售后", at=NOON + timedelta(days=1)),
        scored(agent_name="小林", group="售前"),
        scored(agent_name=None, group=None, at=NOON + timedelta(days=2)),
    )
    assert (result.agent_name, result.group) == ("林", "售后")


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-11", (2026, 11, 1), (2026, 12, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2028-02", (2028, 2, 1), (2028, 3, 1)),
        ("0001-01", (1, 1, 1), (1, 2, 1)),
        ("9998-12", (9998, 12, 1), (9999, 1, 1)),
    ],
)
def test_a_month_runs_from_midnight_to_midnight_of_the_zone(text, since, until):
    period = parse_period(text, SHANGHAI)
    assert (period.name, period.since, period.until) == (
        text,
        datetime(*since, tzinfo=SHANGHAI),
        datetime(*until, tzinfo=SHANGHAI),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "26-11",
        "2026-11-02",
        "0000-01",
        "9999-12",
        "２０２６-11",
        " 2026-11",
    ],
)
def test_anything_else_is_no_period(text):
    with pytest.raises(InvalidInput, match="must be a month such as 2026-11") as caught:
        parse_period(text, SHANGHAI)
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, "period")


def test_the_overview_has_days_of_the_zone_and_agents():
    evening = NOON + timedelta(hours=5)  # 01:00 of the next day in Shanghai
    records = [
        scored("80", conversation_id="c-1", negative_share=0.5, findings_by_category={"abuse": 1}),
        scored("60", conversation_id="c-1", agent_id="a-2", negative_share=0.5, findings_by_category={"abuse": 1}),
        scored("90", conversation_id="c-2", negative_share=0.0),
        scored(None, conversation_id="c-3", at=evening, findings_by_category={"privacy": 2}),
    ]
    days = day_sums(records, parse_period("2026-11", SHANGHAI).midnights)
    overview = shop_overview(days[::-1], performance(*records))
    first, second = overview.days
    assert (first.day.isoformat(), first.conversations, first.total.n) == ("2026-11-02", 2, 3)
    assert (first.total.mean, first.hits, first.negative_share) == (76.67, {"abuse": 2}, 0.25)
    assert (second.day.isoformat(), second.conversations, second.total) == ("2026-11-03", 1, mean())
    assert (second.hits, second.negative_share) == ({"privacy": 2}, None)
    assert (overview.conversations, overview.total.n, overview.negative_share) == (3, 3, 0.25)
    assert overview.hits == {"abuse": 2, "privacy": 2}
    assert [agent.agent_id for agent in overview.agents] == ["a-1", "a-2"]
    assert [agent.conversations for agent in overview.agents] == [3, 1]


def test_an_overview_of_nothing_is_empty():
    overview = shop_overview([], [])
    assert (overview.conversations, overview.total, overview.hits) == (0, mean(), {})
    assert (overview.negative_share, overview.days, overview.agents) == (None, (), ())
