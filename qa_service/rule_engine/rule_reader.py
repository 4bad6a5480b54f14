"""Reads one rule of a pack. Owns the fields of a rule, not those of nodes (`nodes`) or examples (`example_reader`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qa_service.domain.conversation import Role
from qa_service.domain.finding import RuleStatus, Severity
from qa_service.rule_engine.blocks import Unit
from qa_service.rule_engine.calendars import read_calendar
from qa_service.rule_engine.doubt import read_doubt
from qa_service.rule_engine.evasion.view import View
from qa_service.rule_engine.example_reader import read_examples
from qa_service.rule_engine.expression import is_condition_name, read_expression
from qa_service.rule_engine.groups import Groups
from qa_service.rule_engine.guard import DEFAULT_GUARD, SpeechAct
from qa_service.rule_engine.lexicon import Lexicon
from qa_service.rule_engine.nodes.agents import Every, Opposite, Said, Some
from qa_service.rule_engine.nodes.base import Check, Node
from qa_service.rule_engine.nodes.calendar import Calendar
from qa_service.rule_engine.nodes.registry import CHECKS, CONVERSATION_NODES, NODES
from qa_service.rule_engine.nodes.shapes import SHAPES
from qa_service.rule_engine.nodes.textual import is_textual
from qa_service.rule_engine.pack_shape import RULE
from qa_service.rule_engine.pattern import read_pattern
from qa_service.rule_engine.period import ALWAYS, Period, read_period
from qa_service.rule_engine.phrase_list import PhraseListReading, PhraseLists, check_columns
from qa_service.rule_engine.place import NO_EXCEPTIONS, Exceptions
from qa_service.rule_engine.rule import Condition, Example, Rule
from qa_service.rule_engine.suspected import has_bare_suspicion
from qa_service.rule_engine.yaml_field import Field, Origin

_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_LANGUAGE = re.compile(r"[a-z]{2}")
_DEEPEST_MATCH = 20
_CONNECTIVES = ("and", "or", "not")
_MOVES_NO_SCORE = (RuleStatus.SHADOW, RuleStatus.ADVISORY)
_ROOT_NAMES = tuple(dict.fromkeys((*NODES, *CHECKS)))
DEFAULT_VIEWS = frozenset((View.CASED, View.COMPACT))


@dataclass(frozen=True, slots=True, kw_only=True)
class PackContext:
    """What a rule shares with the others of its pack."""

    language: str
    category: str
    groups: Groups
    lexicon: Lexicon
    lists: PhraseLists
    views: frozenset[View]
    doubt_below: float | None


class MatchReader:
    """Reads the match tree of one rule (`nodes.base.Reader`) and remembers what the rule must be checked for."""

    def __init__(self, pack: PackContext) -> None:
        self._pack = pack
        self._depth = 0
        self._conditions: dict[str, Field] = {}
        self._read_conditions: dict[str, Node | None] = {}
        self.policy_keys: list[tuple[str, Origin]] = []
        self.calendars: list[tuple[str, Origin]] = []
        self.is_deferred = False
        self.conditions: list[Condition] = []
        self.lists: list[tuple[str, PhraseListReading]] = []
        self.term_ids: set[int] = set()

    def root(self, rule: Field, fields: dict[str, Field]) -> tuple[Node | None, Check | None]:
        """The root node, or the root check, of a rule's `match` or `when`, with the `conditions` that it names."""
        if ("match" in fields) == ("when" in fields):
            raise rule.error("give one of match and when")
        self._conditions = _read_conditions(fields["conditions"]) if "conditions" in fields else {}
        if "when" in fields:
            root: tuple[Node | None, Check | None] = read_expression(fields["when"], self._named), None
        else:
            root = self._match(fields["match"])
        for name, field in self._conditions.items():
            if name not in self._read_conditions:
                raise field.error(f"condition {name} is used nowhere")
        return root

    def condition(self, field: Field) -> Node:
        """The named condition of the rule."""
        return self._named(field.text(), field)

    def _named(self, name: str, field: Field) -> Node:
        if name not in self._conditions:
            known = ", ".join(sorted(self._conditions)) or "none"
            raise field.error(f"there is no condition {name}; known are: {known}")
        if name not in self._read_conditions:
            self._read_conditions[name] = None
            self._read_conditions[name] = self.node(self._conditions[name])
        node = self._read_conditions[name]
        if node is None:
            raise field.error(f"condition {name} holds itself")
        return node

    def _match(self, field: Field) -> tuple[Node | None, Check | None]:
        leaves = set(self._leaves(field, 1))
        if leaves - NODES.keys() or ("figure" in leaves and leaves <= CONVERSATION_NODES):
            self.defer()
            return None, self._check(field)
        return self.node(field), None

    def _leaves(self, field: Field, depth: int) -> Iterator[str]:
        """The names under `and`, `or`, `not` at the root."""
        name, value = self._single(field, _ROOT_NAMES)
        if depth > _DEEPEST_MATCH:
            raise field.error(f"is nested more than {_DEEPEST_MATCH} deep")
        if name not in _CONNECTIVES:
            yield name
            return
        for child in (value,) if name == "not" else value.items():
            yield from self._leaves(child, depth + 1)

    def _check(self, field: Field) -> Check:
        """A judgement of agents: of a check, of several together, or of what they said."""
        name, value = self._single(field, _ROOT_NAMES)
        if name in CHECKS:
            SHAPES[name].check(value)
            return CHECKS[name](value, self)
        if name == "not":
            return Opposite(check=self._check(value))
        if name in _CONNECTIVES:
            checks = tuple(self._check(item) for item in value.items())
            return Every(checks=checks) if name == "and" else Some(checks=checks)
        return Said(node=self.node(field))

    def node(self, field: Field) -> Node:
        """A node by the one name that the mapping has."""
        name, value = self._single(field, tuple(NODES))
        self._depth += 1
        if self._depth > _DEEPEST_MATCH:
            raise field.error(f"is nested more than {_DEEPEST_MATCH} deep")
        SHAPES[name].check(value)
        node = NODES[name](value, self)
        self.conditions.append(Condition(node=node, name=name, line=field.origin.line))
        self._depth -= 1
        return node

    def words(self, field: Field) -> frozenset[int]:
        """Term ids of a word, a $group or a list."""
        found = self._pack.groups.words(field)
        self.term_ids.update(found)
        return found

    def alternatives(self, field: Field) -> tuple[frozenset[int], ...]:
        """Term ids of each item of a list."""
        return tuple(self.words(item) for item in field.items())

    def pattern(self, field: Field) -> int:
        """The id of an RE2 pattern."""
        return self.compiled(field, field.text())

    def allowed_pattern(self, field: Field) -> int:
        """The id of an RE2 pattern of exceptions."""
        return self._pack.lexicon.add_pattern(read_pattern(field, field.text()), is_exception=True)

    def compiled(self, field: Field, source: str) -> int:
        """The id of an RE2 pattern made of a field."""
        return self._pack.lexicon.add_pattern(read_pattern(field, source))

    def phrases(self, field: Field) -> frozenset[int]:
        """Term ids of a word list, which the match tree seeks."""
        reading = self._pack.lists.get(field)
        self.lists.append((field.text(), reading))
        found = self._add(reading)
        self.term_ids.update(found)
        return found

    def allowed_phrases(self, field: Field) -> frozenset[int]:
        """Term ids of a word list of exceptions."""
        return self._add(self._pack.lists.get(field))

    def _add(self, reading: PhraseListReading) -> frozenset[int]:
        return frozenset(self._pack.lexicon.add_term(phrase.term) for phrase in reading.phrases)

    def policy(self, field: Field) -> str:
        """A policy key; whether there is such a policy is checked when rules and policies meet."""
        key = field.text()
        self.policy_keys.append((key, field.origin))
        return key

    def calendar(self, field: Field) -> Calendar:
        """Opening hours; whether the policies know the name is checked when rules and policies meet."""
        if field.is_mapping:
            return Calendar(name=None, hours=read_calendar(field))
        self.calendars.append((field.text(), field.origin))
        return Calendar(name=field.text())

    def defer(self) -> None:
        """Say that the node needs turns after its own, or what is known only at the end of a conversation."""
        self.is_deferred = True

    def _single(self, field: Field, known: tuple[str, ...]) -> tuple[str, Field]:
        entries = field.entries()
        name = next(iter(entries), "")
        if len(entries) != 1 or name not in known:
            raise field.error(f"must have exactly one of: {', '.join(known)}")
        return name, entries[name]


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
    reader = MatchReader(pack)
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
        speakers=_read_speakers(fields),
        languages=_read_languages(fields, pack),
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
        policy_keys=tuple(reader.policy_keys),
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
    )
    _check_status(rule, fields["status"])
    for name, reading in reader.lists:
        check_columns(reading.phrases, rule.category, rule.severity, rule.status, label=f"lists/{name}")
    return rule


