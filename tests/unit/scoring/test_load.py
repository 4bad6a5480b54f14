from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from qa_service.domain.finding import Severity
from qa_service.errors import ConfigError, ErrorCode
from qa_service.scoring.load import load_rubric
from qa_service.scoring.rubric import Fatal, FigureCriterion, FindingsCriterion, Per
from tests.unit.scoring.builders import RUBRICS, default_rubric

HEAD = "id: r\nversion: 1\ntitle: t\nrationale: why\n"
BANDS = "bands: [{id: low, min: 0, label: 低}]\n"
FINDINGS = "{id: c, title: t, kind: findings, match: {categories: [abuse]}, deduct: 5}"


def write(path: Path, text: str) -> Path:
    file = path / "rubric.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def rubric_text(*criteria: str, dimension: str = "weight: 1") -> str:
    listed = "".join(f"      - {criterion}\n" for criterion in criteria)
    return f"{HEAD}{BANDS}dimensions:\n  - id: d\n    title: t\n    {dimension}\n    criteria:\n{listed}"


def figure(kind: str, steps: str, more: str = "") -> str:
    return f"{{id: c, title: t, kind: {kind}, steps: {steps}{more}}}"


@pytest.mark.parametrize("name", ["default", "community"])
def test_shipped_rubrics_load(name):
    rubric = load_rubric(RUBRICS / f"{name}.yaml")
    assert (rubric.id, rubric.version) == (name, 1)
    assert len(rubric.digest) == 64


def test_default_rubric_has_the_two_dimensions_and_the_bands():
    rubric = default_rubric()
    assert [(d.id, d.weight, d.start) for d in rubric.dimensions] == [
        ("service_attitude", 60, 100),
        ("compliance", 40, 100),
    ]
    assert [(b.id, b.minimum, b.label) for b in rubric.bands] == [
        ("needs_improvement", 0, "待改进"),
        ("pass", 80, "达标"),
        ("good", 90, "优秀"),
        ("excellent", 95, "卓越"),
    ]


@pytest.mark.parametrize("name", ["default", "community"])
def test_a_shipped_rubric_deducts_for_no_figure_of_the_model(name):
    dimensions = load_rubric(RUBRICS / f"{name}.yaml").dimensions
    figures = [
        c for d in dimensions for c in d.criteria if isinstance(c, FigureCriterion) and c.kind in ("mood", "tone")
    ]
    assert [c.id for c in figures] == ["tone", "recovery"]
    assert all(step.points > 0 for c in figures for step in c.steps)


def test_no_finding_deducts_twice_in_a_shipped_rubric():
    for rubric in (default_rubric(), load_rubric(RUBRICS / "community.yaml")):
        seen: set[tuple[str, Severity]] = set()
        for criterion in (c for d in rubric.dimensions for c in d.criteria if isinstance(c, FindingsCriterion)):
            pairs = {(name, severity) for name in criterion.match.categories for severity in criterion.match.severities}
            assert not pairs & seen, criterion.id
            seen |= pairs


def test_all_fields_of_a_findings_criterion(tmp_path):
    criterion = (
        "{id: c, title: t, kind: findings, match: {rules: [a.b], prefixes: [x.], categories: [abuse],"
        " severities: [minor, major]}, deduct: {minor: 2.5, major: 10}, per: once, cap: 12, fatal: card,"
        " applies_when: {min_agent_turns: 2, min_customer_turns: 1, attributes: {stage: [after_sales]}}}"
    )
    dimension = load_rubric(
        write(tmp_path, rubric_text(criterion, dimension="weight: 0.5\n    start: 60\n    floor: 20"))
    )
    (loaded,) = dimension.dimensions[0].criteria
    assert isinstance(loaded, FindingsCriterion)
    assert loaded.deduct == {Severity.MINOR: Decimal("2.5"), Severity.MAJOR: 10}
    assert (loaded.per, loaded.cap, loaded.fatal) == (Per.ONCE, 12, Fatal.CARD)
    assert loaded.match.severities == {Severity.MINOR, Severity.MAJOR}
    assert loaded.applies_when.attributes == {"stage": {"after_sales"}}
    assert (loaded.applies_when.min_agent_turns, loaded.applies_when.min_customer_turns) == (2, 1)
    assert (dimension.dimensions[0].start, dimension.dimensions[0].floor) == (60, 20)


