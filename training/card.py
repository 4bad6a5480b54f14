"""Writes `models/mood/card.md` out of the measured figures, so that the card never says what was not measured.

python -m training.card      reads metrics.json, published.json and int8.json beside the manifest, and the second labelling
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from qa_service.mood.manifest import read_manifest
from training.agreement import Rows, kappa, label_pairs
from training.collect_verdicts import ReviewedConversation
from training.corpus_reader import read_corpus
from training.labelled_turns import labelled_customers, labelled_turns, language_of
from training.ordinary_chats import ordinary_chats

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "models" / "mood"
TEMPLATE = Path(__file__).parent / "card_template.md"
SECOND = Path(__file__).parent / "second_labels" / "second.txt"
SHOWN_KAPPA = ("sentiment", "emotion", "abusive", "tone below 0.5", "satisfaction", "cause")


def main() -> None:
    """Write the card."""
    figures, published, int8 = (
        json.loads((FOLDER / f"{name}.json").read_text()) for name in ("metrics", "published", "int8")
    )
    manifest = read_manifest(FOLDER)
    for name, table in (("metrics", figures), ("published", published), ("int8", int8)):
        if table["revision"] != manifest.revision:
            raise SystemExit(
                f"{name}.json is of revision {table['revision']}, the model is {manifest.revision}: measure again"
            )
    (FOLDER / "card.md").write_text(fill(manifest.revision, figures, published, int8))


def fill(revision: str, figures: dict[str, Any], published: dict[str, Any], int8: dict[str, Any]) -> str:
    """The card's text."""
    languages = Counter(c.language for c in read_corpus())
    second = label_pairs(SECOND)
    turns, customers = (_by_language([*read("train"), *read("dev")]) for read in (labelled_turns, labelled_customers))
    values = {
        "revision": revision,
        "corpus": f"{sum(languages.values())} conversations ({languages['zh']} zh, {languages['en']} en)",
        "turns": turns,
        "customers": customers,
        "ordinary": _by_language([*ordinary_chats("train"), *ordinary_chats("dev")]),
        "n": "{conversations} conversations, {customer_turns} customer turns, {agent_turns} agent turns".format(
            **figures["n"]
        ),
        "headline": _headline(figures),
        "cause": _cause(figures["cause"]),
        "baselines": _baselines(figures),
        "confusion": _confusion(figures["emotion_confusion"]),
        "causes": _confusion(figures["cause"]["confusion"]),
        "risks": _flags(figures["risks"]),
        "acts": _flags(figures["acts"]),
        "suspicions": _flags(figures["suspicions"]),
        "published": _published(published),
        "int8": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in int8.items() if name != "revision"),
        "kappa": ", ".join(f"{name} {_kappa(second[name])}" for name in SHOWN_KAPPA),
        "doubled": str(len(second["cause"])),
    }
    return Template(TEMPLATE.read_text()).substitute(values)


def _by_language(chats: Sequence[ReviewedConversation]) -> str:
    counts = Counter(language_of(chat) for chat in chats)
    return f"{counts.total():,}: {counts['zh']:,} zh, {counts['en']:,} en"


def _headline(figures: dict[str, Any]) -> str:
    by, abusive, satisfaction = figures["by_language"], figures["abusive"], figures["satisfaction"]

    def languages(key: str) -> str:
        return f"zh {by['zh'][key]:.3f}, en {by['en'][key]:.3f}"

    rows = [
        (
            "sentiment (negative, neutral, positive) macro-F1",
            f"{_interval(figures['sentiment_macro_f1'])}; {languages('sentiment_macro_f1')}",
        ),
        ("emotion (six) macro-F1", f"{_interval(figures['emotion_macro_f1'])}; {languages('emotion_macro_f1')}"),
        (
            "abusive customer",
            f"precision {abusive['precision']}, recall {abusive['recall']} {abusive['recall_interval']} (n {abusive['n']})",
        ),
        ("expected calibration error of the emotion", f"{figures['calibration_error']:.3f}"),
        ("tone, AUC of cold (≤ 0.25) against the rest", _interval(figures["tone_auc"])),
        ("suspicions, micro-F1 over all categories", _interval(figures["suspicion_micro_f1"])),
        (
            "satisfaction",
            f"Pearson {satisfaction['pearson']}, mean error {satisfaction['mean_absolute_error']} of 5 (n {satisfaction['n']})",
        ),
    ]
    return "\n".join(f"| {name} | {value} |" for name, value in rows)


def _cause(figures: dict[str, Any]) -> str:
    agent = figures["agent"]
    return (
        f"right in {figures['right']:.2f} {figures['right_interval']} of {figures['n']} (macro-F1 {figures['macro_f1']:.2f}), "
        f"`agent` with precision {_or_dash(agent['precision'])}, recall {_or_dash(agent['recall'])} (n {agent['n']})"
    )


def _baselines(figures: dict[str, Any]) -> str:
    rows = [
        f"| {name} | {row['sentiment_macro_f1']} | {row.get('emotion_macro_f1', '')} |"
        for name, row in figures["baselines"].items()
    ]
    own = (figures["sentiment_macro_f1"]["value"], figures["emotion_macro_f1"]["value"])
    return "\n".join([*rows, f"| **this model** | **{own[0]}** | **{own[1]}** |"])


def _confusion(matrix: dict[str, Any]) -> str:
    labels = matrix["labels"]
    head = ["| truth \\ model | " + " | ".join(labels) + " |", "|---" * (len(labels) + 1) + "|"]
    rows = [
        f"| {label} | " + " | ".join(map(str, row)) + " |"
        for label, row in zip(labels, matrix["rows_are_truth"], strict=True)
    ]
    return "\n".join(head + rows)


def _flags(table: dict[str, Any]) -> str:
    rows = []
    for name, row in table.items():
        cells = [_or_dash(row[key]) for key in ("precision", "recall", "recall_interval", "auc")]
        rows.append(f"| {name} | {row['n']} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


PUBLISHED_COLUMNS = ("served", "research", "words", "with_words", "fine_tuned", "research_sets")


def _published(table: dict[str, Any]) -> str:
    rows = []
    for name, report in table.items():
        if name == "revision":
            continue
        parts = {name: report} if "n" in report else {f"{name} {part}": row for part, row in report.items()}
        for title, row in parts.items():
            cells = [_listed(row.get(column, {})) for column in PUBLISHED_COLUMNS]
            rows.append(f"| {title} | {row['n']} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _listed(figures: dict[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items()) or "–"


def _kappa(rows: Rows) -> str:
    value = kappa([a for a, _ in rows], [b for _, b in rows])
    return "–" if value is None else f"{value:.2f}"


def _interval(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _or_dash(value: object) -> str:
    return "–" if value in (None, []) else str(value)


if __name__ == "__main__":
    main()
