"""Tokens of a text: spaCy's, but in Chinese no Latin word, number or address is cut into characters. Owns no pattern."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import spacy
from spacy.tokens import Doc
from spacy.util import get_words_and_spaces

# An address of the web (without commas, which full-width ones fold to), one of mail (bounded, so that a long text is read
# once), a word or number, any other character.
_TOKEN = re.compile(
    r"(?:https?://|www\.)[0-9a-z._~:/?#@&=%+$-]*[0-9a-z/]"
    r"|[0-9a-z._+-]{1,64}@[0-9a-z-]+(?:\.[0-9a-z-]+)+"
    r"|[0-9a-zÀ-ɏ]+(?:(?:[._']|(?<=[0-9]),(?=[0-9]))[0-9a-zÀ-ɏ]+)*"
    r"|\S",
    re.IGNORECASE,
)


class _Runs:
    """A tokeniser for spaCy: a character a token, but for runs of Latin letters and digits."""

    def __init__(self, vocab: Any) -> None:
        self._vocab = vocab

    def __call__(self, text: str) -> Doc:
        words, spaces = get_words_and_spaces(_TOKEN.findall(text), text)
        return Doc(self._vocab, words=words, spaces=spaces)


def pipeline(language: str) -> Any:
    """A spaCy pipeline that makes tokens and nothing else; one of its own, as its vocabulary grows with what it reads."""
    made = spacy.blank(language)
    if is_by_character(made):
        made.tokenizer = _Runs(made.vocab)
    return made


def is_by_character(made: Any) -> bool:
    """Whether every Han character is a token of its own."""
    return [token.text for token in made.make_doc("不行的")] == list("不行的")


@lru_cache(maxsize=1024)
def tokens_of(language: str, text: str) -> tuple[str, ...]:
    """The tokens of a text alone, in a language that spaCy knows."""
    return tuple(token.text for token in _shared(language).make_doc(text))


@lru_cache
def _shared(language: str) -> Any:
    return pipeline(language)
