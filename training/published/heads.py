"""Small heads on the served, frozen encoder: a causal dialogue head for rated dialogues, logistic regression for texts.

Beside them a regression over the texts' characters alone, as the sets' floors have it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from training.model import ROLES
from training.published.features import Encoded, Floats

PASSES = 20
PATIENCE = 4
BATCH = 16
UNRATED = -100


@dataclass(frozen=True, slots=True)
class Example:
    """An encoded dialogue and its targets: (T,) class numbers, `UNRATED` where there is none, or one number of the whole."""

    encoded: Encoded
    targets: Tensor


class RatingHead(nn.Module):
    """B padded dialogues of up to T turns → `outputs` numbers a turn; turn t sees turns ≤ t only, so padding is never seen."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.role = nn.Embedding(len(ROLES), 16)
        self.norm = nn.LayerNorm(width)
        self.memory = nn.GRU(width + 16, 128, batch_first=True)
        self.out = nn.Sequential(nn.Dropout(0.3), nn.Linear(128 + width, 128), nn.GELU(), nn.Linear(128, outputs))

    def forward(self, vectors: Tensor, roles: Tensor) -> Tensor:
        """(B, T, H) and (B, T) → (B, T, outputs)."""
        normed = self.norm(vectors)
        memory, _ = self.memory(torch.cat([normed, self.role(roles)], -1))
        return self.out(torch.cat([memory, normed], -1))

    def of(self, examples: Sequence[Example]) -> list[Tensor]:
        """(T, outputs) a dialogue."""
        vectors = pad_sequence([example.encoded.vectors for example in examples], batch_first=True)
        roles = pad_sequence([example.encoded.roles for example in examples], batch_first=True)
        rows = self(vectors, roles)
        return [row[: len(example.encoded.roles)] for row, example in zip(rows, examples, strict=True)]


Loss = Callable[[Tensor, Tensor], Tensor]
"""(T, outputs) and the targets of one dialogue → a number."""


def train_head(
    train: Sequence[Example], dev: Sequence[Example], *, outputs: int, loss_of: Loss, seed: int
) -> RatingHead:
    """The head of the pass with the lowest loss on `dev`."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    head = RatingHead(train[0].encoded.vectors.shape[1], outputs)
    optimiser = torch.optim.AdamW(head.parameters(), lr=1e-3, weight_decay=0.01)
    best, best_state, since = float("inf"), head.state_dict(), 0
    for _ in range(PASSES):
        head.train()
        order = rng.sample(list(train), len(train))
        for part in _batches(order):
            loss = _losses(head, part, loss_of).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        head.eval()
        with torch.no_grad():
            score = float(torch.cat([_losses(head, part, loss_of) for part in _batches(dev)]).mean())
        since += 1
        if score < best:
            best, since = score, 0
            best_state = {name: value.clone() for name, value in head.state_dict().items()}
        if since >= PATIENCE:
            break
    head.load_state_dict(best_state)
    return head.eval()


def _losses(head: RatingHead, examples: Sequence[Example], loss_of: Loss) -> Tensor:
    rows = head.of(examples)
    return torch.stack([loss_of(row, example.targets) for row, example in zip(rows, examples, strict=True)])


def _batches(examples: Sequence[Example]) -> list[Sequence[Example]]:
    return [examples[at : at + BATCH] for at in range(0, len(examples), BATCH)]


def class_loss(weights: Tensor) -> Loss:
    """Cross entropy over the rated turns, classes weighted."""

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.cross_entropy(outputs, targets, weight=weights, ignore_index=UNRATED)

    return loss


def rating_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Squared error of the last turn's first output."""
    return (outputs[-1, 0] - targets) ** 2


def class_weights(examples: Sequence[Example], classes: int) -> Tensor:
    """Square root of the inverse frequency, mean 1."""
    seen = torch.cat([example.targets[example.targets != UNRATED] for example in examples])
    weights = (len(seen) / (torch.bincount(seen, minlength=classes) + 1)).sqrt()
    return weights / weights.mean()


@torch.no_grad()
def predict(head: RatingHead, examples: Sequence[Example]) -> list[Tensor]:
    """(T, outputs) a dialogue."""
    return [row for part in _batches(examples) for row in head.of(part)]


def characters(train: Sequence[str], *others: Sequence[str]) -> list[Any]:
    """Sparse rows of character 1- to 3-grams, of `train` and of each of `others`."""
    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    return [vectoriser.fit_transform(train), *(vectoriser.transform(texts) for texts in others)]


def class_probabilities(train: Any, classes: Sequence[int], test: Any) -> Floats:
    """Logistic regression over all classes; the (N, K) probabilities of `test`."""
    shares: Floats = LogisticRegression(max_iter=1000, class_weight="balanced").fit(train, classes).predict_proba(test)
    return shares


def linear_probabilities(train: Any, labels: Sequence[Sequence[int]], *others: Any) -> list[Floats]:
    """Logistic regression a label over (N, H) rows, dense or sparse; for each of `others` its probabilities (N, K)."""
    models = [
        LogisticRegression(max_iter=1000, class_weight="balanced").fit(train, [row[k] for row in labels])
        for k in range(len(labels[0]))
    ]
    return [np.stack([m.predict_proba(rows)[:, 1] for m in models], 1).astype(np.float32) for rows in others]
