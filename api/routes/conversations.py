"""Conversations: hand in, read, list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from api.deps import Id, KeyedRoute, PostedConversation, RuleId, ServicesDep, learning_of
from api.guard import CurrentPrincipal, needs
from api.openapi import body_ref, problems
from api.schemas.conversation import StoredConversationDocument, SubmissionDocument
from api.schemas.listing import ConversationPage, ConversationRow, ListingQuery
from api.schemas.review import (
    ClearRequest,
    MoodCorrectionDocument,
    MoodRequest,
    SuspicionReviewDocument,
    VerdictDocument,
)
from api.schemas.rule_explanation import RuleExplanationDocument
from qa_service.domain.document import conversation_document, inspection_document, scorecard_document
from qa_service.domain.erasure import Erased
from qa_service.domain.identity import Permission
from qa_service.domain.records import StoredConversation

router = APIRouter(prefix="/v1", tags=["conversations"], route_class=KeyedRoute)


@router.post(
    "/conversations",
    dependencies=[needs(Permission.SUBMIT)],
    status_code=202,
    summary="Hand a conversation in",
    responses=problems(400, 413, 422, 503),
    openapi_extra=body_ref("ConversationDocument"),
)
def submit_conversation(services: ServicesDep, conversation: PostedConversation) -> SubmissionDocument:
    """Store it and inspect it soon.

    Idempotent by `(shop, source, external_id)` and content: the same content answers the same record with
    `created: false`; changed content makes a new revision of the same record.
    """
    submission = services.intake.submit(conversation)
    return SubmissionDocument.model_validate(submission)


@router.get(
    "/conversations/{conversation_id}",
    dependencies=[needs(Permission.READ)],
    response_model=StoredConversationDocument,
    summary="Read a conversation with its result",
    responses=problems(404, 422, 503),
)
def read_conversation(
    services: ServicesDep,
    principal: CurrentPrincipal,
    conversation_id: Id,
    unmask: Annotated[
        bool, Query(description="Personal data in the clear; needs the permission, and is logged.")
    ] = False,
) -> JSONResponse:
    """The newest revision, its result, the final scorecards, and all verdicts; personal data is masked.

    With `unmask=true` the turns, attributes and the `text` of findings show it. Masks are as long as what they stand for,
    so all offsets hold on both forms. Explanations and comments stay masked.
    """
    if unmask:
        return JSONResponse(_document(services.personal_data.unmasked(conversation_id, principal)))
    with services.unit_of_work(is_read_only=True) as repository:
        stored = repository.get(conversation_id)
    return JSONResponse(_document(stored))


@router.post(
    "/conversations/{conversation_id}/clear",
    dependencies=[needs(Permission.DECIDE)],
    status_code=201,
    response_model=StoredConversationDocument,
    summary="Clear a suspected conversation",
    responses=problems(400, 404, 409, 410, 413, 422, 503),
)
def clear_conversation(services: ServicesDep, conversation_id: Id, request: ClearRequest) -> JSONResponse:
    """Record that a person found nothing in what the model only suspected; the review state becomes `cleared`.

    A conversation with hits that are not overturned, without suspicion, or already cleared answers `409`.
    """
    stored = services.review().dismiss_suspicion(conversation_id, request.comment, request.reviewer)
    return JSONResponse(_document(stored), status_code=201)


@router.post(
    "/conversations/{conversation_id}/moods",
    dependencies=[needs(Permission.DECIDE)],
    status_code=201,
    response_model=StoredConversationDocument,
    summary="Correct the mood of a turn",
    responses=problems(400, 404, 409, 410, 413, 422, 503),
)
def correct_mood(services: ServicesDep, conversation_id: Id, request: MoodRequest) -> JSONResponse:
    """Record which emotion a person heard in a customer turn; for training, no score changes.

    The emotion that the turn has already answers `409`.
    """
    stored = learning_of(services).correct_mood(
        conversation_id, turn_id=request.turn_id, emotion=request.emotion, reviewer=request.reviewer
    )
    return JSONResponse(_document(stored), status_code=201)


@router.get(
    "/conversations", dependencies=[needs(Permission.READ)], summary="List conversations", responses=problems(422, 503)
)
def list_conversations(
    services: ServicesDep, principal: CurrentPrincipal, query: Annotated[ListingQuery, Query()]
) -> ConversationPage:
    """One page, newest or worst first; filters given together must all hold."""
    page = services.listing(query.to_filter(principal.name))
    rows = [ConversationRow.model_validate(row) for row in page.rows]
    return ConversationPage(conversations=rows, next_cursor=page.next_cursor)


def _document(stored: StoredConversation) -> dict[str, object]:
    result = None if stored.inspection is None else inspection_document(stored.inspection)
    shown = {finding["key"] for finding in result["findings"]} if result else set()
    return {
        "id": stored.id,
        "source": stored.source,
        "external_id": stored.external_id,
        "revision": stored.revision,
        "state": stored.state,
        "error": stored.error,
        "received_at": stored.received_at.isoformat(),
        "review_state": stored.review_state,
        "assignee": stored.assignee,
        "conversation": conversation_document(stored.conversation),
        "result": result,
        "finding_ids": {key: identity for key, identity in stored.finding_ids.items() if key in shown},
        "final_scorecards": [scorecard_document(scorecard) for scorecard in stored.final_scorecards],
        "verdicts": [VerdictDocument.model_validate(verdict).model_dump(mode="json") for verdict in stored.verdicts],
        "suspicion_reviews": [
            SuspicionReviewDocument.model_validate(review).model_dump(mode="json")
            for review in stored.suspicion_reviews
        ],
        "mood_corrections": [
            MoodCorrectionDocument.model_validate(correction).model_dump(mode="json")
            for correction in stored.mood_corrections
        ],
        "erased": _erased(stored.erased),
    }


def _erased(erased: Erased | None) -> dict[str, str] | None:
    return None if erased is None else {"at": erased.at.isoformat(), "reason": erased.reason.value}


@router.get(
    "/conversations/{conversation_id}/rules/{rule_id}/explanation",
    dependencies=[needs(Permission.READ)],
    summary="Why a rule hits a conversation, and why not",
    responses=problems(404, 410, 422, 503),
)
def explain_rule(services: ServicesDep, conversation_id: Id, rule_id: RuleId) -> RuleExplanationDocument:
    """Each condition with its verdict, evidence and distance from its threshold, under the rules of today."""
    explained = services.explainer().explain_stored(conversation_id, rule_id, services.unit_of_work)
    return RuleExplanationDocument.model_validate(explained)
