"""spaCy token patterns as packs write them: which attributes and operators there are, and why not all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NewType

from spacy.matcher import Matcher
from spacy.vocab import Vocab

from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine.tokenising import tokens_of
from qa_service.rule_engine.yaml_field import Field

TokenPattern = NewType("TokenPattern", str)
"""spaCy's list of token descriptions, as JSON."""

_MOST_CHARS = {"PREFIX": 1, "SUFFIX": 3}
"""spaCy keeps this much of a token's beginning and end (`lex_attrs`): longer texts would never match."""

TOKEN_TEXTS = ("LOWER", "SHAPE", "PREFIX", "SUFFIX")
TOKEN_FLAGS = ("IS_ALPHA", "IS_DIGIT", "IS_PUNCT", "IS_STOP", "LIKE_NUM", "LIKE_URL", "LIKE_EMAIL")
TOKEN_COMPARISONS = ("==", ">=", "<=", ">", "<")
_OPERATOR = re.compile(r"[!?]|\{([1-9][0-9]?)\}|\{([0-9]{1,2}),([1-9][0-9]?)\}")
MOST_OPTIONAL = 6
"""spaCy follows every way through optional tokens: 4,000 tokens took 0.08 s with 8 of them, 0.9 s with 12, 15 s with 16
(3.8.18). `*` and `+` are refused for the same reason, and REGEX because Python's patterns are not linear."""


def read_token_pattern(field: Field, languages: Sequence[str]) -> TokenPattern:
    """`[{LOWER: refund}, {OP: '{0,3}'}, {LIKE_NUM: true}]`: one mapping a token.

    Args:
        field: the list.
        languages: those in whose tokens it is sought.

    Raises:
        SourceError: a wrong field, too many optional tokens, none that must be there, a text that is never one token,
            a pattern that spaCy refuses.
    """
    tokens = tuple(_read_token(item, languages) for item in field.items())
    bounds = [_bounds(token.get("OP", "")) for token in tokens]
    optional = sum(most - least for least, most in bounds)
    if optional > MOST_OPTIONAL:
        raise field.error(f"has {optional} optional tokens, and may have {MOST_OPTIONAL}: more would be slow")
    described = [token.keys() - {"OP"} and token.get("OP") != "!" for token in tokens]
    if not any(least and is_said for (least, _), is_said in zip(bounds, described, strict=True)):
        raise field.error("needs a token that must be there and of which something is asked, such as {LOWER: refund}")
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


def _read_token(field: Field, languages: Sequence[str]) -> Mapping[str, Any]:
    readers: Mapping[str, Callable[[Field], Any]] = {
        **{name: partial(_read_text, most=_MOST_CHARS.get(name)) for name in TOKEN_TEXTS},
        **dict.fromkeys(TOKEN_FLAGS, Field.boolean),
        "LENGTH": _read_length,
        "OP": _read_operator,
    }
    fields = field.fields(optional=tuple(readers))
    if "LOWER" in fields:
        _refuse_split(fields["LOWER"], languages)
    return {name: readers[name](value) for name, value in fields.items()}


def _refuse_split(field: Field, languages: Sequence[str]) -> None:
    """A text of several tokens is no token anywhere, and would silently never match."""
    lists = field.entries().values() if field.is_mapping else (field,)
    for item in (item for items in lists for item in items.one_or_many()):
        text = _folded(item)
        splits = [tokens_of(language, text) for language in languages]
        # What hangs on another word ('ve) is told only beside it.
        if splits and all(len(tokens) > 1 for tokens in splits) and not text.startswith("'"):
            written = ", ".join(f"{{LOWER: {token}}}" for token in splits[0])
            raise item.error(
                f"{text!r} is {len(splits[0])} tokens in {languages[0]}; write one mapping each: {written}"
            )


def _read_text(field: Field, *, most: int | None) -> str | Mapping[str, list[str]]:
    if not field.is_mapping:
        return _folded(field, most)
    lists = field.fields(optional=("IN", "NOT_IN"))
    if not lists:
        raise field.error("give IN or NOT_IN")
    return {name: [_folded(item, most) for item in items.items()] for name, items in lists.items()}


def _folded(field: Field, most: int | None = None) -> str:
    # A shape is written in letters x and d, which folding leaves alone.
    text = folded_view(cased_view(field.text())).text
    if most is not None and len(text) > most:
        raise field.error(f"may have {most} character(s): a token keeps no more of that end; say a regex for more")
    return text


def _read_length(field: Field) -> int | Mapping[str, int]:
    if not field.is_mapping:
        return field.integer(minimum=1)
    bounds = {name: value.integer(minimum=0) for name, value in field.fields(optional=TOKEN_COMPARISONS).items()}
    if not bounds:
        raise field.error(f"give one of {', '.join(TOKEN_COMPARISONS)}")
    return bounds


def _read_operator(field: Field) -> str:
    value = field.text()
    if not _OPERATOR.fullmatch(value):
        raise field.error("must be !, ?, {n} or {n,m} with at least one token; * and + have no bound: say {0,6}")
    least, most = _bounds(value)
    if least > most:
        raise field.error(f"{value} ends before it begins: say {{{most},{least}}}")
    return value


def _bounds(operator: str) -> tuple[int, int]:
    """How many tokens an operator takes, at least and at most."""
    match = _OPERATOR.fullmatch(operator)
    if match is None or operator == "!":
        return 1, 1
    if operator == "?":
        return 0, 1
    return (int(match[1]), int(match[1])) if match[1] else (int(match[2]), int(match[3]))