def test_dimensions_start_where_the_rubric_says(tmp_path):
    rubric = load_rubric(write(tmp_path, "start: 90\n" + rubric_text(FINDINGS)))
    assert rubric.dimensions[0].start == 90


def test_one_number_deducts_at_every_severity(tmp_path):
    (criterion,) = load_rubric(write(tmp_path, rubric_text(FINDINGS))).dimensions[0].criteria
    assert isinstance(criterion, FindingsCriterion)
    assert criterion.deduct == dict.fromkeys(Severity, Decimal(5))


LINE = 11  # where the first criterion of rubric_text stands

BAD_CRITERIA = {
    "unknown field": ("{id: c, title: t, kind: findings, match: {categories: [a]}, deduct: 5, colour: red}", "colour"),
    "missing field": ("{id: c, title: t, kind: findings, deduct: 5}", "match"),
    "field twice": (
        "{id: c, id: d, title: t, kind: findings, match: {categories: [a]}, deduct: 5}",
        "`id` stands twice",
    ),
    "no kind": ("{id: c, title: t}", "kind"),
    "unknown kind": ("{id: c, title: t, kind: magic}", "unknown value `magic`"),
    "no selector": (FINDINGS.replace("categories: [abuse]", "severities: [minor]"), "names no finding"),
    "unknown severity": (FINDINGS.replace("]}", "], severities: [grave]}"), "unknown value `grave`"),
    "unknown per": (FINDINGS[:-1] + ", per: day}", "unknown value `day`"),
    "unknown fatal": (FINDINGS[:-1] + ", fatal: shop}", "use one of none, dimension, card"),
    "negative deduction": (FINDINGS.replace("deduct: 5", "deduct: -5"), "-5 is out of range; it must be from 0 to 100"),
    "deduction for half the severities": (FINDINGS.replace("deduct: 5", "deduct: {minor: 5}"), "missing field `info`"),
    "deduction that cannot match": (
        FINDINGS.replace("]}", "], severities: [minor]}").replace("deduct: 5", "deduct: {minor: 5, major: 9}"),
        "unknown field `major`",
    ),
    "number as text": (FINDINGS.replace("deduct: 5", "deduct: '5'"), "plain number"),
    "not a number": (FINDINGS.replace("deduct: 5", "deduct: .nan"), "plain number"),
    "text as number": (FINDINGS.replace("id: c", "id: 7"), "must be a text"),
    "blank text": (FINDINGS.replace("title: t", "title: ' '"), "must be a text"),
    "list as text": (FINDINGS.replace("title: t", "title: [t]"), "must be a text"),
    "text as list": (FINDINGS.replace("[abuse]", "abuse"), "must be a list"),
    "empty list": (FINDINGS.replace("[abuse]", "[]"), "at least one item"),
    "text as mapping": (FINDINGS.replace("{categories: [abuse]}", "abuse"), "must be a mapping"),
    "fraction of a turn": (FINDINGS[:-1] + ", applies_when: {min_agent_turns: 1.5}}", "1.5 must be a whole number"),
    "no turn": (FINDINGS[:-1] + ", applies_when: {min_agent_turns: 0}}", "it must be at least 1"),
    "figure of another kind": (figure("mood", "[{above: 0, points: 1}]", ", figure: tone"), "unknown value `tone`"),
    "figure of tone": (figure("tone", "[{above: 0, points: 1}]", ", figure: tone"), "unknown field `figure`"),
    "no comparator": (figure("tone", "[{points: 1}]"), "needs exactly one of"),
    "two comparators": (figure("tone", "[{above: 0, below: 1, points: 1}]"), "needs exactly one of"),
    "unknown comparator": (figure("tone", "[{over: 0, points: 1}]"), "unknown field `over`"),
    "condition of another kind": (
        figure("mood", "[{above: 0, points: 1}]", ", figure: end, when: [{figure: tone, above: 0}]"),
        "unknown value `tone`",
    ),
    "step behind a milder one": (figure("tone", "[{above: 0.2, points: 1}, {above: 0.5, points: 2}]"), "never reached"),
    "same step twice": (figure("tone", "[{below: 0.2, points: 1}, {below: 0.2, points: 2}]"), "never reached"),
    "deduction for a mood": (
        figure("mood", "[{below: 0, points: -5}]", ", figure: shift"),
        "nobody pays for a mood that a parcel or a product caused",
    ),
    "deduction where the agent hardly is the cause": (
        figure("mood", "[{below: 0, points: -5}]", ", figure: end, when: [{figure: agent_cause, at_least: 0.4}]"),
        "nobody pays",
    ),
    "deduction where the agent is not the cause": (
        figure("mood", "[{below: 0, points: -5}]", ", figure: end, when: [{figure: agent_cause, at_most: 0.9}]"),
        "nobody pays",
    ),
    "at_least behind above": (figure("tone", "[{at_least: 0.2, points: 1}, {above: 0.2, points: 2}]"), "never reached"),
}


