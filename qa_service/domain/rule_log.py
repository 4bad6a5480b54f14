"""What happened to rules beside their packs: backtests, publications, demotions, reloads. Records are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class RuleEvent(StrEnum):
    """What happened."""

    BACKTEST = "backtest"
    PUBLICATION = "publication"
    DEMOTION = "demotion"
    RELOAD = "reload"


class ReloadCause(StrEnum):
    """Why a process reads packs and policies anew. Values stand in the audit log."""

    FOLDER = "folder"
    """Files on disk have changed."""
    LOG = "log"
    """Another process published, withdrew, demoted, restored or was asked to reload."""
    PRECISION = "precision"
    """This process demoted or restored a rule."""
    REQUEST = "request"
    """Somebody asked for it, for all processes."""
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDigests:
    """What rules are in force: sha256 of the packs and of the policies."""

    rules: str
    policies: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """One entry; `key` is what it is about (a backtest's id, a pack's digest, a rule's id), `document` plain JSON."""

    event: RuleEvent
    key: str
    document: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """Where one finding of a rule's version stands after people decided about it."""

    rule_id: str
    rule_version: int
    conversation_id: str
    finding_id: str
    decision: str
