"""Reads one rule of a pack. Owns the fields of a rule, not its match tree (`match_reader`) or examples (`example_reader`)."""

from __future__ import annotations

import re

from qa_service.domain.conversation import Role
from qa_service.domain.finding import RuleStatus, Severity
from qa_service.rule_engine.blocks import Unit
from qa_service.rule_engine.doubt import read_doubt
from qa_service.rule_engine.evasion.view import View
from qa_service.rule_engine.example_reader import read_examples
from qa_service.rule_engine.guard import DEFAULT_GUARD, SpeechAct
from qa_service.rule_engine.match_reader import MatchReader, PackContext
from qa_service.rule_engine.nodes.textual import is_textual
from qa_service.rule_engine.pack_shape import RULE
from qa_service.rule_engine.period import ALWAYS, Period, read_period
from qa_service.rule_engine.phrase_list import check_columns
from qa_service.rule_engine.place import NO_EXCEPTIONS, Exceptions
from qa_service.rule_engine.rule import Example, Rule
from qa_service.rule_engine.rule_body import body_digest
from qa_service.rule_engine.suspected import has_bare_suspicion
from qa_service.rule_engine.yaml_field import Field, Origin, SourceError

_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_LANGUAGE = re.compile(r"[a-z]{2}")
_AGENTS = frozenset((Role.AGENT,))
_COUNTRIES = {"cn": "zh", "tw": "zh", "hk": "zh", "jp": "ja", "us": "en", "gb": "en"}
"""No codes of languages, but taken for such."""
_MOVES_NO_SCORE = (RuleStatus.SHADOW, RuleStatus.ADVISORY)
DEFAULT_VIEWS = frozenset((View.CASED, View.COMPACT))


def _read_rule_examples(rule: Field, fields: dict[str, Field]) -> tuple[Example, ...]:
    """Only a rule on trial may do without: what an import made is tried on chats before it counts."""
    if "examples" in fields:
        return read_examples(fields["examples"])
    if fields["status"].choice(RuleStatus) is not RuleStatus.SHADOW:
        raise rule.error("examples is missing; only a rule with status shadow may have none")
    return ()


def read_rule(field: Field, pack: PackContext) -> Rule:
    """Read one rule.

    Raises:
        SourceError: with file and line.
    """
    RULE.check(field)
    fields = field.entries()
    languages = _read_languages(fields, pack)
    reader = MatchReader(pack, languages)
    unit = fields["unit"].choice(Unit) if "unit" in fields else Unit.TURN
    if "requires" in fields or unit is Unit.MERGED:
        reader.defer()
    node, check = reader.root(field, fields)
    views = read_views(fields["evasion"]) if "evasion" in fields else pack.views
    pack.lexicon.seek(reader.term_ids, views)
    forbidden_by = reader.policy(fields["forbidden_by"]) if "forbidden_by" in fields else None
    rule = Rule(
        id=_read_id(fields["id"]),
        version=fields["version"].integer(minimum=1),
        title=fields["title"].text(),
        category=pack.category,
        severity=fields["severity"].choice(Severity),
        status=fields["status"].choice(RuleStatus),
        speakers=_read_speakers(fields, judges_agents=check is not None),
        languages=languages,
        rationale=fields["rationale"].text(),
        reference=fields["reference"].text(),
        false_positives=tuple(item.text() for item in fields["false_positives"].items())
        if "false_positives" in fields
        else (),
        examples=_read_rule_examples(field, fields),
        place=field.origin,
        node=node,
        check=check,
        views=views,
        exceptions=_read_exceptions(fields, reader),
        guard=_read_guard(fields),
        forbidden_by=forbidden_by,
        policies=tuple(reader.policies),
        calendars=tuple(reader.calendars),
        effective=_read_effective(fields),
        is_deferred=reader.is_deferred,
        is_textual=is_textual(node),
        unit=unit,
        requires=_read_ids(fields, "requires"),
        replaces=_read_ids(fields, "replaces"),
        conditions=tuple(reader.conditions),
        precision_bar=fields["precision_bar"].number(minimum=0, maximum=1) if "precision_bar" in fields else None,
        points=fields["points"].points() if "points" in fields else None,
        dimension=fields["dimension"].text() if "dimension" in fields else None,
        doubt_below=read_doubt(fields, pack.doubt_below),
        body=body_digest(fields),
    )
    _check_status(rule, fields["status"])
    for name, reading in reader.lists:
        check_columns(reading.phrases, rule.category, rule.severity, rule.status, label=f"lists/{name}")
    return rule


