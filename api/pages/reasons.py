"""Why something could not be judged, in the reader's language. Owns no judgement: stages give reasons in English or as codes."""

from __future__ import annotations

import re

from api.pages.language import Catalogue

_KNOWN = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"mood_unavailable", "mood_unavailable"),
        (r"the mood model failed", "mood_failed"),
        (r"the customer wrote nothing", "wrote_nothing"),
        (r"customer turns (?P<reason>.+)", "customer_turns"),
        (r"written in no language that the model reads", "no_language"),
        (r"holds nothing that the model knows", "nothing_known"),
        (r"written in (?P<script>\w+)(?: script)?, which the model does not read", "script"),
        (r"language (?P<language>\S+) is not one that the model knows \(.*\)", "language"),
        (r"requires (?P<rules>.+), which could not be judged", "requires"),
        (r"mood unavailable: (?P<reason>.+)", "no_mood"),
        (r"rules unavailable: (?P<rules>.+)", "no_rules"),
        (r"nothing applied", "nothing_applied"),
        (r"the model brings no expectations.*", "no_expectations"),
        (r"scored before changes were held against expectations", "no_expectations"),
        (r"one scored customer turn shows no change", "one_turn"),
        (r"no agent turn stands between .+", "no_agent_turn"),
        (r"nothing that the agent said between is cold or suspected: .+", "not_the_agent"),
        (r"what was lost was lost before the first cold .+", "lost_otherwise"),
        (r"the model's (?P<value>[\d.]+) is left out: .+", "left_out"),
        (r"the customer was never unhappy", "never_unhappy"),
        (r"no scored customer turn in the agent's own segment", "no_scored_turn"),
        (r"(?P<dimension>\w+): (?P<reason>.+)", "of_dimension"),
    )
)


def reason_in(words: Catalogue, reason: str | None) -> str:
    """A stage's reason as the page says it, several with `; ` between them.

    What the page has no words for stands for itself, none is a dash.
    """
    if not reason:
        return words.text("app.none")
    return "; ".join(_one(words, part) for part in reason.split("; "))


def _one(words: Catalogue, reason: str) -> str:
    for pattern, key in _KNOWN:
        if match := pattern.fullmatch(reason):
            parts = {name: _part(words, name, value) for name, value in match.groupdict().items()}
            return words.text(f"reason.{key}", **parts)
    return reason


def _part(words: Catalogue, name: str, value: str) -> str:
    if name == "reason":
        return _one(words, value)
    return words.label(name, value) if name in ("script", "dimension") else value
