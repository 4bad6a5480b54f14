"""Spans and normalised text with the way back to the original. Owns no normalisation (`normalise`)."""

from __future__ import annotations

from dataclasses import dataclass

from qa_service.domain.conversation import Conversation, Turn


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open `[start, end)` in code points of the original turn text."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A folded text and, for each of its characters, where that came from.

    `origins[i]` is the span start and `ends[i]` the span end in the original of character `text[i]`;
    both never decrease, so a match `[a, b)` here is `[origins[a], ends[b-1])` there.
    """

    text: str
    origins: tuple[int, ...]
    ends: tuple[int, ...]

    def to_original(self, start: int, end: int) -> Span:
        """The original span of the non-empty match `[start, end)` in `text`."""
        return Span(self.origins[start], self.ends[end - 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedTurn:
    """A turn with its folded text.

    `cased`: NFKC, simplified Chinese, white space collapsed: what people read.
    `text`: `cased` with case folded: what rules read.
    `compact`: `text` without spaces, punctuation, emoji, zero-width and combining marks, look-alikes undone: what evasion hides.
    """

    turn: Turn
    cased: NormalisedText
    text: NormalisedText
    compact: NormalisedText


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalisedConversation:
    """A conversation and its turns folded, same order and length; `language` is the stated or detected one."""

    conversation: Conversation
    turns: tuple[NormalisedTurn, ...]
    language: str
