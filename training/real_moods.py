"""What the served model makes of real customers' turns, beside what labellers made of them, 250 of them twice.

python -m training.real_moods --data FOLDER

FOLDER holds the published sets, which are for research: they measure, and no weight learns from them. `real_moods.tsv` names
turns by set, chat and turn and says what their customers feel by `training/corpus/LABELLING.md`: `first` were drawn by chance
and showed what the model of before got wrong (ADR 33), so they are not unseen; `fresh` were labelled afterwards,
`later` after those; both were measured with what is shipped once it was made, and chose nothing. The labellers are language
models, blind to the model and to each other.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_service.domain.mood import TurnMood
from qa_service.mood import load_mood_model
from qa_service.normalise import ConversationNormaliser
from training.agreement import kappa
from training.corpus_reader import EMOTIONS, RISKS
from training.evaluate import calibration_error, confusion, macro_f1, wilson
from training.evaluate_mood import CALLED_AT, MODELS
from training.labelled_turns import SIGN_OF_EMOTION
from training.real_chats import real_chats

LABELS = Path(__file__).parent / "real_moods.tsv"


@dataclass(frozen=True, slots=True)
class RealTurn:
    """What labellers say of one customer turn: `second` is the second one's emotion, None where one labelled alone."""

    key: str
    emotion: str
    risks: frozenset[str]
    second: str | None


def main() -> None:
    """Print a line a set, then each draw's figures and its confusion matrix."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    drawn = real_turns()
    moods = _moods(parser.parse_args().data, {turn.key for turns in drawn.values() for turn in turns})
    for draw, turns in drawn.items():
        for name in sorted({_set_of(turn) for turn in turns}):
            print(f"{draw} {name:11s}", figures_of([turn for turn in turns if _set_of(turn) == name], moods))
        print(f"{draw} {'all':11s}", figures_of(turns, moods))
        print(_details(turns, moods))


def real_turns(path: Path = LABELS) -> dict[str, list[RealTurn]]:
    """The labelled turns by draw, in file order: `draw TAB set-chat/turn TAB emotion TAB risks or - TAB second emotion or -`.

    Raises:
        ValueError: a line has a label that the guide has not; the message names the line.
    """
    drawn: dict[str, list[RealTurn]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        draw, key, emotion, risks, second = line.split("\t")
        turn = RealTurn(key, emotion, frozenset(risks.split(",")) - {"-"}, None if second == "-" else second)
        if unknown := {turn.emotion, turn.second or emotion} - set(EMOTIONS) | turn.risks - set(RISKS):
            raise ValueError(f"{path.name}:{number}: {', '.join(sorted(unknown))} is no label of the guide")
        drawn.setdefault(draw, []).append(turn)
    return drawn


def _moods(folder: Path, keys: set[str]) -> dict[str, TurnMood]:
    """What the model says of these turns, each scored with all that was said before it."""
    model, normaliser = load_mood_model(MODELS, threads=2), ConversationNormaliser()
    asked = {key.partition("/")[0] for key in keys}
    chats = [
        normaliser.normalise(chat)
        for found in real_chats(folder).values()
        for chat in found
        if chat.external_id in asked
    ]
    return {
        f"{chat.conversation.external_id}/{turn.turn_id}": turn
        for chat, mood in zip(chats, model.score(chats), strict=True)
        for turn in mood.turns
    }


def _set_of(turn: RealTurn) -> str:
    return turn.key.partition("-")[0]


def figures_of(turns: Sequence[RealTurn], moods: Mapping[str, TurnMood]) -> str:
    """How often the sentiment is right, with its interval; macro-F1 of sentiment and emotion. `moods` has one a turn."""
    truth, called = [t.emotion for t in turns], [_called(moods[t.key]) for t in turns]
    right = sum(map(_same_sign, truth, called))
    low, high = wilson(right, len(turns)) or (0.0, 1.0)
    sentiment = macro_f1([_sign(e) + 1 for e in truth], [_sign(e) + 1 for e in called], 3)
    emotion = macro_f1([EMOTIONS.index(e) for e in truth], [EMOTIONS.index(e) for e in called], len(EMOTIONS))
    return (
        f"n {len(turns):4d}, sentiment right {right / len(turns):.3f} [{low:.3f}, {high:.3f}], "
        f"macro-F1 {sentiment:.3f}, emotion {emotion:.3f}"
    )


def _details(turns: Sequence[RealTurn], moods: Mapping[str, TurnMood]) -> str:
    said = [moods[turn.key] for turn in turns]
    error = calibration_error(
        [m.confidence or 0.0 for m in said], [t.emotion == m.emotion for t, m in zip(turns, said, strict=True)]
    )
    twice = [(t.emotion, t.second) for t in turns if t.second]
    agreed = kappa(*zip(*twice, strict=True)) if twice else None
    there, named, called = (
        sum(len(t.risks) for t in turns),
        sum(m.risks.get(risk, 0) >= CALLED_AT for t, m in zip(turns, said, strict=True) for risk in t.risks),
        sum(probability >= CALLED_AT for m in said for probability in m.risks.values()),
    )
    rows = confusion([EMOTIONS.index(t.emotion) for t in turns], [EMOTIONS.index(_called(m)) for m in said], 6)
    return "\n".join(
        [
            f"  calibration error {error:.3f}; risk signals: {there} there, {called} called, {named} right"
            + (f"; labelled twice {len(twice)}, kappa {agreed:.3f}" if agreed is not None else ""),
            f"  {'truth, called':14s}" + "".join(f"{name:>13s}" for name in EMOTIONS),
            *(f"  {name:14s}" + "".join(f"{n:13d}" for n in row) for name, row in zip(EMOTIONS, rows, strict=True)),
        ]
    )


def _called(mood: TurnMood) -> str:
    """A turn of which the model says nothing counts as neutral."""
    return str(mood.emotion or "neutral")


def _same_sign(one: str, other: str) -> bool:
    return _sign(one) == _sign(other)


def _sign(emotion: str) -> int:
    return SIGN_OF_EMOTION.get(emotion, -1)


if __name__ == "__main__":
    main()
