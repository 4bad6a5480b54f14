"""Stage 6: where findings stand, what a decision may follow on, and what verdicts change."""

from qa_service.review.state import check_dismissal, check_transition, conversation_review_state
from qa_service.review.verdicts import apply_verdicts

__all__ = [
    "apply_verdicts",
    "check_dismissal",
    "check_transition",
    "conversation_review_state",
]
