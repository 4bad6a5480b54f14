"""Compares the exported int8 model with the float network on the customers' turns of the test part.

python -m training.compare_int8 [TRAINING_FOLDER]        writes int8.json into the model folder
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer

from qa_service.mood import load_mood_model
from qa_service.mood.manifest import read_manifest
from training.corpus_reader import EMOTIONS, LabelledConversation
from training.dialogues import make_batch
from training.evaluate import macro_f1
from training.evaluate_mood import MODELS
from training.manifest_file import TOKENIZER
from training.model import MoodNet, load_net
from training.parts import corpus_part
from training.served import score_all
from training.train_mood import NET_FILE

MOST_BY_ROUNDING = 0.05
"""Mean difference of polarity: the served model's is below 0.01, and rounding to int8 explains no difference beyond this one."""


def main() -> None:
    """Print and store emotion macro-F1 of both and the difference of polarity. SystemExit where the network is another one."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/mood")
    test = corpus_part("test")
    net, tokenizer = load_net(folder / NET_FILE), Tokenizer.from_file(str(folder / TOKENIZER))
    manifest = read_manifest(MODELS / "mood")
    served = [row for pair in score_all(load_mood_model(MODELS, threads=2), test) for row in pair.customer]
    floats = [shares for c in test for shares in float_shares(net, tokenizer, c, manifest.temperature)]
    truth = [EMOTIONS.index(turn.emotion or "") for turn, _ in served]
    gaps = [abs((m.polarity or 0.0) - polarity(p)) for (_, m), p in zip(served, floats, strict=True)]
    guesses = [EMOTIONS.index(str(m.emotion)) for _, m in served]
    figures = {
        "revision": manifest.revision,
        "customer_turns": len(truth),
        "emotion_macro_f1_int8": round(macro_f1(truth, guesses, len(EMOTIONS)), 4),
        "emotion_macro_f1_float": round(macro_f1(truth, [int(p.argmax()) for p in floats], len(EMOTIONS)), 4),
        "polarity_mean_absolute_difference": round(sum(gaps) / len(gaps), 4),
        "polarity_largest_difference": round(max(gaps), 4),
    }
    text = json.dumps(figures, indent=1)
    print(text)
    refuse_another_network(folder, sum(gaps) / len(gaps))
    (MODELS / "mood" / "int8.json").write_text(text + "\n")


def refuse_another_network(folder: Path, mean_difference: float) -> None:
    """SystemExit where the polarities are further apart than rounding makes them."""
    if mean_difference > MOST_BY_ROUNDING:
        raise SystemExit(
            f"not stored: the polarity of {folder} is {mean_difference:.3f} from that of the served model on average, "
            f"more than {MOST_BY_ROUNDING}: it is not the network that was exported"
        )


@torch.no_grad()
def float_shares(
    net: MoodNet, tokenizer: Tokenizer, conversation: LabelledConversation, temperature: float
) -> list[torch.Tensor]:
    """The emotion shares (6,) of every labelled customer turn."""
    batch = make_batch([conversation], rng=None, augment_share=0.0)
    shares = torch.softmax(net(batch.texts, batch.roles, tokenizer)["emotion"][0] / temperature, -1)
    return [shares[i] for i, turn in enumerate(conversation.turns) if turn.emotion is not None]


def polarity(shares: torch.Tensor) -> float:
    """Satisfied minus all that is negative, −1…1, as the service computes it."""
    return float(shares[EMOTIONS.index("satisfied")] - shares[EMOTIONS.index("anxious") :].sum())


if __name__ == "__main__":
    main()
