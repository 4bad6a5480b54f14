"""What points to a person is nowhere in the store but sealed, and everything else works as if it were not masked."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding
from qa_service.domain.identity import Principal, Role
from qa_service.domain.review import Decision
from qa_service.errors import ConfigError, NotPermitted
from qa_service.ingest import content_sha256
from qa_service.settings import Settings, load_settings
from qa_service.storage import Database
from qa_service.store_wiring import MASKER, new_key_entry, open_store
from qa_service.workflows.inspect_conversation import Inspector
from qa_service.workflows.inspect_files import StreamInspection
from qa_service.workflows.intake import Intake
from qa_service.workflows.personal_data import PersonalData
from qa_service.workflows.review_findings import Review
from qa_service.workflows.worker import Worker
from tests.builders import conversation
from tests.fakes.queue import FakeQueue
from tests.fakes.stages import FakeClock, FakeRules, FakeScorer, fake_inspector
from tests.unit.normalise.personal_data.lists import hits

CLOCK = FakeClock()


class QuotingRules(FakeRules):
    """Quotes whole turns, and pieces of them, wherever findings hold words."""

    def inspect(self, conversation, mood, agents):  # type: ignore[no-untyped-def]
        texts = {turn.turn.id: turn.turn.text for turn in conversation.turns}
        return tuple(
            finding if finding.turn_id is None else quoting(finding, texts[finding.turn_id])
            for finding in super().inspect(conversation, mood, agents)
        )


def quoting(finding: Finding, text: str) -> Finding:
    half = len(text) // 2
    explanation = {
        "title": "a promise",
        "matched": [text, text[:half], text[half:]],
        "cue": {"text": text[4:], "start": 4},
        "read_as": "".join(filter(str.isalnum, text)),
    }
    return replace(finding, start=0, end=len(text), text=text, explanation=explanation)


def quoting_inspector() -> Inspector:
    return fake_inspector(rules=QuotingRules())


ADMIN = Principal(name="王", role=Role.ADMIN)

SECRETS = [
    "".join(hit.text[at] for at in sorted(hit.places))
    for name in ("hits.txt", "fresh_hits.txt")
    for hit in hits(name)
    if hit.is_found and len(hit.places) > 3
]


def full_chat(external_id: str = "c-1") -> Conversation:
    """A chat of every line of the lists, said by the customer and quoted by the agent beside a promise that is a hit."""
    texts = [hit.text for name in ("hits.txt", "fresh_hits.txt") for hit in hits(name) if hit.is_found]
    lines = [line for text in texts for line in (f"customer: {text}", f"agent[a-7]: 七天可以退 {text}")]
    attributes = {"phone": "13800138000", "收货地址": "文三路100号", "note": "我叫王小明", "stage": "after_sales"}
    return conversation(*lines, external_id=external_id, attributes=attributes, shop="demo")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{tmp_path}/qa.sqlite3")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qa.sqlite3"


def cells(path: Path) -> dict[str, str]:
    """Everything in every column of every table, as one text a column."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for table in tables:
            rows = connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in rows.description]
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    found[f"{table}.{name}"] = f"{found.get(f'{table}.{name}', '')}\n{value}"
    return found


def leaks(path: Path) -> dict[str, list[str]]:
    """The secrets that stand in a column, letters and digits joined and as they are."""
    leaked = {}
    for column, text in cells(path).items():
        joined = "".join(filter(str.isalnum, text))
        if seen := [secret for secret in SECRETS if secret in joined]:
            leaked[column] = seen
    return leaked


def review_of(database: Database) -> Review:
    return Review(unit_of_work=database.unit_of_work(), clock=CLOCK, scorer=FakeScorer(), masker=MASKER)


