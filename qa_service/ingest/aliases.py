"""The words that tables and plain text use for roles and kinds. JSON takes none of them."""

from __future__ import annotations

from collections.abc import Mapping

from qa_service.domain.conversation import Role, TurnKind

_ROLE_WORDS = {
    Role.AGENT: ("客服", "坐席", "座席", "商家", "agent", "staff"),
    Role.CUSTOMER: ("客户", "买家", "顾客", "访客", "customer", "user", "buyer"),
    Role.BOT: ("机器人", "bot"),
    Role.SYSTEM: ("系统", "system"),
}
_KIND_WORDS = {
    TurnKind.TEXT: ("文本", "文字", "text"),
    TurnKind.IMAGE: ("图片", "image"),
    TurnKind.AUDIO: ("语音", "音频", "audio"),
    TurnKind.CARD: ("卡片", "card"),
    TurnKind.FILE: ("文件", "file"),
    TurnKind.RECALL: ("撤回", "recall"),
}
ROLE_ALIASES: Mapping[str, str] = {word: role.value for role, words in _ROLE_WORDS.items() for word in words}
KIND_ALIASES: Mapping[str, str] = {word: kind.value for kind, words in _KIND_WORDS.items() for word in words}


def generic_word(word: str, aliases: Mapping[str, str]) -> str:
    """The generic format's word for `word`, or `word` itself for the reader to refuse."""
    return aliases.get(word.strip().lower(), word)
