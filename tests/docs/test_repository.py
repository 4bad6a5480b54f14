"""House rules that a tool can check."""

from __future__ import annotations

import ast
import subprocess

import pytest

from qa_service.settings import REPOSITORY

FILE_LINES, FUNCTION_LINES = 500, 60
WEIGHTS_MIB = 48


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.splitlines() if (REPOSITORY / name).is_file()]


def test_no_python_file_is_too_long():
    lengths = {name: len((REPOSITORY / name).read_text(encoding="utf-8").splitlines()) for name in tracked("*.py")}

    assert {name: n for name, n in lengths.items() if n > FILE_LINES} == {}


def test_no_function_is_too_long():
    long = [
        f"{name}:{node.name}"
        for name in tracked("*.py")
        for node in ast.walk(ast.parse((REPOSITORY / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]

    assert long == []


def test_no_file_is_too_heavy():
    assert [n for n in tracked() if (REPOSITORY / n).stat().st_size > WEIGHTS_MIB * 1024 * 1024] == []
