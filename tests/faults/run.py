"""Kills parts of the distributed service while chats go through it, and counts in the database what became of them.

python -m tests.faults.run [--chats 2000] [--only NAME …] [--seed N] [--json FILE]

Needs PostgreSQL and Redis; `disk_full` also the right to mount a file system. Ends with 1 if anything was lost, is there
twice or was given up.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults import stepped_clock
from tests.faults.scenarios import SCENARIOS, clock_stepped, disk_full
from tests.faults.trial import Result, run

DISK_MEGABYTES = 256


def main() -> int:
    """Print a row a scenario, as each ends."""
    options = _options()
    print("| " + " | ".join(field.name for field in fields(Result)) + " |")
    print("|" + "---|" * len(fields(Result)))
    results = []
    for scenario in SCENARIOS:
        if options.only and scenario.__name__ not in options.only:
            continue
        with ExitStack() as stack:
            inside = stack.enter_context(small_disk()) if scenario is disk_full else None
            program = (sys.executable, "-m", stepped_clock.__name__) if scenario is clock_stepped else None
            result = run(scenario, chats=options.chats, seed=options.seed, inside=inside, program=program)
        print(result.row(), flush=True)
        results.append(result)
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    return 0 if all(result.is_good for result in results) else 1


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of `DISK_MEGABYTES` in memory."""
    with TemporaryDirectory(prefix="qa-disk-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", folder], check=True)
        try:
            Path(folder).chmod(0o755)
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chats", type=int, default=2_000)
    parser.add_argument("--only", nargs="*", choices=[scenario.__name__ for scenario in SCENARIOS])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
