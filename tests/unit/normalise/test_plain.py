"""The plain view: what is disguised without doubt is read as it is meant, all else as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.normalise import cased_view, plain_view


def plain(text):
    return plain_view(cased_view(text)).text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("n0t my j0b", "not my job"),
        ("N0T my dep@rtment", "NOT my department"),
        ("b@nk tr@nsfer, my pa$$word", "bank transfer, my password"),
        ("fr€€ f0rever", "free forever"),
        ("sk!n", "skin"),
        ("s.h.r.u.g", "shrug"),
        ("N-O-T M-Y J-O-B", "NOT MY JOB"),
        ("v e r i f y code", "verify code"),
        ("f@t c4ts, pa$$", "fat cats, pass"),
        ("u іdіоt", "u idiot"),
        ("过 敏 = 陪 伍 佰", "过 敏 = 陪伍佰"),
        ("不 想 管 你", "不想管你"),
        ("给_你_返_现", "给你返现"),
        ("顺丰，明早bì到", "顺丰,明早bi到"),
    ],
)
def test_disguises_are_undone(written, read):
    assert plain(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "It's a 5 star hotel, open 9 a.m. to 5 p.m.",
        "size5 or size 5, item3 of 5",
        "i5 CPU, m3 of water, mp3, B2B, 4k, h264, win10",
        "3pm, 10gb, 1st, 2nd, 5star, 2x",
        "write to soap@example.com or @goldie",
        "great! thanks!",
        "US$30, A$5 shipping, $4m, 50€, 100k km",
        "my OPPO A5s, G4S, P0, T0, i7s, 4pt",
        "size S/M/L, unit B-3-1, v.1.2.3, A/B/C",
        "zone a yes, for b n c u need the other one",
        "n u r a liar",
        "dan@... and dan@ work",
        "约 3-5 天, 共 9.9 元, 打 8.8 折 哦, 周 1-5 休, 男 1.8 米",
        "黑/白/灰, 大/中/小, 长*宽*高",
        "order 20231105, tracking RR123456789CN",
        "it costs $30, i.e. 10% off",
        "亲 您好 请稍等",
        "这款 有货 吗",
        "是 的",
        "café naïve",
        "Привет, как дела",
    ],
)
def test_ordinary_writing_stays_as_it_is(text):
    assert plain(text) == cased_view(text).text


def test_a_joined_word_covers_all_that_was_written():
    original = "so s.h.r.u.g now"
    view = plain_view(cased_view(original))
    at = view.text.index("shrug")

    span = view.to_original(at, at + len("shrug"))

    assert original[span.start : span.end] == "s.h.r.u.g"


@given(st.text(alphabet=st.sampled_from("abn0o1 t.-_@$!3é不想管ā ｂ\u200bіЖ'5"), max_size=60))
def test_the_map_to_the_original_holds(text):
    view = plain_view(cased_view(text))

    assert len(view.text) == len(view.origins) == len(view.ends)
    assert list(view.origins) == sorted(view.origins)
    assert all(0 <= start < end <= len(text) for start, end in zip(view.origins, view.ends, strict=True))


@given(st.text(alphabet=st.sampled_from("abcxyz ABC,。吗的了好"), max_size=60).filter(lambda text: "  " not in text))
def test_words_without_signs_and_single_letters_stay(text):
    cased = cased_view(" ".join(word * 2 for word in text.split()))

    assert plain_view(cased) is cased


@pytest.mark.parametrize("unit", ["а", "a.", "我 ", "@a", "a0", "a b-", "а1"])
def test_long_runs_of_signs_are_read_to_their_end(unit):
    assert plain(unit * 10_000 + "1").endswith("1")
