"""Domain objects ↔ plain JSON: the generic conversation, the result for callers, the stored result and its upgrades.

Owns no file, no reading of foreign input (`ingest`) and no columns (`storage`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

from qa_service.domain.conversation import Conversation, Turn
from qa_service.domain.finding import Finding, Outcome, RuleStatus, Severity
from qa_service.domain.inspection import Inspection, InspectionStatus
from qa_service.domain.mood import (
    AgentService,
    CallEvidence,
    Cause,
    ConversationMood,
    Emotion,
    MoodStatus,
    Sentiment,
    TurnMood,
    TurnTone,
)
from qa_service.domain.provenance import Provenance
from qa_service.domain.scorecard import CriterionScore, DimensionScore, Scorecard
from qa_service.domain.upgrades import inspection_1_to_2
from qa_service.errors import ErrorCode, InvalidInput

Document = dict[str, Any]
Upgrade = Callable[[Document], Document]

STORED_VERSION = 2
UPGRADES: Mapping[int, Upgrade] = MappingProxyType({1: inspection_1_to_2})
"""Version → the function that turns a stored document of that version into the next one's shape."""

SCORECARD_VERSION = 1
SCORECARD_UPGRADES: Mapping[int, Upgrade] = MappingProxyType({})
"""The same for scorecards that are stored by themselves."""

_SHOWN_OUTCOMES = (Outcome.HIT, Outcome.SUPPRESSED)
_FLOAT_DIGITS = 4
_CENT = Decimal("0.01")
_DECIMAL_TAG = "$decimal"


def conversation_document(conversation: Conversation) -> Document:
    """The generic format, every field of it; `ingest.conversation_reader.read_conversation` is its inverse."""
    return {
        "external_id": conversation.external_id,
        "source": conversation.source,
        "channel": conversation.channel,
        "shop": conversation.shop,
        "language": conversation.language,
        "started_at": _iso(conversation.started_at),
        "customer": {"id": conversation.customer.id},
        "agents": [{"id": agent.id, "name": agent.name, "group": agent.group} for agent in conversation.agents],
        "attributes": dict(conversation.attributes),
        "csat": conversation.csat,
        "turns": [_turn_document(turn) for turn in conversation.turns],
    }


def _turn_document(turn: Turn) -> Document:
    return {
        "id": turn.id,
        "role": turn.role.value,
        "sender_id": turn.sender_id,
        "at": _iso(turn.at),
        "text": turn.text,
        "kind": turn.kind.value,
    }


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def inspection_document(inspection: Inspection, *, all_outcomes: bool = False) -> Document:
    """The result that the command line prints and the API returns.

    Floats are rounded to 4 digits, points and scores to 2. Lists only hits and suppressed hits, none of shadow rules,
    unless `all_outcomes`.
    """
    shown = [finding for finding in inspection.findings if all_outcomes or _is_shown(finding)]
    document: Document = _rounded(
        {
            "external_id": inspection.external_id,
            "status": inspection.status,
            "findings": [_finding_document(finding) for finding in shown],
            "mood": inspection.mood,
            "agents": inspection.agents,
            "scorecards": [_scorecard_document(scorecard) for scorecard in inspection.scorecards],
            "provenance": inspection.provenance,
        }
    )
    return document


def _is_shown(finding: Finding) -> bool:
    return finding.outcome in _SHOWN_OUTCOMES and finding.status is not RuleStatus.SHADOW


def finding_document(finding: Finding) -> Document:
    """One finding as it stands in the result."""
    document: Document = _rounded(_finding_document(finding))
    return document


def _finding_document(finding: Finding) -> Document:
    """`points` and `dimension` only where the rule names them."""
    left_out = [name for name in ("points", "dimension") if getattr(finding, name) is None]
    return {"key": finding.key, **{name: value for name, value in _fields(finding).items() if name not in left_out}}


def scorecard_document(scorecard: Scorecard) -> Document:
    """One scorecard as it stands in the result."""
    document: Document = _rounded(_scorecard_document(scorecard))
    return document


def _scorecard_document(scorecard: Scorecard) -> Document:
    """Dimensions by id instead of a list."""
    dimensions = {dimension.id: _without_id(dimension) for dimension in scorecard.dimensions}
    return {**_fields(scorecard), "dimensions": dimensions}


def _without_id(dimension: DimensionScore) -> Document:
    return {name: value for name, value in _fields(dimension).items() if name != "id"}


def _rounded(value: Any) -> Any:
    """Plain JSON for readers: rounded, enums as their values."""
    if isinstance(value, Decimal):
        return float(value.quantize(_CENT, rounding=ROUND_HALF_UP)) + 0.0
    if isinstance(value, float):
        return round(value, _FLOAT_DIGITS) + 0.0  # + 0.0 makes −0.0 a 0.0
    return _plain(value, _rounded)


def stored_document(inspection: Inspection) -> Document:
    """Every field, exact, with the version of this shape; decimals are tagged strings."""
    document: Document = _exact(inspection)
    return {"version": STORED_VERSION, **document}


