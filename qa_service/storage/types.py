"""Column types and the declarative base that all tables share."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, MetaData, Numeric
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

POINT_SCALE = Decimal(10_000)
"""Score columns keep four decimals; the exact value is in the document beside them."""


_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware when written, UTC when read. SQLite has no zones, so it keeps the UTC wall time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; a moment that leaves the calendar on the way becomes its first or last one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        try:
            moment = value.astimezone(UTC)
        except OverflowError:
            moment = _FIRST if value.year == _FIRST.year else _LAST
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Points(TypeDecorator[Decimal]):
    """An exact decimal with four places. SQLite has only floats, so it keeps whole ten-thousandths."""

    impl = Numeric(9, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Integers on SQLite, NUMERIC elsewhere."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric(9, 4))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Round half even to four places."""
        if value is None:
            return None
        whole = (value * POINT_SCALE).to_integral_value(rounding=ROUND_HALF_EVEN)
        return int(whole) if dialect.name == "sqlite" else whole / POINT_SCALE

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Give it back as a decimal."""
        if value is None:
            return None
        return Decimal(value) / POINT_SCALE if dialect.name == "sqlite" else Decimal(value)


class SquaredPoints(TypeDecorator[Decimal]):
    """A sum of products of two `Points`, read only. SQLite adds whole hundred-millionths, enough for nine million full scores."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Integers on SQLite, NUMERIC elsewhere."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Give it back as a decimal."""
        if value is None:
            return None
        return Decimal(value) / POINT_SCALE**2 if dialect.name == "sqlite" else Decimal(value)


class Base(DeclarativeBase):
    """Names every constraint by convention, so that a later migration can drop it by name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime(), Decimal: Points(), dict[str, Any]: JSON()}  # noqa: RUF012
