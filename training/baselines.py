"""What a shop would otherwise use, trained on the same turns where it can be: the figures to beat.

Each predicts the sentiment sign (-1, 0, 1) of customer turns; TF-IDF and the frozen encoder also the emotion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from snownlp import SnowNLP
from tokenizers import Tokenizer
from torch import Tensor

from training.base_encoder import load_base
from training.model import TurnEncoder, pad

# A lexicon as found in many shops' tools: plain lists, no context.
POSITIVE_WORDS = (
    "满意 喜欢 感谢 谢谢 太好 很好 不错 开心 棒 赞 给力 贴心 靠谱 "
    "love great thank perfect awesome happy excellent amazing"
)
NEGATIVE_WORDS = (
    "差 慢 坏 退款 投诉 垃圾 骗 失望 生气 烦 破 气死 无语 不满 担心 着急 什么态度 滚 "
    "bad slow broken refund complain terrible awful "
    "worst angry disappointed worried ridiculous useless never joke"
)


def majority(train: Sequence[int], test: Sequence[str]) -> list[int]:
    """The most frequent class for all."""
    return [Counter(train).most_common(1)[0][0]] * len(test)


def lexicon(test: Sequence[str]) -> list[int]:
    """Sign of (positive words − negative words)."""
    positive, negative = POSITIVE_WORDS.split(), NEGATIVE_WORDS.split()
    signs = []
    for text in test:
        lowered = text.lower()
        score = sum(w in lowered for w in positive) - sum(w in lowered for w in negative)
        signs.append((score > 0) - (score < 0))
    return signs


def snownlp(test: Sequence[str]) -> list[int]:
    """SnowNLP's sentiment (naive Bayes on Chinese reviews), cut at 0.4 and 0.6."""
    scores = [SnowNLP(text).sentiments for text in test]
    return [(score > 0.6) - (score < 0.4) for score in scores]


def tfidf(train: Sequence[str], labels: Sequence[int], test: Sequence[str]) -> list[int]:
    """Character 1–3-grams, logistic regression."""
    pipeline = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True),
        LogisticRegression(C=10, max_iter=2000, class_weight="balanced"),
    )
    pipeline.fit(train, labels)
    return [int(label) for label in pipeline.predict(test)]


def frozen_encoder(train: Sequence[str], labels: Sequence[Sequence[int]], test: Sequence[str]) -> list[list[int]]:
    """Logistic regression on the untouched base encoder's turn vectors, one model a row of `labels`."""
    base = load_base()
    encoder = TurnEncoder(base.model).eval()
    known, asked = (_vectors(encoder, base.tokenizer, texts) for texts in (train, test))
    guesses = []
    for row in labels:
        model = LogisticRegression(C=10, max_iter=4000, class_weight="balanced").fit(known, row)
        guesses.append([int(label) for label in model.predict(asked)])
    return guesses


@torch.no_grad()
def _vectors(encoder: TurnEncoder, tokenizer: Tokenizer, texts: Sequence[str]) -> Tensor:
    """(N, H), batched by length."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out = torch.zeros(len(texts), encoder.bert.config.hidden_size)
    for at in range(0, len(order), 32):
        chunk = order[at : at + 32]
        out[chunk] = encoder(*pad([e.ids for e in tokenizer.encode_batch([texts[i] or " " for i in chunk])]))
    return out
