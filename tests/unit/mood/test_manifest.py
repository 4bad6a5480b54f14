from __future__ import annotations

import hashlib

import pytest

from qa_service.errors import ConfigError
from qa_service.mood.manifest import read_manifest

TEXT = """
revision = "r1"
languages = ["zh"]
max_tokens = 96
temperature = 1.5
satisfaction_margin = 0.6
[labels]
emotion = ["neutral"]
[files]
"encoder.onnx" = "{digest}"
"""


def write(folder, *, content=b"weights", digest=None):
    (folder / "encoder.onnx").write_bytes(content)
    digest = digest or hashlib.sha256(content).hexdigest()
    (folder / "expectations.toml").write_text("[negative]\nany = {change = 1.0, n = 3}\n")
    (folder / "manifest.toml").write_text(TEXT.format(digest=digest))
    return folder


def test_a_manifest_says_what_serving_needs(tmp_path):
    manifest = read_manifest(write(tmp_path))

    assert (manifest.revision, manifest.temperature, manifest.labels) == ("r1", 1.5, {"emotion": ("neutral",)})
    assert (manifest.satisfaction_margin, manifest.expectations) == (0.6, {"negative": {"any": 1.0}})


def test_other_weights_than_the_manifests_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"encoder\.onnx is not the one"):
        read_manifest(write(tmp_path, digest="0" * 64))


def test_a_model_that_is_not_there_is_told_from_those_that_are(tmp_path):
    (tmp_path / "mood").mkdir()
    write(tmp_path / "mood")

    with pytest.raises(ConfigError, match=r"no model old in .* \(there: mood\)"):
        read_manifest(tmp_path / "old")


def test_expectations_without_a_row_for_any_cause_are_refused(tmp_path):
    (write(tmp_path) / "expectations.toml").write_text("[neutral]\nprice = {change = 1.0, n = 3}\n")

    with pytest.raises(ConfigError, match=r"expectations\.toml .*\[neutral\] has no row `any`"):
        read_manifest(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "encoder.onnx").unlink()

    with pytest.raises(ConfigError, match=r"encoder\.onnx is missing"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("text", ["revision = ", "revision = 'r1'"], ids=["not toml", "fields missing"])
def test_an_unreadable_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.toml").write_text(text)

    with pytest.raises(ConfigError, match="unreadable"):
        read_manifest(tmp_path)
