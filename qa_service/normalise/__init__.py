"""Stage 2: a conversation with each turn folded, every folded character knowing where it came from."""

from qa_service.normalise.conversation import ConversationNormaliser, language_of, normalise_turn
from qa_service.normalise.fold import PERCENT, cased_view, compact_char, compact_view, folded_view
from qa_service.normalise.mask import mask
from qa_service.normalise.personal_data import PersonalDataMasker
from qa_service.normalise.plain import english_words, plain_view

__all__ = [
    "PERCENT",
    "ConversationNormaliser",
    "PersonalDataMasker",
    "cased_view",
    "compact_char",
    "compact_view",
    "english_words",
    "folded_view",
    "language_of",
    "mask",
    "normalise_turn",
    "plain_view",
]
