"""Conversation quality inspection: transcripts in, findings, mood, scorecards and performance out."""

__version__ = "0.1.0"
