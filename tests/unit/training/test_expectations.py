from __future__ import annotations

import tomllib

import pytest

from qa_service.domain.mood import ConversationMood, MoodStatus, Sentiment, TurnMood
from training.corpus_reader import LabelledConversation
from training.evaluate import conformal_quantile
from training.expectations import PRIOR_CONVERSATIONS, as_toml, blameless, fit
from training.ordinary_chats import ordinary_chats
from training.parts import ALL_TRAIN_FROM, corpus_part, part_of


def said(*polarities, **causes):
    sentiments = {True: Sentiment.NEGATIVE, False: Sentiment.NEUTRAL}
    turns = tuple(
        TurnMood(turn_id=str(at), status=MoodStatus.COMPLETE, polarity=value, sentiment=sentiments[value < -0.3])
        for at, value in enumerate(polarities)
    )
    shift = polarities[-1] - polarities[0]
    return ConversationMood(status=MoodStatus.COMPLETE, turns=turns, shift=shift, causes=causes)


def test_a_cell_is_drawn_to_the_mean_of_its_row():
    table = fit([said(-0.5, 1.5, product=1.0), said(-1.0, -1.0, logistics=1.0)])["negative"]

    assert table["any"].change == 1.0
    assert table["product"].change == pytest.approx((2 + PRIOR_CONVERSATIONS) / (1 + PRIOR_CONVERSATIONS), abs=1e-4)
    assert (table["product"].n, table["price"].n) == (1, 0)
    assert table["price"].change == 1.0


def test_a_chat_counts_for_each_cause_as_much_as_the_model_believes_in_it():
    table = fit([said(-0.5, 1.5, product=0.25, agent=0.75)])["negative"]

    assert table["product"].n == 0.2
    assert "agent" not in table


def test_one_customer_turn_shows_no_change():
    assert fit([said(-0.5)]) == fit([])


def test_where_no_chat_begins_like_this_no_change_is_expected_but_something_is():
    table = fit([said(-0.5, 1.5, product=1.0)])

    assert table.keys() == {"negative", "neutral", "positive"}
    assert table["positive"].keys() == table["negative"].keys()
    assert {(cell.change, cell.n) for cell in table["positive"].values()} == {(0.0, 0)}


def test_chats_whose_agent_sours_them_are_no_part_of_what_is_usual():
    kept = {chat.id: chat for chat in blameless("dev")}

    assert {chat.cause for chat in kept.values() if isinstance(chat, LabelledConversation)} >= {"product", "none"}
    assert "agent" not in {chat.cause for chat in kept.values() if isinstance(chat, LabelledConversation)}
    souring = [c.id for c in ordinary_chats("dev") if any(t.categories.get("abuse") for t in c.turns)]
    assert souring
    assert not kept.keys() & set(souring)


def test_the_file_is_toml_with_counts():
    read = tomllib.loads(as_toml(fit([said(0.0, 1.0, product=1.0)])))

    assert read["neutral"]["product"] == {"change": 1.0, "n": 1.0}


def test_later_conversations_only_train():
    assert part_of(f"zh-{ALL_TRAIN_FROM}") == part_of("en-9999") == "train"
    assert all(part_of(conversation.id) == "dev" for conversation in corpus_part("dev"))


@pytest.mark.parametrize(
    ("n", "expected"),
    [pytest.param(5, float("inf"), id="too few to say"), pytest.param(100, 86.0, id="a margin above the 80th")],
)
def test_the_conformal_bound_leaves_room_for_its_own_luck(n, expected):
    assert conformal_quantile([float(error) for error in range(1, n + 1)], 0.8) == expected
