"""What becomes of a conversation that cannot be read. Owns no reason: that is the error's."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One conversation refused, the others go on.

    `line` is the line or sheet row from 1 that the error is about, `external_id` the conversation's if it can be read.
    """

    line: int | None
    external_id: str | None
    error: InvalidInput
