"""The scorer's sentences about criteria without points, and why a figure is held at 0, in the reader's language."""

from __future__ import annotations

import re

from api.pages.language import Catalogue
from api.pages.reasons import reason_in

_FIGURE = (
    r"(?P<figure>\w+) (?P<value>-?[\d.E+-]+) is not (?P<comparator>at least|above|at most|below) (?P<bound>-?[\d.E+-]+)"
)
_HELD = r"(?: \((?P<held>.+)\))?"
_KNOWN = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (rf"{_FIGURE}{_HELD}", "unmet"),
        (r"no customer mood: (?P<why>.+)", "no_mood"),
        (r"no (?P<figure>\w+): (?P<why>.+)", "no_figure"),
        (r"no (?P<figure>\w+) is known", "figure_unknown"),
        (r"the agent said (?P<n>\d+) turns; applies from (?P<least>\d+)", "few_agent_turns"),
        (r"the customer said (?P<n>\d+) turns; applies from (?P<least>\d+)", "few_customer_turns"),
        (r"applies where (?P<name>.+) is (?P<values>.+)", "other_attribute"),
        (r"the agent said nothing that can be inspected", "nothing_inspected"),
        (r"none of its rules applies to this conversation", "no_rule_applies"),
    )
)
_HELD_AT_NOTHING = re.compile(r" \((?P<held>[^()]+)\)(?=$|: )")


def sentence_in(words: Catalogue, sentence: str) -> str:
    """Why a criterion has no points; what the page has no words for stands for itself."""
    for pattern, key in _KNOWN:
        if match := pattern.fullmatch(sentence):
            return _said(words, key, match.groupdict())
    return reason_in(words, sentence)


def why_held(words: Catalogue, sentence: str) -> str | None:
    """Why the figure of the sentence is held at 0, or None where it is not."""
    match = _HELD_AT_NOTHING.search(sentence)
    return reason_in(words, match["held"]) if match else None


def _said(words: Catalogue, key: str, parts: dict[str, str | None]) -> str:
    values: dict[str, str] = {name: value for name, value in parts.items() if value is not None}
    if "figure" in values:
        values["figure"] = words.label("figure", values["figure"])
    if "comparator" in values:
        comparator = values.pop("comparator").replace(" ", "_")
        values["bound"] = words.text(f"criterion.{comparator}", value=values["bound"])
    if "why" in values:
        values["why"] = reason_in(words, values["why"])
    held = values.pop("held", None)
    text = words.text(f"criterion.{key}", **values)
    return text + words.text("criterion.held", why=reason_in(words, held)) if held else text
