"""What is measured under load. Each part starts the processes that it needs and returns figures by name."""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx

from tests.faults.deployment import Deployment, post_batch
from tests.integration.chats import drawn, line
from tests.servers import descendants

CLIENTS = 4
LINES = 100
LIVE_EVERY_SECONDS = 0.5
SOAK_EVERY_SECONDS = 0.2
SAMPLE_EVERY_SECONDS = 10.0
OLDEST_LIVE = """
SELECT coalesce(max(extract(epoch FROM now() - received_at)), 0)
FROM conversations WHERE lane = 'realtime' AND state <> 'complete'
"""
LIVE_LATENCY = """
SELECT extract(epoch FROM i.created_at - c.received_at)
FROM conversations c JOIN inspections i ON i.conversation_id = c.id WHERE c.lane = 'realtime'
"""
DONE_BETWEEN = "SELECT count(*), extract(epoch FROM max(created_at) - min(created_at)) FROM inspections"


@dataclass(frozen=True, kw_only=True)
class Options:
    """How much of each."""

    chats: int
    bulk: int
    seconds: float
    soak_minutes: float


def intake(service: Deployment, options: Options) -> dict[str, float]:
    """No worker runs: only the API, PostgreSQL and the client share the machine."""
    with service.api() as (_, client):
        singles = _rate(client, _single, seconds=options.seconds)
        batches = _rate(client, _batch, seconds=options.seconds)
    return {
        **{f"single posts, {name}": value for name, value in singles.items()},
        **{f"batches of {LINES}, {name}": value for name, value in batches.items()},
        "batches, chats/s": batches["requests/s"] * LINES,
    }


def end_to_end(service: Deployment, options: Options) -> dict[str, float]:
    """The same number of chats twice; workers are started when all of them wait."""
    figures = {}
    with service.api() as (_, client):
        for processes in (1, 2):
            before = service.states().get("complete", 0)
            _fill(client, options.chats, prefix=f"e{processes}")
            worker = service.worker(QA_WORKER_PROCESSES=str(processes))
            service.wait_for_states({"complete": before + options.chats}, within_seconds=3600)
            worker.terminate()
            worker.wait()
            number, seconds = service.rows(f"{DONE_BETWEEN} WHERE conversation_id IN ({_ids_of(processes)})")[0]
            figures[f"{processes} worker processes, chats/s"] = number / float(seconds)
    return figures


def live(service: Deployment, options: Options) -> dict[str, float]:
    """Live chats come twice a second while the bulk lane is full."""
    with service.api() as (_, client):
        _fill(client, options.bulk, prefix="bulk")
        service.worker("--queue", "realtime")
        service.worker()
        _wait_until_one_is_done(service)
        ages, end = [], time.monotonic() + max(60.0, options.seconds)
        for number in count():
            if time.monotonic() > end:
                break
            client.post("/v1/conversations", json=drawn(1, "live", start=number)[0]).raise_for_status()
            time.sleep(LIVE_EVERY_SECONDS)
            ages.append(float(service.rows(OLDEST_LIVE)[0][0]))
        waiting = service.rows("SELECT count(*) FROM conversations WHERE lane = 'bulk' AND state = 'pending'")[0][0]
        latencies = [float(row[0]) for row in service.rows(LIVE_LATENCY)]
    return {
        "bulk chats that still wait at the end": float(waiting),
        "live chats": float(len(ages)),
        "oldest live chat, s, at most": max(ages),
        "live chat until its result, s, p50": _percentile(latencies, 50),
        "live chat until its result, s, p99": _percentile(latencies, 99),
    }


def soak(service: Deployment, options: Options) -> dict[str, float]:
    """Five chats a second, every text distinct, all inspected; the first quarter of the time warms up."""
    with service.api() as (api, client):
        worker = service.worker()
        _wait_until_one_is_done(service, client)
        stop = threading.Event()
        poster = threading.Thread(target=_post_until, args=(client, stop), daemon=True)
        poster.start()
        samples: list[tuple[float, float, float]] = []
        end = time.monotonic() + options.soak_minutes * 60
        while time.monotonic() < end:
            samples.append((time.monotonic() / 3600, _resident_mib(api), _resident_mib(worker)))
            time.sleep(min(SAMPLE_EVERY_SECONDS, options.soak_minutes * 60 / 8))
        stop.set()
        poster.join()
        states = service.states()
    warm = samples[len(samples) // 4 :]
    hours = [sample[0] for sample in warm]
    figures = {"chats": float(sum(states.values())), "not complete at the end": float(states.get("pending", 0))}
    for at, name in ((1, "API"), (2, "worker")):
        sizes = [sample[at] for sample in warm]
        figures[f"{name}, MiB after the warm-up"] = sizes[0]
        figures[f"{name}, MiB at the end"] = sizes[-1]
        figures[f"{name}, MiB an hour (slope)"] = statistics.linear_regression(hours, sizes).slope
    return figures


PARTS: Mapping[str, Callable[[Deployment, Options], dict[str, float]]] = {
    "intake": intake,
    "end_to_end": end_to_end,
    "live": live,
    "soak": soak,
}


def _rate(client: httpx.Client, post: Callable[[httpx.Client, int], None], *, seconds: float) -> dict[str, float]:
    """`CLIENTS` threads post one request after another."""
    numbers, took = count(), []
    started = time.monotonic()

    def work() -> None:
        while time.monotonic() < started + seconds:
            begun = time.perf_counter()
            post(client, next(numbers))
            took.append(time.perf_counter() - begun)

    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(work) for _ in range(CLIENTS)]:
            done.result()
    elapsed = time.monotonic() - started
    return {
        "requests/s": len(took) / elapsed,
        **{f"p{share}, ms": 1000 * _percentile(took, share) for share in (50, 95, 99)},
    }


def _single(client: httpx.Client, number: int) -> None:
    client.post("/v1/conversations", json=drawn(1, "s", start=number)[0]).raise_for_status()


def _batch(client: httpx.Client, number: int) -> None:
    body = b"".join(line(document) for document in drawn(LINES, "b", start=number * LINES))
    client.post("/v1/conversations:batch", content=body).raise_for_status()


def _fill(client: httpx.Client, chats: int, *, prefix: str) -> None:
    for start in range(0, chats, 500):
        post_batch(client, drawn(min(500, chats - start), prefix, start=start))


def _ids_of(processes: int) -> str:
    return f"SELECT id FROM conversations WHERE external_id LIKE 'e{processes}-%'"


def _wait_until_one_is_done(service: Deployment, client: httpx.Client | None = None) -> None:
    """Workers have loaded packs and model."""
    if client is not None:
        _fill(client, 1, prefix="first")
    while not service.states().get("complete"):
        time.sleep(0.2)


def _post_until(client: httpx.Client, stop: threading.Event) -> None:
    for number in count():
        if stop.wait(SOAK_EVERY_SECONDS):
            return
        (document,) = drawn(1, "soak", start=number)
        turns = [{**turn, "text": f"{turn['text']} {number}"} for turn in document["turns"]]
        client.post("/v1/conversations", json={**document, "turns": turns}).raise_for_status()


def _resident_mib(process: subprocess.Popen[bytes]) -> float:
    """Of a process and its children."""
    pages = 0
    for one in (process.pid, *descendants(process.pid)):
        pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _percentile(values: Sequence[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1]
