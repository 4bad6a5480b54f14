"""From reviewers' decisions to training rows, and which model may replace the served one."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from training.collect_verdicts import VerdictError, main, read_verdicts
from training.gate import GATED, GatedFigure, compare, promote, table


def row(**changes: Any) -> dict[str, Any]:
    return {
        "schema": "qa_service.reviewed/1",
        "id": "6f1c",
        "consent": True,
        "language": "zh",
        "model": "m",
        "turns": [
            {"id": "1", "role": "customer", "kind": "text", "text": "太差了"},
            {"id": "2", "role": "agent", "kind": "text", "text": "七天都能退"},
        ],
        "judgements": [{"turn_id": "2", "category": "unauthorized_promise", "decision": "confirm"}],
        "emotions": [{"turn_id": "1", "emotion": "angry"}],
        **changes,
    }


def written(folder: Path, *lines: object) -> Path:
    path = folder / "verdicts.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_only_what_a_reviewer_said_is_a_label(tmp_path: Path) -> None:
    overturned = {"turn_id": "2", "category": "dismissive", "decision": "overturn"}
    (chat,) = read_verdicts(written(tmp_path, row(judgements=[*row()["judgements"], overturned])))

    customer, agent = chat.turns
    assert (customer.emotion, customer.categories) == ("angry", {})
    assert (agent.emotion, agent.categories) == (None, {"promise": True, "dismissive": False})


def test_a_category_that_the_model_has_not_teaches_nothing(tmp_path: Path) -> None:
    judgements = [{"turn_id": "2", "category": "slow_reply", "decision": "confirm"}]

    assert read_verdicts(written(tmp_path, row(judgements=judgements, emotions=[]))) == []


def test_texts_keep_the_line_ends_of_unicode(tmp_path: Path) -> None:
    said = "第一行\u2028第二行\u2029第三行\u0085完"
    turns = [{**row()["turns"][0], "text": said}, row()["turns"][1]]
    path = written(tmp_path, json.dumps(row(turns=turns), ensure_ascii=False), row(id="6f1d"))

    chats = read_verdicts(path)

    assert [chat.id for chat in chats] == ["6f1c", "6f1d"]
    assert chats[0].turns[0].text == said


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "verdicts.jsonl: teaches nothing", id="empty"),
        pytest.param(json.dumps(row(judgements=[], emotions=[])).encode(), "teaches nothing", id="no label"),
        pytest.param("太差了".encode("gb18030"), "verdicts.jsonl: is not UTF-8", id="encoding"),
    ],
)
def test_a_file_that_teaches_nothing_ends_before_hours_of_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes, problem: str
) -> None:
    path = tmp_path / "verdicts.jsonl"
    path.write_bytes(content)
    monkeypatch.setattr("sys.argv", ["collect_verdicts", str(path)])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        pytest.param("{", "is not JSON", id="broken"),
        pytest.param("[]", "is not a row", id="no object"),
        pytest.param(row(consent=False), "consent: must be true", id="no consent"),
        pytest.param(row(schema="else/1"), "schema: must be", id="another file"),
        pytest.param({k: v for k, v in row().items() if k != "turns"}, "turns is missing", id="no turns"),
        pytest.param(row(emotions=[{"turn_id": "1", "emotion": "sad"}]), "emotion: must be one of", id="emotion"),
        pytest.param(row(emotions=[{"turn_id": "2", "emotion": "angry"}]), "only turns of the customer", id="agent"),
        pytest.param(row(emotions=[{"turn_id": "7", "emotion": "angry"}]), "no turn '7'", id="no such turn"),
        pytest.param(
            row(judgements=[{"turn_id": "2", "category": "abuse", "decision": "appeal"}]),
            "decision: must be",
            id="appeal",
        ),
        pytest.param(row(), "stands in an earlier line", id="twice"),
    ],
)
def test_a_bad_row_is_named_by_its_line_without_its_text(tmp_path: Path, bad: object, problem: str) -> None:
    with pytest.raises(VerdictError) as raised:
        read_verdicts(written(tmp_path, row(), "", bad))

    assert str(raised.value).startswith("verdicts.jsonl:3: ")
    assert problem in str(raised.value)
    assert "太差了" not in str(raised.value)


FIGURES: Mapping[str, Any] = {
    "sentiment_macro_f1": {"value": 0.85},
    "emotion_macro_f1": {"value": 0.74},
    "abusive": {"recall": 0.9, "precision": 0.93},
    "tone_auc": {"value": 0.96},
    "suspicion_micro_f1": {"value": 0.85},
    "cause": {"right": 0.66},
    "satisfaction": {"pearson": 0.96},
    "risks": {"leave": {"auc": 0.98}, "repeat": {"auc": 0.94}, "manager": {"auc": None}},
    "acts": {"apology": {"auc": 0.95}, "empathy": {"auc": 0.97}},
    "calibration_error": 0.03,
}
AWAY = {
    "sentiment macro-F1": {"sentiment_macro_f1": {"value": 0.844}},
    "emotion macro-F1": {"emotion_macro_f1": {"value": 0.734}},
    "abusive recall": {"abusive": {"recall": 0.8999, "precision": 0.93}},
    "abusive precision": {"abusive": {"recall": 0.9, "precision": 0.87}},
    "tone AUC": {"tone_auc": {"value": float("nan")}},
    "suspicion micro-F1": {"suspicion_micro_f1": {"value": 0.83}},
    "cause right": {"cause": {"right": 0.62}},
    "satisfaction Pearson": {"satisfaction": {"pearson": 0.93}},
    "mean AUC of the risks": {"risks": {"leave": {"auc": 0.98}, "repeat": {"auc": 0.89}, "manager": {"auc": None}}},
    "mean AUC of the acts": {"acts": {"apology": {"auc": 0.5}, "empathy": {"auc": float("nan")}}},
    "calibration error": {"calibration_error": 0.036},
}


GAINED = {"recall": 1.0, "precision": 0.89}


def lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [compared.figure.name for compared in compare(before, after) if compared.is_lost]


def test_the_same_figures_lose_nothing() -> None:
    assert lost(FIGURES, FIGURES) == []


@pytest.mark.parametrize("name", [figure.name for figure in GATED])
def test_each_gated_figure_alone_holds_a_worse_model_back(name: str) -> None:
    worse = {**FIGURES, **AWAY[name]}

    assert lost(FIGURES, worse) == [name]
    (marked,) = (line for line in table(compare(FIGURES, worse)).splitlines() if "LOST" in line)
    assert marked.startswith(name)


@pytest.mark.parametrize("figure", GATED, ids=lambda figure: figure.name)
def test_the_guide_says_what_each_figure_may_lose(figure: GatedFigure) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "learning.md").read_text(encoding="utf-8")
    (row,) = (line for line in guide.splitlines() if line.startswith("|") and figure.name in line)

    loss = f"{figure.tolerance:g}" if figure.tolerance else "nothing"
    assert row.endswith(f"| {loss} |")


def test_a_loss_within_the_tolerance_and_any_gain_pass() -> None:
    after = {**FIGURES, "sentiment_macro_f1": {"value": 0.845}, "calibration_error": 0.0, "abusive": GAINED}

    assert lost(FIGURES, after) == []


def test_a_figure_that_the_served_model_lacks_holds_nobody_back() -> None:
    assert lost({**FIGURES, "abusive": {"recall": None, "precision": None}}, FIGURES) == []


def model(folder: Path, revision: str) -> Path:
    folder.mkdir()
    (folder / "expectations.toml").write_text("")
    (folder / "manifest.toml").write_text(
        f'revision = "{revision}"\nlanguages = ["zh"]\nmax_tokens = 9\ntemperature = 1.0\nsatisfaction_margin = 1.0\n'
        "[labels]\n[files]\n"
    )
    return folder


def forbid_renaming(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system says when `folder` is to go to another file system."""
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path == folder:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)


