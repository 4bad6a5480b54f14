"""The English grammar of amounts, percentages and multiples. Reads the folded text; time is linear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from qa_service.rule_engine.values.english_bounds import FROM_TO, LINK, POST, PRE, ends, from_to, stated
from qa_service.rule_engine.values.numerals import ENGLISH_NUMERAL as NUM
from qa_service.rule_engine.values.numerals import english_number
from qa_service.rule_engine.values.quantity import Kind, Quantity, Unit

_CURRENCIES = {
    "$": Unit.USD, "usd": Unit.USD, "dollar": Unit.USD, "dollars": Unit.USD, "buck": Unit.USD, "bucks": Unit.USD,
    "cent": Unit.USD, "cents": Unit.USD, "us$": Unit.USD,
    "€": Unit.EUR, "eur": Unit.EUR, "euro": Unit.EUR, "euros": Unit.EUR,
    "£": Unit.GBP, "gbp": Unit.GBP, "pound": Unit.GBP, "pounds": Unit.GBP, "quid": Unit.GBP,
    "grand": Unit.CURRENCY,
    "yuan": Unit.CNY, "rmb": Unit.CNY, "cny": Unit.CNY,
    "aud": Unit.AUD, "cad": Unit.CAD, "sgd": Unit.SGD, "hkd": Unit.HKD, "twd": Unit.TWD,
    "yen": Unit.JPY, "jpy": Unit.JPY, "krw": Unit.KRW, "won": Unit.KRW,
}  # fmt: skip
_TIMES = {"grand": Fraction(1000), "cent": Fraction(1, 100), "cents": Fraction(1, 100)}
_CODE = "usd|eur|gbp|cny|rmb|aud|cad|sgd|hkd|twd|jpy|krw"
_ARABIC = r"[0-9]{1,9}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,4})?k?"
_AMOUNT = re.compile(
    rf"(?:\b(?P<pre>{PRE})\s{LINK}(?:a\s)?)?(?P<core>(?P<sign>(?<![a-z])us\$|[$€£]|\b(?:{_CODE})(?![a-z]))\s?(?P<n0>{_ARABIC})"
    rf"(?:\s?(?:-|–|—|to)\s?[$€£]?(?P<to>{_ARABIC})(?![0-9a-z]))?"
    rf"|(?<![a-z0-9.,$€£]){FROM_TO}(?:(?P<after>\s?[$€£](?![0-9]))|[\s-]?(?P<unit>dollars?|bucks?|cents?|euros?|pounds?|quid|yuan|yen|{_CODE}|grand(?!\s(?:opening|total|prize|piano|finale|sale)))(?![a-z])))"
    rf"{POST}"
)
_PERCENT = re.compile(
    rf"(?:\b(?P<pre>{PRE})\s{LINK}(?:a\s)?)?(?P<core>(?<![a-z0-9.,]){FROM_TO}\s?(?:%|percent\b|per cent\b|pct\b))"
)
_HALF = re.compile(r"(?P<core>\bhalf (?:the |of the )?price\b)")
_MULTIPLE = re.compile(
    rf"(?P<core>(?<![a-z0-9.,])(?P<n1>{NUM})\s?(?:x\b|times\b|-?fold\b)|\b(?P<word>double|triple|twice)\b)"
)
_FACTORS = {"double": 2, "twice": 2, "triple": 3}


def english_money(text: str) -> Iterator[Quantity]:
    """All amounts and shares, pattern by pattern; overlaps are left to the caller."""
    for match in _AMOUNT.finditer(text):
        value = ends(match["n0"], match["to"]) if match["sign"] else from_to(match)
        if value is not None:
            name = match["sign"] or match["unit"] or match["after"].strip()
            times = _TIMES.get(name, Fraction(1))
            yield stated(match, Kind.AMOUNT, _CURRENCIES[name], (value[0] * times, value[1] * times))
    for match in _PERCENT.finditer(text):
        value = from_to(match)
        if value is not None:
            yield stated(match, Kind.PERCENT, Unit.PERCENT, value)
    for match in _HALF.finditer(text):
        yield stated(match, Kind.PERCENT, Unit.PERCENT, (Fraction(50), Fraction(50)))
    for match in _MULTIPLE.finditer(text):
        value = (Fraction(_FACTORS[match["word"]]),) * 2 if match["word"] else english_number(match["n1"])
        if value is not None:
            yield stated(match, Kind.MULTIPLE, Unit.MULTIPLE, value)
