"""Ways of finding violations on the labelled set, in one run: word list, normalising word filter, regular expressions, ours.

The first three are made of the packs' own words and patterns, as a shop would make them without a rule engine; ours stands
there without the mood model, as they do, and with it, as it is shipped. Totals only.

python -m tests.rules.side_by_side
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

import re2

from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine import RuleSet, load_packs
from qa_service.rule_engine.nodes.base import Node
from qa_service.rule_engine.nodes.logic import Or
from qa_service.rule_engine.nodes.regex import Regex
from qa_service.rule_engine.nodes.words import AnyWord
from qa_service.rule_wiring import build_rule_engine, mood_model
from qa_service.settings import load_settings
from tests.rules.accuracy import CATEGORIES, chat_of, found, items

Finder = Callable[[str, str], set[str]]
"""(language, text) → categories."""
WORDS_ALONE = ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="the other ways have no model either")
LISTED, SHIPPED = "word list", "ours with the model"


def main() -> None:
    """One line a way and language."""
    settings = load_settings()
    rules, engine = load_packs(settings.rules_dir), build_rule_engine(settings)
    model = mood_model(settings)
    words = words_of(rules)
    ways: dict[str, Finder] = {
        LISTED: _word_list(words),
        "normalising word filter": _word_filter(words),
        "regular expressions": _recognisers(rules, words),
    }
    for language in ("zh", "en"):
        chosen = [item for item in items() if item["language"] == language]
        said = {name: [way(language, item["agent"]) for item in chosen] for name, way in ways.items()}
        chats = [chat_of(item) for item in chosen]
        said["ours"] = [found(engine, chat, WORDS_ALONE)[0] for chat in chats]
        said[SHIPPED] = [found(engine, chat, mood)[0] for chat, mood in zip(chats, model.score(chats), strict=True)]
        print(f"{language}: {len(chosen)} turns")
        for name, hits in said.items():
            print(f"  {name:24s} {_figures(chosen, hits)}")
        for name in ("ours", SHIPPED):
            print(f"  banned words, undisguised, {name}: {_banned_words(chosen, said[LISTED], said[name])}")


def _terms(rules: RuleSet) -> dict[int, str]:
    return {each.term_id: each.term.text for owners in rules.scanner.automata[0].owners for each in owners}


def _alternatives(node: Node | None) -> Iterator[Node]:
    """The conditions of which one alone is a violation; what needs another beside it is none for a list."""
    if isinstance(node, Or):
        for child in node.nodes:
            yield from _alternatives(child)
    elif node is not None:
        yield node


def words_of(rules: RuleSet) -> dict[tuple[str, str], set[str]]:
    """Language and category → banned words."""
    terms, words = _terms(rules), dict[tuple[str, str], set[str]]()
    for rule in rules.rules:
        for node in _alternatives(rule.node):
            if isinstance(node, AnyWord):
                for language in rule.languages:
                    words.setdefault((language, rule.category), set()).update(terms[each] for each in node.term_ids)
    return words


def _of(language: str, by_category: Mapping[tuple[str, str], Callable[[str], bool]], text: str) -> set[str]:
    return {category for (lang, category), holds in by_category.items() if lang == language and holds(text)} & set(
        CATEGORIES
    )


def _word_list(words: Mapping[tuple[str, str], set[str]]) -> Finder:
    """A word is in the text as it was sent."""
    tests = {key: re.compile("|".join(map(re.escape, sorted(found)))).search for key, found in words.items()}
    holds = {key: (lambda text, test=test: test(text) is not None) for key, test in tests.items()}
    return lambda language, text: _of(language, holds, text)


def _word_filter(words: Mapping[tuple[str, str], set[str]]) -> Finder:
    """As houbb/sensitive-word with its switches on: case, width, number style, traditional, signs and repeats are ignored.

    Latin words are whole ones, as its `englishWordMatch` has them.
    """
    tests = {
        key: re.compile(
            "|".join(sorted(rf"\b{word}\b" if word.isascii() else word for word in map(_folded, found)))
        ).search
        for key, found in words.items()
    }
    holds = {key: (lambda text, test=test: test(text) is not None) for key, test in tests.items()}
    return lambda language, text: _of(language, holds, _folded(text))


_BESIDE_HAN = re.compile(r"(?<![a-z0-9]) | (?![a-z0-9])")


def _folded(text: str) -> str:
    """Signs and repeated characters gone, and spaces that do not stand between Latin words."""
    folded = "".join(char for char in folded_view(cased_view(text)).text if char.isalnum() or char == " ")
    return "".join(char for char, _ in groupby(_BESIDE_HAN.sub("", folded)))


def _recognisers(rules: RuleSet, words: Mapping[tuple[str, str], set[str]]) -> Finder:
    """As Presidio's pattern recognisers: patterns without regard to case, words with word edges."""
    options = re2.Options()
    options.case_sensitive = False
    sources = {
        key: [rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in found]
        for key, found in words.items()
    }
    for rule in rules.rules:
        for node in _alternatives(rule.node):
            if isinstance(node, Regex):
                for language in rule.languages:
                    source = rules.scanner.patterns[node.pattern_id].source
                    sources.setdefault((language, rule.category), []).append(source)
    compiled = {key: [re2.compile(source, options) for source in found] for key, found in sources.items()}
    holds = {
        key: (lambda text, found=found: any(one.search(text) is not None for one in found))
        for key, found in compiled.items()
    }
    return lambda language, text: _of(language, holds, text)


def _figures(chosen: list, hits: list[set[str]]) -> str:
    pairs = [(set(item["labels"]), called) for item, called in zip(chosen, hits, strict=True)]
    right = sum(len(truth & called) for truth, called in pairs)
    false = sum(len(called - truth) for truth, called in pairs)
    missed = sum(len(truth - called) for truth, called in pairs)
    hidden = [
        set(item["labels"]) <= called for item, called in zip(chosen, hits, strict=True) if item["kind"] == "evasion"
    ]
    f1 = 2 * right / (2 * right + false + missed)
    return (
        f"precision {right / max(right + false, 1):.3f}  recall {right / (right + missed):.3f}  F1 {f1:.3f}"
        f"  evasions found {sum(hidden)}/{len(hidden)} = {sum(hidden) / len(hidden):.3f}"
    )


def _banned_words(chosen: list, listed: list[set[str]], hits: list[set[str]]) -> str:
    """Of the plain violations in which a banned word of their category stands as it is: how many are reported."""
    reported = [
        category in called
        for item, found_words, called in zip(chosen, listed, hits, strict=True)
        if item["kind"] == "plain"
        for category in set(item["labels"]) & found_words
    ]
    return f"{sum(reported)}/{len(reported)} = {sum(reported) / len(reported):.4f} reported"


if __name__ == "__main__":
    main()
