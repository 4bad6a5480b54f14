"""The errors that cross layers. Each carries a stable `code`; HTTP statuses are mapped in `api/errors.py` only."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """Stable codes, listed in `docs/api.md`; a code is never renamed or re-used."""

    # input
    INVALID_JSON = "invalid_json"
    INVALID_FIELD = "invalid_field"
    MISSING_FIELD = "missing_field"
    INVALID_ENCODING = "invalid_encoding"
    INVALID_TEXT = "invalid_text"
    DUPLICATE_TURN_ID = "duplicate_turn_id"
    EMPTY_CONVERSATION = "empty_conversation"
    TIME_ORDER = "time_order"
    TIME_ZONE_MISSING = "time_zone_missing"
    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    # state and permission
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    TEXT_ERASED = "text_erased"
    NOT_AUTHENTICATED = "not_authenticated"
    NOT_PERMITTED = "not_permitted"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    RATE_LIMITED = "rate_limited"
    REQUEST_TIMEOUT = "request_timeout"
    # parts that do not work
    STORE_UNAVAILABLE = "store_unavailable"
    BROKER_UNAVAILABLE = "broker_unavailable"
    QUEUE_FULL = "queue_full"
    TIMED_OUT = "timed_out"
    WORKER_LOST = "worker_lost"
    DELIVERY_FAILED = "delivery_failed"
    PERSONAL_DATA_SEALED = "personal_data_sealed"
    INTERNAL = "internal"
    # configuration
    INVALID_PACK = "invalid_pack"
    INVALID_POLICY = "invalid_policy"
    INVALID_RUBRIC = "invalid_rubric"
    INVALID_MODEL = "invalid_model"
    INVALID_SETTING = "invalid_setting"


class QAServiceError(Exception):
    """Root of all errors that a caller may meet.

    Args:
        message: says what is wrong and what to do; never contains transcript text.
        code: stable machine-readable code.
        field: the field or place the error is about, e.g. `turns[3].role` or `line 12`.
    """

    def __init__(self, message: str, *, code: ErrorCode, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross from worker processes to their parent; the default way would forget what is keyword-only."""
        return _restored, (type(self), self.args, dict(self.__dict__))


def _restored(kind: type[QAServiceError], args: tuple[Any, ...], state: dict[str, Any]) -> QAServiceError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InvalidInput(QAServiceError):
    """What was sent cannot be used as it is."""


class NotFound(QAServiceError):
    """No such thing, or none that the caller may see."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message, code=ErrorCode.NOT_FOUND, field=field)


class Conflict(QAServiceError):
    """The state forbids it; reading again and retrying may help."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message, code=ErrorCode.CONFLICT, field=field)


class TextErased(QAServiceError):
    """What is asked for needs the text of a chat, which is gone for good."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message, code=ErrorCode.TEXT_ERASED, field=field)


class NotPermitted(QAServiceError):
    """The caller is unknown (`not_authenticated`) or may not do this (`not_permitted`)."""


class Unavailable(QAServiceError):
    """A part does not answer; `retryable` says whether trying again can help."""

    def __init__(self, message: str, *, code: ErrorCode, retryable: bool = True) -> None:
        super().__init__(message, code=code)
        self.retryable = retryable


class ConfigError(QAServiceError):
    """A pack, policy, rubric, model or setting is wrong; the message names file and line."""
