"""What the manifest says of the base encoder is what the maker of the model gave."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qa_service.mood.manifest import EXPECTATIONS, read_manifest
from training.manifest_file import ENCODER, HEAD, MANIFEST, TOKENIZER, renew_manifest, write_manifest


@pytest.mark.parametrize(
    ("base", "licence"),
    [
        ("multilingual-e5-small (MIT)", "Apache-2.0 (base encoder MIT)"),
        ("bert-base-chinese (Apache-2.0)", "Apache-2.0 (base encoder Apache-2.0)"),
        (r'"小" \bge (v1) 😀 (CC BY 4.0)', "Apache-2.0 (base encoder CC BY 4.0)"),
        ("our own", "Apache-2.0 (base encoder without a named licence)"),
    ],
)
def test_the_name_and_the_licence_of_the_base_are_those_that_were_given(
    tmp_path: Path, base: str, licence: str
) -> None:
    for name in (ENCODER, HEAD, TOKENIZER, EXPECTATIONS):
        (tmp_path / name).write_text("")
    base += ", 6 layers, 33228 pieces"

    write_manifest(tmp_path, base=base, max_tokens=96, temperature=1.0, satisfaction_margin=0.7)
    renew_manifest(tmp_path)

    read_manifest(tmp_path)
    written = tomllib.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    assert (written["base"], written["licence"]) == (base, licence)
