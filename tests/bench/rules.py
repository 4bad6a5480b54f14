"""Turns a second of the rules with the shipped packs and with long word lists, beside other matchers on the same phrases.

python -m tests.bench.rules
"""

from __future__ import annotations

import gc
import random
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
import yaml
from spacy.matcher import PhraseMatcher

from qa_service.domain.conversation import Conversation, Role, Turn, TurnId
from qa_service.domain.finding import Finding
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.text import NormalisedConversation
from qa_service.normalise import ConversationNormaliser, cased_view, folded_view
from qa_service.rule_engine import PackRuleEngine, load_packs, load_policies
from qa_service.settings import load_settings
from tests.bench.__main__ import SEED
from training.corpus_reader import read_corpus

NO_MOOD = ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="not part of this measurement")
SIZES = (10_000, 100_000)
PATTERNS = 1_000
LIST_RULE = "bench.list"
ROUNDS = 3
WARM_UP, REPEATED = 20, 100


def main() -> None:
    """Print one table. CPU time of this process, each rate the best of three rounds over texts not seen before."""
    parts = _parts(list(_corpus()))
    count = sum(len(chat.turns) for chat in parts[0])
    print(f"{ROUNDS} x {len(parts[0])} chats, {count:,} turns, of the project's own corpus")
    each = (lambda part=part: [ConversationNormaliser().normalise(chat) for chat in part] for part in parts)
    print(f"normalising: {_rate(each, count):,.0f} turns/s")
    normalised = [[ConversationNormaliser().normalise(chat) for chat in part] for part in parts]
    ours = {size: _engine_lines(size, normalised) for size in (0, *SIZES)}
    first, last = SIZES
    print(f"growth from {first:,} to {last:,} phrases: {ours[first] / ours[last]:.2f} times")
    texts = [turn.text.text for chat in normalised[0] for turn in chat.turns][:2_000]
    for size in SIZES:
        _others(phrases(size), texts, ours[size])


def _corpus() -> Iterator[Conversation]:
    for chat in read_corpus():
        turns = tuple(
            Turn(id=TurnId(str(at)), role=Role(turn.role), text=turn.text, sender_id=turn.role)
            for at, turn in enumerate(chat.turns)
            if turn.role in ("customer", "agent")
        )
        yield Conversation(external_id=chat.id, turns=turns, language=chat.language)


def _parts(chats: Sequence[Conversation]) -> list[list[Conversation]]:
    """As many parts as rounds, of about the same size."""
    mixed = random.Random(SEED).sample(chats, len(chats))
    size = len(mixed) // ROUNDS
    return [mixed[at * size : (at + 1) * size] for at in range(ROUNDS)]


def phrases(count: int) -> list[str]:
    """Different words of two to six characters, drawn from what the corpus says: as common as a word list can be."""
    rng = random.Random(SEED)
    chars = [
        char
        for chat in read_corpus()
        for turn in chat.turns
        for char in folded_view(cased_view(turn.text)).text
        if "一" <= char <= "鿿"
    ]
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(rng.choice(chars) for _ in range(rng.choice((2, 3, 3, 4, 4, 5, 6))))] = None
    return list(found)