@pytest.mark.parametrize(("criterion", "problem"), BAD_CRITERIA.values(), ids=BAD_CRITERIA.keys())
def test_a_bad_criterion_is_refused_with_file_and_line(tmp_path, criterion, problem):
    file = write(tmp_path, rubric_text(criterion))
    with pytest.raises(ConfigError) as caught:
        load_rubric(file)
    assert caught.value.code is ErrorCode.INVALID_RUBRIC
    assert caught.value.message.startswith(f"{file}:{LINE}: ")
    assert problem in caught.value.message
    assert caught.value.field == f"rubric.yaml:{LINE}"


@pytest.mark.parametrize(
    "steps",
    [
        "[{above: 0.5, points: 2}, {above: 0.2, points: 1}]",
        "[{above: 0.5, points: 2}, {at_least: 0.5, points: 1}]",
        "[{below: 0.2, points: -2}, {below: 0.4, points: -1}, {at_least: 0.7, points: 1}]",
    ],
    ids=["falling", "edge", "both ends"],
)
def test_steps_that_can_be_reached_are_accepted(tmp_path, steps):
    (criterion,) = load_rubric(write(tmp_path, rubric_text(figure("tone", steps)))).dimensions[0].criteria
    assert isinstance(criterion, FigureCriterion)
    assert len(criterion.steps) == steps.count("points")


BAD_RUBRICS = {
    "criterion id twice": (rubric_text(FINDINGS, FINDINGS), 12, "id `c` is used twice"),
    "dimension id twice": (
        rubric_text(FINDINGS)
        + "  - {id: d, title: t, weight: 1, criteria: ["
        + FINDINGS.replace("id: c", "id: e")
        + "]}\n",
        12,
        "id `d` is used twice",
    ),
    "criterion in two dimensions": (
        rubric_text(FINDINGS) + "  - {id: e, title: t, weight: 1, criteria: [" + FINDINGS + "]}\n",
        7,
        "criterion id `c` stands in two dimensions",
    ),
    "weight 0": (rubric_text(FINDINGS, dimension="weight: 0"), 9, "weight must be above 0"),
    "floor above start": (
        rubric_text(FINDINGS, dimension="weight: 1\n    start: 50\n    floor: 60"),
        7,
        "floor 60 is above",
    ),
    "bands not from 0": (rubric_text(FINDINGS).replace("min: 0", "min: 10"), 5, "begin at min 0"),
    "bands not rising": (
        rubric_text(FINDINGS).replace("低}]", "低}, {id: x, min: 80, label: x}, {id: y, min: 80, label: y}]"),
        5,
        "begin at min 0 and rise",
    ),
    "band out of range": (
        rubric_text(FINDINGS).replace("低}]", "低}, {id: x, min: 101, label: x}]"),
        5,
        "from 0 to 100",
    ),
    "version 0": (rubric_text(FINDINGS).replace("version: 1", "version: 0"), 2, "at least 1"),
    "unknown top field": (rubric_text(FINDINGS) + "owner: me\n", 12, "unknown field `owner`"),
    "not YAML": (HEAD + "bands: [\n", 6, "is not valid YAML"),
    "forbidden character": (HEAD + "bands: \x07\n", 1, "a character that YAML forbids"),
    "empty": ("# nothing\n", 1, "is empty"),
}


