"""When the embedded worker erases."""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_service.erasure_wiring import ERASE_EVERY_SECONDS, ONE_TURN_SECONDS, ErasureTurns


@dataclass
class CountingEraser:
    is_done: bool = True
    turns: list[float] = field(default_factory=list)

    def work(self, *, at_most_seconds: float) -> bool:
        self.turns.append(at_most_seconds)
        return self.is_done


@dataclass
class HandClock:
    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_it_erases_at_once_then_now_and_then() -> None:
    eraser, clock = CountingEraser(), HandClock()
    turns = ErasureTurns(lambda: eraser, seconds=clock)  # type: ignore[arg-type,return-value]
    turns.take()
    turns.take()
    assert eraser.turns == [ONE_TURN_SECONDS]
    clock.seconds += ERASE_EVERY_SECONDS
    turns.take()
    assert len(eraser.turns) == 2


def test_it_goes_on_at_every_turn_while_something_is_left() -> None:
    eraser, clock = CountingEraser(is_done=False), HandClock()
    turns = ErasureTurns(lambda: eraser, seconds=clock)  # type: ignore[arg-type,return-value]
    turns.take()
    turns.take()
    assert len(eraser.turns) == 2


def test_what_is_asked_for_waits_for_no_turn() -> None:
    eraser, clock = CountingEraser(), HandClock()
    turns = ErasureTurns(lambda: eraser, seconds=clock)  # type: ignore[arg-type,return-value]
    turns.take()
    turns.hurry()
    turns.take()
    turns.take()
    assert len(eraser.turns) == 2
