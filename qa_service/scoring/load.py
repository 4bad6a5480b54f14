"""Rubric files → `Rubric`. Says what a rubric may contain; every error names file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from qa_service.domain.finding import Severity
from qa_service.domain.scorecard import Band
from qa_service.errors import ConfigError, ErrorCode
from qa_service.scoring.rubric import (
    BOUNDS,
    FIGURES,
    OWN_POINTS,
    AppliesWhen,
    Comparator,
    Condition,
    Criterion,
    Dimension,
    Fatal,
    Figure,
    FigureCriterion,
    FigureKind,
    FindingMatch,
    FindingsCriterion,
    Per,
    Rubric,
    Step,
    Threshold,
)
from qa_service.scoring.yaml_source import Located, read_yaml

_Part = TypeVar("_Part", Dimension, FindingsCriterion | FigureCriterion, Band)
_COMPARATORS = tuple(Comparator)
_UPWARD = (Comparator.AT_LEAST, Comparator.ABOVE)
BLAMED_AT_LEAST = Decimal("0.5")
"""A probability of the agent as the cause from which a rubric may let a customer's mood cost points."""


def load_rubric(path: Path) -> Rubric:
    """Read a rubric.

    Raises:
        ConfigError: `invalid_rubric`, with file and line, for an unreadable file, an unknown or missing field, a value
            out of range, an id used twice, or a step that can never be reached.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ConfigError(
            f"{path}:1: cannot read the rubric ({reason}); check the path",
            code=ErrorCode.INVALID_RUBRIC,
            field=f"{path.name}:1",
        ) from error
    fields = read_yaml(path, content).fields(
        required=("id", "version", "title", "dimensions", "bands", "rationale"), optional=("start",)
    )
    start = fields["start"].decimal(minimum=0, maximum=100) if "start" in fields else Decimal(100)
    dimensions = _unique(fields["dimensions"].items(), lambda source: _dimension(source, start))
    _refuse_shared_criterion_ids(fields["dimensions"], dimensions)
    return Rubric(
        id=fields["id"].text(),
        version=fields["version"].integer(minimum=1),
        title=fields["title"].text(),
        rationale=fields["rationale"].text(),
        dimensions=dimensions,
        bands=_bands(fields["bands"]),
        digest=hashlib.sha256(content).hexdigest(),
    )


def _unique(sources: Iterable[Located], read: Callable[[Located], _Part]) -> tuple[_Part, ...]:
    parts: dict[str, _Part] = {}
    for source in sources:
        part = read(source)
        if part.id in parts:
            raise source.error(f"id `{part.id}` is used twice; ids are unique")
        parts[part.id] = part
    return tuple(parts.values())


def _refuse_shared_criterion_ids(source: Located, dimensions: Iterable[Dimension]) -> None:
    seen = {OWN_POINTS}
    for dimension in dimensions:
        ids = {criterion.id for criterion in dimension.criteria}
        if shared := sorted(ids & seen):
            where = "is kept for rules that name a dimension" if shared[0] == OWN_POINTS else "stands in two dimensions"
            raise source.error(f"criterion id `{shared[0]}` {where}; ids are unique in a rubric")
        seen |= ids


def _dimension(source: Located, rubric_start: Decimal) -> Dimension:
    fields = source.fields(required=("id", "title", "weight", "criteria"), optional=("start", "floor"))
    start = fields["start"].decimal(minimum=0, maximum=100) if "start" in fields else rubric_start
    floor = fields["floor"].decimal(minimum=0, maximum=100) if "floor" in fields else Decimal(0)
    if floor > start:
        raise source.error(f"floor {floor} is above the start {start}; lower it")
    weight = fields["weight"].decimal(minimum=0)
    if not weight:
        raise fields["weight"].error("weight must be above 0; leave the dimension out instead")
    return Dimension(
        id=fields["id"].text(),
        title=fields["title"].text(),
        weight=weight,
        start=start,
        floor=floor,
        criteria=_unique(fields["criteria"].items(), _criterion),
    )


def _criterion(source: Located) -> Criterion:
    entries = {key.text(): value for key, value in source.entries()}
    kind = entries.get("kind")
    if kind is None:
        raise source.error("missing field `kind`; add it")
    if kind.text() == "findings":
        return _findings_criterion(source)
    if kind.text() not in list(FigureKind):
        raise kind.error(f"unknown value `{kind.text()}`; use one of findings, {', '.join(FigureKind)}")
    return _figure_criterion(source, FigureKind(kind.text()))


def _findings_criterion(source: Located) -> FindingsCriterion:
    fields = source.fields(
        required=("id", "title", "kind", "match", "deduct"), optional=("per", "cap", "fatal", "applies_when")
    )
    match = _match(fields["match"])
    return FindingsCriterion(
        id=fields["id"].text(),
        title=fields["title"].text(),
        match=match,
        deduct=_deduct(fields["deduct"], match.severities),
        per=fields["per"].choice(Per) if "per" in fields else Per.HIT,
        cap=fields["cap"].decimal(minimum=0, maximum=100) if "cap" in fields else None,
        fatal=fields["fatal"].choice(Fatal) if "fatal" in fields else Fatal.NONE,
        applies_when=_applies_when(fields.get("applies_when")),
    )


def _match(source: Located) -> FindingMatch:
    fields = source.fields(required=(), optional=("rules", "prefixes", "categories", "severities"))
    if not fields.keys() & {"rules", "prefixes", "categories"}:
        raise source.error("names no finding; give rules, prefixes or categories")
    severities = (
        frozenset(item.choice(Severity) for item in fields["severities"].items())
        if "severities" in fields
        else frozenset(Severity)
    )
    return FindingMatch(
        rules=fields["rules"].texts() if "rules" in fields else frozenset(),
        prefixes=fields["prefixes"].texts() if "prefixes" in fields else frozenset(),
        categories=fields["categories"].texts() if "categories" in fields else frozenset(),
        severities=severities,
    )


def _deduct(source: Located, severities: frozenset[Severity]) -> dict[Severity, Decimal]:
    """One number for every severity, or a mapping that names exactly the severities that can match."""
    if source.is_mapping:
        names = [severity.value for severity in Severity if severity in severities]
        fields = source.fields(required=names)
        return {Severity(name): fields[name].decimal(minimum=0, maximum=100) for name in names}
    points = source.decimal(minimum=0, maximum=100)
    return {severity: points for severity in Severity if severity in severities}


def _figure_criterion(source: Located, kind: FigureKind) -> FigureCriterion:
    needs_figure = kind is not FigureKind.TONE
    fields = source.fields(
        required=("id", "title", "kind", "steps", *(("figure",) if needs_figure else ())),
        optional=("when", "applies_when"),
    )
    figure = fields["figure"].choice(Figure, among=FIGURES[kind]) if needs_figure else Figure.TONE
    steps = fields["steps"].items()
    criterion = FigureCriterion(
        id=fields["id"].text(),
        title=fields["title"].text(),
        kind=kind,
        figure=figure,
        steps=_reachable(steps, tuple(_step(step, figure) for step in steps)),
        when=tuple(_condition(item, kind) for item in fields["when"].items()) if "when" in fields else (),
        applies_when=_applies_when(fields.get("applies_when")),
    )
    if _deducts_for_a_mood(criterion):
        raise source.error(
            "nobody pays for a mood that a parcel or a product caused: deduct by figure attributable_change, or under"
            f" when: {{figure: agent_cause, at_least: {BLAMED_AT_LEAST}}}"
        )
    return criterion


def _deducts_for_a_mood(criterion: FigureCriterion) -> bool:
    """Whether the customer's mood would cost the agent points without any sign that the agent caused it."""
    deducts = criterion.kind is FigureKind.MOOD and any(step.points < 0 for step in criterion.steps)
    blamed = any(
        condition.figure is Figure.AGENT_CAUSE
        and condition.threshold.comparator in _UPWARD
        and condition.threshold.value >= BLAMED_AT_LEAST
        for condition in criterion.when
    )
    return deducts and not blamed and criterion.figure is not Figure.ATTRIBUTABLE_CHANGE