def work_through(database: Database, chat: Conversation) -> str:
    """Hand in, inspect, decide with comments that quote the chat; its id."""
    uow = database.unit_of_work()
    intake = Intake(
        unit_of_work=uow, clock=CLOCK, content_digest=content_sha256, queue=FakeQueue(), masker=MASKER, bulk_limit=9
    )
    conversation_id = intake.submit(chat).id
    Worker(unit_of_work=uow, clock=CLOCK, inspector=quoting_inspector(), claimant="w").work()
    quotes = "；".join(turn.text for turn in chat.turns)
    stored = review_of(database).conversation(conversation_id)
    for finding_id in list(stored.finding_ids.values())[:2]:
        review_of(database).decide(finding_id, decision=Decision.OVERTURN, comment=quotes, reviewer="王")
    return conversation_id


def test_the_list_of_secrets_is_no_short_one() -> None:
    assert len(SECRETS) > 100


def test_no_column_of_any_table_holds_an_original(settings: Settings, path: Path) -> None:
    with closing(open_store(settings)) as database:
        conversation_id = work_through(database, full_chat())
        stored = review_of(database).conversation(conversation_id)
    assert stored.inspection is not None
    assert len(stored.inspection.findings) > 100
    assert len(stored.verdicts) == 2
    assert leaks(path) == {}


def test_without_masks_the_search_would_have_found_them(settings: Settings, path: Path) -> None:
    with closing(open_store(settings)) as database, database.unit_of_work()() as repository:
        repository.submit(full_chat(), content_sha256="0" * 64, now=CLOCK.now())
    assert set(leaks(path)["conversation_revisions.document"]) == set(SECRETS)


def test_what_was_stored_before_is_masked_when_the_embedded_store_opens(settings: Settings, path: Path) -> None:
    chat = full_chat()
    plain = quoting_inspector()
    with closing(open_store(settings)) as database, database.unit_of_work()() as repository:
        stored = repository.submit(chat, content_sha256=content_sha256(chat), now=CLOCK.now())
        (inspection,) = replace(plain, masker=Unmasked()).inspect([chat])
        repository.add_inspection(stored.id, inspection, now=CLOCK.now())
    assert leaks(path).keys() >= {"conversation_revisions.document", "inspections.document"}
    with closing(open_store(settings)) as database:
        reader = PersonalData(unit_of_work=database.unit_of_work(), clock=CLOCK, masker=MASKER)
        assert list(reader.mask_stored()) == []
        shown = reader.unmasked(stored.id, ADMIN)
    assert shown.conversation == chat
    assert leaks(path) == {}


class Unmasked(type(MASKER)):  # type: ignore[misc]
    """How results were made before masking."""

    def mask_inspection(self, conversation, inspection):  # type: ignore[no-untyped-def]
        return inspection


def test_whoever_may_sees_the_chat_as_it_was_and_the_log_says_so(settings: Settings) -> None:
    chat = full_chat()
    with closing(open_store(settings)) as database:
        conversation_id = work_through(database, chat)
        reader = PersonalData(unit_of_work=database.unit_of_work(), clock=CLOCK, masker=MASKER)
        shown = reader.unmasked(conversation_id, ADMIN)
        with pytest.raises(NotPermitted):
            reader.unmasked(conversation_id, Principal(name="林", role=Role.AGENT))
        with database.unit_of_work()(is_read_only=True) as repository:
            events = [record.entry for record in repository.audit_records() if record.entry.event == "text_unmasked"]
    assert shown.conversation == chat
    texts = {turn.id: turn.text for turn in chat.turns}
    assert shown.inspection is not None
    for finding in shown.inspection.findings:
        assert finding.turn_id is None or finding.text == texts[finding.turn_id][finding.start : finding.end]
    assert [event.on for event in events] == [{"conversation": conversation_id}]


def test_the_same_content_is_the_same_record(settings: Settings) -> None:
    with closing(open_store(settings)) as database:
        first = work_through(database, full_chat())
        run = StreamInspection(inspector=quoting_inspector(), clock=CLOCK, unit_of_work=database.unit_of_work())
        ((_, result),) = run.run([full_chat()])
        with database.unit_of_work()(is_read_only=True) as repository:
            stored = repository.get(first)
            assert repository.state_counts() == {"complete": 1}
    assert stored.revision == 1
    assert result == stored.inspection


