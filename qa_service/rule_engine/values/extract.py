"""Finds all stated values of a text with either grammar. Owns the choice between overlapping readings."""

from __future__ import annotations

import re

from qa_service.rule_engine.values.adjoining import adjoining
from qa_service.rule_engine.values.chinese import chinese_durations
from qa_service.rule_engine.values.chinese_dates import chinese_days
from qa_service.rule_engine.values.chinese_money import chinese_money
from qa_service.rule_engine.values.counts import chinese_counts, english_counts
from qa_service.rule_engine.values.english import english_durations
from qa_service.rule_engine.values.english_dates import english_days
from qa_service.rule_engine.values.english_money import english_money
from qa_service.rule_engine.values.quantity import Kind, Quantity

# What a text must hold for a grammar to find anything in it.
_CHINESE = re.compile(r"[一-鿿0-9]")
_HAN = re.compile(r"[一-鿿]")
_ENGLISH = re.compile(r"[a-z$€£]")


def extract_quantities(text: str) -> tuple[Quantity, ...]:
    """Stated values of a folded text in order; of overlapping readings the longest stays, then the earlier one.

    What is counted gives way to every other value. Named days have no value yet (`dates.settled`).
    """
    found: list[Quantity] = []
    if _CHINESE.search(text):
        spans = list(chinese_durations(text))
        found = [*spans, *adjoining(text, spans), *chinese_money(text), *chinese_days(text)]
        found += chinese_counts(text) if _HAN.search(text) else ()
    if _ENGLISH.search(text):
        spans = list(english_durations(text))
        found += [*spans, *adjoining(text, spans), *english_money(text), *english_days(text), *english_counts(text)]
    found.sort(key=lambda q: (q.kind is Kind.COUNT, -(q.end - q.start), -(q.outer_end - q.outer_start), q.start))
    taken = bytearray(len(text))
    kept: list[Quantity] = []
    for quantity in found:
        if any(taken[quantity.start : quantity.end]):
            continue
        taken[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
        kept.append(quantity)
    return tuple(sorted(kept, key=lambda q: q.start))
