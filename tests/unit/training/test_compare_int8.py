"""The figures of int8 beside float are stored for the network that was exported alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")
pytest.importorskip("snownlp", reason="training alone installs the baselines")

from training import compare_int8  # noqa: E402
from training.corpus_reader import EMOTIONS  # noqa: E402

FLOAT_SHARES = torch.tensor([0.5, 0.3, 0.2, 0.0, 0.0, 0.0])
"""Polarity 0.1."""


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the figures go; corpus, network and model files are stood in for."""
    (tmp_path / "mood").mkdir()
    monkeypatch.setattr(compare_int8, "MODELS", tmp_path)
    monkeypatch.setattr("sys.argv", ["compare_int8", "build/mood"])
    monkeypatch.setattr(compare_int8, "corpus_part", lambda _: ["a chat"])
    monkeypatch.setattr(compare_int8, "load_net", lambda _: None)
    monkeypatch.setattr(compare_int8, "Tokenizer", SimpleNamespace(from_file=lambda _: None))
    monkeypatch.setattr(compare_int8, "read_manifest", lambda _: SimpleNamespace(revision="aaaa", temperature=1.0))
    monkeypatch.setattr(compare_int8, "load_mood_model", lambda *_, **__: None)
    monkeypatch.setattr(compare_int8, "float_shares", lambda *_: [FLOAT_SHARES])
    return tmp_path / "mood" / "int8.json"


def serve(polarity: float, monkeypatch: pytest.MonkeyPatch) -> None:
    row = (SimpleNamespace(emotion=EMOTIONS[0]), SimpleNamespace(emotion=EMOTIONS[0], polarity=polarity))
    monkeypatch.setattr(compare_int8, "score_all", lambda *_: [SimpleNamespace(customer=[row])])


def test_a_difference_of_rounding_is_stored(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(0.14, monkeypatch)

    compare_int8.main()

    assert '"polarity_mean_absolute_difference": 0.04' in stored.read_text()


def test_another_network_is_refused_and_nothing_stored(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(0.16, monkeypatch)

    with pytest.raises(SystemExit, match=r"is 0\.060 from that of the served model"):
        compare_int8.main()

    assert not stored.exists()
