from __future__ import annotations

import pytest

from qa_service.domain.no_reply import needs_reply


@pytest.mark.parametrize(
    "text",
    ["thanks Maya!", "Ok, thank you, Tom",
     "谢谢", "好的", "好的，谢谢啦~", "嗯嗯 谢谢亲", "可以，谢谢", "OK", "ok thanks!", "Thank you so much.", "That's all, thanks",
     "谢谢周师傅", "好的，谢谢客服小姐姐~", "谢谢小王", "辛苦老师啦", "谢谢周敏",
     "found it", "got it thanks", "Found it, thanks Tom!",
     "thank you so much for your help", "找到了，谢谢", "可以了", "那就这样吧",
     "😊", "👍👍", "[微笑]", "[玫瑰][玫瑰]", "。。。", " ", "謝謝", "ＯＫ", "行吧", "明白了，辛苦了"],
)  # fmt: skip
def test_closing_words_and_emoji_need_no_reply(text):
    assert not needs_reply(text, names={"周敏", "maya"})


@pytest.mark.parametrize(
    "text",
    ["在吗", "好的，那什么时候发货", "谢谢？", "好的?", "可以", "yes", "？？？", "！！！", "[图片]", "[视频]", "好不好", "啊",
     "thanks but it is broken", "thanks Maya, where is it", "Thanks Tom?", "谢谢你们把我的快递弄丢了",
     "好的转人工客服", "好的叫你们经理", "好的客服呢", "谢谢周五发货", "周敏", "find it", "help",
     "谢" * 40, "谢谢" * 30, "1"],
)  # fmt: skip
def test_everything_else_needs_a_reply(text):
    assert needs_reply(text, names={"周敏", "maya"})
