from __future__ import annotations

import pytest

from qa_service.mood.language import why_unreadable


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("Где мой заказ?", "Cyrillic", id="Russian"),
        pytest.param("주문한 상품이 아직 안 왔어요", "Hangul", id="Korean"),
        pytest.param("荷物がまだ届いていません", "Japanese", id="Japanese"),
        pytest.param("أين طلبي", "Arabic", id="Arabic"),
        pytest.param("ང་ལ་སྐྱོན་ཤོར་སོང་།", "Tibetan", id="Tibetan"),
        pytest.param("ꆈꌠꉙ ꀉꁁ", "Yi", id="Yi"),
        pytest.param("Quiero que me devuelvan el dinero ahora", "no language", id="Spanish"),
        pytest.param("merci beaucoup, vous êtes très gentille", "no language", id="French"),
        pytest.param("Wo ist mein Paket bitte", "no language", id="German"),
        pytest.param("Dove è il mio ordine", "no language", id="Italian"),
        pytest.param("Isso é um absurdo", "no language", id="Portuguese"),
        pytest.param("Het product is kapot", "no language", id="Dutch with words that English has"),
        pytest.param("Nasaan na ang order ko", "no language", id="Tagalog"),
        pytest.param("wo de kuai di zen me hai mei dao", "no language", id="pinyin"),
        pytest.param("Me siento estafado", "no language", id="three words"),
        pytest.param("Muy malo", "no language", id="two words, one of which Spanish cannot do without"),
        pytest.param("asdkjh qwpeoi zxmcnb lkjasd", "no language", id="typed nonsense"),
    ],
)
def test_what_the_model_cannot_read_is_said(text, said):
    assert said in (why_unreadable(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("这个多少钱", id="Chinese"),
        pytest.param("refund late parcel money", id="known words only"),
        pytest.param("why is teh prcel sooo delayd again", id="English with slips"),
        pytest.param("Go ahead, nobody cares.", id="common words that need no the or you"),
        pytest.param("Awful. Rude. Useless. Dishonest.", id="single words"),
        pytest.param("Kindly assist regarding delayed shipment", id="no little word at all"),
        pytest.param("Delivered, opened, everything smashed", id="words with endings"),
        pytest.param("gimme refund asap bro", id="slang"),
        pytest.param("mon is fine", id="a day that is a French word"),
        pytest.param("same PO?", id="a word that another language has"),
        pytest.param("merci Hedda", id="too short to tell"),
        pytest.param("Priya Raghunathan, Koramangala, Bangalore", id="names and places"),
        pytest.param("flat near Koramangala Bangalore Karnataka", id="mostly names"),
        pytest.param("ref NG7K-DHKP-QWXZ yes", id="a code"),
        pytest.param("订单 KJH-2231 的 Nike Air Max Plus 呢", id="brands among Chinese"),
        pytest.param("你们の服务太差", id="one kana for fun"),
        pytest.param("ㄅㄅ ㄏㄏㄏ", id="Bopomofo for fun"),
        pytest.param("好难过(ಥ_ಥ)", id="a face of foreign letters"),
        pytest.param("ok ಠ_ಠ", id="a face that is half of the letters"),
        pytest.param("(ಥ﹏ಥ)", id="a face alone"),
        pytest.param("ლ(ಠ益ಠლ)", id="a face with hands"),
        pytest.param("6610 😡!!!", id="no letters"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_the_model_reads_is_left_alone(text):
    assert why_unreadable(text) is None
