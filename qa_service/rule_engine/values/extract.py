"""Finds all stated values of a text with either grammar. Owns the choice between overlapping readings."""

from __future__ import annotations

import re

from qa_service.rule_engine.values.chinese import chinese_quantities
from qa_service.rule_engine.values.chinese_dates import chinese_days
from qa_service.rule_engine.values.english import english_quantities
from qa_service.rule_engine.values.english_dates import english_days
from qa_service.rule_engine.values.quantity import Quantity

# What a text must hold for a grammar to find anything in it.
_CHINESE = re.compile(r"[一-鿿0-9]")
_ENGLISH = re.compile(r"[a-z$€£]")


def extract_quantities(text: str) -> tuple[Quantity, ...]:
    """Stated values of a folded text in order; of overlapping readings the longest stays, then the earlier one.

    Those of named days have no value yet (`dates.settled`).
    """
    found = [*chinese_quantities(text), *chinese_days(text)] if _CHINESE.search(text) else []
    if _ENGLISH.search(text):
        found.extend((*english_quantities(text), *english_days(text)))
    found.sort(key=lambda q: (-(q.end - q.start), -(q.outer_end - q.outer_start), q.start))
    taken = bytearray(len(text))
    kept: list[Quantity] = []
    for quantity in found:
        if any(taken[quantity.start : quantity.end]):
            continue
        taken[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
        kept.append(quantity)
    return tuple(sorted(kept, key=lambda q: q.start))
