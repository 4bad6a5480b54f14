"""The labels of real customers' turns: by draw, checked, named and never quoted; and what is said of a model beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training alone installs torch")

from qa_service.domain.conversation import TurnId
from qa_service.domain.mood import Emotion, MoodStatus, TurnMood
from training.real_moods import RealTurn, figures_of, real_turns


def written(folder: Path, *lines: str) -> Path:
    path = folder / "labels.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_labels_are_read_by_draw(tmp_path):
    path = written(tmp_path, "first\tjd-1/2\tangry\tleave,sarcasm\tdisappointed", "fresh\tjd-2/0\tneutral\t-\t-")

    assert real_turns(path) == {
        "first": [RealTurn("jd-1/2", "angry", frozenset({"leave", "sarcasm"}), "disappointed")],
        "fresh": [RealTurn("jd-2/0", "neutral", frozenset(), None)],
    }


@pytest.mark.parametrize(
    "line", ["first\tjd-1/2\tcross\t-\t-", "first\tjd-1/2\tangry\tshouts\t-", "first\tjd-1/2\tangry\t-\tsad"]
)
def test_an_unknown_label_is_named_with_its_line(tmp_path, line):
    with pytest.raises(ValueError, match=r"labels.tsv:2: (cross|shouts|sad) is no label"):
        real_turns(written(tmp_path, "first\tjd-0/0\tneutral\t-\t-", line))


def test_no_turn_is_labelled_in_two_draws_or_twice():
    keys = [turn.key for turns in real_turns().values() for turn in turns]

    assert len(keys) == len(set(keys)) > 1_000


def mood(emotion, confidence=0.8):
    turn = {"turn_id": TurnId("0"), "status": MoodStatus.COMPLETE, "risks": {"leave": 0.9}}
    return TurnMood(emotion=emotion, confidence=confidence, **turn)


def test_a_turn_counts_as_right_by_sign_and_by_emotion_and_one_without_a_mood_as_neutral():
    turns = [
        RealTurn(str(at), emotion, frozenset(), None) for at, emotion in enumerate(("angry", "neutral", "satisfied"))
    ]
    moods = {"0": mood(Emotion.DISAPPOINTED), "1": mood(None, None), "2": mood(Emotion.SATISFIED)}

    line = figures_of(turns, moods)

    assert "n    3, sentiment right 1.000" in line
    assert "macro-F1 1.000, emotion 0.500" in line
