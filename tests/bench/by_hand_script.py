"""What one would write without the service: a pipeline call a turn, a loop over patterns, an insert a row.

PYTHON -m tests.bench.by_hand_script CHATS.jsonl PATTERNS.json POSTGRESQL-URL   (PYTHON has torch, transformers, psycopg)

Prints the seconds as JSON, without the start: the model is loaded and has run once. The weights are those that the service
serves, in float32; the class head on top is untrained, which does not change the time.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import psycopg
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast, pipeline

from training.served_weights import load_served

MODEL = Path("models/mood")
MAX_TOKENS = 128


def main(chats: Path, patterns_file: Path, url: str) -> None:
    """Work all chats off."""
    bert = load_served(MODEL).encoder.bert
    model = BertForSequenceClassification(bert.config)
    model.bert.load_state_dict(bert.state_dict(), strict=False)  # which has no pooling layer
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(MODEL / "tokenizer.json"), pad_token="<pad>", model_max_length=MAX_TOKENS
    )
    classify = pipeline("text-classification", model=model.eval(), tokenizer=tokenizer, device="cpu")
    patterns = {name: re.compile(text) for name, text in json.loads(patterns_file.read_text(encoding="utf-8")).items()}
    classify("好", truncation=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE moods (chat text, turn int, label text, score float)")
        connection.execute("CREATE TABLE hits (chat text, turn int, pattern text, first int, last int)")
        started = time.perf_counter()
        for row in chats.open(encoding="utf-8"):
            chat = json.loads(row)
            for number, turn in enumerate(chat["turns"]):
                text, name = turn["text"], chat["external_id"]
                best = classify(text, truncation=True)[0]
                values = (name, number, best["label"], best["score"])
                connection.execute("INSERT INTO moods VALUES (%s, %s, %s, %s)", values)
                if turn["role"] == "agent":
                    for pattern, regex in patterns.items():
                        for hit in regex.finditer(text):
                            found = (name, number, pattern, *hit.span())
                            connection.execute("INSERT INTO hits VALUES (%s, %s, %s, %s, %s)", found)
        print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
