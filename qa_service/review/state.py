"""Where findings and conversations stand, and which decision may follow. Owns no storage of verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa_service.domain.finding import Finding
from qa_service.domain.review import Decision, ReviewState, Verdict, state_after
from qa_service.errors import Conflict, ErrorCode, InvalidInput

_NEEDS_COMMENT = (Decision.OVERTURN, Decision.APPEAL)
_APPEALABLE = (ReviewState.OPEN, ReviewState.CONFIRMED)


def check_transition(verdicts: Sequence[Verdict], *, decision: Decision, comment: str) -> None:
    """Refuse a decision that may not follow on a finding's verdicts.

    Confirming and overturning are always allowed (a second look may change the first); an appeal only against an open
    or confirmed finding. Overturning and appealing need a comment, since somebody must be told why.

    Raises:
        InvalidInput: the comment is missing (`missing_field`).
        Conflict: an appeal against a finding that is overturned or already appealed.
    """
    if decision in _NEEDS_COMMENT and not comment.strip():
        raise InvalidInput(f"comment is missing; say why you {decision}", code=ErrorCode.MISSING_FIELD, field="comment")
    state = state_after(verdicts)
    if decision is Decision.APPEAL and state not in _APPEALABLE:
        raise Conflict(
            f"the finding is {state}; only an open or confirmed finding can be appealed against", field="decision"
        )


def conversation_review_state(
    findings: Sequence[Finding], verdicts_by_key: Mapping[str, Sequence[Verdict]]
) -> ReviewState:
    """Where a conversation stands: appealed before open before confirmed before overturned, of its hits.

    Args:
        findings: the machine's findings, before verdicts; hits of shadow rules are not shown and do not count.
        verdicts_by_key: verdicts by `Finding.key`.

    Returns:
        What is left to do comes first, so the conversation is done (confirmed, overturned) only when every hit is. One
        without hits is open.
    """
    states = {state_after(verdicts_by_key.get(hit.key, ())) for hit in findings if hit.is_shown_hit}
    order = (ReviewState.APPEALED, ReviewState.OPEN, ReviewState.CONFIRMED, ReviewState.OVERTURNED)
    return next((state for state in order if state in states), ReviewState.OPEN)
