"""The float network that comes back out of the served files says what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from tokenizers import Tokenizer  # noqa: E402

from qa_service.mood.infer import DialogueHead, TurnEncoder  # noqa: E402
from qa_service.mood.manifest import read_manifest  # noqa: E402
from training.model import OUTPUTS, pad  # noqa: E402
from training.served_weights import load_served  # noqa: E402

FOLDER = Path(__file__).parents[3] / "models" / "mood"
TEXTS = ["怎么还没到😡😡", "Where is my parcel? It's been 3 weeks!!", "你们就是骗子，我要去12315投诉你们"]


@pytest.mark.model
def test_encoder_and_head_come_back():
    manifest = read_manifest(FOLDER)
    served = torch.tensor(TurnEncoder(manifest, threads=1).encode(TEXTS))
    net = load_served(FOLDER)
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    roles = [0, 1, 0]

    with torch.no_grad():
        vectors = net.encoder(*pad([e.ids for e in tokenizer.encode_batch(TEXTS)]))
        logits = dict(zip(OUTPUTS, net.head(served[None], torch.tensor([roles])), strict=True))

    assert torch.cosine_similarity(vectors, served).min() > 0.998  # the served encoder also rounds activations to int8
    assert net.encoder.queries.any()
    expected = DialogueHead(manifest).run(served.numpy(), roles).logits
    for name, values in expected.items():
        assert logits[name][0].numpy() == pytest.approx(values, abs=1e-4)