def test_a_worker_inspects_what_was_said(settings: Settings) -> None:
    chat = full_chat()
    with closing(open_store(settings)) as database:
        conversation_id = work_through(database, chat)
        stored = review_of(database).conversation(conversation_id)
    (inspection,) = quoting_inspector().inspect([chat])
    assert stored.inspection == inspection


def test_the_key_file_is_made_once_and_is_its_owners_alone(settings: Settings, tmp_path: Path) -> None:
    open_store(settings).close()
    file = tmp_path / "qa.sqlite3.keys"
    made = file.read_text()
    open_store(settings).close()
    assert file.read_text() == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.glob("*.keys*")] == ["qa.sqlite3.keys"]


def test_a_lost_key_is_told_at_the_start(settings: Settings, tmp_path: Path) -> None:
    with closing(open_store(settings)) as database:
        work_through(database, full_chat())
    lost = (tmp_path / "qa.sqlite3.keys").read_text().partition(":")[0]
    (tmp_path / "qa.sqlite3.keys").write_text(new_key_entry().replace("k", "other", 1))
    with pytest.raises(ConfigError, match=lost):
        open_store(settings)


def test_another_database_asks_for_keys() -> None:
    with pytest.raises(ConfigError, match="qa-service pii new-key"):
        open_store(load_settings(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none"))


def test_rotating_leaves_nothing_to_the_old_key(settings: Settings, tmp_path: Path, path: Path) -> None:
    chat = full_chat()
    with closing(open_store(settings)) as database:
        conversation_id = work_through(database, chat)
    file = tmp_path / "qa.sqlite3.keys"
    new = new_key_entry().replace("k", "new", 1)
    file.write_text(f"{new}\n{file.read_text()}")
    with closing(open_store(settings)) as database:
        reader = PersonalData(unit_of_work=database.unit_of_work(), clock=CLOCK, masker=MASKER)
        assert sum(reader.reseal()) == 1
        assert sum(reader.reseal()) == 0
    file.write_text(new)
    with closing(open_store(settings)) as database:
        reader = PersonalData(unit_of_work=database.unit_of_work(), clock=CLOCK, masker=MASKER)
        assert reader.unmasked(conversation_id, ADMIN).conversation == chat


def test_a_broken_seal_fails_its_chat_alone(settings: Settings, path: Path) -> None:
    with closing(open_store(settings)) as database:
        uow = database.unit_of_work()
        intake = Intake(
            unit_of_work=uow, clock=CLOCK, content_digest=content_sha256, queue=FakeQueue(), masker=MASKER, bulk_limit=9
        )
        ids = [intake.submit(full_chat(name)).id for name in ("c-1", "c-2")]
        with closing(sqlite3.connect(path)) as connection, connection:
            swapped = connection.execute("SELECT token FROM sealed_originals WHERE conversation_id = ?", ids[1:])
            token = swapped.fetchone()[0]
            connection.execute("UPDATE sealed_originals SET token = ? WHERE conversation_id = ?", (token, ids[0]))
        assert Worker(unit_of_work=uow, clock=CLOCK, inspector=quoting_inspector(), claimant="w").work() == 1
        with uow(is_read_only=True) as repository:
            states = [(repository.get(one).state, repository.get(one).error) for one in ids]
    assert states == [("failed", "personal_data_sealed"), ("complete", None)]


def test_documents_are_json_that_older_readers_understand(settings: Settings, path: Path) -> None:
    with closing(open_store(settings)) as database:
        work_through(database, full_chat())
    with closing(sqlite3.connect(path)) as connection:
        (document,) = connection.execute("SELECT document FROM conversation_revisions").fetchone()
    assert json.loads(document)["version"] == 1
