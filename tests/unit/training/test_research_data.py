"""Sets for research only: each becomes texts and targets, and nothing that a test part asks is learnt."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from training.published.sets import BRIGHTER_EMOTIONS
from training.research_data import read_research_tasks


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One row or two a set; "asked of Brighter" stands in its test part, and without its comma in EWECT, too."""
    brighter = tmp_path / "brighter/task-dataset/semeval-2025-task11-dataset/track_a"
    for split, text in {"train": "so angry", "dev": "kept", "test": "Asked, of Brighter"}.items():
        write_rows(brighter / split / "chn.csv", [{"text": text, **dict.fromkeys(BRIGHTER_EMOTIONS, 0), "anger": 1}])
    for split in ("train", "dev", "test"):
        write_rows(tmp_path / f"cold/COLDataset/{split}.csv", [{"TEXT": f"cold {split}", "label": 1}])
    for split in ("train", "valid", "test"):
        rows = [{"user": f"abuse {split}", "Annotator1_is_abuse.-1": 1}]
        write_rows(tmp_path / f"convabuse/2_splits/ConvAbuseEMNLP{split}.csv", rows)
    for part in ("usual_eval_labeled", "usual_test_labeled", "virus_train", "virus_eval_labeled", "virus_test_labeled"):
        posts = [{"content": f"post {part}", "label": "happy"}, {"content": "asked of Brighter", "label": "sad"}]
        write(tmp_path / f"smp2020_ewect/data/raw/{part}.txt", json.dumps(posts))
    moods = tmp_path / "weibo_8moods/data/lstm_sentiment_classification_8_total.txt"
    write(moods, "## name: corpus\nfear:in the dark: alone\nnone:a report\n")
    for split in ("valid", "test"):
        clue = {"content": "in the dark: alone", "label": "fear"}
        write(tmp_path / f"clue_emotion2020/CLUEdataset/emotion/{split}.txt", json.dumps(clue) + "\n")
    write(tmp_path / "toxicn/ToxiCN_ex/ToxiCN/data/train.json", json.dumps([{"content": "toxic", "toxic": 1}]))
    film = tmp_path / "msctd/MSCTD_processed_data/enzh"
    write(film / "chinese_train.txt.enzh", "line one\nline two")
    write(film / "sentiment_train.txt.enzh", "2\n0")
    write(tmp_path / "emocontext/data/train.txt", 'id\tturn1\tturn2\tturn3\tlabel\n0\ta\tb\tsay "what\tangry\n')
    return tmp_path


def test_every_set_becomes_texts_with_targets(folder: Path) -> None:
    tasks = {task.name: task for task in read_research_tasks(folder, most_rows=100, seed=1)}

    assert all(len(targets) == task.targets for task in tasks.values() for _, targets in task.rows)
    assert dict(tasks["weibo"].rows) == {
        "in the dark: alone": [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        "a report": [0.0] * 7,
    }
    assert dict(tasks["msctd"].rows) == {"line one": [0.0, 0.0, 1.0], "line two": [1.0, 0.0, 0.0]}
    assert tasks["emocontext"].rows == [('say "what', [1.0, 0.0, 0.0, 0.0])]
    assert tasks["brighter_zh"].rows == [("so angry", [1.0, 0.0, 0.0, 0.0, 0.0, 0.0])]
    assert tasks["cold"].rows == [("cold train", [1.0])]
    assert tasks["convabuse"].rows == [("abuse train", [1.0])]
    assert tasks["toxicn"].rows == [("toxic", [1.0])]


def test_what_a_test_part_asks_is_not_learnt(folder: Path) -> None:
    tasks = {task.name: task for task in read_research_tasks(folder, most_rows=100, seed=1)}

    assert len(tasks["ewect"].rows) == 5
    assert "asked of Brighter" not in dict(tasks["ewect"].rows)


def test_no_more_rows_than_asked_for_and_the_same_every_time(folder: Path) -> None:
    first, again = (read_research_tasks(folder, most_rows=2, seed=1) for _ in range(2))

    assert [task.rows for task in first] == [task.rows for task in again]
    assert max(len(task.rows) for task in first) == 2
