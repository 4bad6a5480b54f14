"""Writes the English words by which disguised words and the language are told (`qa_service/normalise/english.txt`).

python -m training.english_words

They are those that stand at least twice in the undisguised turns of the project's own corpus, its test part included,
and of the labelled turns: which letters give a word is no label.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from training.corpus_reader import read_corpus
from training.labelled_turns import CUSTOMERS_DIR, TURNS_DIR

WORDS = Path(__file__).parents[1] / "qa_service" / "normalise" / "english.txt"
AT_LEAST = 2
_WORD = re.compile(r"(?<![^\W_])[a-z]{2,}(?![^\W_])")


def main() -> None:
    """Count, choose, write; one word a line in order."""
    counts = Counter(word for text in _texts() for word in set(_WORD.findall(text.lower())))
    words = sorted(word for word, count in counts.items() if count >= AT_LEAST)
    WORDS.write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words):,} words")


def _texts() -> Iterator[str]:
    for chat in read_corpus():
        if chat.language == "en":
            yield from (turn.text for turn in chat.turns)
    for path in (*TURNS_DIR.glob("en_*.jsonl"), *CUSTOMERS_DIR.glob("en_*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            if item.get("kind") != "evasion":
                yield item.get("agent") or item["customer"]


if __name__ == "__main__":
    main()
