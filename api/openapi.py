"""The OpenAPI document: what FastAPI finds out by itself, plus keys and problem documents. Owns no schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.errors import PROBLEM_TYPE
from api.schemas.base import Schema
from api.schemas.batch import BatchAnswer, LineError
from api.schemas.problem import FieldError, Problem
from qa_service import __version__
from qa_service.errors import ErrorCode

REF = "#/components/schemas/{model}"
_DESCRIPTION = (
    "Inspects customer-service chats: findings with evidence, the customer's mood, a scorecard for each agent, review"
    " and performance. Every error is a problem document with a stable `code`."
)
_PROBLEM_OF_STATUS = {
    400: "The body is not what it says it is.",
    401: "No valid key.",
    403: "The key's role or scope does not allow this.",
    404: "No such thing.",
    408: "The body did not come in time.",
    409: "The state forbids it.",
    410: "The text that this needs was erased.",
    413: "Over a limit, which the problem names.",
    422: "A parameter or field is wrong; the problem names it.",
    429: "Too many requests, or too much waits; come back after `Retry-After`.",
    502: "The receiver of a push did not take it.",
    503: "A part does not work; try again after `Retry-After`.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problem answers of a route under `/v1`; 401, 403, 422 and 429 are some of every such route."""
    bodies = {408} if 413 in statuses else set()  # what takes a body does not wait for it for ever
    return _documented({401, 403, 422, 429, *bodies, *statuses})


def _documented(statuses: Collection[int]) -> dict[int | str, dict[str, Any]]:
    content = {PROBLEM_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
    return {status: {"description": _PROBLEM_OF_STATUS[status], "content": content} for status in sorted(statuses)}


def for_everybody() -> dict[int | str, dict[str, Any]]:
    """The same of a route that asks for no key."""
    return _documented({422, 429})


def body_ref(model: str) -> dict[str, Any]:
    """The documentation of a JSON body that the route reads by itself."""
    content = {"application/json": {"schema": {"$ref": REF.format(model=model)}}}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of all routes of `app`."""
    document = get_openapi(
        title="qa-service",
        version=__version__,
        description=_DESCRIPTION,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = document["components"]
    components["schemas"] = _schemas(components["schemas"])
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "An API key."}}
    for path, operations in document["paths"].items():
        if path.startswith("/v1/"):
            for operation in operations.values():
                operation["security"] = [{"key": []}]
    return document


def _schemas(found: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas that FastAPI found, plus those of bodies that routes write by themselves.

    All are taken from pydantic, since FastAPI drops every null out of the examples, also of fields that must be there.
    """
    models = [(model, "serialization") for model in Schema.__subclasses__()]
    _, document = models_json_schema(models, ref_template=REF)  # type: ignore[arg-type]
    own = document["$defs"]
    extra = [Problem, FieldError, BatchAnswer, LineError, ErrorCode]
    names = sorted({*found, *(schema.__name__ for schema in extra)})
    return {name: own.get(name, found.get(name)) for name in names}
