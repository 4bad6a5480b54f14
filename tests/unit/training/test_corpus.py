from __future__ import annotations

import pytest

from training.corpus_reader import CorpusError, read_corpus, read_file

HEAD = "== zh-1 | zh | taobao | 服装 | 尺码 | arc=calm | skill=good | cause=none | sat=4 | style=plain"
TURNS = ["c 0 neutral | 在吗", "a 0.75 | 在的", "c image | [图片]", "b | 自动回复", "c 1 satisfied | 太好了"]


def write(tmp_path, *lines):
    path = tmp_path / "zh_1.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_conversation_is_read_with_its_labels(tmp_path):
    (chat,) = read_file(write(tmp_path, HEAD, *TURNS))

    assert (chat.id, chat.satisfaction, len(chat.turns)) == ("zh-1", 4, 5)
    assert (chat.turns[0].emotion, chat.turns[1].tone, chat.turns[2].kind) == ("neutral", 0.75, "image")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("c 0.5 angry | 哼", "does not go with angry", id="sign against emotion"),
        pytest.param("c 0 bored | 哦", "emotion 'bored'", id="unknown emotion"),
        pytest.param("a 0.3 | 嗯", "tone 0.3", id="tone off the grid"),
        pytest.param("a 0.5 rude | 嗯", "label 'rude'", id="unknown flag"),
        pytest.param("x | 嗯", "unknown speaker", id="unknown speaker"),
        pytest.param("c 0 neutral |", "with a text", id="no text"),
        pytest.param("b 0.5 | 嗯", "no labels", id="label on a bot"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, message):
    with pytest.raises(CorpusError, match=message) as error:
        list(read_file(write(tmp_path, HEAD, line, *TURNS)))
    assert "zh_1.txt:2" in str(error.value)


def test_an_id_may_stand_once(tmp_path):
    write(tmp_path, HEAD, *TURNS, HEAD, *TURNS)

    with pytest.raises(CorpusError, match="stands in"):
        list(read_corpus(tmp_path))


def test_the_shipped_corpus_is_sound_and_as_large_as_promised():
    chats = list(read_corpus())

    assert sum(chat.language == "zh" for chat in chats) >= 420
    assert sum(chat.language == "en" for chat in chats) >= 180
