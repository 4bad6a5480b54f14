"""Errors cross from worker processes to their parent as they are."""

from __future__ import annotations

import pickle

import pytest

from qa_service.errors import ConfigError, Conflict, ErrorCode, InvalidInput, NotFound, NotPermitted, Unavailable


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("too long", code=ErrorCode.INVALID_FIELD, field="text"),
        NotFound("no such chat", field="id"),
        Conflict("changed meanwhile"),
        NotPermitted("not you", code=ErrorCode.NOT_PERMITTED),
        Unavailable("no answer", code=ErrorCode.INTERNAL, retryable=False),
        ConfigError("wrong pack", code=ErrorCode.INVALID_SETTING, field="QA_RULES_DIR"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_pickling(error: Exception) -> None:
    restored = pickle.loads(pickle.dumps(error))

    assert type(restored) is type(error)
    assert str(restored) == str(error)
    assert vars(restored) == vars(error)
