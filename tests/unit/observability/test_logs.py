from __future__ import annotations

import json
import logging

from qa_service.observability import bound
from qa_service.observability.logs import JsonFormatter


def logged(**extra: object) -> dict[str, object]:
    record = logging.LogRecord("qa_service.x", logging.INFO, "f", 1, "accepted", (), None)
    vars(record).update(extra)
    return json.loads(JsonFormatter().format(record))


def test_ids_are_in_every_record_of_their_block_and_in_none_after_it() -> None:
    with bound(request_id="r-1"), bound(task_id="t-1"):
        inner = logged(conversation_id="c-1")
    outer = logged()

    assert (inner["request_id"], inner["task_id"], inner["conversation_id"]) == ("r-1", "t-1", "c-1")
    assert not {"request_id", "task_id"} & outer.keys()
