"""Generated requests against every operation: no 5xx, and every answer is as the OpenAPI document says.

A few in the suite; `make fuzz` makes more of them, on both databases, and counts them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from api.app import create_app
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.settings import Settings
from tests.fakes.services import FakeServices
from tests.stores import StoreOpener, chosen

EXAMPLES = int(os.environ.get("QA_FUZZ_EXAMPLES", "20"))
"""Requests of each operation; fewer where no more differ."""
IS_LONG = "QA_FUZZ_EXAMPLES" in os.environ
CHAT = {
    "external_id": "c-1",
    "shop": "demo",
    "started_at": "2026-11-02T09:58:00+08:00",
    "agents": [{"id": "a-7", "name": "小林", "group": "售后"}],
    "customer": {"id": "u-1"},
    "turns": [
        {"role": "customer", "text": "太差了，电话13812345678"},
        {"role": "agent", "sender_id": "a-7", "text": "亲，七天内都可以退"},
    ],
}
TAKE_MORE = ("/v1/conversations", "/v1/conversations:batch", "/v1/inspect")
KNOWN = ("conversation_id", "finding_id", "agent_id", "rule_id")
"""Parameters of paths that have something behind them in every second request."""


@schemathesis.serializer("application/x-ndjson")
def ndjson(ctx: schemathesis.SerializationContext, value: object) -> bytes:
    """The generated text as it is; what a generator of wrong bodies gives, as JSON."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


APP = create_app(FakeServices(settings=Settings(rate_per_caller=0, rate_per_address=0)))
schema = schemathesis.openapi.from_asgi("/openapi.json", APP)
load_all_checks()
CASES: Counter[str] = Counter()


@pytest.fixture(scope="module")
def known(store_opener: StoreOpener) -> Iterator[dict[str, str]]:
    """A key and the ids of what is stored: one inspected conversation, so that lists and reports are not empty."""
    kind = chosen("memory")
    with store_opener(kind) as store:
        services = FakeServices(settings=APP.state.services.settings, unit_of_work=store)
        conversation = read_conversation(CHAT, default_zone=None, limits=services.limits)
        conversation_id = services.intake.submit(conversation).id
        services.work()
        APP.state.services = services
        with store(is_read_only=True) as repository:
            finding_id = next(iter(repository.get(conversation_id).finding_ids.values()))
        yield {
            "key": services.access.new_key("fuzz"),
            "conversation_id": conversation_id,
            "finding_id": finding_id,
            "agent_id": "a-7",
            "rule_id": services.rules()[0].id,
        }
        print(f"\n{CASES.total():,} requests of {len(CASES)} operations on {kind}")


def checks_of(case: schemathesis.Case) -> list[CheckFunction]:
    """All that schemathesis has, without what no document can promise.

    - A request that follows the document may still be refused with a documented 422: that a cursor belongs to this list,
      that a password is hard to guess, that a time lies ahead, that an overturned hit has a comment, no schema says.
    - A request that does not follow it is refused, except where more is taken than asked for: chats as exports write
      them, parameters that the address does not know; a batch refuses line by line. The key is sent whatever is
      generated for its header.
    """
    left_out = {"positive_data_acceptance"}
    unknown = set(case.query or ()) - {parameter.name for parameter in case.operation.query}
    if unknown or case.operation.path in TAKE_MORE or _wrong_parts(case) <= {ParameterLocation.HEADER}:
        left_out.add("negative_data_rejection")
    return [check for check in CHECKS.get_all() if check.__name__ not in left_out]


def _wrong_parts(case: schemathesis.Case) -> set[ParameterLocation]:
    parts = case.meta.components.items() if case.meta else ()
    return {part for part, made in parts if made.mode is GenerationMode.NEGATIVE}


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not IS_LONG,
    print_blob=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_generated_requests_are_answered_as_documented(case: schemathesis.Case, known: dict[str, str]) -> None:
    CASES[case.operation.label] += 1
    if CASES[case.operation.label] % 2 and case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
        case.path_parameters |= {name: known[name] for name in KNOWN if name in case.path_parameters}
    case.call_and_validate(headers={"Authorization": f"Bearer {known['key']}"}, checks=checks_of(case))
