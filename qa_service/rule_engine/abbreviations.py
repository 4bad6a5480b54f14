"""English abbreviations, whose dot ends neither a clause nor a sentence. Owns no other mark (`text_reading`)."""

from __future__ import annotations

# By length, since Python looks behind over a fixed one.
_WORDS = (r"mr|ms|dr|st|vs", r"mrs|e\.g|i\.e", r"approx")
_NO_WORD = "".join(rf"(?<!\b(?i:{words})\.)" for words in _WORDS)
# No. 5 is a number, and No. alone an answer; by 9 a.m. We … is the next sentence.
_NO_NUMBER = r"(?!(?<=\b(?i:no)\.)\s*[0-9])"
_NO_TIME = r"(?!(?<=(?<![A-Za-z])(?i:[ap]\.m)\.)\s+(?![A-Z][a-z]))"

FULL_STOP = rf"\.(?=\s|$){_NO_WORD}{_NO_NUMBER}{_NO_TIME}"
"""A dot that ends a sentence, as Python's `re` reads it over a text as it was written."""

ABBREVIATED = rf"\b(?:{'|'.join(_WORDS)}|[0-9]*[ap]\.m)\.|\bno\.\s?[0-9]"
"""An abbreviation with its dot, as RE2 reads it over a folded text."""
