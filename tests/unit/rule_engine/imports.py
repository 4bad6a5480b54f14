"""Imported packs, loaded and asked of chats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from qa_service.domain.finding import Finding, Outcome
from qa_service.rule_engine import Format, ImportDefaults, PackRuleEngine, import_rules, load_packs, load_policies
from qa_service.rule_engine.importing.pack import ImportedPack
from tests.builders import conversation
from tests.unit.rule_engine.packs import CUES, POLICIES, inspect, write_yaml

BEGIN = datetime(2026, 11, 2, 10, tzinfo=UTC)
DEFAULTS = ImportDefaults(name="own", language="zh", category="imported")


def imported(kind: Format, content: Any) -> ImportedPack:
    defaults = replace(DEFAULTS, language="en") if kind is Format.AWS else DEFAULTS
    return import_rules(kind, content if isinstance(content, str) else json.dumps(content), defaults)


def lost(pack: ImportedPack) -> list[str]:
    return [item.path for item in pack.lost]


def engine(pack: ImportedPack, folder: Path) -> PackRuleEngine:
    """The pack in a folder of its own, as the loader reads it."""
    assert pack.text is not None, [str(item) for item in pack.lost]
    language = yaml.safe_load(pack.text)["pack"]["language"]
    (folder / language).mkdir()
    (folder / language / "own.yaml").write_text(pack.text, encoding="utf-8")
    write_yaml(folder / language / "cues.yaml", {"cues": CUES})
    policy = write_yaml(folder / "policies.yaml", {"version": 1, "policies": POLICIES})
    return PackRuleEngine(load_packs(folder), load_policies(policy), encoder=None)


def found(subject: PackRuleEngine, *lines: str, seconds: Sequence[int] = (), **fields: Any) -> list[Finding]:
    """All hits in a chat of these lines, sent so many seconds after its beginning."""
    language = subject.rules[0].languages[0]
    chat = conversation(*lines, **{"language": language, **fields})
    if seconds:
        times = [BEGIN + timedelta(seconds=after) for after in seconds]
        turns = tuple(replace(turn, at=at) for turn, at in zip(chat.turns, times, strict=True))
        chat = replace(chat, turns=turns, started_at=BEGIN)
    return [finding for finding in inspect(subject, chat) if finding.outcome is Outcome.HIT]


def damaged(content: Any) -> Iterator[Any]:
    """The same with each of its values in turn replaced by something of another kind."""
    for place in _places(content):
        for value in (None, "x", -1, float("nan"), 10**400, [], {}, [None], {"a": 1}):
            yield _put(content, place, value)


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield (name,)
        yield from ((name, *rest) for rest in _places(item))


def _put(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    name, *rest = place
    changed = content.copy()
    changed[name] = _put(content[name], tuple(rest), value) if rest else value
    return changed
