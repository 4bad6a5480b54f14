"""Named groups of words of a pack and of a language's cues. Owns `$name` and what a word may be."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qa_service.rule_engine.lexicon import Lexicon
from qa_service.rule_engine.term import read_term
from qa_service.rule_engine.yaml_field import Field

_DEEPEST_GROUP = 10
_WIDE_COMMA = re.compile("[，、；]")


class Groups:
    """Reads word lists into term ids; a name is sought here, then in `outer`."""

    def __init__(self, entries: Mapping[str, Field], lexicon: Lexicon, outer: Groups | None = None) -> None:
        self._entries = entries
        self._lexicon = lexicon
        self._outer = outer

    def words(self, field: Field) -> frozenset[int]:
        """A word, a `$group`, or a list of them, as term ids.

        Raises:
            SourceError: an unknown group, a group within itself, a word given twice or one that nothing can match.
        """
        return self._read(field, 0)

    def named(self, name: str, field: Field) -> frozenset[int]:
        """The group of this name; `field` is where it is asked for."""
        return self._named(name, field, 0)

    def check(self) -> None:
        """Read every group, so that errors show in groups that no rule uses."""
        for name in self._entries:
            self.words(self._entries[name])

    def _read(self, field: Field, depth: int) -> frozenset[int]:
        for item in field.quoteless_items():
            if _WIDE_COMMA.search(item.text()):
                raise item.error(
                    f"{item.text()!r} is one word: a list is separated by ', '; quote it if it is meant as one"
                )
        found: set[int] = set()
        own: set[tuple[int, bool]] = set()
        for item in field.one_or_many():
            word = item.text()
            if word.startswith("$"):
                found |= self._named(word[1:], item, depth + 1)
                continue
            term = read_term(word)
            if term is None:
                raise item.error(f"{word!r} holds nothing that can be matched")
            # can't and can’t are one word, but many lists hold both.
            spelling = self._lexicon.add_term(term), "'" in word
            if spelling in own:
                raise item.error(f"{word!r} is given twice (letter case, width and script make no difference)")
            own.add(spelling)
        return frozenset(found | {term_id for term_id, _ in own})

    def _named(self, name: str, field: Field, depth: int) -> frozenset[int]:
        if depth > _DEEPEST_GROUP:
            raise field.error(f"${name} holds itself")
        if name in self._entries:
            return self._read(self._entries[name], depth)
        if self._outer is not None:
            return self._outer.named(name, field)
        raise field.error(f"no group is called ${name}; define it under terms: or in cues.yaml")
