"""The fields of every operator, by its name in packs: what the loader refuses and what `rules/schema.json` tells editors."""

from __future__ import annotations

from collections.abc import Mapping

from qa_service.domain.conversation import Role
from qa_service.domain.mood import Emotion
from qa_service.rule_engine.calendars import CALENDAR_OR_NAME
from qa_service.rule_engine.nodes.count import Counting
from qa_service.rule_engine.nodes.fact import FIELD_PATTERN, PRESENCE, Comparison
from qa_service.rule_engine.nodes.figure import TIMED, FigureComparison, Name
from qa_service.rule_engine.nodes.mood import Suspected
from qa_service.rule_engine.nodes.near import Measure as Apart
from qa_service.rule_engine.nodes.near import Order
from qa_service.rule_engine.nodes.response_time import Measure
from qa_service.rule_engine.nodes.scope import Among, AnyOrEvery
from qa_service.rule_engine.nodes.silence import Between
from qa_service.rule_engine.nodes.turn_range import Location
from qa_service.rule_engine.nodes.wildcard import MOST_CHARS
from qa_service.rule_engine.shape import (
    NODE,
    WORDS,
    Choice,
    Either,
    Fields,
    Flag,
    Keyword,
    ListOf,
    Number,
    OneOrMany,
    Shape,
    Text,
    Whole,
    exactly_one,
    having,
    some_of,
    where,
    without,
)
from qa_service.rule_engine.text_reading import Within
from qa_service.rule_engine.token_pattern import TOKEN_COMPARISONS, TOKEN_FLAGS, TOKEN_TEXTS
from qa_service.rule_engine.values.compare import Operator, Verdict
from qa_service.rule_engine.values.quantity import Direction, Kind, Unit

_ITEMS = ListOf(WORDS)
_TURNS = Whole(minimum=1)
_SECONDS = Number(minimum=0)
_WITHIN = Choice(Within)
_POLARITY = Number(minimum=-1, maximum=1)
_SHARE = Number(minimum=0, maximum=1)
_DISTANCE: Mapping[str, Shape] = {"turns": _TURNS, "seconds": _SECONDS}
_ANCHOR = Fields(required={"match": NODE}, optional={"role": Choice(Role), **_DISTANCE})
_LIMIT = Fields(
    optional={
        "policy": Text(), "verdict": Choice(Verdict),
        "value": Number(), "unit": Choice(Unit), "op": Choice(Operator),
    },
    also=(
        exactly_one("policy", "value"),
        {"dependentRequired": {"policy": ["verdict"], "verdict": ["policy"],
                               "value": ["unit", "op"], "unit": ["value"], "op": ["value"]}},
    ),
)  # fmt: skip
_FIRST_OR_LAST = ("first", "last", "first_seconds", "last_seconds")
_IS_AT = {"properties": {"anchor": {"properties": {"location": {"const": str(Location.AT)}}}}, **having("anchor")}
_TWO = {"properties": {"value": {"type": "array", "minItems": 2, "maxItems": 2}}, **having("value")}
_ONE = {"properties": {"value": {"maxItems": 1}}, **having("value")}
_FROM_1 = {"properties": {"range": {"properties": {end: {"not": {"const": 0}} for end in ("from", "to")}}}}

_TOKEN = Fields(
    optional={
        **dict.fromkeys(
            TOKEN_TEXTS,
            Either(
                mapping=Fields(
                    optional={"IN": ListOf(Text()), "NOT_IN": ListOf(Text())}, also=(some_of("IN", "NOT_IN"),)
                ),
                other=Text(),
            ),
        ),
        **dict.fromkeys(TOKEN_FLAGS, Flag()),
        "LENGTH": Either(
            mapping=Fields(optional=dict.fromkeys(TOKEN_COMPARISONS, Whole()), also=(some_of(*TOKEN_COMPARISONS),)),
            other=_TURNS,
        ),
        "OP": Text(),
    }
)

