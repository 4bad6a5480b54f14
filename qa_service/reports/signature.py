"""Signs what is pushed, so that the receiver knows the sender and refuses replays. Owns no sending."""

from __future__ import annotations

import hashlib
import hmac


def sign(body: bytes, *, secret: str, timestamp: int) -> str:
    """Hex HMAC-SHA256 over `<timestamp>.<body>`; `timestamp` in seconds since 1970.

    Source: RFC 2104; the time is signed too, as webhook senders do, so that an old body cannot be sent again as new.
    """
    return hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()


def signature_headers(body: bytes, *, secret: str, timestamp: int, idempotency_key: str) -> dict[str, str]:
    """The headers of a push. Every retry carries the same idempotency key and a timestamp of its own."""
    return {
        "X-QA-Timestamp": str(timestamp),
        "X-QA-Signature": f"sha256={sign(body, secret=secret, timestamp=timestamp)}",
        "Idempotency-Key": idempotency_key,
    }
