"""Runs the served model over published tests and prints one JSON table.

python -m training.published --data FOLDER [--only jddc,stc3,…] [--write]      --write stores them in the model's folder

What other columns and sets have there stays, unless it is of another revision.

Four columns: `served` is the shipped model as it is (it never saw these sets' ratings); `research` puts a small head,
trained on the set's own training part, on the shipped and frozen encoder; `words` is a regression over the characters of
each rated text, learnt from the same part (what the floors of the sets are); `with_words` is the mean of these two.
None of the last three is shipped.
"""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import cohen_kappa_score, f1_score, recall_score
from torch import Tensor

from qa_service.mood.infer import DialogueHead, TurnEncoder
from qa_service.mood.manifest import read_manifest
from training.published import sets
from training.published.features import Encoded, Floats, encode_dialogues, encode_texts
from training.published.figures import MODEL, Report, arguments, class_figures, thresholds
from training.published.heads import (
    UNRATED,
    Example,
    Loss,
    characters,
    class_loss,
    class_probabilities,
    class_weights,
    linear_probabilities,
    predict,
    rating_loss,
    train_head,
)

SEED = 0
FOLDS = 10
HEADS = 5
"""Of different seeds, their outputs averaged: one seed or another moves JDDC by three points (folds of its `valid` part)."""
DISSATISFIED_BELOW, SATISFIED_ABOVE = 2.75, 3.25
"""The served satisfaction (1…5) in three classes, around its middle; fixed before the tests were run."""


class Model:
    """The served encoder and head."""

    def __init__(self) -> None:
        manifest = read_manifest(MODEL)
        self.revision = manifest.revision
        self.encoder = TurnEncoder(manifest, threads=2)
        self.head = DialogueHead(manifest)

    def dialogues(self, dialogues: Sequence[sets.RatedDialogue], title: str) -> list[Encoded]:
        """Encode dialogues."""
        return encode_dialogues(self.encoder, self.head, dialogues, title=title)

    def texts(self, texts: Sequence[sets.LabelledText], title: str) -> Floats:
        """Encode texts."""
        return encode_texts(self.encoder, [text.text for text in texts], title=title)


def main() -> None:
    """Print the table."""
    args = arguments(__doc__, TESTS)
    model = Model()
    report = {name: TESTS[name](model, args.data) for name in args.only.split(",")}
    print(json.dumps({"revision": model.revision, **report}, indent=1))
    if args.write:
        store(MODEL / "published.json", model.revision, report)


def store(path: Path, revision: str, report: Report) -> None:
    """Put each set's columns into the table of the revision; a table of another one is replaced."""
    stored = json.loads(path.read_text()) if path.exists() else {}
    table = stored if stored.get("revision") == revision else {"revision": revision}
    for name, found in report.items():
        known = table.setdefault(name, {})
        if "n" in found:
            known.update(found)
        else:
            for part, row in found.items():
                known.setdefault(part, {}).update(row)
    path.write_text(json.dumps(table, indent=1) + "\n")


def jddc(model: Model, folder: Path) -> Report:
    """Satisfaction so far of every rated turn, and of the dialogue; trained on `valid`.

    The heads keep an eighth of it for dev; the regression over characters, which has nothing to choose, learns all.
    """
    parts = {split: sets.jddc(folder, split) for split in ("valid", "test")}
    encoded = {split: model.dialogues(rows, f"jddc {split}") for split, rows in parts.items()}
    known = _rated_turns(parts["valid"], encoded["valid"])
    fit, dev = _cut(known)
    test = _rated_turns(parts["test"], encoded["test"])
    turns = _together(fit, dev, test, outputs=3, loss_of=class_loss(class_weights(fit, 3)))
    truth = _targets(test)
    fit_words, test_words = characters(*(_rated_texts(parts[split]) for split in ("valid", "test")))
    words = class_probabilities(fit_words, _targets(known), test_words)
    both = _mean(np.array(_rated(test, [o.softmax(-1) for o in turns])), words)
    whole_fit, whole_dev = _cut(_rated_whole(parts["valid"], encoded["valid"]))
    whole = _rated_whole(parts["test"], encoded["test"])
    wholes = _together(whole_fit, whole_dev, whole, outputs=3, loss_of=class_loss(class_weights(whole_fit, 3)))
    whole_truth = [int(example.targets[-1]) for example in whole]
    return {
        "turns": {
            "n": len(truth),
            "served": class_figures(truth, _rated(test, [_three(e.encoded.satisfaction) for e in test])),
            "research": class_figures(truth, _rated(test, [o.argmax(-1) for o in turns])),
            "words": class_figures(truth, words.argmax(-1).tolist()),
            "with_words": class_figures(truth, both.argmax(-1).tolist()),
        },
        "dialogues": {
            "n": len(whole),
            "served": class_figures(whole_truth, [int(_three(e.encoded.satisfaction)[-1]) for e in whole]),
            "research": class_figures(whole_truth, [int(o[-1].argmax()) for o in wholes]),
        },
    }