def test_a_promoted_model_takes_the_place_and_the_old_one_stays_selectable(tmp_path: Path) -> None:
    served, candidate = model(tmp_path / "mood", "aaaa"), model(tmp_path / "candidate", "bbbb")

    kept = promote(candidate, served)

    assert kept == tmp_path / "aaaa"
    assert {path.name for path in tmp_path.iterdir()} == {"mood", "aaaa"}
    assert 'revision = "bbbb"' in (served / "manifest.toml").read_text()


def test_a_candidate_that_cannot_be_moved_leaves_the_served_model_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, candidate = model(tmp_path / "mood", "aaaa"), model(tmp_path / "candidate", "bbbb")
    forbid_renaming(candidate, monkeypatch)

    with pytest.raises(OSError, match="cross-device"):
        promote(candidate, served)

    assert {path.name for path in tmp_path.iterdir()} == {"mood", "candidate"}
    assert 'revision = "aaaa"' in (served / "manifest.toml").read_text()


def test_a_kept_model_is_never_overwritten(tmp_path: Path) -> None:
    served, candidate = model(tmp_path / "mood", "aaaa"), model(tmp_path / "candidate", "bbbb")
    model(tmp_path / "aaaa", "aaaa")

    with pytest.raises(FileExistsError):
        promote(candidate, served)
    assert 'revision = "aaaa"' in (served / "manifest.toml").read_text()
