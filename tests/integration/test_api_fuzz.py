"""Generated requests against every operation: no 5xx, and every answer is as the OpenAPI document says."""

from __future__ import annotations

import json

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.settings import Settings
from tests.fakes.services import FakeServices

CHAT = {
    "external_id": "c-1",
    "turns": [{"role": "customer", "text": "太差了"}, {"role": "agent", "text": "七天内都可以退"}],
}


@schemathesis.serializer("application/x-ndjson")
def ndjson(ctx: schemathesis.SerializationContext, value: object) -> bytes:
    """The generated text as it is; what a generator of wrong bodies gives, as JSON."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


def _services() -> FakeServices:
    """With one inspected conversation, so that lists and reports are not empty."""
    services = FakeServices(settings=Settings(rate_per_caller=0, rate_per_address=0))
    services.intake.submit(read_conversation(CHAT, default_zone=None, limits=services.limits))
    services.work()
    return services


SERVICES = _services()
KEY = SERVICES.access.new_key("fuzz")
APP = create_app(SERVICES)
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)


@schema.parametrize()
@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_generated_requests_are_answered_as_documented(case: schemathesis.Case) -> None:
    case.call_and_validate(
        headers={"Authorization": f"Bearer {KEY}"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ],
    )
