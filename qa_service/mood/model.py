"""The served mood model: many conversations in one batch, or one turn by turn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qa_service.domain.conversation import Conversation
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.text import NormalisedConversation
from qa_service.errors import ConfigError, ErrorCode
from qa_service.mood.evidence import EvidenceFinder
from qa_service.mood.infer import DialogueHead, Floats, TurnEncoder
from qa_service.mood.manifest import Manifest, read_manifest
from qa_service.mood.session import MoodSession, Parts, Reading, read_turns

CONVERSATIONS_A_BATCH = 64
"""The token states of a batch are held until its evidence is found: 64 chats of 14 turns are some 25 MB."""


class OnnxMoodModel:
    """Implements the port `MoodModel` with the committed weights."""

    def __init__(self, manifest: Manifest, *, threads: int) -> None:
        self.revision = manifest.revision
        encoder, head = TurnEncoder(manifest, threads=threads), DialogueHead(manifest)
        self._parts = Parts(
            manifest=manifest,
            encoder=encoder,
            head=head,
            finder=EvidenceFinder(encoder, head, manifest),
        )

    def score(self, conversations: Sequence[NormalisedConversation]) -> list[ConversationMood]:
        """One mood a conversation, same order.

        A stated language that the model does not know gives `unavailable`, stated so.
        """
        return [
            mood
            for at in range(0, len(conversations), CONVERSATIONS_A_BATCH)
            for mood in self._score(conversations[at : at + CONVERSATIONS_A_BATCH])
        ]

    def _score(self, conversations: Sequence[NormalisedConversation]) -> list[ConversationMood]:
        readings = [None if self._unknown(c.language) else Reading(self._parts) for c in conversations]
        known = [(r, c.conversation, c.turns) for r, c in zip(readings, conversations, strict=True) if r is not None]
        read_turns(self._parts, known)
        return [
            ConversationMood(status=MoodStatus.UNAVAILABLE, reason=self._unknown(conversation.language))
            if reading is None
            else reading.mood(conversation.conversation)
            for reading, conversation in zip(readings, conversations, strict=True)
        ]

    def open(self, conversation: Conversation, *, language: str) -> MoodSession:
        """A session for a live conversation, of which the turns are fed one by one."""
        return MoodSession(self._parts, conversation, self._unknown(language))

    def encode(self, texts: Sequence[str]) -> Floats:
        """N texts → (n, width) float32, same order, rows of length 1 ('' stays all zeros); shares the cache of `score`."""
        vectors = self._parts.encoder.encode(texts)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Floats = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
        return unit

    def cache_counts(self) -> tuple[int, int]:
        """Turns that were asked for, and those of them that were remembered."""
        return self._parts.encoder.cache_counts()

    def _unknown(self, language: str) -> str | None:
        """Why a stated language cannot be read, or None."""
        languages = self._parts.manifest.languages
        if language in languages:
            return None
        return f"language {language} is not one that the model knows ({', '.join(languages)})"


def load_mood_model(models_dir: Path, *, name: str = "mood", threads: int) -> OnnxMoodModel:
    """Load `models/<name>`.

    Raises:
        ConfigError: a file is missing, is not the one of the manifest, or is no model.
    """
    manifest = read_manifest(models_dir / name)
    try:
        return OnnxMoodModel(manifest, threads=threads)
    except Exception as error:  # what onnxruntime and tokenizers raise has no common class
        raise ConfigError(f"model {name} cannot be loaded: {error}", code=ErrorCode.INVALID_MODEL) from error
