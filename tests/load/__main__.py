"""Hands chats in over loopback and watches what comes of them; prints a table, and JSON where asked for.

python -m tests.load [--only PART …] [--chats 2000] [--bulk 50000] [--seconds 30] [--soak MINUTES] [--json FILE]

intake       requests/s and their p50, p95, p99: single posts, and batches of 100
end_to_end   chats/s from the first stored result to the last, with one and with two worker processes
live         age of the oldest live chat while `--bulk` chats wait; one worker for live chats, one for all
soak         resident memory of API and workers over `--soak` minutes of steady intake (left out unless given)
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.deployment import Deployment
from tests.load.parts import PARTS, Options
from tests.servers import postgresql_server, redis_server


def main() -> None:
    """Each part on servers of its own."""
    options, only, file = _options()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    figures: dict[str, dict[str, float]] = {}
    for name, part in PARTS.items():
        if name not in only:
            continue
        with deployment() as service:
            figures[name] = part(service, options)
        print(f"\n{name}")
        for figure, value in figures[name].items():
            print(f"  {figure:50s} {value:12.3f}", flush=True)
    if file:
        file.write_text(json.dumps(figures, indent=1) + "\n")


@contextmanager
def deployment() -> Iterator[Deployment]:
    """PostgreSQL as safe as by default, Redis; the parts start API and workers."""
    with TemporaryDirectory() as folder, postgresql_server() as postgresql, redis_server() as redis:
        service = Deployment(
            postgresql=postgresql,
            redis=redis,
            database_url=postgresql.url,
            folder=Path(folder),
            settings={"QA_MODEL_THREADS": "1"},
        )
        try:
            yield service
        finally:
            service.stop()


def _options() -> tuple[Options, list[str], Path | None]:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", choices=list(PARTS))
    parser.add_argument("--chats", type=int, default=2_000)
    parser.add_argument("--bulk", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    only = given.only or [name for name in PARTS if name != "soak" or given.soak]
    return (
        Options(chats=given.chats, bulk=given.bulk, seconds=given.seconds, soak_minutes=given.soak or 30.0),
        only,
        given.json,
    )


if __name__ == "__main__":
    main()