def _engine_lines(size: int, parts: Sequence[Sequence[NormalisedConversation]]) -> float:
    """Print what a list of this size costs; turns a second over texts not said before."""
    words = phrases(size) if size else []
    started = time.process_time()
    engine = _engine(words)
    built = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _inspect(engine, parts[0][:WARM_UP])
    rounds = [list(_each(engine, part[WARM_UP:])) for part in parts]
    rate = max(len(each) / sum(each) for each in rounds)
    each = sorted(taken for taken_in in rounds for taken in taken_in)
    p50, p99 = each[len(each) // 2], each[len(each) * 99 // 100]
    _inspect(engine, parts[0][:REPEATED])
    again = list(_each(engine, parts[0][:REPEATED]))
    print(
        f"shipped packs + {size:7,} phrases: {rate:9,.0f} turns/s, a turn p50 {1e6 * p50:.0f} µs, p99 {1e6 * p99:.0f} µs"
    )
    print(f"    texts that were said before: {len(again) / sum(again):,.0f} turns/s")
    found = sum(finding.rule_id == LIST_RULE and finding.turn_id is not None for finding in _findings(engine, parts[0]))
    turns = sum(len(chat.turns) for chat in parts[0])
    print(f"    findings of the list: {found / turns:.2f} a turn")
    print(f"    built in {built:.1f} s, peak of the process {memory:.0f} MiB", flush=True)
    return rate


def _findings(engine: PackRuleEngine, chats: Sequence[NormalisedConversation]) -> Iterator[Finding]:
    for chat in chats:
        yield from engine.inspect(chat, NO_MOOD, ())


def _engine(words: Sequence[str]) -> PackRuleEngine:
    rules = load_settings().rules_dir
    if not words:
        return PackRuleEngine(load_packs(rules), load_policies(rules / "policies"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "rules"
        shutil.copytree(rules, copy)
        (copy / "lists").mkdir(exist_ok=True)
        (copy / "lists" / "bench.txt").write_text("\n".join(words), encoding="utf-8")
        rule = {
            "id": LIST_RULE, "version": 1, "title": "list", "severity": "minor", "status": "advisory",
            "match": {"phrases_from": "bench.txt"}, "rationale": "a word list", "reference": "none",
            "examples": {"match": words[:2], "no_match": ["a", "b"]},
        }  # fmt: skip
        pack = {"pack": {"id": "bench", "version": 1, "language": "zh", "category": "abuse"}, "rules": [rule]}
        (copy / "zh" / "bench.yaml").write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
        return PackRuleEngine(load_packs(copy), load_policies(copy / "policies"))


def _inspect(engine: PackRuleEngine, chats: Sequence[NormalisedConversation]) -> None:
    for chat in chats:
        engine.inspect(chat, NO_MOOD, ())


def _each(engine: PackRuleEngine, chats: Sequence[NormalisedConversation]) -> Iterator[float]:
    """Seconds a turn, once for each turn of a chat."""
    for chat in chats:
        started = time.process_time()
        engine.inspect(chat, NO_MOOD, ())
        yield from [(time.process_time() - started) / len(chat.turns)] * len(chat.turns)


def _others(words: Sequence[str], texts: Sequence[str], ours: float) -> None:
    """The same phrases, found and nothing else: no guard, no evasion, no explanation; `ours` are our turns a second."""
    zh: Any = spacy.blank("zh")
    matcher = PhraseMatcher(zh.vocab)
    started = time.process_time()
    matcher.add("list", [zh.make_doc(word) for word in words])
    built = time.process_time() - started
    rate = _rate([lambda: [matcher(zh.make_doc(text)) for text in texts]] * ROUNDS, len(texts))
    print(f"spaCy PhraseMatcher, {len(words):,}: built in {built:.1f} s, {rate:,.0f} turns/s ({ours / rate:.2g} times)")
    started = time.process_time()
    together = re.compile("|".join(map(re.escape, words)))
    built = time.process_time() - started
    few = texts[:100]
    rate = _rate([lambda: [together.findall(text) for text in few]], len(few))
    print(f"re, one alternation, {len(words):,}: built in {built:.1f} s, {rate:,.0f} turns/s ({ours / rate:.2g} times)")
    compiled = [re.compile(re.escape(word)) for word in words[:PATTERNS]]
    rate = _rate([lambda: [[one.findall(text) for one in compiled] for text in few]], len(few))
    print(f"re, a loop over {PATTERNS:,} of {len(words):,} patterns: {rate:,.0f} turns/s ({ours / rate:.2g} times)")


def _rate(rounds: Iterable[Callable[[], object]], count: int) -> float:
    best = float("inf")
    for run in rounds:
        gc.collect()
        started = time.process_time()
        run()
        best = min(best, time.process_time() - started)
    return count / best


if __name__ == "__main__":
    main()
