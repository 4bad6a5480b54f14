"""A client that repeats what got no answer, as the contract of intake asks of it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.integration.chats import line

PAUSE_SECONDS = 0.2
CHUNK = 20


@dataclass(kw_only=True)
class Sender:
    """Hands documents in by turns singly and as a batch, each until it is accepted.

    Attributes:
        connect: a client of whoever serves now.
        accepted: external ids of which the client was told that they are taken.
        repeated: requests that were sent again.
        slowest_seconds: the longest wait for a good answer.
    """

    connect: Callable[[], httpx.Client]
    accepted: set[str] = field(default_factory=set)
    repeated: int = 0
    slowest_seconds: float = 0.0

    def send(self, documents: Sequence[dict[str, Any]]) -> None:
        """Return when all of them are accepted."""
        for number, start in enumerate(range(0, len(documents), CHUNK)):
            chunk = documents[start : start + CHUNK]
            for part in [chunk] if number % 2 else [[document] for document in chunk]:
                self._until_accepted(part)

    def send_beside(self, documents: Sequence[dict[str, Any]]) -> threading.Thread:
        """The same in a thread."""
        thread = threading.Thread(target=self.send, args=(documents,), daemon=True)
        thread.start()
        return thread

    def _until_accepted(self, documents: Sequence[dict[str, Any]]) -> None:
        while True:
            started = time.monotonic()
            try:
                with self.connect() as client:
                    taken = _single(client, documents[0]) if len(documents) == 1 else _batch(client, documents)
            except httpx.HTTPError:
                taken = set()
            self.accepted |= taken
            if len(taken) == len(documents):
                self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - started)
                return
            self.repeated += 1
            time.sleep(PAUSE_SECONDS)


def _single(client: httpx.Client, document: dict[str, Any]) -> set[str]:
    answer = client.post("/v1/conversations", json=document)
    return {document["external_id"]} if answer.status_code in (200, 202) else set()


def _batch(client: httpx.Client, documents: Sequence[dict[str, Any]]) -> set[str]:
    answer = client.post("/v1/conversations:batch", content=b"".join(map(line, documents)))
    if answer.status_code != 200:
        return set()
    answers = [json.loads(text) for text in answer.text.splitlines()]
    return {one["external_id"] for one in answers if one["status"] in ("accepted", "unchanged")}
