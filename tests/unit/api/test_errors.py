from __future__ import annotations

import pytest

from api.errors import STATUS_OF
from qa_service.errors import ErrorCode


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_has_a_status(code: ErrorCode) -> None:
    assert 400 <= STATUS_OF[code] <= 599