def stc3(model: Model, folder: Path) -> Report:
    """Mean satisfaction vote, 90/10 split by seed 0, a ninth of the training part kept for dev."""
    dialogues = sets.stc3(folder)
    examples = [
        Example(encoded, torch.tensor(d.overall))
        for d, encoded in zip(dialogues, model.dialogues(dialogues, "stc3"), strict=True)
    ]
    random.Random(SEED).shuffle(examples)
    held = len(examples) // 10
    test, dev, fit = examples[:held], examples[held : 2 * held], examples[2 * held :]
    truth = [float(example.targets) for example in test]
    guesses = np.array([float(o[-1, 0]) for o in _together(fit, dev, test, outputs=1, loss_of=rating_loss)])
    return {
        "n": len(test),
        "served": {"pearson": _pearson(truth, [float(e.encoded.satisfaction[-1]) for e in test])},
        "research": {
            "pearson": _pearson(truth, guesses),
            "rmse": round(float(np.sqrt(np.mean((guesses - np.array(truth)) ** 2))), 4),
        },
    }


def uss(name: str) -> Callable[[Model, Path], Report]:
    """The paper's ten folds over dialogues and its four figures; a ninth of each training part is kept for dev."""

    def run(model: Model, folder: Path) -> Report:
        dialogues = [d for d in sets.uss(folder, name) if any(turn.rating is not None for turn in d.turns)]
        examples = _rated_turns(dialogues, model.dialogues(dialogues, f"uss {name}"))
        rows = list(zip(examples, dialogues, strict=True))
        random.Random(SEED).shuffle(rows)
        folds = [_uss_fold([r for i, r in enumerate(rows) if i % FOLDS != k], rows[k::FOLDS]) for k in range(FOLDS)]
        turns = sum(int((e.targets != UNRATED).sum()) for e in examples)
        means = {
            column: {key: round(statistics.mean(fold[column][key] for fold in folds), 4) for key in folds[0][column]}
            for column in folds[0]
        }
        return {"n": turns, "folds": FOLDS, **means}

    return run


