"""What compose.yaml starts exists: commands, settings, services, volumes; its times and ports fit together."""

from __future__ import annotations

from typing import Any

import pytest
import typer
import yaml

from qa_service.cli.app import app
from qa_service.settings import REPOSITORY, Settings

COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
SINGLE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.single.yaml").read_text(encoding="utf-8"))
OURS = {
    f"{name}-{at}": service
    for name, file in (("compose", COMPOSE), ("single", SINGLE))
    for at, service in file["services"].items()
    if "build" in service
}


@pytest.mark.parametrize("service", OURS.values(), ids=list(OURS))
def test_a_service_runs_a_command_with_settings_that_exist(service: dict[str, Any]) -> None:
    program, name, *arguments = service.get("command", ["qa-service", "serve"])
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]

    assert program == "qa-service"
    command.make_context(name, list(arguments)).close()
    known = {f"QA_{setting.upper()}" for setting in Settings.model_fields}
    assert set(service.get("environment", {})) <= known


def test_services_wait_for_others_that_tell_when_they_are_healthy() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        for name, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert services[name]["healthcheck"]["test"]


def test_volumes_are_declared() -> None:
    for file in (COMPOSE, SINGLE):
        named = [
            volume.partition(":")[0] for service in file["services"].values() for volume in service.get("volumes", [])
        ]
        assert {name for name in named if not name.startswith((".", "/"))} == set(file.get("volumes", {}))


def test_a_worker_is_given_the_time_that_a_task_may_take() -> None:
    hard_seconds = Settings.model_fields["task_hard_seconds"].default
    for name, service in COMPOSE["services"].items():
        if name.startswith("worker"):
            assert int(service["stop_grace_period"].removesuffix("s")) > hard_seconds


def test_prometheus_asks_the_services_on_their_ports() -> None:
    file = yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "prometheus.yaml").read_text(encoding="utf-8"))
    targets = {t for job in file["scrape_configs"] for config in job["static_configs"] for t in config["targets"]}
    workers = {name for name in COMPOSE["services"] if name.startswith("worker")}

    assert {target.partition(":")[0] for target in targets} == {"api", *workers}
    for name in workers:
        assert f"{name}:{COMPOSE['services'][name]['environment']['QA_METRICS_PORT']}" in targets
