"""Agreement of two labellers over the same conversations: Cohen's kappa for classes, per flag, and Pearson for tone.

python -m training.agreement SECOND.txt
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Hashable, Sequence
from pathlib import Path

from training.corpus_reader import ACTS, CATEGORIES, RISKS, LabelledTurn, read_corpus, read_file


def kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Cohen's kappa (1960); None without rows or where chance agreement is complete."""
    n = len(first)
    if not n:
        return None
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    left, right = Counter(first), Counter(second)
    chance = sum(left[label] * right[label] for label in left) / (n * n)
    return None if chance == 1 else (observed - chance) / (1 - chance)


Rows = Sequence[tuple[Hashable, Hashable]]


def main() -> None:
    """Print one line a label."""
    for name, rows in label_pairs(Path(sys.argv[1])).items():
        value = kappa([a for a, _ in rows], [b for _, b in rows])
        same = sum(a == b for a, b in rows)
        print(f"{name:28s} kappa {'  –  ' if value is None else f'{value:.3f}'}  same {same}/{len(rows)}")


def label_pairs(path: Path) -> dict[str, Rows]:
    """First and second label of everything that `path` labels a second time, by label."""
    second = {c.id: c for c in read_file(path)}
    pairs = [(c, second[c.id]) for c in read_corpus() if c.id in second]
    turns = [(a, b) for first, other in pairs for a, b in zip(first.turns, other.turns, strict=True)]
    customer = [(a, b) for a, b in turns if a.emotion and b.emotion]
    agent = [(a, b) for a, b in turns if a.tone is not None and b.tone is not None]
    rows: dict[str, Rows] = {
        "sentiment": [(_sign(a), _sign(b)) for a, b in customer],
        "emotion": [(a.emotion, b.emotion) for a, b in customer],
        "abusive": [(a.emotion == "abusive", b.emotion == "abusive") for a, b in customer],
        "tone below 0.5": [((a.tone or 0) < 0.5, (b.tone or 0) < 0.5) for a, b in agent],
    }
    for names, those in ((RISKS, customer), (ACTS + CATEGORIES, agent)):
        rows.update({name: [(name in a.flags, name in b.flags) for a, b in those] for name in names})
    rows["satisfaction"] = [(a.satisfaction, b.satisfaction) for a, b in pairs]
    rows["cause"] = [(a.cause, b.cause) for a, b in pairs]
    return rows


def _sign(turn: LabelledTurn) -> int:
    polarity = turn.polarity or 0.0
    return (polarity > 0) - (polarity < 0)


if __name__ == "__main__":
    main()
