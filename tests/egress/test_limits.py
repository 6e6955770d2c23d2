"""Answers without end: in bytes, in time, packed."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from proxy.egress import Fetcher
from proxy.source.model import Fetched, Unreachable
from tests.egress.sites import PATIENT, LoopbackIsPublic, Names, Site, answer, errand, fetch, moved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import trustme

URL = "https://go.example/x"
LIMIT = 64 * 1024
TOO_LARGE = Unreachable("go.example answered with more than 64 KiB")
BROKEN = Unreachable("go.example broke off its answer or does not speak HTTP")


async def fetch_limited(names: Names) -> Fetched | Unreachable | None:
    async with Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        return await fetcher.fetch(errand(URL, size=LIMIT))


@pytest.mark.parametrize("packed", [False, True])
async def test_the_limit_is_of_the_unpacked_body(site: Site, names: Names, packed: bool) -> None:
    def body(size: int) -> bytes:
        return gzip.compress(bytes(size)) if packed else bytes(size)

    headers = {"Content-Encoding": "gzip"} if packed else {}
    site.on("/x", answer(body(LIMIT), headers=headers))
    assert await fetch_limited(names) == Fetched(bytes(LIMIT), URL)
    site.on("/x", answer(body(LIMIT + 1), headers=headers))
    assert await fetch_limited(names) == TOO_LARGE
    site.on("/x", answer(body(1000 * LIMIT), headers=headers))
    assert await fetch_limited(names) == TOO_LARGE


async def test_an_endless_body_is_not_read_on(site: Site, names: Names) -> None:
    sent = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(bytes(LIMIT))
            sent += LIMIT

    site.on("/x", endless)
    assert await fetch_limited(names) == TOO_LARGE
    assert sent < 64 * 1024 * 1024


async def test_a_connection_whose_answer_goes_on_is_dropped_at_once(site: Site, names: Names) -> None:
    dropped = asyncio.Event()

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(status=404)
        try:
            await response.prepare(request)
            while True:
                await response.write(bytes(LIMIT))
        finally:
            dropped.set()

    site.on("/x", endless)
    async with Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        assert await fetcher.fetch(errand(URL)) is None
        await asyncio.wait_for(dropped.wait(), PATIENT)


async def test_slow_bytes(site: Site, names: Names) -> None:
    gone = asyncio.Event()

    async def trickle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b"{")
        await gone.wait()
        return response

    site.on("/x", trickle)
    found = await fetch(URL, names, seconds=0.3)
    gone.set()
    assert found == Unreachable("go.example did not answer within 0.3 s")


async def test_the_time_is_for_all_redirects_together(site: Site, names: Names) -> None:
    gone = asyncio.Event()

    async def silent(_: web.BaseRequest) -> web.StreamResponse:
        await gone.wait()
        return web.Response()

    site.on("/x", moved("https://other.example/y"))
    site.on("/y", silent)
    found = await fetch(URL, names, seconds=0.5)
    gone.set()
    assert isinstance(found, Unreachable)
    assert found.reason.endswith(".example did not answer within 0.5 s")


async def test_a_name_that_is_never_resolved(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(names, "resolve", never)
    assert await fetch(URL, names, seconds=0.1) == Unreachable("go.example did not answer within 0.1 s")


@asynccontextmanager
async def raw_site(
    ca: trustme.CA, write: Callable[[asyncio.StreamWriter], Awaitable[None]]
) -> AsyncIterator[Names]:
    """A host that writes what it likes after any request, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await write(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("go.example").configure_cert(context)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        yield Names(go=[("127.0.0.1", server.sockets[0].getsockname()[1])])


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /" + b"a" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_or_breaks_off(ca: trustme.CA, trusted: None, reply: bytes) -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(reply)

    async with raw_site(ca, write) as names:
        assert await fetch(URL, names) == BROKEN


async def test_a_body_that_announces_too_much(ca: trustme.CA, trusted: None) -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
        )

    async with raw_site(ca, write) as names:
        found = await fetch(URL, names)
    assert found == Unreachable("go.example answered with more than 1024 KiB")


async def test_endless_headers(ca: trustme.CA, trusted: None) -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"X-More: " + b"a" * 1000 + b"\r\n")
            await writer.drain()

    async with raw_site(ca, write) as names:
        found = await fetch(URL, names, seconds=1)
    assert isinstance(found, Unreachable)


async def test_endless_informational_answers(ca: trustme.CA, trusted: None) -> None:
    async def write(writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            await writer.drain()

    async with raw_site(ca, write) as names:
        found = await fetch(URL, names, seconds=0.3)
    assert isinstance(found, Unreachable)
