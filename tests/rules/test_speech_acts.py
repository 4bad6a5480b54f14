"""What is denied, asked, quoted, reported, corrected or supposed is no promise; what only sounds so is one."""

from __future__ import annotations

import pytest

from qa_service.domain.finding import Finding, Outcome
from qa_service.domain.mood import ConversationMood, MoodStatus
from qa_service.normalise import ConversationNormaliser
from qa_service.rule_engine import PackRuleEngine
from qa_service.rule_wiring import build_rule_engine
from qa_service.settings import load_settings
from tests.builders import conversation

_NO_MOOD = ConversationMood(status=MoodStatus.NOT_APPLICABLE, reason="no_customer_turn")


@pytest.fixture(scope="module")
def engine() -> PackRuleEngine:
    return build_rule_engine(load_settings())


def _placed(engine: PackRuleEngine, text: str, language: str) -> list[Finding]:
    chat = ConversationNormaliser().normalise(conversation(f"agent: {text}", language=language))
    return [finding for finding in engine.inspect(chat, _NO_MOOD, ()) if finding.turn_id is not None]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("这款没法做到七天内退货的哦", "zh"),
        ("咱们没有承诺过七天可以退", "zh"),
        ("您刚才问的是不是七天内可以退", "zh"),
        ("您是想问七天可以退么", "zh"),
        ("哪有七天可以退的说法呀", "zh"),
        ("您提到七天可以退，我帮您核实一下", "zh"),
        ("客户说七天可以退，麻烦同事看下", "zh"),
        ("隔壁店七天可以退，咱家是三天", "zh"),
        ("之前那位客服跟您说七天可以退吗", "zh"),
        ("七天内可以退，抱歉打错了，是三天", "zh"),
        ("请勿相信七天可以退的广告", "zh"),
        ("如果七天可以退的话我早就给您退了", "zh"),
        ("要是能七天退就好了", "zh"),
        ("不一定七天可以退", "zh"),
        ("七天可以退？没有这个说法的", "zh"),
        ("并不是所有商品都七天可以退", "zh"),
        ("七天可以退的那是别的店", "zh"),
        ("三十天内退货？当然不行", "zh"),
        ("十天内能退吗？支持七天", "zh"),
        ("十天内能退吗？可以，不过要看情况", "zh"),
        ("您是想十天内退货对吧", "zh"),
        ("华为官方保修两年", "zh"),
        ("快递公司会赔您200元", "zh"),
        ("补您500积分", "zh"),
        ("Can I return it after 60 days? Of course not", "en"),
        ("The law gives you 60 days to return it", "en"),
        ("We can’t offer returns within 30 days, I'm afraid.", "en"),
        ("Are you asking whether you can return it within 30 days?", "en"),
        ("You said you can return it within 30 days, let me check", "en"),
        ("Other shops let you return within 30 days", "en"),
        ("You can return it within 30 days, sorry, my mistake", "en"),
        ("Unfortunately we don’t do 30 day returns", "en"),
        ("It isn’t true that you can return it within 30 days", "en"),
        ("The previous agent told you that you can return it within 30 days", "en"),
    ],
    ids=str,
)
def test_no_promise_is_counted(engine: PackRuleEngine, text: str, language: str) -> None:
    assert [finding.text for finding in _placed(engine, text, language) if finding.outcome is Outcome.HIT] == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("不是不能退，七天内都可以退", "zh"),
        ("这还能不给您退吗，七天内都能退", "zh"),
        ("没问题，七天可以退", "zh"),
        ("不满意七天内可以退", "zh"),
        ("如果不喜欢，七天内可以退", "zh"),
        ("虽然不支持换色，但是七天可以退", "zh"),
        ("放心，七天可以退，不用问了", "zh"),
        ("别家三天，我们七天可以退", "zh"),
        ("哪能不给您退呢，七天内都可以退", "zh"),
        ("怎么可能不退呢，七天内都可以退", "zh"),
        ("谁说十天不能退", "zh"),
        ("七天内能退吗？可以的", "zh"),
        ("十天内能退货对吧，放心好了", "zh"),
        ("消法规定7天，我给您30天退货", "zh"),
        ("京东那边能退30天，您来我这也能退30天", "zh"),
        ("我们是华为官方店，十五天内都能退货", "zh"),
        ("顺丰赔您一百我给您补五百", "zh"),
        ("给您赔500私了", "zh"),
        ("质保有五年", "zh"),
        ("We'd have sent it sooner, it will arrive tomorrow guaranteed", "en"),
        ("Don't worry about the law, return it within 60 days", "en"),
        ("Can you return it within 60 days? Absolutely!", "en"),
        ("The courier will pay you $20 and we will pay you another $300 compensation", "en"),
        ("Do not forget to leave a five star review please", "en"),
        ("Sorry for the delay, leave 5 stars and you get $10, and thanks for the review", "en"),
        ("If you don’t like it, you can return it within 30 days", "en"),
        ("No problem, you can return it within 30 days", "en"),
        ("We can't exchange it but you can return it within 30 days", "en"),
        ("It's not that we won't take it back, you can return it within 30 days", "en"),
        ("Others give 3 days, we let you return it within 30 days", "en"),
    ],
    ids=str,
)
def test_a_promise_counts(engine: PackRuleEngine, text: str, language: str) -> None:
    assert [finding for finding in _placed(engine, text, language) if finding.outcome is Outcome.HIT]
