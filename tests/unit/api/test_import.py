from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "spacy", "onnxruntime", "tokenizers", "sqlalchemy")


@pytest.mark.parametrize("module", HEAVY)
def test_importing_the_app_loads_no_heavy_library(module: str) -> None:
    code = f"import sys, api.app; sys.exit({module!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
