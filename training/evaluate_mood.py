"""Evaluates the served model on the fixed test part, beside its baselines, and prints one table.

python -m training.evaluate_mood [--write]        --write stores the figures in the model's folder
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qa_service.mood import load_mood_model
from qa_service.mood.interpret import CATEGORY_OF_LABEL
from training import baselines
from training.corpus_reader import ACTS, CAUSES, EMOTIONS, RISKS, LabelledTurn
from training.dialogues import turn_text
from training.evaluate import auc, calibration_error, class_f1, confusion, macro_f1, wilson
from training.parts import corpus_part
from training.served import ScoredPair, score_all

MODELS = Path(__file__).parent.parent / "models"
SIGNS = (-1, 0, 1)
RESAMPLES = 1000
CALLED_AT = 0.5


def main() -> None:
    """Print the table; with --write also store `metrics.json` beside the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    model = load_mood_model(MODELS, threads=2)
    pairs = score_all(model, corpus_part("test"))
    report = evaluate(pairs)
    report["baselines"] = evaluate_baselines(pairs)
    print(json.dumps(report, ensure_ascii=False, indent=1))
    if args.write:
        path = MODELS / "mood" / "metrics.json"
        path.write_text(json.dumps({"revision": model.revision, **report}, ensure_ascii=False, indent=1) + "\n")


def evaluate(pairs: Sequence[ScoredPair]) -> dict[str, Any]:
    """All figures of the model, with n and, for the headline ones, the 95 % bootstrap interval over conversations."""
    customer = [row for pair in pairs for row in pair.customer]
    return {
        "n": {
            "conversations": len(pairs),
            "customer_turns": len(customer),
            "agent_turns": sum(len(p.agent) for p in pairs),
        },
        "sentiment_macro_f1": _with_interval(pairs, sentiment_f1),
        "emotion_macro_f1": _with_interval(pairs, emotion_f1),
        "by_language": {
            language: {
                "sentiment_macro_f1": sentiment_f1([p for p in pairs if p.labelled.language == language]),
                "emotion_macro_f1": emotion_f1([p for p in pairs if p.labelled.language == language]),
            }
            for language in ("zh", "en")
        },
        "emotion_f1": _emotion_table(customer),
        "emotion_confusion": {"labels": EMOTIONS, "rows_are_truth": confusion(*_emotions(customer), len(EMOTIONS))},
        "abusive": _precision_recall([(t.emotion == "abusive", m.emotion == "abusive") for t, m in customer]),
        "calibration_error": calibration_error(
            [m.confidence or 0.0 for _, m in customer], [t.emotion == m.emotion for t, m in customer]
        ),
        "tone_auc": _with_interval(pairs, tone_auc),
        "risks": {name: _flag([(name in t.flags, m.risks[name]) for t, m in customer]) for name in RISKS},
        "acts": {name: _flag([(name in t.flags, s.acts[name]) for p in pairs for t, s in p.agent]) for name in ACTS},
        "suspicions": {
            category: _flag([(label in t.flags, s.suspicions[category]) for p in pairs for t, s in p.agent])
            for label, category in CATEGORY_OF_LABEL.items()
        },
        "suspicion_micro_f1": _with_interval(pairs, suspicion_f1),
        "satisfaction": _satisfaction(pairs),
        "cause": cause_figures(pairs),
    }


def evaluate_baselines(pairs: Sequence[ScoredPair]) -> dict[str, Any]:
    """Sentiment (and emotion) macro-F1 of each baseline on the same test turns."""
    train = [turn for c in corpus_part("train") for turn in c.turns if turn.emotion is not None]
    test = [turn for pair in pairs for turn, _ in pair.customer]
    train_texts, test_texts = [turn_text(t) for t in train], [turn_text(t) for t in test]
    train_signs, truth = [_sign(t) for t in train], [_sign(t) for t in test]
    guesses = {
        "majority": baselines.majority(train_signs, test_texts),
        "lexicon": baselines.lexicon(test_texts),
        "tfidf": baselines.tfidf(train_texts, train_signs, test_texts),
    }
    report: dict[str, Any] = {name: {"sentiment_macro_f1": _signed_f1(truth, signs)} for name, signs in guesses.items()}
    zh = [turn for pair in pairs if pair.labelled.language == "zh" for turn, _ in pair.customer]
    report["snownlp (zh only)"] = {
        "sentiment_macro_f1": _signed_f1([_sign(t) for t in zh], baselines.snownlp([turn_text(t) for t in zh]))
    }
    emotions = [EMOTIONS.index(t.emotion or "neutral") for t in train]
    emotion_truth = [EMOTIONS.index(t.emotion or "neutral") for t in test]
    signs, moods = baselines.frozen_encoder(train_texts, [train_signs, emotions], test_texts)
    report["frozen base encoder"] = {
        "sentiment_macro_f1": _signed_f1(truth, signs),
        "emotion_macro_f1": round(macro_f1(emotion_truth, moods, len(EMOTIONS)), 4),
    }
    by_tfidf = baselines.tfidf(train_texts, emotions, test_texts)
    report["tfidf"]["emotion_macro_f1"] = round(macro_f1(emotion_truth, by_tfidf, len(EMOTIONS)), 4)
    return report


def sentiment_f1(pairs: Sequence[ScoredPair]) -> float:
    """Macro-F1 over negative, neutral, positive."""
    rows = [row for pair in pairs for row in pair.customer]
    order = ("negative", "neutral", "positive")
    return macro_f1([_sign(t) + 1 for t, _ in rows], [order.index(str(m.sentiment)) for _, m in rows], 3)


