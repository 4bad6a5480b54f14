"""Signs what is pushed, so that the receiver knows the sender and refuses replays. Owns no sending."""

from __future__ import annotations

import hashlib
import hmac


def sign(body: bytes, *, secret: str, timestamp: int) -> str:
    """Hex HMAC-SHA256 over `<timestamp>.<body>`; `timestamp` in seconds since 1970.

    Source: RFC 2104; the time is signed too, as webhook senders do, so that an old body cannot be sent again as new.
    """
    return hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()


def sign_with_key(body: bytes, *, secret: str, timestamp: int, idempotency_key: str) -> str:
    """Hex HMAC-SHA256 over `<timestamp>.<idempotency key>.<body>`: a copy under another key does not pass for a new push."""
    return sign(idempotency_key.encode() + b"." + body, secret=secret, timestamp=timestamp)


def signature_headers(body: bytes, *, secret: str, timestamp: int, idempotency_key: str) -> dict[str, str]:
    """The headers of a push. Every retry carries the same idempotency key and a timestamp of its own."""
    return {
        "X-QA-Timestamp": str(timestamp),
        "X-QA-Signature": f"sha256={sign(body, secret=secret, timestamp=timestamp)}",
        "X-QA-Signature-2": "sha256="
        + sign_with_key(body, secret=secret, timestamp=timestamp, idempotency_key=idempotency_key),
        "Idempotency-Key": idempotency_key,
    }
