"""Whether evidence is faithful: a strong call must lose more by its words than by as many words picked at random.

python -m training.faithfulness      prints one table over the bundled sample chats and the corpus' dev part
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from qa_service.domain.conversation import Conversation
from qa_service.domain.mood import CallEvidence, ConversationMood, TurnMood, TurnTone
from qa_service.ingest import read_path
from qa_service.mood import OnnxMoodModel, load_mood_model
from qa_service.normalise import ConversationNormaliser
from training.parts import corpus_part
from training.served import as_conversation

ROOT = Path(__file__).parent.parent
SEED = 1


@dataclass(frozen=True, slots=True)
class Removal:
    """One strong call: its figure, that without its words, and that without as many others (None: there are none)."""

    call: str
    value: float
    without: float | None
    at_random: float | None


def sample_chats() -> list[Conversation]:
    """The bundled ones."""
    items = [item for name in ("zh", "en") for item in read_path(ROOT / "samples" / f"{name}.jsonl")]
    return [item for item in items if isinstance(item, Conversation)]


def dev_chats() -> list[Conversation]:
    """The corpus' dev part."""
    return [as_conversation(labelled) for labelled in corpus_part("dev")]


def removals(model: OnnxMoodModel, chats: Sequence[Conversation]) -> list[Removal]:
    """One for each strong call; the text is cut and the conversation up to that turn scored anew."""
    normaliser, rng = ConversationNormaliser(), random.Random(SEED)
    moods = model.score([normaliser.normalise(chat) for chat in chats])
    calls = [(chat, *call) for chat, mood in zip(chats, moods, strict=True) for call in _calls(mood)]
    cuts = [cut for chat, turn, evidence in calls for cut in _cuts(chat, turn, evidence, rng)]
    rescored = iter(model.score([normaliser.normalise(cut) for cut in cuts]))
    found = []
    for chat, turn, evidence in calls:
        scored = [_figure(next(rescored), turn, evidence.call) for _ in _cuts(chat, turn, evidence, random.Random(0))]
        values = [*scored, None, None]
        found.append(Removal(evidence.call, evidence.value, values[0], values[1]))
    return found


def table(rows: Sequence[Removal]) -> dict[str, float | int]:
    """Share of calls that lose by their words, and mean losses; the random ones over calls that have other words."""
    losses = [loss(row, row.without) for row in rows]
    others = [(loss(row, row.without), loss(row, row.at_random)) for row in rows if row.at_random is not None]
    return {
        "n": len(rows),
        "lowered": round(fmean(value > 0 for value in losses), 4),
        "mean_loss": round(fmean(losses), 4),
        "n_with_other_words": len(others),
        "mean_loss_there": round(fmean(own for own, _ in others), 4),
        "mean_loss_at_random": round(fmean(other for _, other in others), 4),
    }


def loss(row: Removal, without: float | None) -> float:
    """How far the call moved towards not being made; 0 where no words were found."""
    if without is None:
        return 0.0
    moved = row.value - without
    return -moved if row.call == "tone" or row.value < 0 else moved


def _calls(mood: ConversationMood) -> Iterator[tuple[TurnMood | TurnTone, CallEvidence]]:
    for turn in (*mood.turns, *mood.tones):
        for evidence in turn.evidence:
            yield turn, evidence


def _cuts(
    chat: Conversation, scored: TurnMood | TurnTone, evidence: CallEvidence, rng: random.Random
) -> Iterator[Conversation]:
    """The conversation without the words, then without as many at random, where the turn has others."""
    if evidence.start is None or evidence.end is None:
        return
    at = next(i for i, turn in enumerate(chat.turns) if turn.id == scored.turn_id)
    text, size = chat.turns[at].text, evidence.end - evidence.start
    yield _without(chat, at, evidence.start, size)
    if size < len(text.strip()):
        yield _without(chat, at, rng.randrange(len(text) - size + 1), size)


def _without(chat: Conversation, at: int, start: int, size: int) -> Conversation:
    turn = chat.turns[at]
    cut = replace(turn, text=turn.text[:start] + turn.text[start + size :])
    return replace(chat, turns=(*chat.turns[:at], cut), language=chat.language)


def _figure(mood: ConversationMood, scored: TurnMood | TurnTone, call: str) -> float:
    """The figure of the call in the rescored conversation; 0 (tone: 0.5) where no text is left to judge."""
    turns: dict[str, TurnMood | TurnTone] = {turn.turn_id: turn for turn in (*mood.turns, *mood.tones)}
    turn, (kind, _, name) = turns[scored.turn_id], call.partition(".")
    if isinstance(turn, TurnTone):
        value = turn.tone if kind == "tone" else turn.suspicions.get(name)
    elif kind == "polarity":
        value = turn.polarity
    else:
        value = turn.probabilities.get("abusive") if kind == "abusive" else turn.risks.get(name)
    return (0.5 if kind == "tone" else 0.0) if value is None else value


def main() -> None:
    """Print the table."""
    model = load_mood_model(ROOT / "models", threads=2)
    sets = {"samples": sample_chats(), "dev": dev_chats()}
    print(json.dumps({name: table(removals(model, chats)) for name, chats in sets.items()}, indent=1))


if __name__ == "__main__":
    main()
