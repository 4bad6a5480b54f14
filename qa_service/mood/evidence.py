"""The words that a strong call rests on: what lowers it most when it is left out.

A turn's vector is a weighted mean of its tokens' states, so every candidate is first left out of that mean, which costs a head's
step each and no encoding. The best is then really taken out of the text, which is encoded again: the figure without it
that is stored is measured. Source of the method: occlusion (Zeiler & Fergus 2014), checked as DeYoung et al. 2020 check
comprehensiveness (`training/faithfulness.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qa_service.domain.mood import COLD_AT_MOST, SUSPECTED_AT_LEAST, CallEvidence, Emotion, TurnMood, TurnTone
from qa_service.domain.text import NormalisedText
from qa_service.mood.figures import figure_of
from qa_service.mood.infer import DialogueHead, Floats, ReadText, TurnEncoder
from qa_service.mood.manifest import Manifest
from qa_service.mood.spans import Candidate, candidates

STRONG_POLARITY = 0.8
RISKY_AT_LEAST = 0.5
WEAK_DROP = 0.05
"""Where a choice moves the figure by less, the next one is tried."""
TRIES = 3
"""The two best candidates and then the whole turn."""
LENGTH_PRICE = 0.5
"""A candidate as long as the turn loses this part of the best drop, so that the fewest words win."""
DIGITS = 4
_EPSILON = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class StrongTurn:
    """A turn with strong calls: what was read, what came before (`memory`), and the figures of the calls."""

    text: NormalisedText
    role: int
    memory: Floats
    calls: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """A candidate for a call of a turn (None: the whole turn), the text without it, and what that was measured to do."""

    turn: int
    call: str
    candidate: Candidate | None
    rest: str
    without: float = 0.0
    drop: float = 0.0


def strong_calls(scored: TurnMood | TurnTone) -> dict[str, float]:
    """The calls of a turn that need evidence, with their figures."""
    if isinstance(scored, TurnTone):
        calls = {f"suspicion.{name}": v for name, v in scored.suspicions.items() if v >= SUSPECTED_AT_LEAST}
        return calls if scored.tone is None or scored.tone > COLD_AT_MOST else {"tone": scored.tone, **calls}
    calls = {f"risk.{name}": v for name, v in scored.risks.items() if v >= RISKY_AT_LEAST}
    if scored.emotion is Emotion.ABUSIVE:
        calls = {"abusive": scored.probabilities[Emotion.ABUSIVE], **calls}
    strong = scored.polarity is not None and abs(scored.polarity) >= STRONG_POLARITY
    return {"polarity": scored.polarity, **calls} if strong and scored.polarity is not None else calls


class EvidenceFinder:
    """Finds evidence for many turns at once, so that what must be encoded again is encoded in one batch."""

    def __init__(self, encoder: TurnEncoder, head: DialogueHead, manifest: Manifest) -> None:
        self._encoder = encoder
        self._head = head
        self._manifest = manifest

    def find(self, turns: Sequence[StrongTurn], read: Mapping[str, ReadText]) -> list[tuple[CallEvidence, ...]]:
        """The evidence of every call of every turn, same order; `read` saves encoding what was encoded just now."""
        seen = {**read, **self._encoder.read([turn.text.text for turn in turns if turn.text.text not in read])}
        ranked = [self._rank(turn, seen[turn.text.text]) for turn in turns]
        best: dict[tuple[int, str], _Trial] = {}
        for rank in range(TRIES):
            trials = [
                _trial(turns, at, call, row[rank] if rank < min(len(row), TRIES - 1) else None)
                for at, rows in enumerate(ranked)
                for call, row in rows.items()
                if (at, call) not in best or best[at, call].drop < WEAK_DROP
            ]
            for trial in self._measured(turns, trials):
                key = (trial.turn, trial.call)
                if key not in best or trial.drop > best[key].drop:
                    best[key] = trial
        return [tuple(_evidence(turn, best[at, call]) for call in turn.calls) for at, turn in enumerate(turns)]

    def _rank(self, turn: StrongTurn, read: ReadText) -> dict[str, list[Candidate]]:
        """For each call the candidates, the most promising first."""
        found = candidates(turn.text.text, read.offsets)
        if not found:
            return {call: [] for call in turn.calls}
        vectors = read.vectors_without([(c.first, c.last) for c in found])
        without = self._head.alternatives(vectors, turn.role, turn.memory)
        lengths = np.array([c.end - c.start for c in found]) / len(turn.text.text)
        ranked = {}
        for call, value in turn.calls.items():
            drops = np.sign(value) * (
                _log_odds(call, value) - _log_odds(call, figure_of(call, without, self._manifest))
            )
            drops = -drops if call == "tone" else drops
            worth = np.round(drops - LENGTH_PRICE * np.abs(drops).max() * lengths, 2)
            ranked[call] = [found[at] for at in np.argsort(-worth, kind="stable")[: TRIES - 1]]
        return ranked

    def _measured(self, turns: Sequence[StrongTurn], trials: Sequence[_Trial]) -> list[_Trial]:
        """The trials with the figure that the turn really has without the words."""
        vectors = self._encoder.encode([trial.rest for trial in trials])
        measured = []
        for trial, vector in zip(trials, vectors, strict=True):
            turn = turns[trial.turn]
            logits = self._head.alternatives(vector[np.newaxis], turn.role, turn.memory)
            value = round(float(figure_of(trial.call, logits, self._manifest)[0]), DIGITS)
            measured.append(replace(trial, without=value, drop=_drop(trial.call, turn.calls[trial.call], value)))
        return measured


def _trial(turns: Sequence[StrongTurn], at: int, call: str, candidate: Candidate | None) -> _Trial:
    text = turns[at].text.text
    rest = "" if candidate is None else (text[: candidate.start] + text[candidate.end :]).strip()
    return _Trial(turn=at, call=call, candidate=candidate, rest=rest)


def _drop(call: str, value: float, without: float) -> float:
    """How far the call moved towards not being made."""
    moved = value - without
    return -moved if call == "tone" or value < 0 else moved


def _evidence(turn: StrongTurn, trial: _Trial) -> CallEvidence:
    value = turn.calls[trial.call]
    if trial.drop <= 0:
        return CallEvidence(call=trial.call, start=None, end=None, value=value, value_without=None)
    first, last = (0, len(turn.text.text)) if trial.candidate is None else (trial.candidate.start, trial.candidate.end)
    span = turn.text.to_original(first, last)
    without = trial.without if trial.rest else None
    return CallEvidence(call=trial.call, start=span.start, end=span.end, value=value, value_without=without)


def _log_odds(call: str, value: float | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of the share that a figure is, so that a sure call still tells its words apart."""
    share = np.clip((np.asarray(value) + 1) / 2 if call == "polarity" else value, _EPSILON, 1 - _EPSILON)
    odds: npt.NDArray[np.float64] = np.log(share / (1 - share))
    return odds
