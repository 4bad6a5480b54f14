"""One call to one address, judged before the connection is made. Owns no list of hosts, no retry and no content."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from qa_service.delivery.addresses import Resolver, permitted


class TooLarge(Exception):
    """The answer is longer than was allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked for.

    Attributes:
        method: of HTTP.
        url: where; its host stands in the request, and the certificate has to be its own.
        content: the body.
        headers: beside `Host`.
        seconds: for the whole call after the look-up, however slowly the other side answers.
        body_limit: bytes of the answer that are read at most; 0: its status alone counts, and nothing more is read.
    """

    method: str
    url: httpx.URL
    content: bytes
    headers: Mapping[str, str]
    seconds: float
    body_limit: int = 0


def perform(call: Call, *, resolve: Resolver, allow_private: bool) -> tuple[int, bytes]:
    """Status and body. Looks the name up once, follows no redirect, asks no proxy.

    Raises:
        RefusedAddress: the name has an address inside of the network.
        TooLarge: the answer is over its limit.
        OSError, httpx.HTTPError: it cannot be reached, or not in time.
    """
    default = 443 if call.url.scheme == "https" else 80
    addresses = permitted(resolve(call.url.host, call.url.port or default), allow_private=allow_private)
    return asyncio.run(_perform(call, addresses))


async def _perform(call: Call, addresses: list[str]) -> tuple[int, bytes]:
    """Tries the addresses in turn until one takes the connection."""
    async with (
        asyncio.timeout(call.seconds),
        httpx.AsyncClient(
            verify=_trust(call.url),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(call.seconds, connect=call.seconds / len(addresses)),
        ) as client,
    ):
        for address in addresses[:-1]:
            try:
                return await _ask(client, call, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await _ask(client, call, addresses[-1])


def _trust(url: httpx.URL) -> ssl.SSLContext:
    if url.scheme == "https":
        return httpx.create_ssl_context()  # what SSL_CERT_FILE names goes on to be trusted
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nothing: reading the certificates takes longer than the call


async def _ask(client: httpx.AsyncClient, call: Call, address: str) -> tuple[int, bytes]:
    """At this address, in the name of the host."""
    request = client.build_request(
        call.method,
        call.url.copy_with(host=address),
        content=call.content,
        headers={**call.headers, "Host": call.url.netloc.decode("ascii")},
        extensions={"sni_hostname": call.url.host},
    )
    answer = await client.send(request, stream=True)
    try:
        return answer.status_code, await _body(answer, call.body_limit) if call.body_limit else b""
    finally:
        await answer.aclose()


async def _body(answer: httpx.Response, limit: int) -> bytes:
    """As it came: nothing is unpacked, so that what is counted is what is held."""
    body = b""
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > limit:
            raise TooLarge
    return body
