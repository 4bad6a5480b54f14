"""Makes and compares the golden results: the whole inspection of every sample chat.

python -m tests.golden.results      writes them anew; review the diff
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qa_service.domain.conversation import Conversation
from qa_service.domain.document import inspection_document
from qa_service.ingest import read_path
from qa_service.rule_wiring import build_rule_engine
from qa_service.scoring import load_rubric
from qa_service.settings import REPOSITORY, load_settings
from qa_service.stage_wiring import build_inspector
from qa_service.workflows.inspect_conversation import Inspector

FOLDER = Path(__file__).parent / "expected"
MOOD_TOLERANCE = 0.05
"""Model figures may differ this much: int8 kernels round differently from one processor to another."""
SCORE_TOLERANCE = 0.5
"""Service-attitude points come from tone by bands, so only a band's edge can move them; this much is one small step."""


def build() -> Inspector:
    """The inspector as it is shipped."""
    settings = load_settings()
    return build_inspector(settings, rules=build_rule_engine(settings), rubric=load_rubric(settings.rubric_path))


def samples() -> list[Conversation]:
    """All bundled sample chats."""
    items = [item for name in ("zh", "en") for item in read_path(REPOSITORY / "samples" / f"{name}.jsonl")]
    assert all(isinstance(item, Conversation) for item in items)
    return items


def results(inspector: Inspector) -> dict[str, dict[str, Any]]:
    """By external id. Of the provenance only the text's digest is pinned: packs and weights change by intention."""
    documents = {}
    for inspection in inspector.inspect(samples()):
        document = json.loads(json.dumps(inspection_document(inspection)))
        document["provenance"] = {"text_sha256": document["provenance"]["text_sha256"]}
        documents[inspection.external_id] = document
    return documents


def differences(expected: Any, actual: Any, place: str = "") -> list[str]:
    """Where two results differ, one line each; figures of the model within their tolerance are equal."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            line
            for key in sorted(expected.keys() | actual.keys())
            for line in differences(expected.get(key), actual.get(key), f"{place}.{key}")
        ]
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [
            line
            for i, (left, right) in enumerate(zip(expected, actual, strict=True))
            for line in differences(left, right, f"{place}[{i}]")
        ]
    if isinstance(expected, float) and isinstance(actual, float | int):
        tolerance = MOOD_TOLERANCE if place.startswith((".mood", ".agents")) else SCORE_TOLERANCE
        return [] if abs(expected - actual) <= tolerance else [f"{place}: {expected} → {actual}"]
    return [] if expected == actual else [f"{place}: {expected!r} → {actual!r}"]


def main() -> None:
    """Write the expected results."""
    FOLDER.mkdir(exist_ok=True)
    for external_id, document in results(build()).items():
        path = FOLDER / f"{external_id}.json"
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
