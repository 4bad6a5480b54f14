"""Cues are found in the text itself where every character is a token: the same ones that a parse would show."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.matcher import PhraseMatcher

from qa_service.domain.text import Span
from qa_service.normalise import cased_view, folded_view
from qa_service.rule_engine import load_packs
from qa_service.rule_engine.cues import CueAutomaton, CueFinder, CueKind

_FINDERS = load_packs(Path(__file__).parents[3] / "rules").cue_finders
_CUES = {
    CueKind.NEGATION: ["不", "不支持", "没有", "不 行"],
    CueKind.PSEUDO_NEGATION: ["不但", "谁说不", "没有不"],
    CueKind.QUESTION: ["吗", "不可以吗", "ok吗", "7"],
}
_PIPELINE = spacy.blank("zh")
_MATCHER = PhraseMatcher(_PIPELINE.vocab)
for _kind, _listed in _CUES.items():
    _MATCHER.add(str(_kind), [_PIPELINE.make_doc(word) for word in _listed])
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
    folded = folded_view(cased_view(text)).text
    shown: dict[CueKind, set[tuple[int, int]]] = {}
    for match in _MATCHER(_PIPELINE.make_doc(folded), as_spans=True):
        shown.setdefault(CueKind(match.label_), set()).add((match.start_char, match.end_char))

    assert CueAutomaton(_CUES).find(folded) == shown
    assert not _FINDERS["zh"].needs_parse


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


def test_a_cue_is_found_however_far_down_a_chinese_text_it_stands() -> None:
    finder = CueFinder("zh", {CueKind.NEGATION: ["不支持"]})

    (found,) = finder.find(folded_view(cased_view("好" * 100_020 + "不支持七天退货"))).of(CueKind.NEGATION)

    assert found.span == Span(100_020, 100_023)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("listed", ["can't do", "can’t do"], ids=["straight", "curly"])
def test_a_listed_contraction_is_found_however_its_apostrophe_is_written(language: str, listed: str) -> None:
    finder = CueFinder(language, {CueKind.NEGATION: [listed]})
    for said in ("can't do", "can’t do", "cant do"):
        folded = folded_view(cased_view(f"we {said} it"))
        assert [cue.span for cue in finder.find(folded).of(CueKind.NEGATION)] == [Span(3, 3 + len(said))]


def test_only_a_not_is_found_without_its_apostrophe() -> None:
    finder = CueFinder("en", {CueKind.OWN_WORDS: ["we'll"]})
    found = [finder.find(folded_view(cased_view(said))).of(CueKind.OWN_WORDS) for said in ("we’ll see", "well, see")]
    assert [[cue.text for cue in cues] for cues in found] == [["we'll"], []]
