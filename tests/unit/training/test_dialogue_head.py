"""The dialogue head: what it says of a turn rests on the turns up to it, however they are fed, and old weights still fit."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime as ort  # noqa: E402
from transformers import BertConfig, BertModel  # noqa: E402

from training.export_mood import export_head  # noqa: E402
from training.model import CAUSE, OUTPUTS, DialogueHead, MoodNet, load_weights  # noqa: E402
from training.served_weights import head_state  # noqa: E402

WIDTH, SIZE = 24, 8
ROLES = torch.tensor([[0, 1, 0, 1]])


@pytest.fixture
def head():
    torch.manual_seed(0)
    return DialogueHead(WIDTH, SIZE, dropout=0.0).eval()


def test_fed_in_two_parts_a_chat_says_what_it_says_whole(head):
    vectors = torch.randn(1, 4, WIDTH)
    whole = head.read(vectors, ROLES)

    first = head.read(vectors[:, :1], ROLES[:, :1])
    rest = head.read(vectors[:, 1:], ROLES[:, 1:], first[-1][:, -1])

    for at_once, begun, gone_on in zip(whole, first, rest, strict=True):
        assert torch.allclose(torch.cat([begun, gone_on], 1), at_once, atol=1e-6)


def test_of_each_side_the_mean_of_its_turns_so_far_is_read_and_what_is_no_text_counts_for_nothing(head):
    vectors = torch.randn(1, 5, WIDTH)
    vectors[:, 2] = 0.0

    _, said, _ = head.read(vectors, torch.tensor([[0, 3, 0, 1, 0]]))

    customers, agents = said[0].chunk(2, dim=-1)
    own = head.norm(vectors)[0]
    expected = [own[0], own[0], own[0], own[0], (own[0] + own[4]) / 2]
    assert torch.allclose(customers, torch.stack(expected), atol=1e-6)
    assert torch.allclose(agents, torch.stack([torch.zeros(WIDTH)] * 3 + [own[3]] * 2), atol=1e-6)


def test_all_outputs_of_a_turn_see_the_turn_before_whole_and_of_the_rest_what_is_remembered(head):
    with torch.no_grad():
        head.memory.weight_ih_l0.zero_()  # nothing of a turn is remembered
    vectors = torch.randn(1, 4, WIDTH)
    other = vectors.clone()
    other[:, 2] = torch.randn(WIDTH)

    ours, theirs = (dict(zip(OUTPUTS, head(v, ROLES), strict=True)) for v in (vectors, other))

    for name in OUTPUTS.keys() - {CAUSE}:
        assert not torch.allclose(ours[name][:, 3], theirs[name][:, 3])
        assert torch.equal(ours[name][:, :2], theirs[name][:, :2])


def small_net(seed):
    torch.manual_seed(seed)
    sizes = {"hidden_size": WIDTH, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    bert = BertModel(BertConfig(vocab_size=10, **sizes), add_pooling_layer=False)
    return MoodNet(bert, dialogue_size=SIZE, dropout=0.0).eval()


def test_weights_without_layers_for_causes_say_of_the_rest_what_they_said():
    before, net = small_net(seed=1), small_net(seed=2)
    state = {name: value for name, value in before.state_dict().items() if "causes" not in name}
    shared = {"head.heads.cause.weight": torch.randn(8, WIDTH), "head.heads.cause.bias": torch.randn(8)}
    vectors = torch.randn(1, 4, WIDTH)

    load_weights(net, {**state, **shared})

    for name, expected, said in zip(OUTPUTS, before.head(vectors, ROLES), net.head(vectors, ROLES), strict=True):
        assert torch.equal(said, expected) == (name != CAUSE)


def test_weights_of_another_width_are_refused():
    net = small_net(seed=1)

    with pytest.raises(RuntimeError, match="size mismatch"):
        load_weights(net, {**net.state_dict(), "head.mix.1.weight": torch.zeros(512, 900)})


@pytest.mark.parametrize("name", ["head.mix.1.weight", "head.emotions.4.bias"])
def test_a_missing_weight_is_named(name):
    net = small_net(seed=1)
    state = {key: value for key, value in net.state_dict().items() if key != name}

    with pytest.raises(RuntimeError, match=name):
        load_weights(net, state)


@pytest.mark.filterwarnings("ignore")  # of the exporter, about itself
def test_the_exported_head_goes_on_turn_by_turn_and_comes_back_as_it_was(head, tmp_path):
    vectors, path = torch.randn(1, 4, WIDTH), tmp_path / "head.onnx"
    whole = head(vectors, ROLES)

    export_head(head, WIDTH, path)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    carried, said = np.zeros((1, sum(head.carried)), dtype=np.float32), []
    for at in range(4):
        turn = {"vectors": vectors[:, [at]].numpy(), "roles": ROLES[:, [at]].numpy(), "memory": carried}
        *logits, carried = session.run(None, turn)
        said.append(logits)
        carried = carried[:, 0]

    for number, expected in enumerate(whole):
        assert torch.allclose(torch.tensor(np.concatenate([turn[number] for turn in said], 1)), expected, atol=1e-5)
    assert not head.training
    for name, value in head_state(onnx.load(str(path))).items():
        assert torch.allclose(value, head.state_dict()[name], atol=1e-6), name