def emotion_f1(pairs: Sequence[ScoredPair]) -> float:
    """Macro-F1 over the six emotions."""
    return macro_f1(*_emotions([row for pair in pairs for row in pair.customer]), len(EMOTIONS))


def tone_auc(pairs: Sequence[ScoredPair]) -> float:
    """How well tone separates cold and hostile turns (labelled ≤ 0.25) from the others."""
    rows = [row for pair in pairs for row in pair.agent]
    value = auc([(t.tone or 0.0) > 0.25 for t, _ in rows], [s.tone or 0.0 for _, s in rows])
    return float("nan") if value is None else value


def suspicion_f1(pairs: Sequence[ScoredPair]) -> float:
    """Micro-F1 over agent turns and categories: single categories are too rare in the test part to compare two models by."""
    rows = [
        (label in turn.flags, tone.suspicions[category] >= CALLED_AT)
        for pair in pairs
        for turn, tone in pair.agent
        for label, category in CATEGORY_OF_LABEL.items()
    ]
    there, called = sum(t for t, _ in rows), sum(c for _, c in rows)
    return 2 * sum(t and c for t, c in rows) / (there + called) if there + called else float("nan")


def _sign(turn: LabelledTurn) -> int:
    polarity = turn.polarity or 0.0
    return (polarity > 0) - (polarity < 0)


def _signed_f1(truth: Sequence[int], guesses: Sequence[int]) -> float:
    return round(macro_f1([SIGNS.index(t) for t in truth], [SIGNS.index(g) for g in guesses], 3), 4)


def _emotions(rows: Sequence[tuple[LabelledTurn, Any]]) -> tuple[list[int], list[int]]:
    return [EMOTIONS.index(t.emotion or "") for t, _ in rows], [EMOTIONS.index(str(m.emotion)) for _, m in rows]


def _emotion_table(rows: Sequence[tuple[LabelledTurn, Any]]) -> dict[str, float | None]:
    matrix = confusion(*_emotions(rows), len(EMOTIONS))
    return {name: _rounded(class_f1(matrix, i)) for i, name in enumerate(EMOTIONS)}


def _precision_recall(rows: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    hit = sum(t and g for t, g in rows)
    called, there = sum(g for _, g in rows), sum(t for t, _ in rows)
    return {
        "n": there,
        "precision": _rounded(hit / called if called else None),
        "recall": _rounded(hit / there if there else None),
        "recall_interval": [round(bound, 4) for bound in wilson(hit, there) or ()],
    }


def _flag(rows: Sequence[tuple[bool, float]]) -> dict[str, Any]:
    area = auc([t for t, _ in rows], [p for _, p in rows])
    return {**_precision_recall([(t, p >= CALLED_AT) for t, p in rows]), "auc": _rounded(area)}


def _satisfaction(pairs: Sequence[ScoredPair]) -> dict[str, float | int]:
    truth = [float(p.labelled.satisfaction) for p in pairs]
    guesses = [p.mood.satisfaction or 0.0 for p in pairs]
    n = len(pairs)
    mean_t, mean_g = sum(truth) / n, sum(guesses) / n
    covariance = sum((t - mean_t) * (g - mean_g) for t, g in zip(truth, guesses, strict=True))
    spread = (sum((t - mean_t) ** 2 for t in truth) * sum((g - mean_g) ** 2 for g in guesses)) ** 0.5
    error = sum(abs(t - g) for t, g in zip(truth, guesses, strict=True)) / n
    return {"n": n, "pearson": round(covariance / spread, 4), "mean_absolute_error": round(error, 4)}


def cause_figures(pairs: Sequence[ScoredPair]) -> dict[str, Any]:
    """The likeliest of the eight causes, and `agent` where the model says so (at `CAUSE_AT_LEAST`): that one is a person.

    `right` is None where the model was not taught causes.
    """
    pairs = [pair for pair in pairs if pair.mood.causes]
    if not pairs:
        return {"n": 0, "right": None}
    truth = [CAUSES.index(p.labelled.cause) for p in pairs]
    likeliest = [CAUSES.index(max(p.mood.causes, key=p.mood.causes.__getitem__)) for p in pairs]
    right = sum(t == g for t, g in zip(truth, likeliest, strict=True))
    return {
        "n": len(pairs),
        "right": _rounded(right / len(pairs)),
        "right_interval": [round(bound, 4) for bound in wilson(right, len(pairs)) or ()],
        "macro_f1": round(macro_f1(truth, likeliest, len(CAUSES)), 4),
        "agent": _precision_recall([(p.labelled.cause == "agent", p.mood.cause == "agent") for p in pairs]),
        "confusion": {"labels": CAUSES, "rows_are_truth": confusion(truth, likeliest, len(CAUSES))},
    }


def _with_interval(pairs: Sequence[ScoredPair], figure: Callable[[Sequence[ScoredPair]], float]) -> dict[str, float]:
    """The figure and its 95 % percentile interval, conversations resampled (turns of one are not independent)."""
    rng = random.Random(1)
    draws = sorted(figure(rng.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    return {
        "value": round(figure(pairs), 4),
        "low": round(draws[int(0.025 * RESAMPLES)], 4),
        "high": round(draws[int(0.975 * RESAMPLES)], 4),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


if __name__ == "__main__":
    main()
