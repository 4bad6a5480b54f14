"""The same chats by hand and through the service, in one run: chats/s and their ratio.

python -m tests.bench.by_hand [--chats 1000] [--python .venv-train/bin/python] [--processes 2]

By hand (`by_hand_script`): a transformers pipeline call a turn (float32, PyTorch on all cores, the weights that the service
serves), one regular expression a category and language of the packs' words, one INSERT a row into PostgreSQL. The service:
batches posted to the API, PostgreSQL, Redis and `--processes` worker processes with one model thread each, from the first
post to the last stored result, scorecards and evidence included. Both without their start. Every turn is distinct.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from qa_service.domain.document import conversation_document
from qa_service.rule_engine import load_packs
from qa_service.settings import REPOSITORY, load_settings
from tests.bench.__main__ import generated
from tests.faults.deployment import Deployment, post_batch
from tests.rules.side_by_side import words_of
from tests.servers import postgresql_server, psycopg_url, redis_server
from tests.stores import new_database


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chats", type=int, default=1_000)
    parser.add_argument("--python", type=Path, default=REPOSITORY / ".venv-train" / "bin" / "python")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    chats = [conversation_document(chat) for chat in generated(options.chats, is_distinct=True)]
    with TemporaryDirectory() as name, postgresql_server() as postgresql, redis_server() as redis:
        folder = Path(name)
        with new_database(postgresql) as url:
            by_hand = options.chats / _by_hand(options.python, folder, chats, url)
        with new_database(postgresql) as url:
            service = Deployment(postgresql=postgresql, redis=redis, database_url=url, folder=folder)
            served = options.chats / _through_service(service, chats, processes=options.processes)
    print(f"{options.chats} chats of {len(chats[0]['turns'])} turns, {os.cpu_count()} cores")
    print(f"by hand              {by_hand:8.2f} chats/s")
    print(f"through the service  {served:8.2f} chats/s, {served / by_hand:.1f} times as many")


def _by_hand(python: Path, folder: Path, chats: list[Mapping[str, object]], url: str) -> float:
    source, patterns = folder / "chats.jsonl", folder / "patterns.json"
    source.write_text("".join(json.dumps(chat, ensure_ascii=False) + "\n" for chat in chats), encoding="utf-8")
    words = words_of(load_packs(load_settings().rules_dir))
    joined = {" ".join(key): "|".join(map(re.escape, sorted(found))) for key, found in words.items()}
    patterns.write_text(json.dumps(joined, ensure_ascii=False), encoding="utf-8")
    command = [python, "-m", "tests.bench.by_hand_script", source, patterns, psycopg_url(url)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def _through_service(service: Deployment, chats: list[Mapping[str, object]], *, processes: int) -> float:
    service.settings = {"QA_WORKER_PROCESSES": str(processes), "QA_MODEL_THREADS": "1"}
    try:
        with service.api() as (_, client):
            service.worker()
            warm = processes * 16
            post_batch(client, ({**chat, "external_id": f"warm-{n}"} for n, chat in enumerate(chats[:warm])))
            service.wait_for_states({"complete": min(warm, len(chats))})
            started = time.perf_counter()
            for start in range(0, len(chats), 500):
                post_batch(client, chats[start : start + 500])
            service.wait_for_states({"complete": min(warm, len(chats)) + len(chats)}, within_seconds=3600)
            return time.perf_counter() - started
    finally:
        service.stop()


if __name__ == "__main__":
    main()
