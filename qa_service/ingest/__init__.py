"""Stage 1: source formats → `Conversation`, one file per format. Owns no cleaning (`normalise`) and no storing."""

from qa_service.ingest.content_digest import content_sha256
from qa_service.ingest.conversation_reader import read_conversation
from qa_service.ingest.limits import DEFAULT_LIMITS, Limits
from qa_service.ingest.rejected import Rejected
from qa_service.ingest.source_file import STANDARD_INPUT, read_path

__all__ = [
    "DEFAULT_LIMITS",
    "STANDARD_INPUT",
    "Limits",
    "Rejected",
    "content_sha256",
    "read_conversation",
    "read_path",
]