def _step(source: Located, figure: Figure) -> Step:
    fields = source.fields(required=("points",), optional=_COMPARATORS)
    return Step(
        threshold=_threshold(source, fields, figure), points=fields["points"].decimal(minimum=-100, maximum=100)
    )


def _condition(source: Located, kind: FigureKind) -> Condition:
    fields = source.fields(required=("figure",), optional=_COMPARATORS)
    figure = fields["figure"].choice(Figure, among=FIGURES[kind])
    return Condition(figure=figure, threshold=_threshold(source, fields, figure))


def _threshold(source: Located, fields: dict[str, Located], figure: Figure) -> Threshold:
    """A comparison that some value of the figure can decide either way: `tone at_least 75` would never hold, unnoticed."""
    given = [comparator for comparator in Comparator if comparator in fields]
    if len(given) != 1:
        raise source.error(f"needs exactly one of {', '.join(Comparator)}")
    minimum, maximum = BOUNDS.get(figure, (0, None))
    return Threshold(comparator=given[0], value=fields[given[0]].decimal(minimum=minimum, maximum=maximum))


def _reachable(sources: Collection[Located], steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Refuse a step whose every number an earlier step has taken, e.g. `above 600` after `above 180`."""
    for index, (source, step) in enumerate(zip(sources, steps, strict=True)):
        if any(_covers(earlier.threshold, step.threshold) for earlier in steps[:index]):
            raise source.error("is never reached, since the first step that holds counts; put the stricter step first")
    return steps


def _covers(wide: Threshold, narrow: Threshold) -> bool:
    """Whether every number that `narrow` takes is taken by `wide`."""
    if (wide.comparator in _UPWARD) is not (narrow.comparator in _UPWARD):
        return False
    if narrow.value == wide.value:
        return wide.holds(wide.value) or not narrow.holds(narrow.value)
    return wide.holds(narrow.value)


def _applies_when(source: Located | None) -> AppliesWhen:
    if source is None:
        return AppliesWhen()
    fields = source.fields(required=(), optional=("min_agent_turns", "min_customer_turns", "attributes"))
    attributes = fields["attributes"].entries() if "attributes" in fields else []
    return AppliesWhen(
        min_agent_turns=fields["min_agent_turns"].integer(minimum=1) if "min_agent_turns" in fields else 0,
        min_customer_turns=fields["min_customer_turns"].integer(minimum=1) if "min_customer_turns" in fields else 0,
        attributes={key.text(): value.texts() for key, value in attributes},
    )


def _bands(source: Located) -> tuple[Band, ...]:
    bands = _unique(source.items(), _band)
    minimums = [band.minimum for band in bands]
    if minimums[0] != 0 or sorted(set(minimums)) != minimums:
        raise source.error("bands must begin at min 0 and rise, so that every score has exactly one")
    return bands


def _band(source: Located) -> Band:
    fields = source.fields(required=("id", "min", "label"))
    return Band(
        id=fields["id"].text(), minimum=fields["min"].decimal(minimum=0, maximum=100), label=fields["label"].text()
    )
