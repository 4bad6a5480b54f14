"""A training goes on from its checkpoint only where that is of the same run."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training alone installs torch")

from training import train_mood  # noqa: E402
from training.train_mood import CHECKPOINT_FILE, CONFIG, NET_FILE, main  # noqa: E402

RETRAIN = CONFIG.with_name("retrain.yaml")


class ReachedTrainingError(Exception):
    """Training would begin."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two started models, verdicts, and a training that only leaves its checkpoint."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / NET_FILE).write_text(name)
    (tmp_path / "verdicts.jsonl").write_text("a row")

    def train(*args: object, run: object, **_: object) -> None:
        checkpoint = tmp_path / "out" / CHECKPOINT_FILE
        resumed = checkpoint.exists()
        torch.save({"run": run}, checkpoint)
        if resumed:
            raise ReachedTrainingError

    monkeypatch.setattr(train_mood, "load_start", lambda *_: None)
    monkeypatch.setattr(train_mood, "load_net", lambda *_: None)
    monkeypatch.setattr(train_mood, "_tokenizer", lambda _: type("Tokens", (), {"save": lambda *_: None})())
    monkeypatch.setattr(train_mood, "read_verdicts", lambda _: [])
    monkeypatch.setattr(train_mood, "train_dialogue", train)
    return tmp_path


def start(folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: Path) -> None:
    options = {"out": folder / "out", "start": folder / "one", "config": CONFIG, **changes}
    monkeypatch.setattr("sys.argv", ["train_mood", *(f"--{name}={value}" for name, value in options.items())])
    main()


def test_the_same_run_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start(folder, monkeypatch)

    with pytest.raises(ReachedTrainingError):
        start(folder, monkeypatch)


@pytest.mark.parametrize(
    ("option", "value"), [("start", "other"), ("teacher", "other"), ("verdicts", "verdicts.jsonl"), ("config", RETRAIN)]
)
def test_a_checkpoint_of_another_run_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, option: str, value: str | Path
) -> None:
    start(folder, monkeypatch)

    with pytest.raises(SystemExit, match="is of another run: remove it or choose another --out"):
        start(folder, monkeypatch, **{option: folder / value})


def test_a_model_that_was_put_in_the_place_of_the_first_is_another_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(folder, monkeypatch)
    (folder / "one" / NET_FILE).write_text("promoted since")

    with pytest.raises(SystemExit, match="is of another run"):
        start(folder, monkeypatch)


def test_a_checkpoint_that_does_not_say_of_which_run_it_is_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "out").mkdir()
    torch.save({"epoch": 7, "best": 2.0}, folder / "out" / CHECKPOINT_FILE)

    with pytest.raises(SystemExit, match="is of another run"):
        start(folder, monkeypatch)
