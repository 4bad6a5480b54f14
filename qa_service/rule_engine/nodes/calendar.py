"""Which opening hours a rule means. Owns no arithmetic (`domain.working_hours`)."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.working_hours import WorkingHours
from qa_service.rule_engine.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Opening hours of the rule's own, or those of this name in the policies."""

    name: str | None
    hours: WorkingHours | None = None

    def of(self, place: Place) -> WorkingHours:
        """The hours; that the policies know the name is checked when rules and policies meet."""
        return self.hours or place.conversation.policies.calendars[self.name or ""]
