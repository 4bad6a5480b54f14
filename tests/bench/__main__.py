"""`make bench`: the main job over generated conversations: rate, memory against file size, share of time per stage."""

from __future__ import annotations

import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId, TurnKind
from qa_service.domain.document import conversation_document, inspection_document
from qa_service.wiring import SystemClock
from qa_service.workflows.inspect_files import StreamInspection
from tests.golden.results import build, samples

TURNS = 20
SMALL, LARGE = 200, 2_000
SEED = 20261122
PROGRAM = """
import resource, sys
from qa_service.cli.app import app
try:
    app()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def main() -> None:
    """Print one table."""
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for is_distinct in (False, True):
        name = "every turn distinct" if is_distinct else "turns of the samples, shuffled"
        print(f"\n{TURNS} turns a conversation, {name}")
        small, large = _program(SMALL, is_distinct=is_distinct), _program(LARGE, is_distinct=is_distinct)
        for count, run in ((SMALL, small), (LARGE, large)):
            rate, peak = count / run["seconds"], run["peak_mib"]
            print(f"  {count:5d} conversations: {rate:6.1f}/s  peak {peak:.0f} MiB  ({run['seconds']:.1f} s)")
        print(f"  memory {LARGE} : {SMALL} = {large['peak_mib'] / small['peak_mib']:.2f}")
        for stage, share in _stages(SMALL, is_distinct=is_distinct).items():
            print(f"  {stage:12s} {share:6.1%} of the time")


def generated(count: int, *, is_distinct: bool) -> Iterator[Conversation]:
    """Conversations of `TURNS` turns drawn from the samples' turns of one language, alternating as in life.

    With `is_distinct` each text carries a number of its own, so that nothing can be served from a cache.
    """
    rng = random.Random(SEED)
    pools = {
        language: {
            role: [
                t
                for c in samples()
                if c.language == language
                for t in c.turns
                if t.role is role and t.kind is TurnKind.TEXT
            ]
            for role in (Role.CUSTOMER, Role.AGENT)
        }
        for language in ("zh", "en")
    }
    first = samples()[0]
    for number in range(count):
        language = "zh" if rng.random() < 0.75 else "en"
        turns = []
        for at in range(TURNS):
            drawn = rng.choice(pools[language][Role.CUSTOMER if at % 2 == 0 else Role.AGENT])
            text = f"{drawn.text} {number}-{at}" if is_distinct else drawn.text
            sender = "a-1" if drawn.role is Role.AGENT else "u-1"
            turns.append(replace(drawn, id=TurnId(str(at + 1)), text=text, sender_id=sender, at=None))
        yield replace(first, external_id=f"g-{number}", language=language, turns=tuple(turns), started_at=None)


def _turns(language: str) -> list[Turn]:
    return [turn for conversation in samples() if conversation.language == language for turn in conversation.turns]


def _program(count: int, *, is_distinct: bool) -> dict[str, float]:
    """The whole program in a process of its own, start included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chats.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for conversation in generated(count, is_distinct=is_distinct):
                file.write(json.dumps(conversation_document(conversation), ensure_ascii=False) + "\n")
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "inspect", str(path), "--output", str(Path(folder) / "out.jsonl")],
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - started
        assert sum(1 for _ in (Path(folder) / "out.jsonl").open(encoding="utf-8")) == count
        return {"seconds": seconds, "peak_mib": int(done.stderr.split()[-1]) / 1024}


def _stages(count: int, *, is_distinct: bool) -> dict[str, float]:
    """Share of the time of each stage within one process, start left out."""
    spent: dict[str, float] = {}
    inspector = build()
    timed = replace(
        inspector,
        normaliser=_Timed(inspector.normaliser, "normalise", spent),
        rules=_Timed(inspector.rules, "rules", spent),
        mood_model=_Timed(inspector.mood_model, "mood", spent),
        meter=_Timed(inspector.meter, "reply times", spent),
        scorer=_Timed(inspector.scorer, "scoring", spent),
    )
    conversations = list(generated(count, is_distinct=is_distinct))
    started = time.perf_counter()
    for _, result in StreamInspection(inspector=timed, clock=SystemClock()).run(conversations):
        json.dumps(inspection_document(result))
    total = time.perf_counter() - started
    return {**{stage: seconds / total for stage, seconds in spent.items()}, "the rest": 1 - sum(spent.values()) / total}


class _Timed:
    """Passes everything on and adds up how long the calls took."""

    def __init__(self, stage: Any, name: str, spent: dict[str, float]) -> None:
        self._stage, self._name, self._spent = stage, name, spent

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._stage, attribute)
        return self._timed(value) if callable(value) else value

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                self._spent[self._name] = self._spent.get(self._name, 0.0) + time.perf_counter() - started

        return timed


if __name__ == "__main__":
    main()
