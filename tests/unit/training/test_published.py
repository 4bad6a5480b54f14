"""Reading of published sets: rows are stitched into dialogues, ratings found, nothing guessed."""

from __future__ import annotations

import pytest

from training.published import sets


def rows(*windows: tuple[list[tuple[str, str]], int]) -> str:
    lines = []
    for exchanges, label in windows:
        window = [f"{user}|||{agent}" for user, agent in exchanges]
        lines.append(f"{window}\t{['x'] * len(window)}\t{label}")
    return "\n".join(lines)


@pytest.fixture
def jddc_folder(tmp_path):
    folder = tmp_path / "uss_usda_splits/dataset/jddc"
    folder.mkdir(parents=True)
    (folder / "test_jddc.txt").write_text(
        rows(
            ([("hello", "hi"), ("where is it", "")], 1),
            ([("hello", "hi"), ("where is it", "on its way"), ("too slow", "")], 0),
            ([("hello", "hi"), ("where is it", "on its way"), ("too slow", "sorry"), ("OVERALL", "")], 0),
            ([("another chat", "yes"), ("thanks", "")], 2),
        ),
        encoding="utf-8",
    )
    return tmp_path


def test_windows_of_one_dialogue_become_one_dialogue(jddc_folder):
    first, second = sets.jddc(jddc_folder, "test")
    assert [(t.role, t.text, t.rating) for t in first.turns] == [
        ("customer", "hello", None),
        ("agent", "hi", None),
        ("customer", "where is it", 1),
        ("agent", "on its way", None),
        ("customer", "too slow", 0),
        ("agent", "sorry", None),
    ]
    assert first.overall == 0
    assert [t.rating for t in second.turns] == [None, None, 2]
    assert second.overall is None


def test_the_rating_of_most_raters_counts_and_the_lower_at_a_tie(tmp_path):
    folder = tmp_path / "uss/dataset"
    folder.mkdir(parents=True)
    (folder / "SGD.txt").write_text(
        "USER\thello\tINFORM\t3,3,4\nSYSTEM\thi\tOFFER\t\nUSER\thm\tINFORM\t2,4\nUSER\tOVERALL\t\t3\n\nUSER\tagain\tX\t5\n",
        encoding="utf-8",
    )
    first, second = sets.uss(tmp_path, "SGD")
    assert [turn.rating for turn in first.turns] == [2, None, 1]
    assert [turn.rating for turn in second.turns] == [4]


def test_a_text_of_the_training_part_is_seen_with_other_signs_and_letter_case_too():
    train = [sets.LabelledText("You are stupid!", (1,)), sets.LabelledText("再见。", (0,))]
    asked = [sets.LabelledText(text, (1,)) for text in (" you are STUPID ", "再见", "you are so stupid")]

    assert [text.text for text in sets.unseen(asked, train)] == ["you are so stupid"]
