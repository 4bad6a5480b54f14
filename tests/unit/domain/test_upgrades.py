from __future__ import annotations

from qa_service.domain.document import inspection_from_document, stored_document
from tests.unit.domain.test_document import INSPECTION

NEW = (
    "recovery",
    "satisfaction_low",
    "satisfaction_high",
    "cause",
    "causes",
    "expected_changes",
    "expected_change",
    "attributable_change",
    "attributable_reason",
)


def test_a_result_stored_before_evidence_and_causes_is_still_read():
    stored = stored_document(INSPECTION)
    mood = {name: value for name, value in stored["mood"].items() if name not in NEW}
    for name in ("turns", "tones"):
        mood[name] = [{key: value for key, value in turn.items() if key != "evidence"} for turn in mood[name]]

    read = inspection_from_document({**stored, "version": 1, "mood": mood})

    assert read.mood.turns[0].polarity == INSPECTION.mood.turns[0].polarity
    assert read.mood.turns[0].evidence == ()
    assert (read.mood.cause, read.mood.attributable_change) == (None, None)
    assert "scored before" in (read.mood.attributable_reason or "")
