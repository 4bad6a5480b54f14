"""Why a rule hits a conversation, and why not. The mood of a stored result is read, not computed anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qa_service.domain.conversation import Conversation
from qa_service.domain.rule_explanation import RuleExplanation
from qa_service.workflows.inspect_conversation import Inspector
from qa_service.workflows.personal_data import original_of
from qa_service.workflows.ports import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExplainer:
    """Explains the rules in force; the words it quotes are masked."""

    inspector: Inspector

    def explain(self, conversation: Conversation, rule_id: str) -> RuleExplanation:
        """Explain a conversation that is not stored. Raises NotFound for an unknown rule."""
        (inspection,) = self.inspector.inspect([conversation])
        normalised = self.inspector.normaliser.normalise(conversation)
        explained = self.inspector.rules.explain(rule_id, normalised, inspection.mood, inspection.agents)
        return self.inspector.masker.mask_explanation(conversation, explained)

    def explain_stored(self, conversation_id: str, rule_id: str, unit_of_work: UnitOfWork) -> RuleExplanation:
        """Explain a stored conversation under the rules of today.

        Raises:
            NotFound: no such conversation or rule.
            TextErased: there is no text to hold the rule against.
            NotPermitted: somebody out of scope spoke in it, whom the rule judges too.
        """
        with unit_of_work(is_read_only=True) as repository:
            repository.get(conversation_id).require_all_agents()
            stored = repository.whole.get(conversation_id)
            stored.require_text()
            conversation = original_of(repository.whole, stored)
        if stored.inspection is None:
            return self.explain(conversation, rule_id)
        normalised = self.inspector.normaliser.normalise(conversation)
        explained = self.inspector.rules.explain(rule_id, normalised, stored.inspection.mood, stored.inspection.agents)
        made_with, today = stored.inspection.provenance, self.inspector.rules
        is_of_result = (made_with.rules_digest, made_with.policy_digest) == (today.rules_digest, today.policy_digest)
        masked = self.inspector.masker.mask_explanation(conversation, explained)
        return replace(masked, is_of_result=is_of_result)
