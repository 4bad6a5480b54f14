"""The project's own corpus as training batches: split, targets, augmentation."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

import torch
from torch import Tensor

from qa_service.normalise import cased_view, plain_view
from training.collect_verdicts import ReviewedConversation, ReviewedTurn
from training.corpus_reader import (
    ACTS,
    CATEGORIES,
    CAUSES,
    EMOTIONS,
    RISKS,
    LabelledConversation,
    LabelledTurn,
)
from training.labelled_turns import amid_chats
from training.model import ROLES

IGNORED = -100
AMID_SHARE = 0.5
"""Of the batches of single turns; the other half is read as chats that begin there."""
Chat = LabelledConversation | ReviewedConversation
Chats = Sequence[Chat]
AnyChat = TypeVar("AnyChat", LabelledConversation, ReviewedConversation)


@dataclass(frozen=True, slots=True)
class Batch:
    """B conversations of up to T turns. Targets are -100 (emotion, cause, satisfaction) or NaN (others) where there is none."""

    texts: list[list[str]]
    roles: Tensor
    lengths: Tensor
    targets: dict[str, Tensor]

    @property
    def is_whole(self) -> bool:
        """Conversations labelled throughout, none of them a single judged turn with what was before it."""
        return bool((self.targets["satisfaction"] != IGNORED).all())


def turn_text(turn: LabelledTurn | ReviewedTurn) -> str:
    """What the model reads of a turn, '' for what is not text."""
    return model_text(turn.text, is_agents=str(turn.role) == "agent") if turn.kind == "text" else ""


def model_text(text: str, *, is_agents: bool = False) -> str:
    """What the model reads of a text, as in serving, which leaves out placeholders and quotations first (`mood.prepare`)."""
    return plain_view(cased_view(text), is_agents=is_agents).text


def _is_whole(conversation: LabelledConversation | ReviewedConversation) -> TypeGuard[LabelledConversation]:
    return isinstance(conversation, LabelledConversation)


def make_batch(
    conversations: Chats,
    *,
    rng: random.Random | None,
    augment_share: float,
) -> Batch:
    """Tensors of some conversations; with `rng` texts are augmented and beginnings cut off at random."""
    turns = [_maybe_cut(c.turns, rng) for c in conversations]
    longest = max(len(t) for t in turns)
    shape = (len(turns), longest)
    targets = {
        "emotion": torch.full(shape, IGNORED, dtype=torch.long),
        "risk": torch.full((*shape, len(RISKS)), torch.nan),
        "tone": torch.full((*shape, 1), torch.nan),
        "act": torch.full((*shape, len(ACTS)), torch.nan),
        "category": torch.full((*shape, len(CATEGORIES)), torch.nan),
        "satisfaction": torch.tensor([c.satisfaction - 1 if _is_whole(c) else IGNORED for c in conversations]),
        "cause": torch.tensor([CAUSES.index(c.cause) if c.cause else IGNORED for c in conversations]),
    }
    roles = torch.full(shape, ROLES.index("system"))
    for row, conversation_turns in enumerate(turns):
        for column, turn in enumerate(conversation_turns):
            roles[row, column] = ROLES.index(turn.role)
            _fill_targets(targets, row, column, turn)
    texts = [[_training_text(turn, rng, augment_share) for turn in conversation_turns] for conversation_turns in turns]
    return Batch(texts, roles, torch.tensor([len(t) for t in turns]), targets)


def epoch_batches(
    corpus: Sequence[LabelledConversation],
    ordinary: Sequence[ReviewedConversation],
    single: Sequence[ReviewedConversation],
    *,
    conversations: int,
    turns: int,
    rng: random.Random,
    augment_share: float,
) -> Iterator[Batch]:
    """All chats once, shuffled and augmented by `rng`; a batch holds `conversations` of one kind, or `turns` with what was before.

    Half of the batches of single turns stand behind the beginning of one conversation, so that depth tells nothing.
    """
    steps: list[Chats] = [*_steps(corpus, conversations, rng), *_steps(ordinary, conversations, rng)]
    for step in _steps(single, turns, rng):
        amid = rng.random() < AMID_SHARE
        steps.append(amid_chats(step, _one_a_language(corpus, rng), rng) if amid else step)
    rng.shuffle(steps)
    for step in steps:
        yield make_batch(step, rng=rng, augment_share=augment_share)


def _steps(chats: Sequence[AnyChat], size: int, rng: random.Random) -> list[list[AnyChat]]:
    """All of them by chance, `size` at once."""
    mixed = rng.sample(chats, len(chats))
    return [mixed[at : at + size] for at in range(0, len(mixed), size)]


def _one_a_language(conversations: Sequence[LabelledConversation], rng: random.Random) -> list[LabelledConversation]:
    """One for a whole batch, which then encodes few turns more."""
    return list({c.language: c for c in rng.sample(conversations, len(conversations))}.values())


def _fill_targets(targets: dict[str, Tensor], row: int, column: int, turn: LabelledTurn | ReviewedTurn) -> None:
    if isinstance(turn, ReviewedTurn):
        _fill_reviewed(targets, row, column, turn)
        return
    if turn.emotion is not None:
        targets["emotion"][row, column] = EMOTIONS.index(turn.emotion)
        targets["risk"][row, column] = torch.tensor([float(r in turn.flags) for r in RISKS])
    if turn.tone is not None:
        targets["tone"][row, column] = turn.tone
        targets["act"][row, column] = torch.tensor([float(a in turn.flags) for a in ACTS])
        targets["category"][row, column] = torch.tensor([float(c in turn.flags) for c in CATEGORIES])


def _fill_reviewed(targets: dict[str, Tensor], row: int, column: int, turn: ReviewedTurn) -> None:
    """What a reviewer said; the rest stays unknown."""
    if turn.emotion is not None:
        targets["emotion"][row, column] = EMOTIONS.index(turn.emotion)
    for risk, is_there in turn.risks.items():
        targets["risk"][row, column, RISKS.index(risk)] = float(is_there)
    for label, is_there in turn.categories.items():
        targets["category"][row, column, CATEGORIES.index(label)] = float(is_there)


def _maybe_cut(
    turns: Sequence[LabelledTurn | ReviewedTurn], rng: random.Random | None
) -> Sequence[LabelledTurn | ReviewedTurn]:
    """Sometimes begin later, so that context is not always there; never in a reviewed chat, which may have one label alone."""
    if isinstance(turns[0], ReviewedTurn):
        return turns
    if rng is None or rng.random() > 0.15 or len(turns) < 6:
        return turns
    return turns[rng.randrange(1, len(turns) // 2) :]


PADDING = ("亲 ", "你好 ", "您好，", "那个 ", "hi ", "Hello, ", "um ")
PICTURES = "📦📱📷🚚🕒👀🤔✉🏠🔢"
"""Pictures that feel nothing; the model must not read a mood into any emoji."""


def _training_text(turn: LabelledTurn | ReviewedTurn, rng: random.Random | None, share: float) -> str:
    """The text, augmented unless nothing is known of the turn: what many chats have before them is encoded once."""
    is_context = isinstance(turn, ReviewedTurn) and not (turn.emotion or turn.risks or turn.categories)
    return turn_text(turn) if is_context else _augmented(turn_text(turn), rng, share)


def _augmented(text: str, rng: random.Random | None, share: float) -> str:
    if rng is None or len(text) < 4 or rng.random() > share:
        return text
    at = rng.randrange(1, len(text) - 1)
    return rng.choice(
        (
            text[:at] + text[at + 1 :],  # a character lost
            text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :],  # two swapped
            text[: at + 1] + text[at] + text[at + 1 :],  # one typed twice
            "".join(c for c in text if c.isalnum() or c.isspace()) or text,  # no punctuation
            text.lower(),
            rng.choice(PADDING) + text,
            text + rng.choice(PICTURES),
        )
    )
