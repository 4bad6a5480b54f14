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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
import yaml
from spacy.matcher import PhraseMatcher

from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.domain.text import NormalisedConversation
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine, load_packs, load_policies
from qa_service.settings import load_settings
from tests.bench.__main__ import SEED, TURNS, generated
from training.corpus_reader import read_corpus

NO_MOOD = ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="not part of this measurement")
SIZES = (10_000, 100_000)
CHATS = 100
PATTERNS = 1_000
ROUNDS = 3


def main() -> None:
    """Print one table. CPU time of this process, each rate the best of three rounds."""
    chats = {
        "samples, shuffled": list(generated(CHATS, is_distinct=False)),
        "samples, no text twice": list(generated(CHATS, is_distinct=True)),
    }
    normalised = {name: [ConversationNormaliser().normalise(chat) for chat in found] for name, found in chats.items()}
    texts = [turn.text.text for chat in normalised["samples, no text twice"] for turn in chat.turns]
    for name, found in chats.items():
        rate = _rate(lambda found=found: [ConversationNormaliser().normalise(chat) for chat in found], CHATS * TURNS)
        print(f"normalising, {name:24s} {rate:9,.0f} turns/s")
    for size in (0, *SIZES):
        _engine_lines(size, normalised)
    for size in SIZES:
        _others(phrases(size), texts)


def phrases(count: int) -> list[str]:
    """Different words of two to six characters, drawn from what the corpus says: as common as a word list can be."""
    rng = random.Random(SEED)
    chars = [char for chat in read_corpus() for turn in chat.turns for char in turn.text if "一" <= char <= "鿿"]
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(rng.choice(chars) for _ in range(rng.choice((2, 3, 3, 4, 4, 5, 6))))] = None
    return list(found)


def _engine_lines(size: int, chats: dict[str, list[NormalisedConversation]]) -> None:
    started = time.process_time()
    engine = _engine(phrases(size) if size else [])
    built = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"shipped packs + {size:,} phrases: built in {built:.1f} s, peak of the process {memory:.0f} MiB")
    for name, found in chats.items():
        rate = _rate(lambda found=found: _inspect(engine, found), CHATS * TURNS)
        each = sorted(_each(engine, found))
        p50, p99 = each[len(each) // 2], each[len(each) * 99 // 100]
        print(f"  {name:24s} {rate:9,.0f} turns/s  a turn p50 {1e6 * p50:.0f} µs, p99 {1e6 * p99:.0f} µs")


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
            "id": "bench.list", "version": 1, "title": "list", "severity": "minor", "status": "advisory",
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
    """Seconds a turn, by chat."""
    for chat in chats:
        started = time.process_time()
        engine.inspect(chat, NO_MOOD, ())
        yield (time.process_time() - started) / len(chat.turns)


def _others(words: Sequence[str], texts: Sequence[str]) -> None:
    """The same phrases, found and nothing else: no guard, no evasion, no explanation."""
    zh: Any = spacy.blank("zh")
    matcher = PhraseMatcher(zh.vocab)
    started = time.process_time()
    matcher.add("list", [zh.make_doc(word) for word in words])
    built = time.process_time() - started
    rate = _rate(lambda: [matcher(zh.make_doc(text)) for text in texts], len(texts))
    print(f"spaCy PhraseMatcher, {len(words):,}: built in {built:.1f} s, {rate:,.0f} turns/s")
    started = time.process_time()
    together = re.compile("|".join(map(re.escape, words)))
    built = time.process_time() - started
    few = texts[:100]
    rate = _rate(lambda: [together.findall(text) for text in few], len(few))
    print(f"re, one alternation, {len(words):,}: built in {built:.1f} s, {rate:,.0f} turns/s")
    compiled = [re.compile(re.escape(word)) for word in words[:PATTERNS]]
    rate = _rate(lambda: [[one.findall(text) for one in compiled] for text in few], len(few))
    print(f"re, a loop over {PATTERNS:,} of {len(words):,} patterns: {rate:,.0f} turns/s")


def _rate(run: Callable[[], object], count: int) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        started = time.process_time()
        run()
        best = min(best, time.process_time() - started)
    return count / best


if __name__ == "__main__":
    main()
