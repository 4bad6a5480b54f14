from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.text import Span
from qa_service.normalise import ConversationNormaliser, cased_view, compact_view, folded_view
from tests.builders import conversation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ＶＩＰ①", "VIP1", id="full width and circled"),
        pytest.param("退貨運費", "退货运费", id="traditional"),
        pytest.param("妳好", "你好", id="variant"),
        pytest.param("微\u200b信", "微信", id="zero width"),
        pytest.param("  a \n\t b  ", "a b", id="white space"),
        pytest.param("好😡", "好😡", id="emoji stays: it is a mood"),
        pytest.param("WHY", "WHY", id="case stays: shouting is a mood"),
    ],
)
def test_cased_view_is_what_people_read(text, expected):
    assert cased_view(text).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("微 信", "微信", id="space"),
        pytest.param("微.❤信", "微信", id="symbols"),
        pytest.param("wеiхin", "weixin", id="cyrillic look-alikes"),
        pytest.param("ＷＸ", "wx", id="full width capitals"),
    ],
)
def test_compact_view_undoes_hiding(text, expected):
    assert compact_view(folded_view(cased_view(text))).text == expected


@pytest.mark.parametrize("apostrophe", "'’‘ʼ＇")
@pytest.mark.parametrize("word", ["can{}t", "İ{}m"], ids=["plain", "a letter that folds to two"])
def test_every_apostrophe_is_one_straight_character_in_its_place(word, apostrophe):
    folded = folded_view(cased_view(word.format(apostrophe)))
    at = folded.text.index("'")

    assert folded.to_original(at, at + 1) == Span(word.index("{"), word.index("{") + 1)
    assert cased_view("can’t").text == "can’t"


def test_a_match_in_a_view_maps_to_the_original_words():
    text = "亲，加 微\u200b 信：abc"
    view = compact_view(folded_view(cased_view(text)))
    at = view.text.index("微信")

    span = view.to_original(at, at + 2)

    assert text[span.start : span.end] == "微\u200b 信"


def test_a_letter_that_unfolds_to_several_keeps_its_place():
    view = cased_view("aﬁb")

    assert view.text == "afib"
    assert view.to_original(1, 3) == view.to_original(1, 2)


@given(st.text())
def test_maps_never_go_back_and_stay_inside(text):
    cased = cased_view(text)
    folded = folded_view(cased)
    for view in (cased, folded, compact_view(folded)):
        assert len(view.text) == len(view.origins) == len(view.ends)
        assert all(a <= b for a, b in pairwise(view.origins))
        assert all(0 <= a < b <= len(text) for a, b in zip(view.origins, view.ends, strict=True))


@given(st.text())
def test_folding_twice_changes_nothing(text):
    once = cased_view(text).text

    assert cased_view(once).text == cased_view(cased_view(once).text).text


@pytest.mark.parametrize(
    ("lines", "stated", "language"),
    [
        pytest.param(["customer: 你好，ok"], None, "zh", id="chinese with a latin word"),
        pytest.param(["customer: where is my parcel 谢谢"], None, "en", id="english with a chinese word"),
        pytest.param(["customer: hello"], "zh-CN", "zh", id="stated wins"),
        pytest.param(["customer: bonjour"], "fr", "fr", id="stated and unknown"),
    ],
)
def test_language_is_stated_or_read_off_the_script(lines, stated, language):
    assert ConversationNormaliser().normalise(conversation(*lines, language=stated)).language == language


@given(st.one_of(st.text(max_size=40), st.text(st.sampled_from("aＡ妳 \t\u3000\u200b\x00ﬁ①İé😀，"), max_size=12)))
def test_a_text_is_folded_as_its_characters_are(text):
    """Texts in which every character shows as one are folded at once; the outcome is that of character by character."""
    view = cased_view(text)

    alone = [cased_view(f"甲{char}乙").text[1:-1] for char in text]
    said = "".join(alone)
    while "  " in said:
        said = said.replace("  ", " ")
    assert view.text == said.strip(" ")
    assert all(folded in alone[at] for folded, at in zip(view.text, view.origins, strict=True))
    assert all(end == at + 1 for at, end in zip(view.origins, view.ends, strict=True))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("100%正品", "100%正品"),
        ("１００ ％ 正品", "100%正品"),
        ("100.%", "100%"),
        ("加%微%信", "加微信"),
        ("% 100", "100"),
        ("5%%", "5%"),
    ],
)
def test_a_percent_sign_behind_a_digit_stays_in_the_compact_view_where_it_stood(text: str, shown: str) -> None:
    view = compact_view(folded_view(cased_view(text)))
    assert view.text == shown
    assert all(
        unicodedata.normalize("NFKC", text[at]) == char for at, char in zip(view.origins, view.text, strict=True)
    )
