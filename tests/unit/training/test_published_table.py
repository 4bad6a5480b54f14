"""The table of published figures: a run puts in what it has measured and leaves the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training alone installs torch")

from training.published.__main__ import store

TABLE = {
    "revision": "aaaa",
    "jddc": {"turns": {"n": 2, "served": {"f1": 0.4}, "fine_tuned": {"f1": 0.6}}, "dialogues": {"n": 1}},
    "cold": {"n": 3, "research": {"f1": 0.7}, "fine_tuned": {"f1": 0.8}},
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "published.json"
    path.write_text(json.dumps(TABLE))
    return path


def test_other_sets_and_other_columns_stay(path: Path) -> None:
    measured = {"jddc": {"turns": {"n": 2, "served": {"f1": 0.5}}}, "stc3": {"n": 4, "served": {"pearson": 0.5}}}

    store(path, "aaaa", measured)

    assert json.loads(path.read_text()) == {
        "revision": "aaaa",
        "jddc": {"turns": {"n": 2, "served": {"f1": 0.5}, "fine_tuned": {"f1": 0.6}}, "dialogues": {"n": 1}},
        "cold": TABLE["cold"],
        "stc3": {"n": 4, "served": {"pearson": 0.5}},
    }


def test_nothing_stays_of_another_revision(path: Path) -> None:
    store(path, "bbbb", {"cold": {"n": 3, "research": {"f1": 0.9}}})

    assert json.loads(path.read_text()) == {"revision": "bbbb", "cold": {"n": 3, "research": {"f1": 0.9}}}


def test_the_first_table_is_begun(tmp_path: Path) -> None:
    store(tmp_path / "published.json", "aaaa", {"cold": {"n": 3}})

    assert json.loads((tmp_path / "published.json").read_text()) == {"revision": "aaaa", "cold": {"n": 3}}
