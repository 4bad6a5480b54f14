"""Logging in at an identity provider (OpenID Connect): what is proven of a person, and why somebody is not let in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_EMAIL = 254
"""Characters. Source: RFC 5321, 4.5.3.1.3, less the angle brackets."""
LONGEST_SUBJECT = 255
"""Characters. Source: OpenID Connect Core 1.0, 2."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Refusal(StrEnum):
    """Why a log-in at the identity provider opened no session; stands in the audit log."""

    STATE = "state"
    """The answer does not belong to a log-in that this browser began."""
    DENIED = "denied"
    """The provider says that there was no log-in."""
    PROVIDER = "provider"
    """The provider does not answer, or not as it should."""
    TOKEN = "token"  # noqa: S105 - a reason
    """The ID token is forged, over, or meant for somebody else."""
    EMAIL_UNVERIFIED = "email_unverified"
    NO_USER = "no_user"
    INACTIVE = "inactive"


class LogInRefused(Exception):
    """Nobody is let in."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What ties one log-in to one browser: made from a secret that the browser alone holds.

    Attributes:
        state: comes back in the address (a forged answer does not know it).
        nonce: comes back in the signed token (a stolen code brings another one).
        verifier: redeems the code; the provider was told its hash (PKCE, RFC 7636).
    """

    state: str
    nonce: str
    verifier: str

    @classmethod
    def of(cls, secret: str) -> Proof:
        """The three values of a secret of 256 random bits; none of them tells another."""
        return cls(
            state=_derived(secret, "state"), nonce=_derived(secret, "nonce"), verifier=_derived(secret, "verifier")
        )

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the provider vouches for.

    Attributes:
        subject: the provider's own id of the person, 1 to 255 printable characters; never given to another person.
        email: as `clean_email` gives it; None where there is none, or the provider has not verified it.
        has_unverified_email: there is one that nobody may rely on.
    """

    subject: str
    email: str | None
    has_unverified_email: bool


def clean_email(text: str) -> str | None:
    """The address as it is stored and compared; None if it cannot be one.

    Capital letters of ASCII make no difference. Nothing else is folded: two addresses that a provider tells apart would
    become one person's.
    """
    text = "".join(character.lower() if character.isascii() else character for character in text.strip())
    return text if len(text) <= LONGEST_EMAIL and text.isprintable() and _EMAIL.fullmatch(text) else None


def is_subject(text: str) -> bool:
    """Whether a provider's id of a person can look like this."""
    return 0 < len(text) <= LONGEST_SUBJECT and text.isprintable()


def _derived(secret: str, use: str) -> str:
    return _text(hmac.new(secret.encode(), f"qa-service oidc {use}".encode(), hashlib.sha256).digest())


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
