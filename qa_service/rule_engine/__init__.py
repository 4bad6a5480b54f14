"""Stage 3: packs → compiled matchers → findings, each with its explanation. The language: docs/rules.md."""

from qa_service.rule_engine.check import Problem, check_folder
from qa_service.rule_engine.engine import PackRuleEngine
from qa_service.rule_engine.examples import ExampleFailure, run_examples
from qa_service.rule_engine.file_shape import cue_schema, policy_schema
from qa_service.rule_engine.importing.pack import Format, ImportDefaults, ImportedPack, import_rules
from qa_service.rule_engine.impossible import over_rules
from qa_service.rule_engine.list_import import ImportedList, ListDefaults, import_list
from qa_service.rule_engine.live import LiveSession, Progress
from qa_service.rule_engine.pack_files import read_pack_files, write_pack_files
from qa_service.rule_engine.pack_loader import load_packs
from qa_service.rule_engine.pack_shape import pack_schema
from qa_service.rule_engine.policies import Policies, Policy, load_policies
from qa_service.rule_engine.rule import Rule, RuleSet
from qa_service.rule_engine.sentences import SentenceEncoder

__all__ = [
    "ExampleFailure",
    "Format",
    "ImportDefaults",
    "ImportedList",
    "ImportedPack",
    "ListDefaults",
    "LiveSession",
    "PackRuleEngine",
    "Policies",
    "Policy",
    "Problem",
    "Progress",
    "Rule",
    "RuleSet",
    "SentenceEncoder",
    "check_folder",
    "cue_schema",
    "import_list",
    "import_rules",
    "load_packs",
    "load_policies",
    "over_rules",
    "pack_schema",
    "policy_schema",
    "read_pack_files",
    "run_examples",
    "write_pack_files",
]
