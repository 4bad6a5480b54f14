"""The whole result of inspecting one conversation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qa_service.domain.finding import Finding
from qa_service.domain.mood import AgentService, ConversationMood
from qa_service.domain.provenance import Provenance
from qa_service.domain.scorecard import Scorecard


class InspectionStatus(StrEnum):
    """`partial`: at least one stage was unavailable, so at least one score is null."""

    COMPLETE = "complete"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Findings, mood, service figures and one scorecard an agent, with their provenance."""

    external_id: str
    status: InspectionStatus
    findings: tuple[Finding, ...]
    mood: ConversationMood
    agents: tuple[AgentService, ...]
    scorecards: tuple[Scorecard, ...]
    provenance: Provenance
