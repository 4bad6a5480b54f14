from __future__ import annotations

import time

import pytest

from qa_service.domain.no_reply import needs_reply


@pytest.mark.parametrize(
    "text",
    ["thanks Maya!", "Ok, thank you, Tom",
     "谢谢", "好的", "好的，谢谢啦~", "嗯嗯 谢谢亲", "可以，谢谢", "OK", "ok thanks!", "Thank you so much.", "That's all, thanks",
     "谢谢周师傅", "好的，谢谢客服小姐姐~", "谢谢小王", "辛苦老师啦", "谢谢周敏",
     "found it", "got it thanks", "Found it, thanks Tom!",
     "thank you so much for your help", "找到了，谢谢", "可以了", "那就这样吧",
     "太感谢了！", "谢谢你的帮忙，你人真好", "好吧，谢谢你，你态度挺好的", "收到了，非常满意", "感恩", "那我放心了，谢谢",
     "我再看看", "考虑一下", "我跟老公商量一下", "先不买了", "等我发工资", "改天再来", "下次还来", "那行吧",
     "我下单了", "那我先去吃饭了", "先这样吧", "祝生意兴隆",
     "cheers mate", "ta", "brill thanks", "nice one", "not bad, thanks", "thank you, you have been great",
     "thank you so much for your help, you have been amazing!", "thanks for sorting that out", "really appreciate it",
     "I'll think about it", "will order later", "I've placed the order", "have a lovely evening", "received, thanks",
     "那就好，谢谢你喔，处理得很快", "你效率真高哈哈", "客服真有耐心，点赞", "谢谢你这么上心", "好的 不着急", "已拍",
     "哈哈哈", "好叭", "要得，谢谢",
     "已收到，谢谢", "好 我先观察一下", "没有其他问题了，谢谢", "好呀好呀 麻烦你啦", "那还差不多 谢谢", "爱你们💗", "给你们点赞👍",
     "😊", "👍👍", "[微笑]", "[玫瑰][玫瑰]", "。。。", " ", "謝謝", "ＯＫ", "行吧", "明白了，辛苦了"],
)  # fmt: skip
def test_closing_words_and_emoji_need_no_reply(text):
    assert not needs_reply(text, names={"周敏", "maya"})


@pytest.mark.parametrize(
    "text",
    ["Perfect, thank you for taking it seriously", "thanks for being so patient with me", "I really appreciate all your help today",
     "I appreciate your kindness.", "you're a lifesaver!", "that's really kind of you", "oh wow that was quick",
     "You are a very patient young person, thank you dear.", "I'm so relieved, thank you", "well that's a relief, phew",
     "that's a weight off my mind", "glad that's sorted", "yes everything's back, that was fast!", "that's sorted it",
     "It works again!",
     "it's all good now", "ah ok makes sense", "that answers my question", "fair enough", "that's fine by me",
     "ok cool, I'll give that a go",
     "ok I'll wait for the email", "Okay, I'll keep an eye on it", "We'll see.", "ok perfect, I'll let you know",
     "no that's all for now",
     "no more questions", "great, see you on Friday then", "bye for now", "Super, enjoy your weekend", "happy holidays",
     "thank you, and sorry for the trouble", "Nice doing business with you", "noted with thanks", "thank you my friend",
     "ok lah thanks",
     "merci!", "nope, all good"],
)  # fmt: skip
def test_english_courtesies_need_no_reply(text):
    assert not needs_reply(text)


@pytest.mark.parametrize(
    "text", ["Yes, that's fine with me", "sure, that sounds great, thanks", "ok yes that works for me"]
)
def test_a_yes_to_an_offer_needs_a_reply(text):
    assert needs_reply(text)


@pytest.mark.parametrize("text", ["yes that's all, thanks", "yes, that's sorted now", "yes it works now, thanks"])
def test_a_yes_to_the_question_whether_that_was_all_needs_none(text):
    assert not needs_reply(text)


