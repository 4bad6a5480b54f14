"""Logits → shares, and the figure of a call for many alternatives of a turn at once. Arithmetic only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from qa_service.domain.mood import Emotion
from qa_service.mood.manifest import Manifest

Floats = npt.NDArray[np.float32]
Shares = npt.NDArray[np.float64]
Logits = Mapping[str, Floats]

POSITIVE = (Emotion.SATISFIED,)
NEGATIVE = (Emotion.ANXIOUS, Emotion.DISAPPOINTED, Emotion.ANGRY, Emotion.ABUSIVE)
CATEGORY_OF_LABEL = {
    "dismissive": "dismissive",
    "abuse": "abuse",
    "promise": "unauthorized_promise",
    "off_platform": "off_platform",
    "review": "review_inducement",
    "absolute": "absolute_claim",
    "privacy": "privacy",
}
"""The model's labels and the findings' categories; `commit`, a promise within policy, is learnt but is no suspicion."""
_LABEL_OF_CATEGORY = {category: label for label, category in CATEGORY_OF_LABEL.items()}


def figure_of(call: str, logits: Logits, manifest: Manifest) -> Shares:
    """(n,): the figure that `call` names (`polarity`, `abusive`, `risk.<signal>`, `tone`, `suspicion.<category>`).

    Args:
        call: as in `domain.mood.CallEvidence`.
        logits: (n, k) by output.
        manifest: column labels and temperature.
    """
    kind, _, name = call.partition(".")
    if kind == "tone":
        return sigmoid(logits["tone"])[:, 0]
    if kind == "risk":
        return sigmoid(logits["risk"])[:, manifest.labels["risk"].index(name)]
    if kind == "suspicion":
        return sigmoid(logits["category"])[:, manifest.labels["category"].index(_LABEL_OF_CATEGORY[name])]
    shares = softmax(logits["emotion"] / manifest.temperature)
    columns = {Emotion(label): shares[:, at] for at, label in enumerate(manifest.labels["emotion"])}
    if kind == "abusive":
        return columns[Emotion.ABUSIVE]
    return _total(columns, POSITIVE) - _total(columns, NEGATIVE)


def _total(columns: Mapping[Emotion, Shares], emotions: Sequence[Emotion]) -> Shares:
    total: Shares = np.sum([columns[emotion] for emotion in emotions], axis=0)
    return total


def softmax(logits: Floats) -> Shares:
    """Over the last axis."""
    powers = np.exp((logits - logits.max(axis=-1, keepdims=True)).astype(np.float64))
    shares: Shares = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def sigmoid(logits: Floats) -> Shares:
    """Each by itself."""
    shares: Shares = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return shares