SHAPES: Mapping[str, Shape] = {
    "any": WORDS,
    "phrases_from": Text(),
    "all": Either(mapping=Fields(required={"of": _ITEMS}, optional={"within": _WITHIN}), other=_ITEMS),
    "at_least": Fields(required={"n": _TURNS, "of": _ITEMS}, optional={"within": _WITHIN}),
    "none": WORDS,
    "regex": Either(mapping=Fields(required={"pattern": Text()}, optional={"unless": Text()}), other=Text()),
    "wildcard": Either(
        mapping=Fields(
            required={"of": OneOrMany(Text())}, optional={"chars": Whole(minimum=1, maximum=MOST_CHARS)}
        ),
        other=OneOrMany(Text()),
    ),
    "tokens": ListOf(Either(mapping=_TOKEN, other=ListOf(_TOKEN))),
    "near": Fields(
        required={"a": WORDS},
        optional={
            "b": WORDS, "without": WORDS, "chars": Whole(), "words": Whole(), "clauses": Whole(),
            "order": Choice(Order), "within": _WITHIN,
        },
        also=(exactly_one("b", "without"), exactly_one(*Apart)),
    ),
    "quantity": Fields(
        required={"kind": OneOrMany(Choice(Kind)), "with": WORDS},
        optional={
            "without": WORDS,
            "chars": Whole(),
            "within": _WITHIN,
            "direction": OneOrMany(Choice(Direction)),
            "compare": _LIMIT,
            "inherit": Fields(required={"agree": WORDS}, optional={"turns": _TURNS}),
        },
    ),
    "similar": Fields(
        required={"to": OneOrMany(Text()), "at_least": Number(minimum=0.01, maximum=1)}, optional={"within": _WITHIN}
    ),
    "count": Fields(
        required={"of": NODE, "at_least": Whole(minimum=2)}, optional={"turns": _TURNS, "per": Choice(Counting)}
    ),
    "repeat": Fields(
        required={"times": Whole(minimum=2)},
        optional={
            "turns": _TURNS, "min_chars": _TURNS, "similarity": Number(minimum=0.1, maximum=1), "except": WORDS
        },
    ),
    "after": _ANCHOR,
    "before": _ANCHOR,
    "sequence": Fields(
        required={"steps": ListOf(Fields(required={"match": NODE}, optional={"role": Choice(Role)}), at_least=2)},
        optional=_DISTANCE,
    ),
    "position": Fields(
        optional={"first": _TURNS, "last": _TURNS, "first_seconds": _SECONDS, "last_seconds": _SECONDS},
        also=(exactly_one(*_FIRST_OR_LAST),),
    ),
    "scope": Fields(
        required={"match": NODE},
        optional={
            "range": Fields(required={"from": Whole(minimum=None), "to": Whole(minimum=None)}),
            "anchor": Fields(
                required={"match": NODE, "location": Choice(Location)},
                optional={
                    "role": Choice(Role),
                    "hit": Keyword(names=tuple(AnyOrEvery), other=Whole(minimum=None, is_not_zero=True)),
                },
            ),
            "among": Choice(Among),
            "every_turn": Flag(),
        },
        also=(
            {"if": _IS_AT, "then": without("range"), "else": having("range")},
            {"anyOf": [having("anchor"), _FROM_1]},
        ),
    ),
    "somewhere": Fields(required={"match": NODE}, optional={"role": Choice(Role)}),
    "sender": Fields(optional={"id": OneOrMany(Text()), "group": OneOrMany(Text())}, also=(some_of("id", "group"),)),
    "mood": Fields(
        optional={
            "emotion": OneOrMany(Choice(Emotion)),
            "polarity_below": _POLARITY, "polarity_above": _POLARITY, "confidence": _SHARE,
        },
        also=(some_of("emotion", "polarity_below", "polarity_above"),),
    ),
    "mood_shift": Fields(
        optional={"below": Number(minimum=-2, maximum=2), "above": Number(minimum=-2, maximum=2)},
        also=(some_of("below", "above"),),
    ),
    "suspicion": Fields(required={"category": Choice(Suspected), "at_least": Number(minimum=0.01, maximum=1)}),
    "fact": Fields(
        required={"field": Text(pattern=FIELD_PATTERN), "op": Choice(Comparison)},
        optional={"value": OneOrMany(Text())},
        also=(where("op", PRESENCE, without("value"), where("op", [Comparison.BETWEEN], _TWO, _ONE)),),
    ),
    "figure": Fields(
        required={"name": Choice(Name), "op": Choice(FigureComparison), "value": OneOrMany(Number())},
        optional={"hours": CALENDAR_OR_NAME},
        also=(where("op", [FigureComparison.BETWEEN], _TWO, _ONE), where("name", TIMED, {}, without("hours"))),
    ),
    "silence": Fields(
        required={"over_seconds": _SECONDS},
        optional={"between": Choice(Between), "unless": NODE, "hours": CALENDAR_OR_NAME},
    ),
    "waited": Fields(required={"over_seconds": _SECONDS}, optional={"hours": CALENDAR_OR_NAME}),
    "working_hours": CALENDAR_OR_NAME,
    "sent": Fields(optional={"from": Text(), "until": Text()}, also=(some_of("from", "until"),)),
    "and": ListOf(NODE),
    "or": ListOf(NODE),
    "not": NODE,
    "ref": Text(),
    "absent": Fields(
        required={"phrase": NODE},
        optional={
            "first": _TURNS,
            "last": _TURNS,
            "anywhere": Flag(),
            "after": Fields(required={"match": NODE}, optional=_DISTANCE, also=(some_of(*_DISTANCE),)),
            "min_turns": _TURNS,
        },
        also=(exactly_one("first", "last", "anywhere", "after"), {"properties": {"anywhere": {"const": True}}}),
    ),
    "response_time": Fields(
        required={"measure": Choice(Measure)},
        optional={"over_seconds": _SECONDS, "over": Number(minimum=0), "hours": CALENDAR_OR_NAME},
        also=(
            exactly_one("over_seconds", "over"),
            where("measure", [Measure.UNANSWERED], without("over_seconds", "hours"), without("over")),
        ),
    ),
}  # fmt: skip
