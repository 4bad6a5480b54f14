"""Where findings and conversations stand, and which decision may follow. Owns no storage of verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa_service.domain.finding import Finding
from qa_service.domain.records import StoredConversation
from qa_service.domain.review import Decision, ReviewState, Verdict, state_after, state_of
from qa_service.errors import Conflict, ErrorCode, InvalidInput

_NEEDS_COMMENT = (Decision.OVERTURN, Decision.APPEAL)
_APPEALABLE = (ReviewState.OPEN, ReviewState.CONFIRMED)


def check_transition(verdicts: Sequence[Verdict], *, decision: Decision, comment: str) -> None:
    """Refuse a decision that may not follow on a finding's verdicts.

    A second look may change the first, so confirming and overturning follow on everything but themselves: a decision
    that changes nothing is no decision. An appeal is only against an open or confirmed finding. Overturning and
    appealing need a comment, since somebody must be told why.

    Raises:
        InvalidInput: the comment is missing (`missing_field`).
        Conflict: the finding is already where the decision leads, or an appeal against an overturned one.
    """
    if decision in _NEEDS_COMMENT and not comment.strip():
        raise InvalidInput(f"comment is missing; say why you {decision}", code=ErrorCode.MISSING_FIELD, field="comment")
    state = state_after(verdicts)
    if verdicts and decision is verdicts[-1].decision and decision is not Decision.APPEAL:
        raise Conflict(f"the finding is already {state}", field="decision")
    if decision is Decision.APPEAL and state not in _APPEALABLE:
        raise Conflict(
            f"the finding is {state}; only an open or confirmed finding can be appealed against", field="decision"
        )


def check_dismissal(stored: StoredConversation) -> None:
    """Refuse to clear a conversation in which there is something other than a suspicion, or nothing to clear.

    Hits that need no review (of auto-confirmed rules, without a verdict) leave only the suspicion to look at.

    Raises:
        Conflict: it has no result, a hit that is for people to decide on and not overturned, no suspicion, or is cleared
            already.
    """
    if stored.inspection is None:
        raise Conflict("the conversation is not inspected yet: there is nothing to clear")
    decided = {verdict.finding_id: state_after([verdict]) for verdict in stored.verdicts}
    hits = [finding for finding in stored.inspection.findings if finding.is_shown_hit]
    states = [decided.get(stored.finding_ids[f.key]) for f in hits if _is_for_people(f, decided, stored.finding_ids)]
    if any(state is not ReviewState.OVERTURNED for state in states):
        raise Conflict("the conversation has hits: decide on them one by one")
    if not stored.inspection.mood.is_suspected:
        raise Conflict("the model suspects nothing in this conversation")
    if stored.review_state in (ReviewState.CLEARED, ReviewState.CONFIRMED):
        raise Conflict("the conversation is already cleared")


def _is_for_people(hit: Finding, decided: Mapping[str, ReviewState], finding_ids: Mapping[str, str]) -> bool:
    return finding_ids[hit.key] in decided or state_of(hit, ()) is ReviewState.OPEN


def conversation_review_state(
    findings: Sequence[Finding],
    verdicts_by_key: Mapping[str, Sequence[Verdict]],
    *,
    is_suspected: bool = False,
) -> ReviewState:
    """Where a conversation stands: appealed before open before confirmed before overturned, of its hits.

    Args:
        findings: the machine's findings, before verdicts; hits of shadow rules are not shown and do not count.
        verdicts_by_key: verdicts by `Finding.key`.
        is_suspected: whether the model suspects something that nobody has cleared.

    Returns:
        What is left to do comes first, so the conversation is done (confirmed, overturned) only when every hit is. One
        without hits is open. So is one with a suspicion whose hits nobody looked at, since they were auto-confirmed.
    """
    hits = [finding for finding in findings if finding.is_shown_hit]
    if is_suspected and not any(verdicts_by_key.get(hit.key) for hit in hits):
        return ReviewState.OPEN
    states = {state_of(hit, verdicts_by_key.get(hit.key, ())) for hit in hits}
    order = (ReviewState.APPEALED, ReviewState.OPEN, ReviewState.CONFIRMED, ReviewState.OVERTURNED)
    return next((state for state in order if state in states), ReviewState.OPEN)
