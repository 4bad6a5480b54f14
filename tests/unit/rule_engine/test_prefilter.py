"""A pattern is run only where its literals are; that must never lose a match."""

from __future__ import annotations

from pathlib import Path

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.text import NormalisedText
from qa_service.ingest import read_path
from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine import load_packs
from qa_service.rule_engine.lexicon import Lexicon
from qa_service.rule_engine.pattern import compile_pattern
from qa_service.rule_engine.prefilter import Prefilter
from qa_service.rule_engine.required_literals import required_literals

_ROOT = Path(__file__).resolve().parents[3]
_PATTERNS = load_packs(_ROOT / "rules").scanner.patterns


def _folded(text: str) -> NormalisedText:
    return folded_view(cased_view(text))


@pytest.mark.parametrize(
    ("source", "factors"),
    [
        ("退款", [{"退款"}]),
        ("(?:退|换)(?:货|款)", [{"退货", "退款", "换货", "换款"}]),
        ("加.{0,3}微信", [{"微信"}, {"加"}]),
        (r"\bwithin (?:the )?7 days?\b", [{"within 7 day", "within the 7 day"}]),
        ("colou?r", [{"color", "colour"}]),
        ("[七7]天", [{"七天", "7天"}]),
        (r"[0-9]+天[内,，]", [{"天,", "天内", "天，"}]),
        ("(?:好评)+返", [{"好评"}, {"返"}]),
        ("(?:好评){0,2}返现", [{"返现"}]),
        ("(?:好评){2}", [{"好评好评"}]),
        ("a{b", [{"a{b"}]),
        ("VIP", [{"vip"}]),
        (r"\x41b", [{"ab"}]),
        (r"\x{1F60A}退", [{"😊退"}]),
        (r"7\s?天", [{"7天", "7 天"}]),
        (r"[\s-]天", [{" 天", "-天"}]),
        (r"[\d-]天", [{"天"}]),
        ("!{3,}", [{"!!!"}]),
        ("αβ", []),
        ("退?", []),
        ("退|.", []),
        (r"\d{3}", []),
        (r"\101b", []),
        (r"[\n]b", []),
        (r"\Qa|b\E", []),
        ("(?i:退)", []),
        ("[[:alpha:]]退", []),
        (r"\p{Han}", []),
        pytest.param("(" * 60 + "退" + ")" * 60, [], id="deeply nested"),
    ],
)
def test_what_a_pattern_demands(source: str, factors: list[set[str]]) -> None:
    re2.compile(source)

    assert [set(factor) for way in required_literals(source) for factor in way] == factors


def test_each_alternative_demands_for_itself() -> None:
    ways = required_literals("退.*款|换.*货|[0-9]{2}天")

    assert [[set(factor) for factor in way] for way in ways] == [[{"款"}, {"退"}], [{"换"}, {"货"}], [{"天"}]]


def test_more_alternatives_than_can_be_written_out_are_left_to_the_engine() -> None:
    many = "|".join(f"{number:04d}.{number}" for number in range(600))

    assert [sorted(map(len, way)) for way in required_literals(f"(?:{many})完")] == [[1, 600]]


def test_a_long_product_is_cut() -> None:
    (factors,) = required_literals("".join(f"(?:a{at}|b{at}|c{at})" for at in range(8)))

    assert 1 <= len(factors) <= 3
    assert all(len(factor) <= 64 for factor in factors)


_LEAVES = st.sampled_from(
    [
        "退",
        "款",
        "a",
        "B",
        "7",
        "1.5",
        r"\.",
        ".",
        r"\d",
        r"\w",
        "[退7]",
        "[^退]",
        "[a-c]",
        r"\b",
        "^",
        "$",
        "σ",
        "é",
        "ß",
        "K",
    ]
)
_PIECES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{0,2}", "{1}", "{2}", "{1,}", "??", "+?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda part: f"({part}|)"),
    ),
    max_leaves=10,
)
_TEXTS = st.text(st.sampled_from("退款aAbB7.15σςΣéÉßẞKkſ \n"), max_size=25)


@given(sources=st.lists(_PIECES, min_size=1, max_size=5), text=_TEXTS)
def test_no_match_is_lost(sources: list[str], text: str) -> None:
    lexicon = Lexicon()
    ids = {lexicon.add_pattern(compile_pattern(source)) for source in sources}
    scanner, folded = lexicon.compile(), _folded(text)

    matching = {at for at in ids if scanner.patterns[at].regex.search(folded.text) is not None}

    assert matching <= scanner.pattern_ids(folded)


@given(st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=4), st.data())
def test_no_match_of_a_shipped_pattern_is_lost(patterns: list, data: st.DataObject) -> None:
    """Texts are made of what the patterns themselves demand, so that many match."""
    words = [
        word
        for pattern in patterns
        for way in required_literals(pattern.source)
        for factor in way
        for word in sorted(factor)
    ]
    joints = st.sampled_from(["", "", "您", " ", "，", "3", "you "])
    pieces = st.lists(st.tuples(st.sampled_from(words), joints).map("".join), max_size=6)
    text = _folded(data.draw(pieces.map("".join))).text
    possible = Prefilter.build({at: pattern.source for at, pattern in enumerate(patterns)}).possible(text)

    for at, pattern in enumerate(patterns):
        assert at in possible or pattern.regex.search(text) is None


def test_the_samples_are_read_alike_with_and_without() -> None:
    prefilter = Prefilter.build({at: pattern.source for at, pattern in enumerate(_PATTERNS)})
    texts = {
        _folded(turn.text).text
        for name in ("zh", "en")
        for chat in read_path(_ROOT / "samples" / f"{name}.jsonl")
        for turn in chat.turns
    }

    let_through = matched = 0
    for text in texts:
        possible = prefilter.possible(text)
        matching = {at for at, pattern in enumerate(_PATTERNS) if pattern.regex.search(text) is not None}
        assert matching <= possible
        let_through, matched = let_through + len(possible), matched + len(matching)

    assert matched
    assert let_through < len(texts) * len(_PATTERNS) / 50
