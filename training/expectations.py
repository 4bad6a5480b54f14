"""What the customer's mood usually does from start to end, by how it starts and what the trouble comes from.

Fitted from the labels of the train part; `training.export_mood` puts it beside the weights (`expectations.toml`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from training.corpus_reader import CAUSES, LabelledConversation

SENTIMENTS = ("negative", "neutral", "positive")
ANY, AGENT = "any", "agent"
PRIOR_CONVERSATIONS = 20
"""A cell is drawn to its row's mean as if it had this many more conversations of that mean (shrinkage)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The expected change of polarity and from how many conversations it comes."""

    change: float
    n: int


def fit(conversations: Iterable[LabelledConversation]) -> dict[str, dict[str, Cell]]:
    """Starting sentiment → cause (and `any`) → cell.

    The change is sign of the last labelled customer turn − sign of the first: polarity is P(positive) − P(negative), so
    a sure label is −1, 0 or 1. The cause `agent` has no cell of its own, and `any` leaves it out: what the agent spoilt
    is held against the change that others reach, else poor service would excuse itself.
    """
    rows: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for conversation in conversations:
        signs = [_sign(turn.polarity) for turn in conversation.turns if turn.polarity is not None]
        if len(signs) > 1 and conversation.cause != AGENT:
            rows[SENTIMENTS[signs[0] + 1]][conversation.cause].append(float(signs[-1] - signs[0]))
    return {sentiment: _row(rows[sentiment]) for sentiment in SENTIMENTS}


def _sign(polarity: float) -> int:
    return (polarity > 0) - (polarity < 0)


def _row(changes: Mapping[str, list[float]]) -> dict[str, Cell]:
    everything = [change for values in changes.values() for change in values]
    if not everything:
        return {}
    mean = fmean(everything)
    cells = {ANY: Cell(round(mean, 4), len(everything))}
    for cause in CAUSES:
        values = changes.get(cause, [])
        if cause != AGENT:
            shrunk = (sum(values) + PRIOR_CONVERSATIONS * mean) / (len(values) + PRIOR_CONVERSATIONS)
            cells[cause] = Cell(round(shrunk, 4), len(values))
    return cells


def as_toml(table: Mapping[str, Mapping[str, Cell]]) -> str:
    """The file that serving reads."""
    lines = [
        "# Written by training/expectations.py from the labels of the corpus' train part: the change of the customer's",
        "# polarity from the first to the last turn, and the number of conversations (n) behind it.",
    ]
    for sentiment, cells in table.items():
        lines += ["", f"[{sentiment}]"]
        lines += [f"{cause} = {{change = {cell.change}, n = {cell.n}}}" for cause, cell in cells.items()]
    return "\n".join(lines) + "\n"
