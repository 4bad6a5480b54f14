"""Personal data is found where it is, and nothing else is taken for it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_service.domain.personal_data import PersonalKind
from qa_service.normalise.personal_data import find_personal_data, mask_text
from tests.unit.normalise.personal_data.lists import Hit, hits, lines

LISTS = ("hits.txt", "fresh_hits.txt")
LOOKALIKES = ("lookalikes.txt", "fresh_lookalikes.txt")


@pytest.mark.parametrize("hit", hits("hits.txt"), ids=lambda hit: hit.text)
def test_personal_data_is_found(hit: Hit) -> None:
    assert hit.is_found


@pytest.mark.parametrize("text", lines("lookalikes.txt"))
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert find_personal_data(text) == ()


def test_the_fresh_list_is_found_as_well_as_the_documents_say() -> None:
    fresh = hits("fresh_hits.txt")
    taken = [text for text in lines("fresh_lookalikes.txt") if find_personal_data(text)]
    found = sum(hit.is_found for hit in fresh)
    assert found / len(fresh) >= 0.8
    assert found / (found + len(taken)) >= 0.9


def test_every_kind_is_on_the_list() -> None:
    assert {hit.kind for hit in hits("hits.txt")} == set(PersonalKind)


TEXTS = st.one_of(
    st.sampled_from([hit.text for name in LISTS for hit in hits(name)]),
    st.text(alphabet="13580X一三八幺@.-_ +()（）：:号我叫王先生微信qQ路区市浙A文*\n\u200b１", max_size=60),
)


@given(st.lists(TEXTS, max_size=4).map("，".join))
def test_a_mask_is_as_long_as_the_text_and_leaves_the_rest(text: str) -> None:
    masked = mask_text(text)
    hidden = {at for span in find_personal_data(text) for at in range(span.start, span.end)}
    assert len(masked) == len(text)
    assert all(masked[at] == text[at] for at in range(len(text)) if at not in hidden)


@given(st.lists(TEXTS, max_size=4).map("，".join))
def test_spans_are_in_order_and_never_overlap(text: str) -> None:
    edges = [edge for span in find_personal_data(text) for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(span.start < span.end <= len(text) for span in find_personal_data(text))


@pytest.mark.parametrize("hit", [hit for name in LISTS for hit in hits(name) if hit.is_found], ids=lambda hit: hit.text)
def test_most_of_what_is_found_is_hidden(hit: Hit) -> None:
    masked = mask_text(hit.text)
    hidden = [at for at in hit.places if masked[at] == "*"]
    assert len(hidden) >= min(len(hit.places) - 1, 4) or len(hidden) == len(hit.places)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("打138-0013-8000", "打138-****-8000", id="phone"),
        pytest.param("８６１３９１２３４５６７８", "８６１３９****５６７８", id="phone with country, full width"),
        pytest.param("座机：010-87654321", "座机：010-****4321", id="landline"),
        pytest.param("证件11010119900307109x", "证件1****************x", id="identity card"),
        pytest.param("卡号6217001230004567893", "卡号***************7893", id="bank card"),
        pytest.param("xiaolin@163.com", "x******@163.com", id="e-mail"),
        pytest.param("寄到杭州市西湖区文三路100号", "寄到杭州市西湖区*******", id="address"),
        pytest.param("收件人：欧阳娜娜", "收件人：欧***", id="name"),
        pytest.param("张先生您好", "*先生您好", id="surname alone"),
        pytest.param("浙A12345", "浙A*****", id="plate"),
        pytest.param("微信号：abc_123", "微信号：a**_***", id="account"),
    ],
)
def test_a_mask_shows_what_stood_there(text: str, masked: str) -> None:
    assert mask_text(text) == masked


HOSTILE = {
    "one number": "1",
    "digits apart": "1 ",
    "digits spelt, apart": "幺-",
    "invisible between": "1\u200b",
    "half a phone": "138 ",
    "phones": "+44 20 7946 0958 ",
    "at signs": "a@",
    "dots": "a.",
    "words for accounts": "微信号是",
    "cities": "北京市",
    "autonomous": "延边",
    "streets": "路1",
    "addresses": "地址是文三路",
    "introductions": "我叫王",
    "English streets": "1 Aa ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_longest_turn_takes_no_long_time_whatever_stands_in_it(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    began = time.process_time()
    find_personal_data(text)
    assert time.process_time() - began < 2