def _read_id(field: Field) -> str:
    value = field.text()
    if not _ID.fullmatch(value):
        raise field.error("must look like area.name, in lower-case letters, digits and _")
    return value


def _read_ids(fields: dict[str, Field], name: str) -> tuple[tuple[str, Origin], ...]:
    if name not in fields:
        return ()
    return tuple((_read_id(item), item.origin) for item in fields[name].one_or_many())


def _read_conditions(field: Field) -> dict[str, Field]:
    conditions = field.entries()
    for name, condition in conditions.items():
        if not is_condition_name(name):
            raise condition.error("a condition's name has letters, digits and _ only")
    return conditions


def _read_speakers(fields: dict[str, Field]) -> frozenset[Role]:
    if "speakers" not in fields:
        return frozenset((Role.AGENT,))
    speakers = frozenset(item.choice(Role) for item in fields["speakers"].items())
    if Role.SYSTEM in speakers:
        raise fields["speakers"].error("system messages are nobody's words; use agent, bot or customer")
    return speakers


def _read_languages(fields: dict[str, Field], pack: PackContext) -> tuple[str, ...]:
    if "languages" not in fields:
        return (pack.language,)
    languages = tuple(item.text() for item in fields["languages"].items())
    for item in fields["languages"].items():
        if not _LANGUAGE.fullmatch(item.text()):
            raise item.error("must be a two-letter language code such as zh")
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
    return Exceptions(
        term_ids=words | reader.allowed_phrases(parts["phrases_from"]) if "phrases_from" in parts else words,
        pattern_ids=tuple(reader.allowed_pattern(item) for item in parts["regex"].one_or_many())
        if "regex" in parts
        else (),
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
