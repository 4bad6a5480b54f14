"""Which conversations of the corpus train the model and which measure it. Needs no torch, so that tests can measure."""

from __future__ import annotations

import hashlib

from training.corpus_reader import LabelledConversation, read_corpus

ALL_TRAIN_FROM = 6000
"""Conversations numbered from here were written after the test part was fixed and measured: train only."""


def part_of(conversation_id: str) -> str:
    """`train`, `dev` or `test`, fixed for ever by the id (`zh-1042`): of the first corpus 15 % test, 10 % dev."""
    if int(conversation_id.rsplit("-", 1)[1]) >= ALL_TRAIN_FROM:
        return "train"
    bucket = int(hashlib.sha256(conversation_id.encode()).hexdigest(), 16) % 20
    if bucket < 3:
        return "test"
    return "dev" if bucket < 5 else "train"


def corpus_part(part: str) -> list[LabelledConversation]:
    """The conversations of one part, in the order of the files."""
    return [conversation for conversation in read_corpus() if part_of(conversation.id) == part]
