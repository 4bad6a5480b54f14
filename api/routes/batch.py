"""Many conversations in one request: NDJSON in, an answer per line out, neither ever held whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import KeyedRoute, Services, ServicesDep
from api.guard import needs
from api.openapi import problems
from api.schemas.base import ID_EXAMPLE
from api.schemas.batch import BatchAnswer, LineError
from api.schemas.conversation import CONVERSATION_EXAMPLE
from api.streams import DuplexResponse
from qa_service.domain.conversation import Conversation
from qa_service.domain.identity import Permission
from qa_service.errors import ErrorCode, InvalidInput, QAServiceError
from qa_service.ingest.jsonl import read_numbered_lines
from qa_service.workflows.intake import BulkIntake

PATH = "/conversations:batch"
LINE_LIMIT = 20_000
"""Lines a request; bounds the answers that wait while a client only sends."""

router = APIRouter(prefix="/v1", tags=["conversations"], route_class=KeyedRoute)

_NDJSON = "application/x-ndjson"
_EXAMPLE = BatchAnswer(line=1, external_id="c-1001", status="accepted", id=ID_EXAMPLE, error=None)
_REQUEST = {
    "requestBody": {
        "required": False,
        "description": "One conversation (`ConversationDocument`) a line; no line, no answer.",
        "content": {_NDJSON: {"schema": {"type": "string"}, "example": json.dumps(CONVERSATION_EXAMPLE) + "\n"}},
    }
}
_ANSWER = {
    "description": "One `BatchAnswer` a line, in the order of the lines, sent while the body still comes in.",
    "content": {_NDJSON: {"schema": {"type": "string"}, "example": _EXAMPLE.model_dump_json() + "\n"}},
}


@router.post(
    PATH,
    dependencies=[needs(Permission.SUBMIT)],
    status_code=200,
    summary="Hand many conversations in",
    response_class=Response,
    responses={**problems(429, 503), 200: _ANSWER},
    openapi_extra=_REQUEST,
)
async def submit_batch(request: Request, services: ServicesDep) -> DuplexResponse:
    """Each line is handled as by `POST /v1/conversations`; a line that is refused does not stop the others.

    Batches wait behind live conversations. While too many wait, `429` says when to come back.
    """
    await run_in_threadpool(services.intake.check_bulk_room)
    return DuplexResponse(
        lambda pieces: _answers(services, pieces),
        answer_limit=LINE_LIMIT + 1,
        limiter=request.app.state.batch_limiter,
    )


def _answers(services: Services, pieces: Iterable[bytes]) -> Iterator[bytes]:
    entries = read_numbered_lines(pieces, default_zone=services.settings.zone, limits=services.limits)
    intake = services.intake.bulk()
    try:
        for count, (line, entry) in enumerate(entries, start=1):
            if count > LINE_LIMIT:
                yield _line(_rejected(line, None, _too_many_lines()))
                break
            if isinstance(entry, Conversation):
                yield _line(_submit(services, intake, line, entry))
            else:
                services.telemetry.failed(entry.error.code)
                yield _line(_rejected(line, entry.external_id, entry.error))
    finally:
        intake.announce()
    for _ in pieces:
        pass  # what follows a refused rest is taken and dropped: cutting the connection could lose the answers


def _submit(services: Services, intake: BulkIntake, line: int, conversation: Conversation) -> BatchAnswer:
    try:
        submission = intake.submit(conversation)
    except QAServiceError as error:
        services.telemetry.failed(error.code)
        return _rejected(line, conversation.external_id, error)
    return BatchAnswer(
        line=line,
        external_id=submission.external_id,
        status="accepted" if submission.created else "unchanged",
        id=submission.id,
        error=None,
    )


def _rejected(line: int, external_id: str | None, error: QAServiceError) -> BatchAnswer:
    reason = LineError(code=error.code, message=error.message, field=error.field)
    return BatchAnswer(line=line, external_id=external_id, status="rejected", id=None, error=reason)


def _too_many_lines() -> InvalidInput:
    return InvalidInput(
        f"a batch takes up to {LINE_LIMIT} lines; send this line and the rest in another", code=ErrorCode.TOO_LARGE
    )


def _line(answer: BatchAnswer) -> bytes:
    return answer.model_dump_json().encode() + b"\n"
