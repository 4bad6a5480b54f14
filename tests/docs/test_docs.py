"""What users can meet is documented; what is documented exists."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import typer
import yaml

from qa_service.cli.app import app
from qa_service.errors import ErrorCode
from qa_service.rule_engine import pack_schema
from qa_service.rule_engine.nodes.shapes import SHAPES
from qa_service.rule_engine.pack_shape import RULE
from qa_service.settings import REPOSITORY, Settings

DOCS = REPOSITORY / "docs"


def read(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def commands(click_command, prefix="qa-service"):
    for name, command in sorted(getattr(click_command, "commands", {}).items()):
        nested = list(commands(command, f"{prefix} {name}"))
        yield from nested or [f"{prefix} {name}"]


@pytest.mark.parametrize("command", list(commands(typer.main.get_command(app))))
def test_every_command_is_documented(command):
    assert f"`{command}" in read("docs/cli.md")


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_documented(name):
    assert f"`QA_{name.upper()}`" in read("docs/settings.md")


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_error_code_is_documented(code):
    assert f"`{code}`" in read("docs/api.md")


@pytest.mark.parametrize(
    "pack", sorted((REPOSITORY / "rules").glob("??/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_every_rule_category_is_in_the_glossary(pack):
    category = re.search(r"^pack: .*\bcategory: (\w+)", pack.read_text(encoding="utf-8"), re.MULTILINE)
    assert (category is None) == (pack.stem == "cues")
    assert category is None or category[1] in read("docs/glossary.md")


def operator_rows():
    """The cells of each row of the one table of operators, by operator."""
    table = read("docs/rules.md").split("| operator |", 1)[1].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]
    return {name: row for row in rows if row[1] for name in re.findall(r"`(\w+)`", row[0])}


@pytest.mark.parametrize("name", list(SHAPES))
def test_every_operator_has_its_fields_an_example_and_its_equivalents(name):
    _, fields, example, meaning, *equivalents = operator_rows()[name]
    shown = [yaml.safe_load(code.replace("\\|", "|")) for code in re.findall(r"`(\w+: [^`]*)`", example)]

    assert all((fields, meaning, *equivalents))
    assert len(equivalents) == 2
    assert [list(node) for node in shown] == [[name]] * len(shown) or name in ("before", "or")
    validator = jsonschema.Draft202012Validator({"$defs": pack_schema()["$defs"], "$ref": "#/$defs/root"})
    assert shown
    assert all(validator.is_valid(node) for node in shown)


@pytest.mark.parametrize("name", [*RULE.required, *RULE.optional])
def test_every_field_of_a_rule_is_documented(name):
    table = read("docs/rules.md").split("| field | default |", 1)[1].split("\n\n", 1)[0]

    assert f"`{name}`" in table


@pytest.mark.parametrize(
    "path", [REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))], ids=lambda p: p.name
)
def test_links_lead_somewhere(path: Path):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_readme_names_the_two_commands():
    assert "make run" in read("README.md")
    assert "make test" in read("README.md")
