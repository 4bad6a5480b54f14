"""Stickers written by name are read as the emoji that they show, in the place of the whole name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.text import Span
from qa_service.normalise import cased_view, plain_view
from qa_service.normalise.stickers import with_emoji


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[愤怒]", "😡"),
        ("还没到[发怒][发怒]", "还没到😡😡"),
        ("[快哭了]急用", "😭急用"),
        ("谢谢［呲牙］", "谢谢😄"),
        ("好氣[憤怒]", "好气😡"),
        ("[Angry]", "😡"),
        ("什么破玩意🤬", "什么破玩意😡"),
    ],
)
def test_a_sticker_is_read_as_the_face_that_it_shows(written, read):
    assert plain_view(cased_view(written)).text == read


@pytest.mark.parametrize(
    "text",
    [
        "[微笑]",
        "[捂脸]",
        "[可怜]",
        "[赞]",
        "[图片]坏了",
        "[怒",
        "怒]",
        "愤怒",
        "【愤怒】",
        "[我很愤怒]",
        "[数量:3]",
        "a[0]",
        "😡",
        "",
    ],
)
def test_what_means_several_things_or_is_no_sticker_stays(text):
    view = cased_view(text)

    assert with_emoji(view) is view


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("给您添麻烦了[大哭]", None),
        ("[难过]抱歉", None),
        ("爆单了[抓狂]", None),
        ("[白眼]自己看", "🙄自己看"),
        ("好的[呲牙]", "好的😄"),
    ],
)
def test_an_agents_sorrow_stays_a_name(written, read):
    assert plain_view(cased_view(written), is_agents=True).text == (read or written)


def test_an_emoji_has_the_place_of_the_whole_name():
    view = plain_view(cased_view("  等了一天[愤怒]气人"))

    assert view.text == "等了一天😡气人"
    assert view.to_original(4, 5) == Span(6, 10)
    assert view.to_original(5, 7) == Span(10, 12)


@given(st.text(alphabet="[]愤怒大哭🤬a ", max_size=30))
def test_every_character_keeps_a_place_in_order(text):
    view = with_emoji(cased_view(text))

    assert len(view.text) == len(view.origins) == len(view.ends)
    assert list(view.origins) == sorted(view.origins)
    assert all(start < end for start, end in zip(view.origins, view.ends, strict=True))
