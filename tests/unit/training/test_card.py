"""What the model card says of its figures is how they are made."""

from __future__ import annotations

from pathlib import Path

import training


def test_the_card_says_which_intervals_take_turns_of_one_chat_as_independent() -> None:
    card = (Path(training.__file__).parent / "card_template.md").read_text(encoding="utf-8")
    (paragraph,) = (part for part in card.split("\n\n") if "\nIntervals, 95 %" in part)

    resampled, by_turns, by_chats = paragraph.partition("Intervals, 95 %")[2].split("; ")
    assert "AUC of tone by bootstrap over conversations" in resampled
    assert "(abusive, risk signals, acts, suspicions) by Wilson over turns, too narrow" in by_turns
    assert "right causes by Wilson\nover conversations" in by_chats
