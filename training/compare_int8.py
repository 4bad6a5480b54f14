"""Compares the exported int8 model with the float network on the test part.

python -m training.compare_int8 [TRAINING_FOLDER]        writes int8.json into the model folder
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer

from qa_service.domain.mood import ConversationMood
from qa_service.mood import load_mood_model
from qa_service.mood.interpret import interpret
from qa_service.mood.manifest import read_manifest
from qa_service.normalise import ConversationNormaliser
from training.dialogues import make_batch
from training.evaluate_mood import MODELS, emotion_f1, sentiment_f1
from training.export_mood import TOKENIZER
from training.model import load_net
from training.parts import corpus_part
from training.served import ScoredPair, as_conversation, pair_up, score_all
from training.train_mood import NET_FILE


def main() -> None:
    """Print and store macro-F1 of both and the difference of polarity."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/mood")
    test = corpus_part("test")
    served = score_all(load_mood_model(MODELS, threads=2), test)
    net, tokenizer = load_net(folder / NET_FILE), Tokenizer.from_file(str(folder / TOKENIZER))
    manifest = read_manifest(MODELS / "mood")
    floats: list[ScoredPair] = []
    for conversation in test:
        batch = make_batch([conversation], rng=None, augment_share=0.0)
        with torch.no_grad():
            logits = {name: value[0].numpy() for name, value in net(batch.texts, batch.roles, tokenizer).items()}
        normalised = ConversationNormaliser().normalise(as_conversation(conversation))
        floats.append(pair_up(conversation, interpret(normalised, logits, manifest)))
    gaps = [abs(a - b) for x, y in zip(served, floats, strict=True) for a, b in _polarities(x.mood, y.mood)]
    figures = {
        "revision": manifest.revision,
        "emotion_macro_f1_int8": round(emotion_f1(served), 4),
        "emotion_macro_f1_float": round(emotion_f1(floats), 4),
        "sentiment_macro_f1_int8": round(sentiment_f1(served), 4),
        "sentiment_macro_f1_float": round(sentiment_f1(floats), 4),
        "polarity_mean_absolute_difference": round(sum(gaps) / len(gaps), 4),
        "polarity_largest_difference": round(max(gaps), 4),
    }
    text = json.dumps(figures, indent=1)
    print(text)
    (MODELS / "mood" / "int8.json").write_text(text + "\n")


def _polarities(one: ConversationMood, other: ConversationMood) -> list[tuple[float, float]]:
    pairs = zip(one.turns, other.turns, strict=True)
    return [(a.polarity, b.polarity) for a, b in pairs if a.polarity is not None and b.polarity is not None]


if __name__ == "__main__":
    main()