def _exact(value: Any) -> Any:
    return {_DECIMAL_TAG: str(value)} if isinstance(value, Decimal) else _plain(value, _exact)


def _plain(value: Any, inner: Callable[[Any], Any]) -> Any:
    """Dataclasses and mappings as dicts, sequences as lists, enums as their values; `inner` converts what they hold."""
    if is_dataclass(value):
        return {name: inner(item) for name, item in _fields(value).items()}
    if isinstance(value, Mapping):
        return {str(name): inner(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [inner(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def _fields(value: Any) -> Document:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def inspection_from_document(document: Mapping[str, Any]) -> Inspection:
    """Read what `stored_document` wrote, in this version or an earlier one.

    Raises:
        InvalidInput: the document was written by a newer version of the program.
    """
    stored = _restored(upgrade(document))
    return Inspection(
        external_id=stored["external_id"],
        status=InspectionStatus(stored["status"]),
        findings=tuple(_finding(item) for item in stored["findings"]),
        mood=_mood(stored["mood"]),
        agents=tuple(AgentService(**item) for item in stored["agents"]),
        scorecards=tuple(_scorecard(item) for item in stored["scorecards"]),
        provenance=Provenance(**stored["provenance"]),
    )


def stored_scorecard(scorecard: Scorecard) -> Document:
    """One scorecard by itself, every field, exact, with the version of this shape."""
    document: Document = _exact(scorecard)
    return {"version": SCORECARD_VERSION, **document}


def scorecard_from_document(document: Mapping[str, Any]) -> Scorecard:
    """Read what `stored_scorecard` wrote, in this version or an earlier one.

    Raises:
        InvalidInput: the document was written by a newer version of the program.
    """
    stored = _restored(upgrade(document, version=SCORECARD_VERSION, upgrades=SCORECARD_UPGRADES))
    return _scorecard({name: value for name, value in stored.items() if name != "version"})


def upgrade(
    document: Mapping[str, Any], *, version: int = STORED_VERSION, upgrades: Mapping[int, Upgrade] = UPGRADES
) -> Document:
    """Bring a stored document to `version`, one step after the other; the given document stays as it is.

    Raises:
        InvalidInput: the document is newer than `version`, or a step is missing.
    """
    upgraded = dict(document)
    while upgraded["version"] != version:
        step = upgrades.get(upgraded["version"])
        if step is None:
            problem = f"version: no way from stored version {upgraded['version']} to {version}; update the program"
            raise InvalidInput(problem, code=ErrorCode.INVALID_FIELD, field="version")
        upgraded = {**step(upgraded), "version": upgraded["version"] + 1}
    return upgraded


def _restored(value: Any) -> Any:
    """Tagged strings back to decimals, at any depth."""
    if isinstance(value, Mapping):
        if value.keys() == {_DECIMAL_TAG}:
            return Decimal(value[_DECIMAL_TAG])
        return {name: _restored(item) for name, item in value.items()}
    return [_restored(item) for item in value] if isinstance(value, list) else value


def _finding(stored: Document) -> Finding:
    enums = {
        "severity": Severity(stored["severity"]),
        "outcome": Outcome(stored["outcome"]),
        "status": RuleStatus(stored["status"]),
    }
    return Finding(**{**stored, **enums})


def _mood(stored: Document) -> ConversationMood:
    parts = {
        "status": MoodStatus(stored["status"]),
        "turns": tuple(_turn_mood(item) for item in stored["turns"]),
        "tones": tuple(_turn_tone(item) for item in stored["tones"]),
        "cause": None if stored["cause"] is None else Cause(stored["cause"]),
    }
    return ConversationMood(**{**stored, **parts})


def _turn_mood(stored: Document) -> TurnMood:
    enums = {
        "status": MoodStatus(stored["status"]),
        "sentiment": None if stored["sentiment"] is None else Sentiment(stored["sentiment"]),
        "emotion": None if stored["emotion"] is None else Emotion(stored["emotion"]),
        "evidence": _tuple_of(stored["evidence"], _call_evidence),
    }
    return TurnMood(**{**stored, **enums})


def _turn_tone(stored: Document) -> TurnTone:
    evidence = _tuple_of(stored["evidence"], _call_evidence)
    return TurnTone(**{**stored, "status": MoodStatus(stored["status"]), "evidence": evidence})


def _call_evidence(stored: Document) -> CallEvidence:
    return CallEvidence(**stored)


def _scorecard(stored: Document) -> Scorecard:
    return Scorecard(**{**stored, "dimensions": _tuple_of(stored["dimensions"], _dimension)})


def _dimension(stored: Document) -> DimensionScore:
    return DimensionScore(**{**stored, "criteria": _tuple_of(stored["criteria"], _criterion)})


def _criterion(stored: Document) -> CriterionScore:
    return CriterionScore(**{**stored, "outcome": Outcome(stored["outcome"]), "findings": tuple(stored["findings"])})


def _tuple_of(items: Sequence[Document], read: Callable[[Document], Any]) -> tuple[Any, ...]:
    return tuple(read(item) for item in items)