@pytest.mark.parametrize(
    "text",
    ["Thanks, you saved my holiday", "Right, thanks", "Marvellous, thank you ever so much", "Works! Brilliant, thank you",
     "It came today already. Really good service, cheers", "I see it, that was painless, thank you very much!",
     "aww thanks, we're so excited :)", "Great service, thank you Maya", "I wish you all the best, thank you",
     "thank you and the team", "Thanks, looking forward to the trip", "thanks for the help today",
     "thank you, the flight was great",
     "thanks, yes that is clear now", "thanks for the quick reply and the information", "Thank you for your time this evening",
     "I am very grateful for your help", "no, all good thanks", "your help is much appreciated"],
)  # fmt: skip
def test_thanks_in_words_that_ask_for_nothing_need_no_reply(text):
    assert not needs_reply(text, names={"maya"})


@pytest.mark.parametrize(
    "text",
    ["thanks, is it the same price", "thank you, will it arrive today", "Thanks, I have to have it today", "thank you, size M",
     "book it, thanks", "Thank you in advance", "thanks but no thanks", "I'd appreciate that", "thanks for losing my parcel",
     "thanks for all the help that never came", "Thank you for your patience, I am out of mine", "thanks, still down",
     "thank you. I expected rather better", "you've been no help at all", "that would be great", "it's back again", "all done",
     "it's working for everyone but me", "I'm happy to wait but call me", "I'll let everyone know", "will try another shop",
     "see you in court", "enjoy your bonus", "how nice of you", "sorry for the trouble but my bag is still lost", "ok and then",
     "all good except the zip is broken", "I will wait but not forever", "I thank you to answer", "forget it", "thanks " * 20,
     "Thanks, now help me", "thank you, answer now", "thanks, update me today", "thank you, I wish it worked",
     "thanks, looking forward to your answer", "your quick reply is appreciated", "thanks, I will be grateful for a quick answer",
     "thanks, and for my friend", "Thank you and my holiday", "yes I have, thanks", "in the evening, thanks", "both, thanks",
     "weekend works for me, thanks", "I'm at work today, thanks", "Thank you, yes, for me", "I will have both, thanks",
     "thanks, everybody got my information", "no good", "thanks, no received", "that's just great", "you did it again",
     "until Friday"],
)  # fmt: skip
def test_an_english_request_or_trouble_beside_a_courtesy_needs_a_reply(text):
    assert needs_reply(text)


@pytest.mark.parametrize(
    "text",
    ["在吗", "好的，那什么时候发货", "谢谢？", "好的?", "可以", "yes", "？？？", "！！！", "[图片]", "[视频]", "好不好", "啊",
     "thanks but it is broken", "thanks Maya, where is it", "Thanks Tom?", "谢谢你们把我的快递弄丢了",
     "好的转人工客服", "好的叫你们经理", "好的客服呢", "谢谢周五发货", "周敏", "find it", "help",
     "太感谢了，我的快递丢了", "thank you for nothing", "not bad, but where is my refund", "you are great at lying",
     "我再看看有没有别的", "你再看看", "再看看", "考虑一下给我退款", "考虑一下？", "我下单了怎么还没发货", "先给我退款",
     "先不发货了", "不要了", "我先不要了", "给好评了", "明天再说是什么意思", "服务太差了", "非常不满意", "算了", "好评返现",
     "ok today", "I'll think about it, can you hold it", "I've placed the order but it failed", "I will order two", "love",
     "你好", "您好呀", "亲你好", "你好你好", "你好亲", "[位置]", "[名片]", "你们发货真慢", "这么快", "太高了",
     "很快就坏了", "你们回复真快，等了四小时", "效率",
     "我试试能不能退", "我试了不行", "收到货了，坏的", "已拍下改地址", "中通发吗", "要得不多",
     "太好了吧这也能坏", "爱你妹", "呵呵", "等你回复",
     "哈哈你们真逗退钱", "多亏你了我才被骗", "真快递到了吗", "点赞返现", "等着吧",
     "谢" * 52, "谢谢" * 30, "1"],
)  # fmt: skip
def test_everything_else_needs_a_reply(text):
    assert needs_reply(text, names={"周敏", "maya"})


@pytest.mark.parametrize(
    "text",
    [
        *("那我" * 25, "会给" * 25, "真的" * 25, "我先" * 24 + "啊", "你好亲" * 6_000 + "退"),
        *("I will " * 9, "so very " * 6, "I'll " * 12),
    ],
)
def test_phrases_that_do_not_end_cost_no_time(text):
    started = time.process_time()

    assert needs_reply(text)

    assert time.process_time() - started < 0.1