def _uss_fold(
    rest: Sequence[tuple[Example, sets.RatedDialogue]], test: Sequence[tuple[Example, sets.RatedDialogue]]
) -> dict[str, dict[str, float]]:
    (known, said), (asked, asked_said) = (zip(*part, strict=True) for part in (rest, test))
    dev, fit = known[: len(known) // 9], known[len(known) // 9 :]
    heads = _together(fit, dev, asked, outputs=5, loss_of=class_loss(class_weights(fit, 5)))
    by_head = np.array(_rated(asked, [o.softmax(-1) for o in heads]))
    fit_words, test_words = characters(_rated_texts(said), _rated_texts(asked_said))
    by_words = class_probabilities(fit_words, _targets(known), test_words)
    truth = _targets(asked)
    return {
        "research": _uss_figures(truth, by_head),
        "words": _uss_figures(truth, by_words),
        "with_words": _uss_figures(truth, _mean(by_head, by_words)),
    }


def _uss_figures(truth: Sequence[int], shares: Floats) -> dict[str, float]:
    guesses = shares.argmax(-1)
    return {
        "uar": float(recall_score(truth, guesses, average="macro", zero_division=0)),
        "kappa": float(cohen_kappa_score(truth, guesses)),
        "rho": float(spearmanr(truth, shares @ np.arange(5)).statistic),
        "f1_dissatisfied": float(f1_score([t < 2 for t in truth], guesses < 2, zero_division=0)),
    }


def brighter(model: Model, folder: Path) -> Report:
    """Six emotions of Chinese posts, the threshold of each set on dev."""
    parts = {split: sets.brighter_zh(folder, split) for split in ("train", "dev", "test")}
    rows = {split: model.texts(texts, f"brighter {split}") for split, texts in parts.items()}
    labels = {split: np.array([text.labels for text in texts]) for split, texts in parts.items()}
    words = characters(*([text.text for text in texts] for texts in parts.values()))
    shares = linear_probabilities(rows["train"], labels["train"].tolist(), rows["dev"], rows["test"])
    by_words = linear_probabilities(words[0], labels["train"].tolist(), *words[1:])

    def figures(dev: Floats, test: Floats) -> dict[str, float]:
        called = test >= thresholds(labels["dev"], dev)
        return {"macro_f1": round(float(f1_score(labels["test"], called, average="macro", zero_division=0)), 4)}

    both = [_mean(one, other) for one, other in zip(shares, by_words, strict=True)]
    columns = {"research": shares, "words": by_words, "with_words": both}
    return {"n": len(parts["test"]), **{column: figures(*found) for column, found in columns.items()}}


def offence(name: str, read: Callable[[Path, str], list[sets.LabelledText]]) -> Callable[[Model, Path], Report]:
    """Offensive or abusive, yes or no."""

    def run(model: Model, folder: Path) -> Report:
        train = read(folder, "train")
        test = sets.unseen(read(folder, "test"), train)
        rows = [model.texts(part, name) for part in (train, test)]
        words = characters([text.text for text in train], [text.text for text in test])
        labels = [text.labels for text in train]
        truth = [text.labels[0] for text in test]
        (shares,), (by_words,) = (linear_probabilities(fit, labels, asked) for fit, asked in (rows, words))

        def figures(abusive: Floats) -> dict[str, float]:
            return class_figures(truth, (abusive[:, 0] >= 0.5).astype(int).tolist())

        columns = {"research": shares, "words": by_words, "with_words": _mean(shares, by_words)}
        return {"n": len(test), **{column: figures(found) for column, found in columns.items()}}

    return run


def _together(
    fit: Sequence[Example], dev: Sequence[Example], test: Sequence[Example], *, outputs: int, loss_of: Loss
) -> list[Tensor]:
    """(T, outputs) a dialogue of `test`, the mean of `HEADS` heads."""
    heads = [train_head(fit, dev, outputs=outputs, loss_of=loss_of, seed=seed) for seed in range(HEADS)]
    return [torch.stack(rows).mean(0) for rows in zip(*(predict(head, test) for head in heads), strict=True)]


def _rated_turns(dialogues: Sequence[sets.RatedDialogue], encoded: Sequence[Encoded]) -> list[Example]:
    return [
        Example(e, torch.tensor([UNRATED if t.rating is None else t.rating for t in d.turns]))
        for d, e in zip(dialogues, encoded, strict=True)
        if any(turn.rating is not None for turn in d.turns)
    ]


def _rated_whole(dialogues: Sequence[sets.RatedDialogue], encoded: Sequence[Encoded]) -> list[Example]:
    return [
        Example(e, torch.tensor([UNRATED] * (len(d.turns) - 1) + [int(d.overall)]))
        for d, e in zip(dialogues, encoded, strict=True)
        if d.overall is not None
    ]


def _rated_texts(dialogues: Sequence[sets.RatedDialogue]) -> list[str]:
    return [turn.text for d in dialogues for turn in d.turns if turn.rating is not None]


def _mean(one: Floats, other: Floats) -> Floats:
    return np.mean([one, other], axis=0, dtype=np.float32)


def _cut(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Training part and dev part (every eighth)."""
    return [e for i, e in enumerate(examples) if i % 8], list(examples[::8])


def _rated(examples: Sequence[Example], values: Sequence[Any]) -> list[Any]:
    """The values of the rated turns, in one list."""
    return [
        value
        for example, row in zip(examples, values, strict=True)
        for target, value in zip(example.targets.tolist(), row.tolist(), strict=True)
        if target != UNRATED
    ]


def _targets(examples: Sequence[Example]) -> list[int]:
    return _rated(examples, [example.targets for example in examples])


def _three(satisfaction: Floats) -> Floats:
    classes: Floats = (satisfaction >= DISSATISFIED_BELOW).astype(int) + (satisfaction > SATISFIED_ABOVE).astype(int)
    return classes


def _pearson(truth: Sequence[float], guesses: Sequence[float] | Floats) -> float:
    return round(float(pearsonr(truth, guesses).statistic), 4)


TESTS: dict[str, Callable[[Model, Path], Report]] = {
    "jddc": jddc,
    "stc3": stc3,
    "uss_sgd": uss("SGD"),
    "uss_mwoz": uss("MWOZ"),
    "brighter_zh": brighter,
    "cold": offence("cold", sets.cold),
    "convabuse": offence("convabuse", sets.convabuse),
}


if __name__ == "__main__":
    main()
