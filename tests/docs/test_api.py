from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.app import BATCHES_AT_ONCE, create_app
from api.edge import BODY_LIMIT_BYTES
from api.errors import STATUS_OF
from api.routes.batch import LINE_LIMIT
from api.schemas.listing import ListingQuery
from qa_service.errors import ErrorCode
from qa_service.ingest.limits import Limits
from tests.fakes.services import FakeServices

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ENDPOINTS = [
    f"{method.upper()} {path}"
    for path, operations in create_app(FakeServices()).openapi()["paths"].items()
    for method in operations
]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_endpoint_is_documented(endpoint: str) -> None:
    assert f"`{endpoint}`" in TEXT


def test_no_endpoint_is_documented_that_is_not_there() -> None:
    assert set(re.findall(r"`((?:GET|POST) /[^`?]*)`", TEXT)) == set(ENDPOINTS)


@pytest.mark.parametrize("code", ErrorCode)
def test_error_code_is_documented_with_its_status(code: ErrorCode) -> None:
    (row,) = [line for line in TEXT.splitlines() if re.match(rf"\| [^|]*`{code}`", line)]

    assert row.split("|")[2].strip() == str(STATUS_OF[code])


@pytest.mark.parametrize("name", ListingQuery.model_fields)
def test_filter_is_documented(name: str) -> None:
    assert re.search(rf"^\| [^|]*`{name}`", TEXT, re.MULTILINE)


@pytest.mark.parametrize(
    "limit",
    [
        BODY_LIMIT_BYTES,
        LINE_LIMIT,
        BATCHES_AT_ONCE,
        Limits().line_bytes,
        Limits().turns,
        Limits().text_bytes,
        Limits().turn_characters,
        Limits().field_characters,
    ],
)
def test_limit_is_documented(limit: int) -> None:
    limits = TEXT.split("## Limits")[1].split("## ")[0]

    assert re.search(rf"(?<![\d,]){limit:,}(?![\d,])", limits)
