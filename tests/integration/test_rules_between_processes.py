"""What one process decides about rules holds in all others: two services over one store stand for two processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from qa_service.domain.finding import RuleStatus
from qa_service.domain.records import ConversationFilter, StoredConversation
from qa_service.domain.review import Decision
from qa_service.settings import load_settings
from qa_service.wiring import Services, build_services
from qa_service.workflows.rule_precision import FEWEST_REVIEWS
from tests.builders import conversation
from tests.integration.chats import write_small_rules

BAD = "agent[a-7]: 你这个笨蛋"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[tuple[Services, Services]]:
    """One that people and publishers use, one that inspects."""
    rules = write_small_rules(tmp_path / "rules")
    settings = load_settings(
        rules_dir=rules,
        policy=rules / "policies" / "default.yaml",
        rubric=rules / "rubrics" / "default.yaml",
        database_url=f"sqlite:///{tmp_path / 'qa.sqlite3'}",
    )
    both = build_services(settings), build_services(settings)
    for services in both:
        services.rules()
    yield both
    for services in both:
        services.close()


@pytest.fixture
def inspected(processes: tuple[Services, Services]) -> Callable[..., StoredConversation]:
    """Submits a chat of these lines, lets the inspecting process work, and gives what is stored."""
    _, inspecting = processes

    def run(external_id: str, *lines: str) -> StoredConversation:
        inspecting.intake.submit(
            conversation("customer: 在吗", *lines, external_id=external_id, started_at=inspecting.clock.now())
        )
        assert inspecting.worker(claimant=external_id).work() == 1
        row = next(
            row for row in inspecting.listing(ConversationFilter(limit=9)).rows if row.external_id == external_id
        )
        return inspecting.review().conversation(row.id)

    return run


def overturn_all(services: Services, stored: StoredConversation) -> None:
    for finding_id in stored.finding_ids.values():
        services.review().decide(finding_id, decision=Decision.OVERTURN, comment="误报", reviewer="王敏")


def statuses(stored: StoredConversation) -> set[RuleStatus]:
    assert stored.inspection is not None
    return {finding.status for finding in stored.inspection.findings}


def total(stored: StoredConversation) -> object:
    assert stored.inspection is not None
    return stored.inspection.scorecards[0].total


@pytest.mark.model
class TestBetweenProcesses:
    def test_a_verdict_that_demotes_ends_the_scoring_elsewhere_and_a_restoration_brings_it_back(
        self, processes: tuple[Services, Services], inspected: Callable[..., StoredConversation]
    ) -> None:
        people, _ = processes
        before = inspected("before", *[BAD] * FEWEST_REVIEWS)
        overturn_all(people, before)

        demoted = inspected("demoted", BAD)
        people.restore_rule("abuse.fool", reason="例外已补", by="王敏")
        restored = inspected("restored", BAD)

        assert [statuses(one) for one in (before, demoted, restored)] == [
            {RuleStatus.SCORED},
            {RuleStatus.ADVISORY},
            {RuleStatus.SCORED},
        ]
        assert total(demoted) == total(inspected("clean", "agent[a-7]: 在的"))
        assert total(restored) < total(demoted)  # type: ignore[operator]
        assert len({one.inspection.provenance.rules_digest for one in (before, demoted)}) == 2  # type: ignore[union-attr]

    def test_a_published_pack_is_served_by_the_others_until_it_is_withdrawn(
        self, processes: tuple[Services, Services], inspected: Callable[..., StoredConversation]
    ) -> None:
        publishing, _ = processes
        publish(publishing, "真糟")

        found = inspected("published", "agent[a-7]: 真糟", BAD)
        publishing.publication.withdraw(by="王敏")
        back = inspected("withdrawn", "agent[a-7]: 真糟", BAD)

        assert [[f.text for f in one.inspection.findings] for one in (found, back)] == [["真糟"], ["笨蛋"]]  # type: ignore[union-attr]

    def test_a_publication_that_does_not_compile_here_changes_nothing_and_is_counted_once(
        self, processes: tuple[Services, Services], inspected: Callable[..., StoredConversation]
    ) -> None:
        publishing, inspecting = processes
        publish(publishing, "真糟")
        inspecting.settings.policy_path.unlink()

        found = inspected("kept", BAD)
        inspecting.keep_up()

        assert [f.text for f in found.inspection.findings] == ["笨蛋"]  # type: ignore[union-attr]
        assert inspecting.rules_held.failed_reloads == 1


def publish(services: Services, word: str) -> None:
    """A pack whose rule finds `word`, after its backtest."""
    pack = (services.settings.rules_dir / "zh" / "abuse.yaml").read_text(encoding="utf-8").replace("笨蛋", word)
    pack = pack.replace("version: 1", "version: 2")
    cues = (services.settings.rules_dir / "zh" / "cues.yaml").read_text(encoding="utf-8")
    files = {"zh/abuse.yaml": pack, "zh/cues.yaml": cues}
    services.backtest_of(files, since=services.clock.now() - timedelta(days=30))("b-1")
    services.publish_files(files, by="王敏", force=False, reason="")
