"""Cues are found in the text itself where every character is a token: the same ones that a parse would show."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine import load_packs
from qa_service.rule_engine.cues import CueFinder, CueKind

_FINDERS = load_packs(Path(__file__).parents[3] / "rules").cue_finders
_WORDS = st.sampled_from(
    [
        "不",
        "不支持",
        "不但",
        "如果",
        "吗",
        "您说",
        "没有",
        "请勿",
        "可以",
        " ",
        "  ",
        "，",
        "ok",
        "can't",
        "7",
        "😀",
        "但是",
        "谁说不",
    ]
)
_TEXTS = st.lists(_WORDS, max_size=20).map("".join)


@given(_TEXTS)
def test_what_characters_show_is_what_a_parse_shows(text: str) -> None:
    finder, folded = _FINDERS["zh"], folded_view(cased_view(text))

    assert not finder.needs_parse
    assert finder.find(folded) == finder.cues_in(finder.parse(folded))


def test_words_with_blanks_between_need_a_parse() -> None:
    assert _FINDERS["en"].needs_parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("不支持", ["不支持"], id="the word alone"),
        pytest.param("不但支持", [], id="held by a longer expression"),
        pytest.param("并不但", ["并不"], id="an expression that begins inside takes nothing back"),
        pytest.param("不 支 持", ["不 支 持"], id="blanks between"),
    ],
)
def test_what_a_longer_expression_holds_is_no_cue(text: str, expected: list[str]) -> None:
    finder = CueFinder("zh", {CueKind.NEGATION: ["不支持", "不", "并不"], CueKind.PSEUDO_NEGATION: ["不但"]})

    found = finder.find(folded_view(cased_view(text))).of(CueKind.NEGATION)

    assert [cue.text for cue in found if len(cue.text) > 1 or text == "不但支持"] == expected
