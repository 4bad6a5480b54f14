"""What the customer's mood usually does from start to end, by how it starts and what the trouble comes from.

Fitted to what the served model itself says of the train parts, so that changes are held against changes on the same scale.
`python -m training.expectations [--out models/mood]` writes `expectations.toml` beside the weights and renews the manifest;
`training.export_mood` ends with it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.mood_curve import SOURING
from qa_service.mood import OnnxMoodModel, load_mood_model
from qa_service.mood.manifest import EXPECTATIONS
from qa_service.normalise import ConversationNormaliser
from training.collect_verdicts import ReviewedConversation
from training.corpus_reader import CAUSES, LabelledConversation
from training.manifest_file import renew_manifest
from training.ordinary_chats import ordinary_chats
from training.parts import corpus_part
from training.served import as_conversation

SENTIMENTS = ("negative", "neutral", "positive")
ANY, AGENT = "any", "agent"
PRIOR_CONVERSATIONS = 20
"""A cell is drawn to its row's mean as if it had this many more conversations of that mean (shrinkage)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The expected change of polarity and from how many conversations it comes: a sum of probabilities of the cause."""

    change: float
    n: float


def fit(moods: Iterable[ConversationMood]) -> dict[str, dict[str, Cell]]:
    """Starting sentiment → cause (and `any`) → cell, of chats whose agents are not to blame.

    A chat counts for each cause as much as the model believes in it. The cause `agent` has no cell of its own: what the
    agent spoilt is held against the change that others reach, else poor service would excuse itself.
    """
    rows: dict[str, list[tuple[float, Mapping[str, float]]]] = {sentiment: [] for sentiment in SENTIMENTS}
    for mood in moods:
        scored = [turn for turn in mood.turns if turn.polarity is not None]
        if mood.status is MoodStatus.COMPLETE and len(scored) > 1 and mood.shift is not None:
            rows[str(scored[0].sentiment)].append((mood.shift, mood.causes))
    return {sentiment: _row(changes) for sentiment, changes in rows.items()}


def _row(changes: list[tuple[float, Mapping[str, float]]]) -> dict[str, Cell]:
    # where no chat begins like this no change is expected; serving looks every beginning up
    mean = fmean(change for change, _ in changes) if changes else 0.0
    cells = {ANY: Cell(round(mean, 4), len(changes))}
    for cause in CAUSES:
        if cause != AGENT:
            n = sum(causes.get(cause, 0.0) for _, causes in changes)
            total = sum(change * causes.get(cause, 0.0) for change, causes in changes)
            shrunk = (total + PRIOR_CONVERSATIONS * mean) / (n + PRIOR_CONVERSATIONS)
            cells[cause] = Cell(round(shrunk, 4), round(n, 1))
    return cells


def as_toml(table: Mapping[str, Mapping[str, Cell]]) -> str:
    """The file that serving reads."""
    lines = [
        "# Written by training/expectations.py: what the model says of the train parts, chats with blameless agents; the change of",
        "# the customer's polarity from the first to the last turn, and how many conversations (n) stand behind it.",
    ]
    for sentiment, cells in table.items():
        lines += ["", f"[{sentiment}]"]
        lines += [f"{cause} = {{change = {cell.change}, n = {cell.n}}}" for cause, cell in cells.items()]
    return "\n".join(lines) + "\n"


def blameless(part: str) -> list[LabelledConversation | ReviewedConversation]:
    """The corpus' conversations whose trouble is not the agent's, and ordinary chats without a souring agent turn."""
    corpus = [chat for chat in corpus_part(part) if chat.cause != AGENT]
    ordinary = [chat for chat in ordinary_chats(part) if not any(_sours(turn.categories) for turn in chat.turns)]
    return [*corpus, *ordinary]


def _sours(categories: Mapping[str, bool]) -> bool:
    return any(categories.get(label, False) for label in SOURING)


def moods_of(
    model: OnnxMoodModel, chats: Iterable[LabelledConversation | ReviewedConversation]
) -> list[ConversationMood]:
    """What the model says of each."""
    normaliser = ConversationNormaliser()
    return model.score([normaliser.normalise(as_conversation(chat)) for chat in chats])


def put_expectations(folder: Path) -> float:
    """Fit the expectations of a model on the train parts, put them beside it, renew its manifest.

    Returns:
        The mean change of the dev parts' chats beyond what is expected of them: near 0 where the fit holds.
    """
    table = fit(moods_of(load_mood_model(folder.parent, name=folder.name, threads=2), blameless("train")))
    (folder / EXPECTATIONS).write_text(as_toml(table))
    renew_manifest(folder)
    moods = moods_of(load_mood_model(folder.parent, name=folder.name, threads=2), blameless("dev"))
    return fmean(m.shift - m.expected_change for m in moods if m.shift is not None and m.expected_change is not None)


def main() -> None:
    """Fit the expectations of `--out`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("models/mood"))
    print(f"dev parts: mean change beyond the expected {put_expectations(parser.parse_args().out):+.4f}")


if __name__ == "__main__":
    main()
