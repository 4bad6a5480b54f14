"""Hides personal data in words taken from a conversation, also where they are cut out of what made it recognisable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qa_service.normalise.personal_data.mask import mask_text
from qa_service.normalise.personal_data.reading import read

FEWEST = 3
"""Characters of a secret that give some of it away; fewer are in any text."""

OWN_WORDS = frozenset({"title", "rationale", "reference", "policy"})
"""Parts of an explanation that are the rule's, not the chat's."""


@dataclass(frozen=True, slots=True)
class Secret:
    """An original as it is compared, and its mask, of the same length."""

    text: str
    mask: str


def _forms(original: str, mask: str) -> list[Secret]:
    """The original as it was written, and without what separates its parts, as rules read it."""
    text = _compared(original)
    kept = [at for at, char in enumerate(text) if char.isalnum()]
    joined = Secret("".join(text[at] for at in kept), "".join(mask[at] for at in kept))
    forms = [Secret(text, mask)] if len(kept) == len(text) else [Secret(text, mask), joined]
    return [form for form in forms if len(form.text) > 1]


class Secrets:
    """The originals of a conversation, found by the characters that a text shares with them."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._by_piece: dict[str, list[Secret]] = {}
        for original, mask in dict(pairs).items():
            for form in _forms(original, mask):
                for piece in _pieces(form.text) or {form.text}:
                    self._by_piece.setdefault(piece, []).append(form)

    def __bool__(self) -> bool:
        return bool(self._by_piece)

    def near(self, view: str) -> list[Secret]:
        """Those of which some may stand in a text, longest first: a short one may be a piece of a longer one."""
        pieces = _pieces(view) | {view[at : at + 2] for at in range(len(view) - 1)}
        near = {id(secret): secret for piece in pieces for secret in self._by_piece.get(piece, ())}
        return sorted(near.values(), key=lambda secret: (-len(secret.text), secret.text))


def _pieces(text: str) -> set[str]:
    return {text[at : at + FEWEST] for at in range(len(text) - FEWEST + 1)}


def hide(text: str, secrets: Secrets) -> str:
    """The text with every secret and every piece of one masked, and what the finders see in it besides."""
    view = _compared(text)
    shown = list(text)
    for secret in secrets.near(view):
        at = view.find(secret.text)
        while at >= 0:
            shown[at : at + len(secret.mask)] = secret.mask
            at = view.find(secret.text, at + 1)
        _hide_piece(view, shown, secret)
    return mask_text("".join(shown))


def hide_in(value: Any, secrets: Secrets) -> Any:
    """The same for every text in plain JSON, except the rule's own."""
    if isinstance(value, str):
        return hide(value, secrets)
    if isinstance(value, Mapping):
        return {name: item if name in OWN_WORDS else hide_in(item, secrets) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [hide_in(item, secrets) for item in value]
    return value


def _hide_piece(view: str, shown: list[str], secret: Secret) -> None:
    """A text that is a piece of the secret, begins with its end or ends with its begin."""
    at = secret.text.find(view) if len(view) >= FEWEST else -1
    if at >= 0:
        shown[:] = secret.mask[at : at + len(view)]
        return
    for length in range(min(len(view), len(secret.text)) - 1, FEWEST - 1, -1):
        if view.endswith(secret.text[:length]):
            shown[len(view) - length :] = secret.mask[:length]
        if view.startswith(secret.text[-length:]):
            shown[:length] = secret.mask[-length:]


def _compared(text: str) -> str:
    lowered = read(text).lower()
    return lowered if len(lowered) == len(text) else read(text)
