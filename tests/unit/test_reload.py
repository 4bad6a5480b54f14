"""Packs change without a restart, whole or not at all."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from qa_service.errors import Conflict
from qa_service.settings import load_settings
from qa_service.wiring import Services, build_services
from qa_service.workflows.work_loop import WorkLoop
from tests.builders import conversation, turn
from tests.unit.rule_engine.packs import POLICIES, rule, write_packs, write_yaml

RUBRIC = load_settings().rubric_path


@pytest.fixture
def services(tmp_path: Path):
    write_packs(tmp_path / "rules", rule({"any": ["坏"]}))
    policy = write_yaml(tmp_path / "p.yaml", {"version": 1, "policies": POLICIES})
    url = f"sqlite:///{tmp_path / 'qa.sqlite3'}"
    built = build_services(load_settings(rules_dir=tmp_path / "rules", policy=policy, rubric=RUBRIC, database_url=url))
    yield built
    built.close()


def test_new_packs_are_in_force_at_once(services: Services, tmp_path: Path) -> None:
    before = services.rules()
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, id="test.other"))

    assert services.reload_rules()

    assert [found.id for found in before] == ["test.rule"]
    assert [found.id for found in services.rules()] == ["test.other"]


def test_broken_packs_leave_those_in_force(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    services.rules()
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, colour="red"))

    with caplog.at_level(logging.ERROR):
        assert not services.reload_rules()

    assert [found.id for found in services.rules()] == ["test.rule"]
    assert services.rules_held.failed_reloads == 1
    assert "zh/abuse.yaml:" in caplog.text


def test_a_reload_is_taken_up_by_the_other_processes(services: Services, tmp_path: Path) -> None:
    other = build_services(services.settings)
    try:
        before = other.rules_in_force()
        write_packs(tmp_path / "rules", rule({"any": ["bad"]}, id="test.other"))
        assert [found.id for found in other.rules()] == ["test.rule"]

        digest = services.reload_everywhere(by="王敏")

        assert [found.id for found in services.rules()] == [found.id for found in other.rules()] == ["test.other"]
        assert other.rules_in_force().rules_digest == digest
        assert [found.id for found in before.rules] == ["test.rule"], "what runs goes on with the packs it began with"
    finally:
        other.close()


def test_a_broken_pack_is_refused_everywhere_with_file_and_line(services: Services, tmp_path: Path) -> None:
    services.rules()
    revision = services.publication.revision()
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, colour="red"))

    with pytest.raises(Conflict, match=r"stay as they were: zh/abuse\.yaml:\d+:"):
        services.reload_everywhere(by="王敏")

    assert [found.id for found in services.rules()] == ["test.rule"]
    assert services.publication.revision() == revision, "no other process is told"


def test_a_running_inspection_keeps_the_pack_that_it_began_with(services: Services, tmp_path: Path) -> None:
    engine = services.rules_in_force()
    session = engine.open(conversation(language="zh", started_at=services.clock.now()))
    session.feed(turn("agent: 你好"))
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, id="test.other"))
    services.reload_everywhere(by="王敏")

    said = session.feed(turn("agent: 坏 bad", 2))

    assert [found.rule_id for found in (*said.exact, *said.provisional)] == ["test.rule"]


def test_a_loop_takes_its_new_worker_after_the_batch_in_hand() -> None:
    built: list[int] = []
    worked: list[int] = []
    done = threading.Event()

    class Numbered:
        def __init__(self) -> None:
            built.append(len(built))
            self.number = built[-1]

        def work(self) -> int:
            worked.append(self.number)
            if self.number == 0:
                loop.renew()
            else:
                done.set()
                loop.stop(0)
            return 1

    loop = WorkLoop(Numbered)  # type: ignore[arg-type]
    loop.run()

    assert done.is_set()
    assert worked == [0, 1]
