"""spaCy token patterns as packs write them: which attributes and operators there are, and why not all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NewType

from spacy.matcher import Matcher
from spacy.vocab import Vocab

from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine.yaml_field import Field

TokenPattern = NewType("TokenPattern", str)
"""spaCy's list of token descriptions, as JSON."""

_MOST_CHARS = {"PREFIX": 1, "SUFFIX": 3}
"""spaCy keeps this much of a token's beginning and end (`lex_attrs`): longer texts would never match."""

TOKEN_TEXTS = ("LOWER", "SHAPE", "PREFIX", "SUFFIX")
TOKEN_FLAGS = ("IS_ALPHA", "IS_DIGIT", "IS_PUNCT", "IS_STOP", "LIKE_NUM", "LIKE_URL", "LIKE_EMAIL")
TOKEN_COMPARISONS = ("==", ">=", "<=", ">", "<")
_OPERATOR = re.compile(r"[!?]|\{([0-9]{1,2})(?:,([0-9]{1,2}))?\}")
MOST_OPTIONAL = 6
"""spaCy follows every way through optional tokens: 4,000 tokens took 0.08 s with 8 of them, 0.9 s with 12, 15 s with 16
(3.8.18). `*` and `+` are refused for the same reason, and REGEX because Python's patterns are not linear."""


def read_token_pattern(field: Field) -> TokenPattern:
    """`[{LOWER: refund}, {OP: '{0,3}'}, {LIKE_NUM: true}]`: one mapping a token.

    Raises:
        SourceError: what it asks for is too much, can never be met, or is refused by spaCy.
    """
    tokens = tuple(_read_token(item) for item in field.items())
    optional = sum(_optional(token.get("OP", "")) for token in tokens)
    if optional > MOST_OPTIONAL:
        raise field.error(f"has {optional} optional tokens, and may have {MOST_OPTIONAL}: more would be slow")
    if all(_optional(token.get("OP", "")) or token.get("OP") == "!" for token in tokens):
        raise field.error("needs a token that must be there")
    pattern = TokenPattern(json.dumps(tokens, ensure_ascii=False))
    try:
        token_matcher(pattern, Vocab())
    except ValueError as error:
        raise field.error(f"is refused by spaCy: {error}") from error
    return pattern


def token_matcher(pattern: TokenPattern, vocab: Vocab) -> Matcher:
    """The pattern compiled for one tokeniser. Raises ValueError."""
    # spaCy's own check of patterns knows neither PREFIX nor SUFFIX, which it matches; the fields are checked above.
    matcher = Matcher(vocab, validate=False)
    matcher.add("pattern", [json.loads(pattern)], greedy="LONGEST")
    return matcher


def _read_token(field: Field) -> Mapping[str, Any]:
    readers: Mapping[str, Callable[[Field], Any]] = {
        **{name: partial(_read_text, most=_MOST_CHARS.get(name)) for name in TOKEN_TEXTS},
        **dict.fromkeys(TOKEN_FLAGS, Field.boolean),
        "LENGTH": _read_length,
        "OP": _read_operator,
    }
    return {name: readers[name](value) for name, value in field.fields(optional=tuple(readers)).items()}


def _read_text(field: Field, *, most: int | None) -> str | Mapping[str, list[str]]:
    if not field.is_mapping:
        return _folded(field, most)
    lists = field.fields(optional=("IN", "NOT_IN"))
    return {name: [_folded(item, most) for item in items.items()] for name, items in lists.items()}


def _folded(field: Field, most: int | None) -> str:
    # A shape is written in letters x and d, which folding leaves alone.
    text = folded_view(cased_view(field.text())).text
    if most is not None and len(text) > most:
        raise field.error(f"may have {most} character(s): a token keeps no more of that end; say a regex for more")
    return text


def _read_length(field: Field) -> int | Mapping[str, int]:
    if not field.is_mapping:
        return field.integer(minimum=1)
    return {name: value.integer(minimum=0) for name, value in field.fields(optional=TOKEN_COMPARISONS).items()}


def _read_operator(field: Field) -> str:
    value = field.text()
    if not _OPERATOR.fullmatch(value):
        raise field.error("must be !, ?, {n} or {n,m}; * and + have no bound: say {0,6}")
    return value


def _optional(operator: str) -> int:
    """How many tokens an operator leaves open."""
    if operator == "?":
        return 1
    match = _OPERATOR.fullmatch(operator)
    return int(match[2]) - int(match[1]) if match and match[2] else 0
