"""What the workflows need to mask personal data and to keep its originals, as protocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from qa_service.domain.conversation import Conversation
from qa_service.domain.inspection import Inspection
from qa_service.domain.personal_data import MaskedConversation, Original
from qa_service.domain.rule_explanation import RuleExplanation


class Masker(Protocol):
    """Finds personal data and masks it in its own length: every offset holds on both forms."""

    def mask(self, conversation: Conversation) -> MaskedConversation:
        """Mask a conversation; `unmask` of what comes out is what went in."""

    def mask_inspection(self, conversation: Conversation, inspection: Inspection) -> Inspection:
        """Mask what a result quotes of `conversation`, which is given unmasked."""

    def mask_explanation(self, conversation: Conversation, explanation: RuleExplanation) -> RuleExplanation:
        """The same for the explanation of a rule."""

    def mask_comment(self, text: str, originals: Sequence[Original]) -> str:
        """Mask what a person wrote about a conversation with these originals."""


class PersonalDataStore(Protocol):
    """A part of `ports.Repository`."""

    def originals(self, conversation_id: str) -> tuple[Original, ...]:
        """What the masks of the newest revision stand for; raises NotFound, Unavailable (`personal_data_sealed`)."""

    def mask_stored(self, masks: Masker, *, limit: int) -> int:
        """Mask up to `limit` revisions that were stored before masking, and what quotes them; how many there were."""

    def reseal(self, *, limit: int) -> int:
        """Seal up to `limit` originals of older keys with the newest; how many there were. Raises Unavailable."""

    def sealed_with(self) -> frozenset[str]:
        """The ids of all keys that originals are sealed with."""
