"""A candidate that cannot be promoted ends in one sentence, before anything is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training alone installs torch")
pytest.importorskip("snownlp", reason="training alone installs the baselines")

from tests.unit.training.test_learning import FIGURES, forbid_renaming, model
from training import promote
from training.promote import main


def refusal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    arguments = ["promote", "--served", str(folder / "mood"), "--candidate", str(folder / "candidate")]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    return str(ended.value)


def test_a_candidate_that_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model(tmp_path / "mood", "aaaa")

    assert refusal(tmp_path, monkeypatch).startswith("not promoted: there is no model candidate")


def test_an_old_revision_that_is_kept_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, revision in (("mood", "aaaa"), ("candidate", "bbbb"), ("aaaa", "aaaa")):
        model(tmp_path / name, revision)

    said = refusal(tmp_path, monkeypatch)

    assert said.startswith("not promoted: ")
    assert "aaaa is there already, move it away first" in said
    assert (tmp_path / "candidate").is_dir()


def test_a_candidate_on_another_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model(tmp_path / "mood", "aaaa")
    forbid_renaming(model(tmp_path / "candidate", "bbbb"), monkeypatch)
    monkeypatch.setattr(promote, "load_mood_model", lambda *_, **__: None)
    monkeypatch.setattr(promote, "score_all", lambda *_: [])
    monkeypatch.setattr(promote, "evaluate", lambda _: dict(FIGURES))

    said = refusal(tmp_path, monkeypatch)

    assert said.startswith("not promoted: ")
    assert said.endswith("it is on another file system, copy it beside the served model")
