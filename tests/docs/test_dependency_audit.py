"""`.ci/audit` fails on findings alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from qa_service.settings import REPOSITORY

FOUND = '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}], "fixes": []}'
NOTHING = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}], "fixes": []}'


@pytest.mark.parametrize(
    ("report", "ended", "code", "said"),
    [
        (NOTHING, 0, 0, "no known vulnerabilities"),
        (FOUND, 1, 1, "PYSEC-1"),
        ("", 1, 0, "cannot be reached"),
        ("", 127, 0, "cannot be reached"),
    ],
    ids=["nothing", "findings", "unreachable", "no-program"],
)
def test_only_a_finding_fails(tmp_path: Path, report: str, ended: int, code: int, said: str) -> None:
    program = tmp_path / "pip-audit"
    program.write_text(
        f'#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\nprintf %s \'{report}\' > "$2"\nexit {ended}\n'
    )
    program.chmod(0o755)

    ran = subprocess.run(
        [REPOSITORY / ".ci" / "audit"],
        env={"PATH": "/usr/bin:/bin", "PIP_AUDIT": str(program)},
        capture_output=True,
        check=False,
        text=True,
    )

    assert ran.returncode == code
    assert said in ran.stdout + ran.stderr
