"""Whatever is wrong with a pack, reading it ends in an error that names file and line, and in no other way."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_service.errors import ConfigError
from qa_service.rule_engine import check_folder, load_packs, load_policies
from qa_service.settings import REPOSITORY
from tests.unit.rule_engine.operators import CONDITIONS, EXAMPLES
from tests.unit.rule_engine.packs import CUES, POLICIES, rule, write_packs, write_yaml

_SHIPPED = REPOSITORY / "rules"
_PLACED = re.compile(r"^[a-z./]+:\d+: ")
_PACK: dict[str, Any] = {
    "pack": {"id": "p", "version": 1, "language": "zh", "category": "abuse", "evasion": ["compact"]},
    "terms": {"words": ["甲", "乙"]},
    "rules": [
        rule({name: value}, id=f"test.{name}{at}", status="shadow", **({"conditions": CONDITIONS} if name == "ref" else {}))
        for name, values in EXAMPLES.items()
        for at, value in enumerate(values[:1])
    ]
    + yaml.safe_load((_SHIPPED / "zh" / "timeliness.yaml").read_text(encoding="utf-8"))["rules"],
}  # fmt: skip
_POLICIES: dict[str, Any] = {
    "version": 1,
    "policies": [{**POLICIES[0], "from": "2026-01-01", "when": {"shop": ["A"]}}, *POLICIES[1:]],
    "calendars": {"shop": {"zone": "Asia/Shanghai", "open": {"mon-fri": "09:00-22:00"}, "closed": ["2026-10-01"]}},
}
_DOCUMENTS = {"zh/abuse.yaml": _PACK, "zh/cues.yaml": {"cues": CUES}, "p.yaml": _POLICIES}


def _nested(depth: int) -> Any:
    value: Any = {"any": ["甲"]}
    for _ in range(depth):
        value = {"not": value}
    return value


_ODD = st.sampled_from(
    [None, "", " ", "\ud800", "\u0000", "\u202e", "😀", "$", "$nobody", "*", "**", "(", "[", "(a+)+$", "(?=a)", "\\", "a{99999}",
     "nan", "inf", "-inf", "1e999", "1e-999", "-1", "0", "9" * 5000, "0x10", "1_0", "true",
     "2026-13-01", "0000-00-00", "24:00-24:00",
     "a && (b", "((((", "../../etc/passwd", "a\u0000b", [], {}, [[]], [None], {"any": []}, [{}], {"a": {"b": []}},
     _nested(30), _nested(300), {"not": "甲"}, {"and": "甲"}]
)  # fmt: skip


_PUT = ["", "\t", "\n", ": ", "- ", "&a ", "*a", "<<: *a", "{", "}", "[", "'", '"', "!!python/x ", "---\n", "\ufeff", "\x00",
        "\x85", "\u2028", "? ", "|\n", "\ud800", "%"]  # fmt: skip


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value below a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in items:
        yield (*at, name)
        yield from _places(child, (*at, name))


_ALL_PLACES = {name: list(_places(document)) for name, document in _DOCUMENTS.items()}


@st.composite
def _mutants(draw: st.DrawFn) -> tuple[str, Any]:
    """A document with one to three values replaced, removed, doubled or renamed."""
    name = draw(st.sampled_from(sorted(_DOCUMENTS)))
    document = copy.deepcopy(_DOCUMENTS[name])
    for place in draw(st.lists(st.sampled_from(_ALL_PLACES[name]), min_size=1, max_size=3)):
        holder = document
        try:
            for step in place[:-1]:
                holder = holder[step]
            value = holder[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        how = draw(st.sampled_from(["replace", "odd", "remove", "rename", "wrap"]))
        if how == "remove":
            del holder[place[-1]]
        elif how == "rename" and isinstance(holder, dict):
            holder[draw(st.sampled_from(["and", "no_such_field", "ref", "\u202e", "figure"]))] = holder.pop(place[-1])
        elif how == "wrap":
            holder[place[-1]] = draw(st.sampled_from([[value], {"any": value}, [value, value]]))
        else:
            holder[place[-1]] = draw(_ODD if how == "odd" else st.text(max_size=12))
    return name, document


def _read_with(name: str, text: str) -> None:
    """Everything that start and `rules check` do with a file, errors of packs and policies let through only where placed."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        write_packs(folder, rule({"any": ["甲"]}))
        for other, document in _DOCUMENTS.items():
            write_yaml(folder / other, document)
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")
        for read in (lambda: load_packs(folder), lambda: load_policies(folder / "p.yaml")):
            refused = _error_of(read)
            assert refused is None or _PLACED.match(refused), refused
        for problem in check_folder(folder, folder / "p.yaml", encoder=_no_encoder):
            assert problem.file, problem
            assert problem.line >= 1, problem


def _error_of(read: Callable[[], object]) -> str | None:
    try:
        read()
    except ConfigError as error:
        return error.message
    return None


def _no_encoder(texts: Any) -> Any:
    raise ConfigError("no model here")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_mutants())
def test_a_document_with_wrong_values_is_read_or_refused_with_its_place(mutant: tuple[str, Any]) -> None:
    name, document = mutant
    _read_with(name, yaml.safe_dump(document, allow_unicode=True, sort_keys=False))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_file_with_a_piece_cut_out_or_put_in_is_read_or_refused_with_its_place(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(_DOCUMENTS)))
    text = yaml.safe_dump(_DOCUMENTS[name], allow_unicode=True, sort_keys=False)
    start = data.draw(st.integers(0, len(text)))
    stop = min(len(text), start + data.draw(st.integers(0, 40)))
    put = data.draw(st.sampled_from(_PUT))
    _read_with(name, text[:start] + put + text[stop:])


def test_the_files_that_are_broken_here_are_good() -> None:
    with TemporaryDirectory() as made:
        folder = Path(made)
        write_packs(folder, rule({"any": ["甲"]}))
        for name, document in _DOCUMENTS.items():
            write_yaml(folder / name, document)
        assert load_packs(folder).rules
        assert load_policies(folder / "p.yaml").entries


@pytest.mark.parametrize("name", sorted(_DOCUMENTS))
@pytest.mark.parametrize(
    "text",
    ["", "[]", "a", "&a [*a]", "&a {pack: *a}", "pack: &a {id: *a}", "[" * 5000, "{a: " * 5000, "!!binary x", "\ud800: 1"],
    ids=["empty", "list", "word", "holds itself", "mapping holds itself", "field holds itself", "brackets", "braces", "tag",
         "surrogate"],
)  # fmt: skip
def test_a_file_that_is_no_pack_at_all_is_refused_with_its_place(name: str, text: str) -> None:
    _read_with(name, text)
