"""What the pages say and in which language. One catalogue file a language (`strings/`); owns no HTML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request

STRINGS = Path(__file__).parent / "strings"
LANGUAGE_COOKIE = "qa_language"


class Language(StrEnum):
    """A language that the pages speak."""

    ZH = "zh"
    EN = "en"


DEFAULT_LANGUAGE = Language.ZH


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The strings of one language by dotted key."""

    language: Language
    strings: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """The string of a key that the pages themselves use; a missing one is a defect and raises KeyError."""
        return self.strings[key].format(**values)

    def label(self, kind: str, value: object) -> str:
        """The word for a value of data (`severity`, `major`); values that a pack or rubric adds stand for themselves."""
        return self.strings.get(f"{kind}.{str(value).lower()}", str(value))

    def values_of(self, kind: str) -> list[str]:
        """The values of data that have a word of their own, in the order of the catalogue."""
        return [key.removeprefix(f"{kind}.") for key in self.strings if key.startswith(f"{kind}.")]

    def counted(self, key: str, n: int) -> str:
        """`1 finding`, `2 findings`: `key` holds the plural, `key_one` the singular."""
        return self.text(f"{key}_one" if n == 1 else key, n=n)


@cache
def catalogue(language: Language) -> Catalogue:
    """Read a language's strings once."""
    document = tomllib.loads((STRINGS / f"{language}.toml").read_text(encoding="utf-8"))
    return Catalogue(language=language, strings=dict(_flat(document)))


def _flat(document: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in document.items():
        pairs += _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(prefix + name, value)]
    return pairs


def asked_language(request: Request) -> Language | None:
    """The language that `?lang=` asks for, if the pages speak it."""
    return _known(request.query_params.get("lang"))


def language_of(request: Request) -> Language:
    """`?lang=`, else the cookie, else the first known of `Accept-Language`, else Chinese."""
    accepted = (_known(part) for part in _accepted(request.headers.get("accept-language", "")))
    chosen = asked_language(request) or _known(request.cookies.get(LANGUAGE_COOKIE))
    return chosen or next((language for language in accepted if language), DEFAULT_LANGUAGE)


def _accepted(header: str) -> list[str]:
    """Language tags of a header, most wanted first; a broken weight counts as 0."""
    weighted: list[tuple[float, str]] = []
    for item in header[:500].split(","):
        tag, _, weight = item.strip().partition(";q=")
        try:
            weighted.append((float(weight or 1), tag))
        except ValueError:
            weighted.append((0.0, tag))
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]


def _known(tag: str | None) -> Language | None:
    primary = (tag or "").split("-")[0].lower()
    return Language(primary) if primary in list(Language) else None
