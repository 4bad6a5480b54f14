"""Every configuration says what stage 2 asks of it: a retraining must not stop for a missing option."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

CONFIGS = sorted((Path(__file__).parents[3] / "training" / "configs").glob("*.yaml"))
MOOD = yaml.safe_load((CONFIGS[0].parent / "mood.yaml").read_text())


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_stage_two_finds_every_option(path: Path) -> None:
    config = yaml.safe_load(path.read_text())

    assert config["dialogue"].keys() == MOOD["dialogue"].keys()
    assert {"seed", "max_tokens", "dropout"} <= config.keys()
