"""The served graph says what the network says, of a turn alone as in any batch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

import onnxruntime as ort  # noqa: E402
from transformers import BertConfig, BertModel  # noqa: E402

from training.encoder_graph import encoder_graph, quantised  # noqa: E402
from training.model import MoodNet, TurnEncoder, load_net, pad, some_unseen  # noqa: E402

TURNS = [[0, 5, 9, 2], [0, 7, 2], [0, 11, 12, 13, 14, 15, 16, 2]]


@pytest.fixture(scope="module")
def encoder() -> TurnEncoder:
    """Two small layers with weights by chance, that read some tokens more than others."""
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=40,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=256,
        max_position_embeddings=16,
        type_vocab_size=1,
    )
    bert = BertModel(config, add_pooling_layer=False).eval()
    with torch.no_grad():
        encoder = TurnEncoder(bert).eval()
        for weight in encoder.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return encoder


@pytest.fixture(scope="module")
def session(encoder) -> ort.InferenceSession:
    return ort.InferenceSession(encoder_graph(encoder).SerializeToString(), providers=["CPUExecutionProvider"])


def served(session: ort.InferenceSession, turns: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ids, mask = pad(turns)
    return tuple(
        session.run(["vectors", "states", "weights"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})
    )


def test_vectors_and_states_are_the_networks(encoder, session):
    vectors, states, weights = served(session, TURNS)

    with torch.no_grad():
        expected = encoder(*pad(TURNS)).numpy()
        expected_states = encoder.bert(input_ids=pad(TURNS)[0], attention_mask=pad(TURNS)[1]).last_hidden_state.numpy()
    assert cosines(vectors, expected).min() > 0.999
    assert cosines(states[1, :3], expected_states[1, :3]).min() > 0.999
    parts = states.reshape(*weights.shape, -1)
    assert (weights[..., np.newaxis] * parts).sum(1).reshape(vectors.shape) == pytest.approx(vectors, abs=1e-5)
    assert weights.sum(1) == pytest.approx(1, abs=1e-5)
    assert not weights[1, 3:].any()


def test_without_queries_the_vector_is_the_plain_mean(encoder):
    plain = TurnEncoder(encoder.bert)
    ids, mask = pad(TURNS)

    with torch.no_grad():
        states = encoder.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        vectors = plain(ids, mask)

    assert vectors[1].numpy() == pytest.approx(states[1, :3].mean(0).numpy(), abs=1e-5)


def test_a_turn_alone_is_as_in_a_batch(session):
    together, *_ = served(session, TURNS)

    for turn, vector in zip(TURNS, together, strict=True):
        alone, *_ = served(session, [turn])
        assert alone[0] == pytest.approx(vector, abs=1e-5)


def test_a_loud_neighbour_changes_no_scale(encoder, session):
    """One scale for the whole batch would let a token with large values blur all others."""
    with torch.no_grad():
        before = encoder.bert.embeddings.word_embeddings.weight[39].clone()
        encoder.bert.embeddings.word_embeddings.weight[39] *= 50
    loud = ort.InferenceSession(encoder_graph(encoder).SerializeToString(), providers=["CPUExecutionProvider"])
    with torch.no_grad():
        encoder.bert.embeddings.word_embeddings.weight[39] = before

    quiet_vectors, *_ = served(session, [TURNS[0]])
    beside_vectors, *_ = served(loud, [TURNS[0], [0, 39, 39, 2]])

    assert beside_vectors[0] == pytest.approx(quiet_vectors[0], abs=1e-5)


def test_a_quantised_matrix_is_near_its_own():
    matrix = np.random.default_rng(1).normal(size=(8, 5)).astype(np.float32)

    whole, scale = quantised(matrix, 0)

    assert scale.shape == (1, 5)
    assert whole * scale == pytest.approx(matrix, abs=float(scale.max()) / 2 + 1e-7)


def test_a_network_without_queries_is_one_that_asks_for_nothing(encoder, tmp_path):
    net = MoodNet(encoder.bert, dialogue_size=8, dropout=0.0)
    torch.save({k: v for k, v in net.state_dict().items() if k != "encoder.queries"}, tmp_path / "mood.pt")

    assert not load_net(tmp_path / "mood.pt").encoder.queries.any()


def test_hidden_tokens_are_neither_marks_nor_all():
    _, mask = pad(TURNS)

    torch.manual_seed(1)
    seen = torch.stack([some_unseen(mask, 0.5) for _ in range(200)])

    assert bool((seen[:, :, 0] == 1).all())
    assert bool((seen[:, torch.arange(3), mask.sum(1) - 1] == 1).all())
    assert bool((seen[:, 1, 1] == 1).all())  # the only piece of its turn
    assert 0 < int(seen[:, 2].sum(-1).min()) < 8
    assert not seen[:, 1, 3:].any()


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(-1) / np.linalg.norm(left, axis=-1) / np.linalg.norm(right, axis=-1)
