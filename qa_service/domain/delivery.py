"""One try to push an export to the configured address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """`number` from 1; `status` is the HTTP status, None where nothing answered; `error` names what went wrong."""

    number: int
    status: int | None
    error: str | None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300
