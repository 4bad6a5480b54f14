"""Reads a folder of packs into one compiled `RuleSet`. Owns files, duplicate ids and the digest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from qa_service.errors import ConfigError, ErrorCode
from qa_service.rule_engine.cues import CueFinder, CueKind
from qa_service.rule_engine.doubt import read_doubt
from qa_service.rule_engine.file_shape import CUE_FILE
from qa_service.rule_engine.groups import Groups
from qa_service.rule_engine.lexicon import Lexicon
from qa_service.rule_engine.match_reader import PackContext
from qa_service.rule_engine.pack_shape import HEAD
from qa_service.rule_engine.phrase_list import PhraseLists
from qa_service.rule_engine.rule import Rule, RuleSet
from qa_service.rule_engine.rule_reader import DEFAULT_VIEWS, read_rule, read_views, rule_problems
from qa_service.rule_engine.yaml_field import Field, SourceError, read_yaml

_CUES_FILE = "cues.yaml"
_LISTS = "lists"
_LANGUAGE = re.compile(r"[a-z]{2}")
_CATEGORY = re.compile(r"[a-z][a-z0-9_]*")


def load_packs(rules_dir: Path) -> RuleSet:
    """Read and compile `<language>/<category>.yaml`, `<language>/cues.yaml` and the `lists/` they name.

    Raises:
        ConfigError: (`invalid_pack`) with file and line of the first error.
    """
    reading = read_folder(rules_dir)
    if reading.errors:
        raise reading.errors[0]
    return reading.compile()


@dataclass(slots=True)
class FolderReading:
    """A folder while it is read: every rule that could be read, every error met."""

    lexicon: Lexicon = field(default_factory=Lexicon)
    rules: dict[str, Rule] = field(default_factory=dict)
    errors: list[ConfigError] = field(default_factory=list)
    cues: dict[str, dict[str, Field]] = field(default_factory=dict)
    cue_groups: dict[str, Groups] = field(default_factory=dict)
    digest: str = ""
    lists: PhraseLists = field(default_factory=lambda: PhraseLists(Path(_LISTS)))

    def compile(self) -> RuleSet:
        """Build automata and cue finders."""
        finders = {
            language: CueFinder(
                language,
                {
                    CueKind(name): [item.text() for item in words.items()]
                    for name, words in groups.items()
                    if name in list(CueKind)
                },
            )
            for language, groups in self.cues.items()
        }
        return RuleSet(
            rules=tuple(self.rules[rule_id] for rule_id in sorted(self.rules)),
            scanner=self.lexicon.compile(),
            cue_finders=finders,
            digest=self.digest,
        )


def read_folder(rules_dir: Path) -> FolderReading:
    """Read all packs, keeping errors instead of raising them; the rules around an error are still read."""
    reading = FolderReading()
    files = sorted(path for path in rules_dir.glob("*/*.yaml") if _LANGUAGE.fullmatch(path.parent.name))
    if not files:
        message = f"{rules_dir.name} holds no pack (<language>/<category>.yaml)"
        reading.errors.append(ConfigError(message, code=ErrorCode.INVALID_PACK))
        return reading
    reading.lists = PhraseLists(rules_dir / _LISTS)
    digest = hashlib.sha256()
    for path in (*files, *sorted((rules_dir / _LISTS).glob("*.*"))):
        digest.update(_label(path).encode() + b"\0" + path.read_bytes() + b"\0")
    reading.digest = digest.hexdigest()
    for path in files:
        if path.name == _CUES_FILE:
            _keep(reading, _read_cues, path)
    for path in files:
        if path.name != _CUES_FILE:
            _keep(reading, _read_pack, path)
    _check_replaced(reading)
    return reading


def _keep(reading: FolderReading, read: object, path: Path) -> None:
    try:
        document = read_yaml(path, label=_label(path), code=ErrorCode.INVALID_PACK)
        read(reading, document, path.parent.name)  # type: ignore[operator]
    except SourceError as error:
        reading.errors.append(error)


def _read_cues(reading: FolderReading, document: Field, language: str) -> None:
    CUE_FILE.check(document)
    cues = document.entries()["cues"].entries()
    _refuse_named_cues(cues)
    groups = Groups(cues, reading.lexicon)
    groups.check()
    reading.cues[language] = cues
    reading.cue_groups[language] = groups


def _refuse_named_cues(cues: dict[str, Field]) -> None:
    """The guard seeks words as they are written."""
    for name in cues.keys() & set(CueKind):
        for item in cues[name].items():
            if item.text().startswith("$"):
                raise item.error("must be a word: only packs name groups")


def _read_pack(reading: FolderReading, document: Field, language: str) -> None:
    fields = document.fields(required=("pack", "rules"), optional=("terms",))
    HEAD.check(fields["pack"])
    head = fields["pack"].entries()
    if head["language"].text() != language:
        raise head["language"].error(f"must be {language}, the folder's language")
    if not _CATEGORY.fullmatch(head["category"].text()):
        raise head["category"].error("must be lower-case letters, digits and _")
    terms = fields["terms"].entries() if "terms" in fields else {}
    groups = Groups(terms, reading.lexicon, outer=reading.cue_groups.get(language))
    groups.check()
    pack = PackContext(
        language=language,
        category=head["category"].text(),
        groups=groups,
        lexicon=reading.lexicon,
        lists=reading.lists,
        views=read_views(head["evasion"]) if "evasion" in head else DEFAULT_VIEWS,
        tokenised=frozenset(reading.cues),
        doubt_below=read_doubt(head, None),
    )
    for item in fields["rules"].items():
        try:
            rule = read_rule(item, pack)
        except SourceError as error:
            reading.errors.extend(rule_problems(item, pack, error))
        else:
            _add_rule(reading, rule)


def _add_rule(reading: FolderReading, rule: Rule) -> None:
    known = reading.rules.setdefault(rule.id, rule)
    if known is not rule:
        place = f"{known.place.file}:{known.place.line}"
        reading.errors.append(rule.place.error(f"{rule.id} is already the id of a rule in {place}"))


def _check_replaced(reading: FolderReading) -> None:
    """An id that was replaced stays free, has one successor, and may still be required."""
    successors: dict[str, str] = {}
    for rule in reading.rules.values():
        for name, place in rule.replaces:
            if name in reading.rules:
                reading.errors.append(place.error(f"{name} is still the id of a rule; remove that rule"))
            elif name in successors:
                reading.errors.append(place.error(f"{name} is already replaced by {successors[name]}"))
            successors[name] = rule.id
    for rule in tuple(reading.rules.values()):
        requires = tuple((successors.get(name, name), place) for name, place in rule.requires)
        if requires != rule.requires:
            reading.rules[rule.id] = replace(rule, requires=requires)


def _label(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
