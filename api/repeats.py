"""A query parameter that is given twice is refused: a proxy, a log or a person may read the other one than the service does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from qa_service.errors import ErrorCode, InvalidInput

_LISTS = (list, tuple, set, frozenset, Sequence)


def refuse_repeats(request: Request, lists: frozenset[str]) -> None:
    """Let every query parameter come once, but for those that are lists.

    Raises:
        InvalidInput: naming the first that is repeated.
    """
    counts = Counter(name for name, _ in request.query_params.multi_items())
    repeated = next((name for name, count in counts.items() if count > 1 and name not in lists), None)
    if repeated is not None:
        raise InvalidInput(
            f"{repeated}: given {counts[repeated]} times; give it once", code=ErrorCode.INVALID_FIELD, field=repeated
        )


def lists_of(dependant: Dependant) -> frozenset[str]:
    """Names of the query parameters that a route and what it depends on declare as lists."""
    own = {name for name, annotation in _declared(dependant) if _is_list(annotation)}
    return frozenset(own).union(*map(lists_of, dependant.dependencies))


def _declared(dependant: Dependant) -> Iterator[tuple[str, Any]]:
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from ((info.alias or name, info.annotation) for name, info in model.model_fields.items())
        else:
            yield field.alias, model


def _is_list(annotation: Any) -> bool:
    origin = get_origin(annotation) or annotation
    if origin is Annotated:
        return _is_list(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return any(map(_is_list, get_args(annotation)))
    return origin in _LISTS
