"""Encrypts what may be read by few, bound to the row that it belongs to. Owns no row and no file.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce a token; a token names the key that opens it.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from qa_service.errors import ConfigError, ErrorCode, Unavailable

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORM = "v1"
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_HOW = "write id:base64 of 32 random bytes, newest first, separated by commas; `qa-service pii new-key` makes one"


class BrokenSeal(Exception):
    """A token was changed, or stands at another row than it was made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKey:
    """`secret` has 32 bytes; `id` stands in every token that it made."""

    id: str
    secret: bytes = field(repr=False)

    def entry(self) -> str:
        """As `parse_keys` reads it."""
        return f"{self.id}:{base64.b64encode(self.secret).decode()}"


class KeyRing:
    """Seals with its first key and opens with any of them."""

    def __init__(self, keys: Sequence[SealingKey]) -> None:
        self._keys = {key.id: AESGCM(key.secret) for key in keys}
        self.newest_id = keys[0].id

    @property
    def ids(self) -> frozenset[str]:
        """The keys that there are."""
        return frozenset(self._keys)

    def seal(self, plain: bytes, *, bound_to: str) -> str:
        """A token that opens only together with `bound_to`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._keys[self.newest_id].encrypt(nonce, plain, bound_to.encode())
        return f"{_FORM}:{self.newest_id}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, token: str, *, bound_to: str) -> bytes:
        """What was sealed.

        Raises:
            BrokenSeal: the token is not the one that was made for this place.
            Unavailable: (`personal_data_sealed`) its key is not among these.
        """
        form, _, rest = token.partition(":")
        key_id, _, sealed = rest.partition(":")
        if form != _FORM:
            raise BrokenSeal
        if key_id not in self._keys:
            raise Unavailable(
                f"personal data is sealed with the key {key_id}, which QA_PII_KEYS does not hold: add it at the end",
                code=ErrorCode.PERSONAL_DATA_SEALED,
            )
        try:
            joined = base64.b64decode(sealed, validate=True)
            return self._keys[key_id].decrypt(joined[:_NONCE_BYTES], joined[_NONCE_BYTES:], bound_to.encode())
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise BrokenSeal from error


def new_key(now: datetime) -> SealingKey:
    """A random key, named after the moment."""
    return SealingKey(id=now.strftime("k%Y%m%d%H%M%S"), secret=secrets.token_bytes(KEY_BYTES))


def parse_keys(text: str, *, source: str) -> KeyRing:
    """The keys of `id:base64,id:base64`, newest first; lines may stand in place of commas.

    Raises:
        ConfigError: naming `source` (a setting or a file) and the entry by number, never its text.
    """
    keys = tuple(_keys(text, source))
    if not keys:
        raise _wrong(source, "it holds no key")
    if len({key.id for key in keys}) < len(keys):
        raise _wrong(source, "two keys have one id")
    return KeyRing(keys)


def _keys(text: str, source: str) -> Iterator[SealingKey]:
    for number, entry in enumerate(filter(None, re.split(r"[,\s]+", text)), start=1):
        identity, _, encoded = entry.partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if _KEY_ID.fullmatch(identity) is None or len(secret) != KEY_BYTES:
            raise _wrong(source, f"entry {number} is no key")
        yield SealingKey(id=identity, secret=secret)


def _wrong(source: str, problem: str) -> ConfigError:
    return ConfigError(f"{source}: {problem}; {_HOW}", code=ErrorCode.INVALID_SETTING, field=source)
