"""The log of webhook pushes. Owns no sending."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from qa_service.storage.tables import DeliveryRow


def add_delivery(connection: Connection, record: dict[str, Any]) -> None:
    """Append one attempt; `record` is plain JSON."""
    connection.execute(insert(DeliveryRow).values(record=record))


def deliveries(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The newest attempts first."""
    found = select(DeliveryRow.record).order_by(DeliveryRow.id.desc()).limit(limit)
    return list(connection.execute(found).scalars())
