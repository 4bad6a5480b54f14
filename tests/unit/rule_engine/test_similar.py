"""Similar sentences: scores, evidence, negations, batches, and what happens without an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa_service.domain.finding import Outcome
from qa_service.errors import ConfigError
from qa_service.rule_engine import SentenceEncoder
from qa_service.rule_engine.said_pieces import MOST_PIECES
from qa_service.rule_engine.sentences import Floats
from qa_service.rule_wiring import sentence_encoder
from qa_service.settings import load_settings
from tests.unit.rule_engine.packs import engine, hits, inspect, only, rule

_DIRECTIONS = {"退": 0, "refund": 0, "钱": 1, "money": 1, "快递": 2, "parcel": 2}


class WordEncoder:
    """Texts point to what they are about; keeps what it was asked."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> Floats:
        self.calls.append(list(texts))
        vectors = np.full((len(texts), 4), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word, direction in _DIRECTIONS.items():
                vectors[row, direction] += word in text.lower()
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _broken(texts: Sequence[str]) -> Floats:
    raise RuntimeError("a secret of the customer")


def _similar(*sentences: str, **fields: Any) -> dict[str, Any]:
    within = {name: fields.pop(name) for name in ("within", "at_least") if name in fields}
    return rule({"similar": {"to": list(sentences), "at_least": 0.9, **within}}, **fields)


@pytest.mark.parametrize(
    ("within", "text", "expected"),
    [
        ("sentence", "在的亲。 都能退给您哦！稍等", ["都能退给您哦！"]),
        ("clause", "快递慢，都能退给您哦", ["都能退给您哦"]),
        ("sentence", "快递慢，都能退给您哦", []),
        ("turn", "都能退给您哦", ["都能退给您哦"]),
        ("sentence", "We refund all of it. Bye", ["We refund all of it."]),
        ("sentence", "快递到了", []),
        ("sentence", "。。。", []),
    ],
    ids=str,
)
def test_a_piece_that_means_the_same_is_the_evidence(
    tmp_path: Path, within: str, text: str, expected: list[str]
) -> None:
    subject = engine(tmp_path, _similar("可以退", within=within), encoder=WordEncoder())

    assert hits(subject, text) == expected


def test_the_explanation_shows_the_exact_score_and_the_nearest_sentence(tmp_path: Path) -> None:
    subject = engine(tmp_path, _similar("快递", "退钱", at_least=0.7), encoder=WordEncoder())

    (hit,) = only(inspect(subject, "都能退"), Outcome.HIT)

    assert hit.explanation["similar"] == {"sentence": "退钱", "score": 0.7078, "at_least": 0.7}


@pytest.mark.parametrize(("at_least", "expected"), [(0.7078, ["都能退"]), (0.7079, [])])
def test_the_score_that_is_shown_is_the_one_that_is_compared(
    tmp_path: Path, at_least: float, expected: list[str]
) -> None:
    subject = engine(tmp_path, _similar("退钱", at_least=at_least), encoder=WordEncoder())

    assert hits(subject, "都能退") == expected


@pytest.mark.parametrize(
    ("sentence", "text", "guard", "outcome"),
    [
        ("可以退", "这个不支持退", "default", Outcome.SUPPRESSED),
        ("可以退", "这个不支持退", ["quotation"], Outcome.HIT),
        ("不支持退", "这个不支持退", "default", Outcome.HIT),
        ("refund", "we do not refund", "default", Outcome.SUPPRESSED),
        ("可以退", "可以退吗？", "default", Outcome.SUPPRESSED),
    ],
)
def test_a_negation_inside_says_the_opposite(
    tmp_path: Path, sentence: str, text: str, guard: Any, outcome: Outcome
) -> None:
    subject = engine(tmp_path, _similar(sentence, guard=guard), encoder=WordEncoder())

    assert [finding.outcome for finding in inspect(subject, text) if finding.turn_id] == [outcome]


def test_turns_are_encoded_in_one_batch_and_sentences_of_rules_once(tmp_path: Path) -> None:
    encoder = WordEncoder()
    subject = engine(tmp_path, _similar("可以退"), encoder=encoder)
    lines = ["customer: 能退吗", "agent: 可以。退", "agent: 快递", "agent: 可以。退"]

    hits(subject, lines)
    hits(subject, lines)

    assert encoder.calls == [["可以。", "退", "快递"], ["可以退"], ["可以。", "退", "快递"]]


@pytest.mark.parametrize(
    ("encoder", "reason"), [(None, "there is no sentence encoder"), (_broken, "the sentence encoder failed")]
)
def test_without_vectors_the_rule_is_unavailable_and_others_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, encoder: SentenceEncoder | None, reason: str
) -> None:
    subject = engine(tmp_path, _similar("可以退"), rule({"any": ["退"]}, id="test.word"), encoder=encoder)

    outcomes = inspect(subject, ["agent: 退", "agent: 好"])

    assert [(f.rule_id, f.outcome) for f in outcomes] == [
        ("test.word", Outcome.HIT), ("test.rule", Outcome.UNAVAILABLE)
    ]  # fmt: skip
    assert outcomes[1].explanation["reason"] == reason
    assert "secret" not in caplog.text


