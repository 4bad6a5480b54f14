"""The base of all schemas and the field types that they share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

ID_EXAMPLE = "6f1c0e9a7b1d4c6a9a0f4b3c2d1e0f55"
PERIOD_PATTERN = "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$"

# PostgreSQL stores no NUL; refusing it here makes every store answer alike.
_NO_NUL = r"^[^\x00]*$"


class Schema(BaseModel):
    """Immutable, closed, readable from domain objects."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


def _within_calendar(moment: datetime) -> datetime:
    """Keeps conversions to UTC within the calendar."""
    if not 1970 <= moment.year <= 9998:
        raise ValueError("must lie between the years 1970 and 9998")
    return moment


Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_NO_NUL)]
"""An id or name that a caller gives."""

Comment = Annotated[str, StringConstraints(max_length=2000, pattern=_NO_NUL)]

Moment = Annotated[AwareDatetime, AfterValidator(_within_calendar)]

Period = Annotated[
    str,
    Field(
        pattern=PERIOD_PATTERN, description="A month, `YYYY-MM`, in the zone `QA_REPORT_ZONE`.", examples=["2026-11"]
    ),
]
Points = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]
Polarity = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
