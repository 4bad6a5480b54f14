"""Figures of fine-tuned published sets: where they are stored, and how classes and thresholds are weighed."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from qa_service.mood.manifest import read_manifest  # noqa: E402
from training.published import fine_tuned  # noqa: E402
from training.published.figures import MODEL, thresholds  # noqa: E402
from training.published.fine_tuned import store, weights_of_classes  # noqa: E402


def table(tmp_path, revision: str):
    path = tmp_path / "published.json"
    path.write_text(json.dumps({"revision": revision, "jddc": {"turns": {"n": 2}}, "brighter_zh": {"n": 3}}))
    return path


def test_figures_stand_beside_the_other_columns_and_can_be_stored_again(tmp_path):
    path = table(tmp_path, read_manifest(MODEL).revision)
    report = {"jddc.turns": {"macro_f1": 0.6}, "brighter_zh": {"macro_f1": 0.5}}

    store(path, report, "fine_tuned")
    store(path, report, "fine_tuned")
    store(path, {"brighter_zh": {"macro_f1": 0.6}}, "research_sets")

    stored = json.loads(path.read_text())
    assert stored["jddc"]["turns"] == {"n": 2, "fine_tuned": {"macro_f1": 0.6}}
    assert stored["brighter_zh"] == {
        "n": 3,
        "fine_tuned": {"macro_f1": 0.5},
        "research_sets": {"macro_f1": 0.6},
    }


def test_figures_of_another_revision_are_refused(tmp_path):
    with pytest.raises(SystemExit, match="another revision"):
        store(table(tmp_path, "0" * 16), {}, "fine_tuned")


@pytest.mark.parametrize(
    ("revision", "only", "said"),
    [
        pytest.param(None, "jddc,brighter", "there is no brighter", id="no such set"),
        pytest.param(None, "jddc,cold", "lacks cold: run `python -m training.published --only cold", id="no columns"),
        pytest.param("0" * 16, "jddc", "is of another revision", id="another revision"),
    ],
)
def test_figures_that_cannot_be_stored_are_refused_before_training(tmp_path, monkeypatch, capsys, revision, only, said):
    table(tmp_path, revision or "aaaa")
    monkeypatch.setattr(fine_tuned, "MODEL", tmp_path)
    monkeypatch.setattr(fine_tuned, "read_manifest", lambda _: SimpleNamespace(revision="aaaa"))
    monkeypatch.setitem(fine_tuned.TESTS, "jddc", lambda *_: pytest.fail("trained"))
    monkeypatch.setattr("sys.argv", ["fine_tuned", "--data", str(tmp_path), "--only", only, "--write"])

    with pytest.raises(SystemExit) as ended:
        fine_tuned.main()

    assert said in f"{ended.value} {capsys.readouterr().err}"


def test_every_class_weighs_the_same_in_sum():
    weights = weights_of_classes(torch.tensor([0, 1, 1, 1, 2, 2]))

    assert (weights * torch.tensor([1.0, 3.0, 2.0])).tolist() == pytest.approx([2.0, 2.0, 2.0])


def test_a_label_is_called_from_where_its_f1_is_best():
    truth = np.array([[1, 0], [1, 0], [0, 1], [0, 1]])
    shares = np.array([[0.62, 0.1], [0.58, 0.4], [0.52, 0.88], [0.3, 0.92]])

    first, second = thresholds(truth, shares)

    assert 0.52 < first <= 0.58
    assert 0.4 < second <= 0.88
