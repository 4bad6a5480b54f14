"""Keeps conversations, results, verdicts and keys in SQLite or PostgreSQL. Owns no rule of review or scoring."""

from qa_service.storage.engine import Database

__all__ = ["Database"]