def rule_problems(field: Field, pack: PackContext, first: SourceError) -> list[SourceError]:
    """All that is wrong with a rule of which reading has found `first`: its fields one by one, and its match tree."""
    found = [first, *RULE.problems(field)]
    if field.is_mapping:
        try:
            fields = field.entries()
            MatchReader(pack, _read_languages(fields, pack)).root(field, fields)
        except SourceError as error:
            found.append(error)
    return list({str(error): error for error in found}.values())


def _read_id(field: Field) -> str:
    value = field.text()
    if not _ID.fullmatch(value):
        raise field.error("must look like area.name, in lower-case letters, digits and _")
    return value


def _read_ids(fields: dict[str, Field], name: str) -> tuple[tuple[str, Origin], ...]:
    if name not in fields:
        return ()
    return tuple((_read_id(item), item.origin) for item in fields[name].one_or_many())


def _read_speakers(fields: dict[str, Field], *, judges_agents: bool) -> frozenset[Role]:
    if "speakers" not in fields:
        return _AGENTS
    speakers = frozenset(item.choice(Role) for item in fields["speakers"].items())
    if Role.SYSTEM in speakers:
        raise fields["speakers"].error("system messages are nobody's words; use agent, bot or customer")
    if judges_agents and speakers != _AGENTS:
        raise fields["speakers"].error(
            "absent, response_time and a figure without words judge agents only: leave speakers out, or ask about turns"
            " (none beside position, not beside somewhere, a figure beside words)"
        )
    return speakers


def _read_languages(fields: dict[str, Field], pack: PackContext) -> tuple[str, ...]:
    if "languages" not in fields:
        return (pack.language,)
    languages = tuple(item.text() for item in fields["languages"].items())
    for item in fields["languages"].items():
        if not _LANGUAGE.fullmatch(item.text()):
            raise item.error("must be a two-letter language code such as zh")
        if item.text() in _COUNTRIES:
            raise item.error(f"{item.text()} is a country; the language is {_COUNTRIES[item.text()]}")
    return languages


def _read_effective(fields: dict[str, Field]) -> Period:
    if "effective" not in fields:
        return ALWAYS
    period = read_period(fields["effective"].entries())
    if period == ALWAYS:
        raise fields["effective"].error("give from or until")
    return period


def read_views(field: Field) -> frozenset[View]:
    """`all`, `none`, or a list of what may be undone; what people read as it stands is always there."""
    named = {"all": frozenset(View), "none": frozenset((View.CASED,))}
    if field.is_scalar:
        if field.text() not in named:
            raise field.error(f"must be all, none or a list of: {', '.join(View)}")
        return named[field.text()]
    return frozenset((View.CASED, *(item.choice(View) for item in field.items())))


def _read_exceptions(fields: dict[str, Field], reader: MatchReader) -> Exceptions:
    if "exceptions" not in fields:
        return NO_EXCEPTIONS
    field = fields["exceptions"]
    if not field.is_mapping:
        return Exceptions(term_ids=reader.words(field))
    parts = field.fields(optional=("terms", "regex", "phrases_from"))
    if not parts:
        raise field.error("give terms, regex or phrases_from")
    words = reader.words(parts["terms"]) if "terms" in parts else frozenset()
    patterns = tuple(parts["regex"].one_or_many()) if "regex" in parts else ()
    return Exceptions(
        term_ids=words | reader.allowed_phrases(parts["phrases_from"]) if "phrases_from" in parts else words,
        pattern_ids=tuple(reader.allowed_pattern(item) for item in patterns),
        sources=tuple(item.text() for item in patterns),
    )


def _read_guard(fields: dict[str, Field]) -> frozenset[SpeechAct]:
    if "guard" not in fields:
        return DEFAULT_GUARD
    field = fields["guard"]
    if field.is_list:
        return frozenset(item.choice(SpeechAct) for item in field.items())
    named = {"default": DEFAULT_GUARD, "none": frozenset[SpeechAct]()}
    if field.text() not in named:
        raise field.error("must be default, none or a list of kinds")
    return named[field.text()]


def _check_status(rule: Rule, field: Field) -> None:
    if rule.status in _MOVES_NO_SCORE:
        return
    if has_bare_suspicion(rule.node or rule.check):
        raise field.error(
            "a suspicion alone moves no score, since nothing would show the agent why: join it by `and` with words or"
            " patterns of the turn, or make the rule shadow or advisory"
        )
    if Role.CUSTOMER in rule.speakers:
        raise field.error("a rule about customers moves no score; make it shadow or advisory")
