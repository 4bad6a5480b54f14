from __future__ import annotations

import pytest

from qa_service.mood.language import LanguageReader

READER = LanguageReader({"▁refund", "▁parcel", "▁late", "▁dinero", "▁money", "shi"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("Где мой заказ?", "Cyrillic", id="Russian"),
        pytest.param("주문한 상품이 아직 안 왔어요", "Hangul", id="Korean"),
        pytest.param("荷物がまだ届いていません", "Japanese", id="Japanese"),
        pytest.param("أين طلبي", "Arabic", id="Arabic"),
        pytest.param("Quiero que me devuelvan el dinero ahora", "no language", id="Spanish"),
        pytest.param("merci beaucoup, vous êtes très gentille", "no language", id="French"),
        pytest.param("asdkjh qwpeoi zxmcnb lkjasd", "no language", id="typed nonsense"),
    ],
)
def test_what_the_model_cannot_read_is_said(text, said):
    assert said in (READER.why_unreadable(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("这个多少钱", id="Chinese"),
        pytest.param("refund late parcel money", id="known words only"),
        pytest.param("why is teh prcel sooo delayd again", id="English with slips"),
        pytest.param("merci", id="too short to tell"),
        pytest.param("订单 KJH-2231 的 Nike Air Max Plus 呢", id="brands among Chinese"),
        pytest.param("你们の服务太差", id="one kana for fun"),
        pytest.param("6610 😡!!!", id="no letters"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_the_model_reads_is_left_alone(text):
    assert READER.why_unreadable(text) is None
