"""Masks whole conversations and all that quotes them. Owns no key: the originals are given to whoever keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa_service.domain.conversation import Conversation
from qa_service.domain.finding import Finding
from qa_service.domain.inspection import Inspection
from qa_service.domain.personal_data import MaskedConversation, Original, PersonalSpan
from qa_service.domain.rule_explanation import (
    AgentExplanation,
    ConditionExplanation,
    Evidence,
    Measured,
    RuleExplanation,
    TurnExplanation,
)
from qa_service.normalise.personal_data.attributes import find_in_attribute
from qa_service.normalise.personal_data.find import find_personal_data
from qa_service.normalise.personal_data.mask import mask_spans
from qa_service.normalise.personal_data.quotes import Secrets, hide, hide_in

MASKED_BY = 1
"""Version of the finders: what a later one finds more can be masked again."""


class PersonalDataMasker:
    """The finders of this package as the workflows use them."""

    version = MASKED_BY

    def mask(self, conversation: Conversation) -> MaskedConversation:
        """Mask the texts of the turns and the values of the attributes. Ids and agents' names stay."""
        originals: list[Original] = []
        turns = []
        for position, turn in enumerate(conversation.turns):
            spans = find_personal_data(turn.text)
            originals += _originals(position, turn.text, spans)
            turns.append(replace(turn, text=mask_spans(turn.text, spans)) if spans else turn)
        attributes = {}
        for name, value in conversation.attributes.items():
            spans = find_in_attribute(name, value)
            originals += _originals(name, value, spans)
            attributes[name] = mask_spans(value, spans)
        if originals:
            conversation = replace(conversation, turns=tuple(turns), attributes=attributes)
        return MaskedConversation(conversation=conversation, originals=tuple(originals), masked_by=self.version)

    def mask_inspection(self, conversation: Conversation, inspection: Inspection) -> Inspection:
        """The result with its quotes of `conversation`, which is not masked, masked as the conversation will be."""
        quotes = _Quotes.of(self.mask(conversation))
        if not quotes.secrets:
            return inspection
        return replace(inspection, findings=tuple(quotes.in_finding(finding) for finding in inspection.findings))

    def mask_explanation(self, conversation: Conversation, explanation: RuleExplanation) -> RuleExplanation:
        """The same for the explanation of a rule."""
        quotes = _Quotes.of(self.mask(conversation))
        return quotes.in_explanation(explanation) if quotes.secrets else explanation

    def mask_comment(self, text: str, originals: Sequence[Original]) -> str:
        """What a person wrote about a conversation, without what points to a person, whether quoted from it or not."""
        return hide(text, Secrets((original.text, _blank(original.text)) for original in originals))


class _Quotes:
    """The secrets of one conversation, and its masked turns by id."""

    def __init__(self, secrets: Secrets, texts: dict[str, str]) -> None:
        self.secrets, self.texts = secrets, texts

    @classmethod
    def of(cls, hidden: MaskedConversation) -> _Quotes:
        """Read from a masked conversation."""
        turns = hidden.conversation.turns
        places: dict[int | str, str] = {
            **{position: turn.text for position, turn in enumerate(turns)},
        }
        places.update(hidden.conversation.attributes)
        pairs = [(o.text, places[o.place][o.start : o.start + len(o.text)]) for o in hidden.originals]
        return cls(Secrets(pairs), {str(turn.id): turn.text for turn in turns})

    def in_finding(self, finding: Finding) -> Finding:
        return replace(
            finding,
            text=self._slice(finding.turn_id, finding.start, finding.end, finding.text),
            explanation=hide_in(finding.explanation, self.secrets),
        )

    def in_explanation(self, explanation: RuleExplanation) -> RuleExplanation:
        return replace(
            explanation,
            reasons=tuple(hide(reason, self.secrets) for reason in explanation.reasons),
            turns=tuple(self._turn(turn) for turn in explanation.turns),
            agents=tuple(self._agent(agent) for agent in explanation.agents),
        )

    def _turn(self, turn: TurnExplanation) -> TurnExplanation:
        return replace(
            turn,
            text=self.texts.get(turn.turn_id, turn.text)
            if len(self.texts.get(turn.turn_id, "")) == len(turn.text)
            else hide(turn.text, self.secrets),
            findings=tuple(self.in_finding(finding) for finding in turn.findings),
            condition=self._condition(turn.condition) if turn.condition else None,
        )

    def _agent(self, agent: AgentExplanation) -> AgentExplanation:
        return replace(
            agent,
            measured=tuple(self._measured(item) for item in agent.measured),
            parts=tuple(self._condition(part) for part in agent.parts),
        )

    def _condition(self, condition: ConditionExplanation) -> ConditionExplanation:
        return replace(
            condition,
            evidence=tuple(self._evidence(item) for item in condition.evidence),
            measured=tuple(self._measured(item) for item in condition.measured),
            parts=tuple(self._condition(part) for part in condition.parts),
        )

    def _evidence(self, item: Evidence) -> Evidence:
        text = self._slice(item.turn_id, item.start, item.end, item.text)
        return replace(item, text=text or "", cue=hide_in(item.cue, self.secrets))

    def _measured(self, item: Measured) -> Measured:
        return replace(item, value=hide_in(item.value, self.secrets), bound=hide(item.bound, self.secrets))

    def _slice(self, turn_id: str | None, start: int | None, end: int | None, quote: str | None) -> str | None:
        """The quote as the masked turn has it; one that is no plain piece of a turn is searched."""
        if quote is None or start is None or end is None:
            return quote if quote is None else hide(quote, self.secrets)
        piece = self.texts.get(str(turn_id), "")[start:end]
        return piece if len(piece) == len(quote) else hide(quote, self.secrets)


def _originals(place: int | str, text: str, spans: Sequence[PersonalSpan]) -> list[Original]:
    return [Original(place=place, start=span.start, text=text[span.start : span.end]) for span in spans]


def _blank(original: str) -> str:
    return "".join("*" if char.isalnum() else char for char in original)