def test_a_conversation_with_too_many_pieces_says_so(tmp_path: Path) -> None:
    subject = engine(tmp_path, _similar("可以退"), encoder=WordEncoder())

    (outcome,) = inspect(subject, "。".join(str(number) for number in range(MOST_PIECES + 1)))

    assert outcome.outcome is Outcome.UNAVAILABLE
    assert "2000 different pieces" in outcome.explanation["reason"]


def test_an_exception_and_other_conditions_apply_to_what_is_similar(tmp_path: Path) -> None:
    both = {"and": [{"similar": {"to": "可以退", "at_least": 0.9}}, {"any": ["亲"]}]}
    subject = engine(tmp_path, rule(both, exceptions=["退出活动了"], guard="none"), encoder=WordEncoder())

    assert hits(subject, "都能退，亲") == ["都能退，亲"]
    assert hits(subject, "都能退") == []
    assert only(inspect(subject, "退出活动了。亲"), Outcome.SUPPRESSED)[0].explanation["cue"]["kind"] == "exception"


@pytest.mark.parametrize(
    ("similar", "message"),
    [
        ({"to": ["甲"] * 201, "at_least": 0.8}, "rules[0].match.similar.to: must have at most 200 sentences"),
        ({"to": "甲" * 121, "at_least": 0.8}, "similar.to: must have at most 120 characters"),
        ({"to": "甲", "at_least": 1.1}, "at_least: must be a number from 0.01 to 1"),
        ({"to": "甲"}, "at_least is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_compared_is_an_error_with_its_place(
    tmp_path: Path, similar: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        engine(tmp_path, rule({"similar": similar}))

    assert message in caught.value.message


@pytest.mark.model
@pytest.mark.parametrize(
    ("sentence", "text", "is_similar"),
    [
        ("收到货七天内不满意可以退款", "七天之内不喜欢都能退给您", True),
        ("这是系统规定，我也没有办法", "系统就这样，我真的无能为力", True),
        ("You can return it within 30 days for a full refund", "We accept returns for a month and pay back in full", True),
        ("收到货七天内不满意可以退款", "这款有黑色和白色哦", False),
        ("You can return it within 30 days for a full refund", "Which colour would you like?", False),
    ],
    ids=str,
)  # fmt: skip
def test_the_shipped_encoder_tells_what_means_the_same(
    tmp_path: Path, sentence: str, text: str, is_similar: bool
) -> None:
    encoder = sentence_encoder(load_settings())
    subject = engine(tmp_path, _similar(sentence, at_least=0.5, guard="none"), encoder=encoder)

    assert bool(hits(subject, text)) == is_similar
