"""Whether a part of the service can work, in the words that `/readyz` shows."""

from __future__ import annotations

from collections.abc import Callable

from qa_service.errors import QAServiceError

OK = "ok"


def state_of(part: Callable[[], object]) -> str:
    """`ok`, or the code and the reason that using the part gives."""
    try:
        part()
    except QAServiceError as error:
        return f"{error.code}: {error.message}"
    return OK
