"""How much of real chats is flagged, and how much of that is right: what a shop's reviewers would see.

python -m tests.rules.real_chats --data FOLDER

FOLDER holds the published sets (model card: for research only; no weight learns from them). Agent turns of JD.com, of Chinese
helpdesks and the English translation of their chats, of town information desks and of a booking assistant (both played by
crowd workers). `real_labels.tsv` names turns by set, chat and turn and says which of the seven categories they break by the
decisions of `training/turns/README.md`: `random`, `fresh` and `later` were drawn by chance, `flagged` and `fresh flagged` are
what packs and models of November 23 flagged besides. False hits of `random`, `fresh` and both flagged ones were mended in the
packs, so their figures are not of unseen chats; those of `later` are, but two of its 800 turns break something: it tells
of false hits alone. The labellers are language models.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from qa_service.domain.conversation import Role
from qa_service.domain.mood import ConversationMood
from qa_service.domain.precision import precision
from qa_service.domain.text import NormalisedConversation
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_wiring import build_rule_engine, mood_model
from qa_service.settings import load_settings
from tests.rules.accuracy import CATEGORIES, DEDUCTING
from training.real_chats import real_chats

LABELS = Path(__file__).parent / "real_labels.tsv"


def main() -> None:
    """Print one line a set, then what is right among the labelled turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    settings = load_settings()
    engine, model = (
        build_rule_engine(settings),
        mood_model(settings),
    )
    shown: dict[str, set[str]] = {}
    paid: dict[str, set[str]] = {}
    for name, chats in real_chats(parser.parse_args().data).items():
        normalised = [ConversationNormaliser().normalise(chat) for chat in chats]
        for chat, mood in zip(normalised, model.score(normalised), strict=True):
            _inspect(engine, chat, mood, shown, paid)
        keys = [key for key in shown if key.startswith(f"{name}-")]
        seen, cost = (sum(bool(found[key]) for key in keys) / len(keys) for found in (shown, paid))
        print(
            f"{name:10s} {len(chats):5,} chats, {len(keys):6,} agent turns: in sight {seen:.3f}, cost points {cost:.4f}"
        )
    for how, besides in (("random", "flagged"), ("fresh", "fresh flagged"), ("later", None)):
        drawn = labels(how)
        print(f"{how}, in sight:", _line(drawn, shown))
        print(f"{how}, cost points:", _line(drawn, paid))
        if besides:
            print("   with the flagged ones, cost points:", _line({**labels(besides), **drawn}, paid))


def labels(drawn: str) -> dict[str, set[str]]:
    """The categories of the labelled turns that were drawn so, by set, chat and turn."""
    rows = (line.split("\t") for line in LABELS.read_text(encoding="utf-8").splitlines())
    return {key: set(said.split(",")) - {"-"} for how, key, said in rows if how == drawn}


def _inspect(
    engine: PackRuleEngine,
    chat: NormalisedConversation,
    mood: ConversationMood,
    shown: dict[str, set[str]],
    paid: dict[str, set[str]],
) -> None:
    """Add the categories in sight and those that cost points, of each agent turn."""
    name, turns = chat.conversation.external_id, chat.conversation.turns
    for called in (shown, paid):
        called.update({f"{name}/{turn.id}": set() for turn in turns if turn.role is Role.AGENT})
    for finding in engine.inspect(chat, mood, ()):
        key = f"{name}/{finding.turn_id}"
        if finding.is_shown_hit and finding.category in CATEGORIES and key in shown:
            shown[key].add(finding.category)
            if finding.status in DEDUCTING:
                paid[key].add(finding.category)


def _counts(truth: Mapping[str, set[str]], called: Mapping[str, set[str]]) -> tuple[int, int, int]:
    """Right, false and missed categories."""
    counts = Counter(_outcomes(truth, called))
    return counts["right"], counts["false"], counts["missed"]


def _outcomes(truth: Mapping[str, set[str]], called: Mapping[str, set[str]]) -> Iterator[str]:
    for key, broken in truth.items():
        yield from ["right"] * len(broken & called[key])
        yield from ["false"] * len(called[key] - broken)
        yield from ["missed"] * len(broken - called[key])


def _line(truth: Mapping[str, set[str]], called: Mapping[str, set[str]]) -> str:
    right, false, missed = _counts(truth, called)
    return f"n {len(truth):,}, {right} right, {false} false, {missed} missed: precision {_share(right, false)}"


def _share(right: int, false: int) -> str:
    found = precision(right, false)
    return f"{found.share:.3f} [{found.low:.3f}, {found.high:.3f}]" if right + false else "–"


if __name__ == "__main__":
    main()