@pytest.mark.parametrize(("text", "line", "problem"), BAD_RUBRICS.values(), ids=BAD_RUBRICS.keys())
def test_a_bad_rubric_is_refused_with_file_and_line(tmp_path, text, line, problem):
    file = write(tmp_path, text)
    with pytest.raises(ConfigError, match="rubric") as caught:
        load_rubric(file)
    assert caught.value.message.startswith(f"{file}:{line}: ")
    assert problem in caught.value.message


def test_a_file_that_is_not_utf8_is_refused_at_its_line(tmp_path):
    file = tmp_path / "rubric.yaml"
    file.write_bytes(b"id: r\ntitle: " + "质检".encode("gb18030") + b"\n")
    with pytest.raises(ConfigError, match=r"rubric\.yaml:2: is not UTF-8"):
        load_rubric(file)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml:1: cannot read the rubric \(No such file"):
        load_rubric(tmp_path / "none.yaml")


def test_another_text_is_another_digest(tmp_path):
    first = load_rubric(write(tmp_path, rubric_text(FINDINGS)))
    second = load_rubric(write(tmp_path, rubric_text(FINDINGS.replace("deduct: 5", "deduct: 6"))))
    assert first.digest != second.digest


@pytest.mark.parametrize(
    "criterion",
    [
        figure("mood", "[{below: -0.8, points: -5}]", ", figure: attributable_change"),
        figure("mood", "[{below: 0, points: -5}]", ", figure: end, when: [{figure: agent_cause, at_least: 0.5}]"),
        figure("mood", "[{above: 0.5, points: 5}]", ", figure: recovery"),
    ],
    ids=["beyond the usual change", "the agent is the cause", "credit"],
)
def test_a_mood_may_cost_points_where_the_agent_caused_it(tmp_path, criterion):
    (read,) = load_rubric(write(tmp_path, rubric_text(criterion))).dimensions[0].criteria
    assert read.kind == "mood"


@pytest.mark.parametrize(
    ("criterion", "problem"),
    [
        pytest.param(
            figure("tone", "[{at_least: 75, points: 5}]"), "75 is out of range; it must be from 0 to 1", id="percent"
        ),
        pytest.param(
            figure("mood", "[{at_most: -50, points: 5}]", ", figure: lowest"),
            "-50 is out of range",
            id="percent of a mood",
        ),
        pytest.param(
            figure(
                "mood",
                "[{above: 0.5, points: -5}]",
                ", figure: negative_share, when: [{figure: agent_cause, at_least: 50}]",
            ),
            "50 is out of range",
            id="percent of a probability",
        ),
        pytest.param(
            figure("timing", "[{above: -1, points: -5}]", ", figure: first_reply_seconds"),
            "at least 0",
            id="time before",
        ),
    ],
)
def test_a_threshold_that_the_figure_never_crosses_is_refused(tmp_path, criterion, problem):
    with pytest.raises(ConfigError, match=problem) as raised:
        load_rubric(write(tmp_path, rubric_text(criterion)))

    assert "rubric.yaml:11:" in str(raised.value)
