"""Packs change without a restart, whole or not at all."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

import pytest

from qa_service.domain.audit import AuditEntry, AuditEvent, AuditFilter
from qa_service.domain.rule_log import ReloadCause, RuleDigests
from qa_service.errors import Conflict, ErrorCode, Unavailable
from qa_service.rules_folder import LOOK_EVERY_SECONDS, RulesFolder
from qa_service.settings import load_settings
from qa_service.wiring import Services, build_services
from qa_service.workflows.acting import SYSTEM
from qa_service.workflows.publication import Publication
from qa_service.workflows.work_loop import WorkLoop
from tests.builders import conversation, turn
from tests.unit.rule_engine.packs import POLICIES, rule, write_packs, write_yaml

RUBRIC = load_settings().rubric_path


class Untouched(RulesFolder):
    """A folder whose changes nobody notices by looking."""

    def has_changed(self) -> bool:
        return False


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = time.time()

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hand(services: Services) -> Hand:
    """The clock by which the service looks at the folder; its packs are read."""
    clock = Hand()
    settings = services.settings
    services.rules_held.folder = RulesFolder(settings.rules_dir, settings.policy_path, now=clock)
    services.rules()
    return clock


def reloads(services: Services) -> list[AuditEntry]:
    """The entries of reloads, oldest first."""
    with services.unit_of_work(is_read_only=True) as repository:
        rows = repository.audit_page(AuditFilter(event=AuditEvent.RULES_RELOADED)).rows
    return [row.entry for row in reversed(rows)]


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

    assert services.reload_rules(ReloadCause.SIGNAL)

    assert [found.id for found in before] == ["test.rule"]
    assert [found.id for found in services.rules()] == ["test.other"]


def test_broken_packs_leave_those_in_force(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    services.rules()
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, colour="red"))

    with caplog.at_level(logging.ERROR):
        assert not services.reload_rules(ReloadCause.SIGNAL)

    assert [found.id for found in services.rules()] == ["test.rule"]
    assert services.rules_held.failed_reloads == 1
    assert "zh/abuse.yaml:" in caplog.text


def test_a_reload_is_taken_up_by_the_other_processes(services: Services, tmp_path: Path) -> None:
    other = build_services(services.settings)
    try:
        before = other.rules_in_force()
        other.rules_held.folder = Untouched()
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


def test_changed_packs_are_noticed_once_they_rest(services: Services, tmp_path: Path, hand: Hand) -> None:
    before = services.rules_in_force()
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, id="test.other"))

    at_once = services.rules_in_force()
    hand.seconds = (tmp_path / "rules" / "zh" / "abuse.yaml").stat().st_mtime + LOOK_EVERY_SECONDS + 1
    after = services.rules_in_force()

    assert at_once is before
    assert [found.id for found in after.rules] == ["test.other"]
    (entry,) = reloads(services)
    assert (entry.by, entry.before) == (
        SYSTEM,
        {"rules": before.rules_digest, "policies": before.policy_digest},
    )
    assert entry.after is not None
    assert (entry.after["rules"], entry.after["cause"]) == (after.rules_digest, "folder")


def test_changed_policies_are_noticed(services: Services, tmp_path: Path, hand: Hand) -> None:
    before = services.rules_in_force()
    write_yaml(tmp_path / "p.yaml", {"version": 2, "policies": POLICIES})
    hand.seconds += LOOK_EVERY_SECONDS + 60

    assert services.rules_in_force().policy_digest != before.policy_digest


def test_files_that_go_on_changing_wait_for_a_second_look(services: Services, tmp_path: Path, hand: Hand) -> None:
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, id="test.other"))
    pack = tmp_path / "rules" / "zh" / "abuse.yaml"
    seen = []
    for _ in range(3):
        hand.seconds += LOOK_EVERY_SECONDS
        os.utime(pack, (hand.seconds, hand.seconds))
        seen.append(services.rules()[0].id)
    hand.seconds += LOOK_EVERY_SECONDS

    assert seen == ["test.rule"] * 3
    assert services.rules()[0].id == "test.other"


def test_files_that_were_only_touched_are_no_reload(services: Services, tmp_path: Path, hand: Hand) -> None:
    before = services.rules_in_force()
    os.utime(tmp_path / "p.yaml", (1, 1))
    hand.seconds += LOOK_EVERY_SECONDS + 60

    assert services.rules_in_force() is before
    assert reloads(services) == []


def test_a_broken_pack_is_told_once_and_a_mended_one_taken(
    services: Services, tmp_path: Path, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, colour="red"))
    told = []
    for _ in range(3):
        hand.seconds += LOOK_EVERY_SECONDS + 60
        told.append(services.notices())

    assert [found.id for found in services.rules()] == ["test.rule"]
    assert services.rules_held.failed_reloads == 1
    assert len([line for line in caplog.messages if "rules stay as they were" in line]) == 1
    assert [notice["rules"].partition("zh/")[0] for notice in told] == ["those before stay in force: "] * 3
    assert reloads(services) == []

    write_packs(tmp_path / "rules", rule({"any": ["better"]}, id="test.mended"))
    hand.seconds += LOOK_EVERY_SECONDS + 60
    assert services.notices() == {}
    assert [found.id for found in services.rules()] == ["test.mended"]


def test_a_reload_for_which_the_store_was_away_is_tried_again(services: Services, tmp_path: Path, hand: Hand) -> None:
    write_packs(tmp_path / "rules", rule({"any": ["bad"]}, id="test.other"))
    hand.seconds += LOOK_EVERY_SECONDS + 60
    publication = services.rules_held.publication
    services.rules_held.publication = ForgetfulPublication(unit_of_work=publication.unit_of_work, clock=services.clock)

    during = services.rules()
    services.rules_held.publication = publication
    hand.seconds += LOOK_EVERY_SECONDS

    assert [found.id for found in during] == ["test.rule"]
    assert [found.id for found in services.rules()] == ["test.other"]


class ForgetfulPublication(Publication):
    """Reads, and cannot write."""

    def note_reload(self, cause: ReloadCause, *, before: RuleDigests | None, after: RuleDigests) -> None:
        raise Unavailable("the store is away", code=ErrorCode.STORE_UNAVAILABLE)


@pytest.mark.parametrize("cause", [ReloadCause.SIGNAL, ReloadCause.PRECISION])
def test_a_reload_is_written_down_with_what_was_and_is_in_force(services: Services, cause: ReloadCause) -> None:
    engine = services.rules_in_force()

    services.reload_rules(cause)

    (entry,) = reloads(services)
    assert entry.before == {"rules": engine.rules_digest, "policies": engine.policy_digest}
    assert entry.after is not None
    assert (entry.after["rules"], entry.after["cause"]) == (engine.rules_digest, str(cause))


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
