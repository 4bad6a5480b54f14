"""What the served model says of every turn of a published set: its vectors, and its own satisfaction so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from tqdm import tqdm

from qa_service.mood.infer import DialogueHead, TurnEncoder
from training.dialogues import model_text
from training.model import ROLES
from training.published.sets import RatedDialogue

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A dialogue of T turns: (T, H) vectors, (T,) role numbers, (T,) expected satisfaction 1…5 so far by the served head."""

    vectors: Tensor
    roles: Tensor
    satisfaction: Floats


def encode_texts(encoder: TurnEncoder, texts: Sequence[str], *, title: str) -> Floats:
    """N texts → (N, H)."""
    views = [model_text(text) for text in texts]
    parts = [encoder.encode(views[at : at + 512]) for at in tqdm(range(0, len(views), 512), desc=title, mininterval=10)]
    return np.concatenate(parts)


def encode_dialogues(
    encoder: TurnEncoder, head: DialogueHead, dialogues: Sequence[RatedDialogue], *, title: str
) -> list[Encoded]:
    """One `Encoded` a dialogue, same order."""
    vectors = encode_texts(encoder, [turn.text for d in dialogues for turn in d.turns], title=title)
    encoded, at = [], 0
    for dialogue in dialogues:
        own = vectors[at : at + len(dialogue.turns)]
        at += len(dialogue.turns)
        roles = [ROLES.index(turn.role) for turn in dialogue.turns]
        shares = torch.tensor(head.run(own, roles).logits["satisfaction"]).softmax(-1).numpy()
        encoded.append(Encoded(torch.tensor(own), torch.tensor(roles), shares @ np.arange(1, 6, dtype=np.float32)))
    return encoded
