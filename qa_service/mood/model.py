"""The served mood model: prepare → infer → interpret, many conversations in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.text import NormalisedConversation
from qa_service.mood.infer import DialogueHead, Floats, TurnEncoder
from qa_service.mood.interpret import interpret
from qa_service.mood.manifest import Manifest, read_manifest
from qa_service.mood.prepare import prepare


class OnnxMoodModel:
    """Implements the port `MoodModel` with the committed weights."""

    def __init__(self, manifest: Manifest, *, threads: int) -> None:
        self.revision = manifest.revision
        self._manifest = manifest
        self._encoder = TurnEncoder(manifest, threads=threads)
        self._head = DialogueHead(manifest)

    def score(self, conversations: Sequence[NormalisedConversation]) -> list[ConversationMood]:
        """One mood a conversation; turns of all are encoded together, each distinct text once.

        A language that the model does not know gives `unavailable`, stated so.
        """
        prepared = [prepare(c) if c.language in self._manifest.languages else None for c in conversations]
        vectors = self._encoder.encode([text for p in prepared if p is not None for text in p.texts])
        moods, at = [], 0
        for conversation, inputs in zip(conversations, prepared, strict=True):
            if inputs is None:
                moods.append(self._unknown_language(conversation))
                continue
            logits = self._head.run(vectors[at : at + len(inputs.texts)], inputs.roles)
            at += len(inputs.texts)
            moods.append(interpret(conversation, logits, self._manifest))
        return moods

    def encode(self, texts: Sequence[str]) -> Floats:
        """N texts → (n, width) float32, same order, rows of length 1 ('' stays all zeros); shares the cache of `score`."""
        vectors = self._encoder.encode(texts)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Floats = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
        return unit

    def _unknown_language(self, conversation: NormalisedConversation) -> ConversationMood:
        known = ", ".join(self._manifest.languages)
        reason = f"language {conversation.language} is not one that the model knows ({known})"
        return ConversationMood(status=MoodStatus.UNAVAILABLE, reason=reason)


def load_mood_model(models_dir: Path, *, name: str = "mood", threads: int) -> OnnxMoodModel:
    """Load `models/<name>`.

    Raises:
        ConfigError: a file is missing or is not the one of the manifest.
    """
    return OnnxMoodModel(read_manifest(models_dir / name), threads=threads)
