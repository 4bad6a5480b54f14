"""Puts a newly trained model in the place of the served one, unless it loses on a gated figure (`training.gate`).

python -m training.promote --candidate models/candidate        exit code 1: refused, the served model stays
"""

from __future__ import annotations

import argparse
import errno
import json
import sys
from pathlib import Path

from qa_service.errors import ConfigError
from qa_service.mood import load_mood_model
from qa_service.mood.manifest import read_manifest
from training.evaluate_mood import MODELS, evaluate
from training.gate import compare, kept_at, promote, table
from training.parts import corpus_part
from training.served import score_all


def main() -> None:
    """Evaluate both on the fixed test part, print the table, promote or refuse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidate", type=Path, default=MODELS / "candidate")
    parser.add_argument("--served", type=Path, default=MODELS / "mood")
    args = parser.parse_args()
    try:
        place(args.served, args.candidate)
    except (ConfigError, FileExistsError) as error:
        sys.exit(f"not promoted: {error}")
    except OSError as error:
        hint = "; it is on another file system, copy it beside the served model" if error.errno == errno.EXDEV else ""
        sys.exit(f"not promoted: {error}{hint}")


def place(served: Path, candidate: Path) -> None:
    """Put the candidate in the place of the served model, or exit with what it lost.

    Raises:
        ConfigError: one of them is no model.
        FileExistsError: the served revision is kept already.
        OSError: a folder cannot be read, written or renamed.
    """
    revision, kept = read_manifest(candidate).revision, kept_at(served)
    before, after = (
        evaluate(score_all(load_mood_model(folder.parent, name=folder.name, threads=2), corpus_part("test")))
        for folder in (served, candidate)
    )
    figures = {"revision": revision, **after}
    (candidate / "metrics.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
    rows = compare(before, after)
    print(table(rows))
    lost = [row.figure.name for row in rows if row.is_lost]
    if lost:
        sys.exit(f"refused: {', '.join(lost)} lost more than allowed; {candidate} stays for a look")
    promote(candidate, served)
    print(f"promoted; the old model is {kept.name}: QA_MODEL={kept.name} brings it back")


if __name__ == "__main__":
    main()
