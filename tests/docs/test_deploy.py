"""What monitoring asks for is there: every query of the dashboard and the alerts names metrics that processes show."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from api.app import create_app
from qa_service.settings import REPOSITORY
from tests.fakes.services import FakeServices

DEPLOY = REPOSITORY / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "qa_service.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
QUERIES = {
    **{f"{panel['title']}-{t['refId']}": t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"]},
    **{rule["alert"]: rule["expr"] for rule in RULES},
}
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
SELECTOR = re.compile(r"\b(qa_\w+)(?:\{([^}]*)\})?(\[)?")
COUNTING = ("rate", "increase")


def shown() -> tuple[dict[str, str], dict[str, set[str]]]:
    """Series of a process → their kind; and, for all series that have any by now, their labels."""
    services = FakeServices()
    metrics = services.telemetry.metrics
    metrics.watch_cache(lambda: (0, 0))
    with TestClient(create_app(services)) as client:
        client.get("/nowhere")
        text = client.get("/metrics").text
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, flags=re.MULTILINE))
    series: dict[str, str] = {}
    for name, kind in kinds.items():
        base = name.removesuffix("_total")
        series |= {base + suffix: kind for suffix in SUFFIXES[kind]}
    labels = {
        collector._name: set(collector._labelnames)
        for collector in metrics.registry._collector_to_names
        if hasattr(collector, "_labelnames")
    }
    labels |= {"qa_conversations": {"state"}, "qa_queue_depth": {"lane"}, "qa_queue_age_seconds": {"lane"}}
    return series, labels | {"qa_model_cache": {"result"}}


SERIES, LABELS = shown()


@pytest.mark.parametrize("query", list(QUERIES.values()), ids=list(QUERIES))
def test_a_query_names_metrics_and_labels_that_exist(query: str) -> None:
    found = list(SELECTOR.finditer(query))
    assert found or "up{" in query
    for name, matchers, _ in (match.groups() for match in found):
        assert name in SERIES
        base = re.sub(r"_(total|bucket|sum|count)$", "", name)
        asked = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers or ""))
        assert asked <= LABELS[base] | {"le"}


@pytest.mark.parametrize("query", list(QUERIES.values()), ids=list(QUERIES))
def test_counters_are_asked_for_their_growth_and_gauges_for_their_value(query: str) -> None:
    for match in SELECTOR.finditer(query):
        function = re.search(r"(\w+)\($", query[: match.start()])
        is_growth = bool(match[3]) and function is not None and function[1] in COUNTING
        assert is_growth == (SERIES[match[1]] != "gauge")
    assert query.count("(") == query.count(")")


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]

    assert len(set(ids)) == len(ids)
    assert all(x + w <= 24 for x, _, w, _ in places)
    assert not [(a, b) for a in places for b in places if a < b and _overlap(a, b)]
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"${datasource}"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_is_complete_and_explained(rule: dict[str, Any]) -> None:
    operations = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")

    assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert f"`{rule['alert']}`" in operations
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))


def test_every_metric_is_documented() -> None:
    operations = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in SERIES if name.startswith("qa_")}

    assert [name for name in sorted(names) if f"`{name}" not in operations] == []


def _overlap(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
