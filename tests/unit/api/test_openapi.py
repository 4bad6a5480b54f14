from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.app import create_app
from qa_service import __version__
from qa_service.ingest.conversation_reader import AGENT_FIELDS, CONVERSATION_FIELDS, TURN_FIELDS, read_conversation
from qa_service.ingest.limits import Limits
from tests.fakes.services import FakeServices

SNAPSHOT = Path(__file__).with_name("openapi.json")
DOCUMENT: dict[str, Any] = create_app(FakeServices()).openapi()
OPERATIONS = [
    pytest.param(operation, id=f"{method} {path}")
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def test_the_document_is_the_reviewed_one() -> None:
    """Renew with `python -m tests.unit.api.test_openapi` and review the difference."""
    assert {**json.loads(SNAPSHOT.read_text(encoding="utf-8")), "info": None} == {**DOCUMENT, "info": None}


def test_the_document_has_the_version_of_the_code() -> None:
    assert DOCUMENT["info"]["version"] == __version__


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_shows_what_it_takes_and_gives(operation: dict[str, Any]) -> None:
    contents = [content for status, answer in operation["responses"].items() for content in answer["content"].values()]
    contents += operation.get("requestBody", {"content": {}})["content"].values()

    assert operation["summary"]
    assert operation["description"]
    assert all(content["schema"] for content in contents)
    assert not [content for content in contents if not _has_example(content)]


@pytest.mark.parametrize(
    ("schema", "fields"),
    [("ConversationDocument", CONVERSATION_FIELDS), ("TurnDocument", TURN_FIELDS), ("AgentDocument", AGENT_FIELDS)],
)
def test_documented_fields_are_those_that_are_read(schema: str, fields: tuple[str, ...]) -> None:
    assert set(DOCUMENT["components"]["schemas"][schema]["properties"]) == set(fields)


def test_the_example_conversation_is_accepted() -> None:
    (example,) = DOCUMENT["components"]["schemas"]["ConversationDocument"]["examples"]

    assert read_conversation(example, default_zone=None, limits=Limits()).external_id == "c-1001"


@pytest.mark.parametrize(
    "name", [name for name, schema in DOCUMENT["components"]["schemas"].items() if "examples" in schema]
)
def test_examples_follow_their_schema(name: str) -> None:
    schema = {**DOCUMENT["components"]["schemas"][name], "components": DOCUMENT["components"]}

    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)


def test_every_reference_leads_somewhere() -> None:
    references = {part.split('"')[0] for part in json.dumps(DOCUMENT).split('"#/components/schemas/')[1:]}

    assert references <= set(DOCUMENT["components"]["schemas"])


def _has_example(content: dict[str, Any]) -> bool:
    if "example" in content or content["schema"].get("format") == "binary":
        return True
    schemas = content["schema"].get("anyOf", [content["schema"]])
    names = [schema["$ref"].rsplit("/", 1)[1] for schema in schemas if "$ref" in schema]
    return any("examples" in DOCUMENT["components"]["schemas"][name] for name in names)


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(DOCUMENT, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
