"""What a client sees, and what the upstream is spared, when the client itself misbehaves."""

from __future__ import annotations

import asyncio

import pytest

from proxy.door import client as client_module
from proxy.door import exchange as exchange_module
from tests.door.conftest import Connection, running_door, say_ok
from tests.door.test_failures import GET, error_of

POST = b"POST / HTTP/1.1\r\nHost: h\r\n"


async def test_a_client_that_goes_away_cancels_the_upstream_call() -> None:
    gone = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        try:
            assert await connection.reader.read() == b""
        finally:
            gone.set()

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(GET)
        while not setup.connections:
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.01)
        client.reset()
        await asyncio.wait_for(gone.wait(), 10)
        name = "sourceproxy_request_duration_seconds_count"
        assert setup.sample(name, route="other", status_code="499") == 1
        assert setup.sample("sourceproxy_inflight_requests", route="other") == 0


async def test_a_client_that_goes_away_while_it_sends_cancels_the_upstream_call() -> None:
    gone = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.head()
        try:
            while await connection.reader.read(65536):
                pass
        finally:
            gone.set()

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc")
        while not setup.connections:
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.01)
        client.reset()
        await asyncio.wait_for(gone.wait(), 10)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GARBAGE\r\n\r\n", 501),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01", 501),
        (b"GET /\r\n\r\n", 505),
        (b"GET / HTTP/1.1\nHost: h\n\n", 400),
        (b"BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
        (b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 405),
        (
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 300 + b"\r\n", 431),
        (b"GET /" + b"y" * 70_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 414),
    ],
)
async def test_a_request_that_is_not_http_is_refused(request_bytes: bytes, status: int) -> None:
    async with running_door(say_ok) as setup:
        head, body = await setup.ask(request_bytes)
        assert error_of(head, body) == (status, "unimplemented" if status == 501 else "invalid_argument")
        assert b"Connection: close" in head
        assert setup.connections == []


async def test_an_endless_head_is_refused() -> None:
    async with running_door(say_ok) as setup:
        client = await setup.connect()
        await client.send(b"GET / HTTP/1.1\r\nHost: h\r\nX: ")
        for _ in range(40):
            await client.send(b"y" * 8192)
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 431")
        client.close()


async def test_a_body_that_is_not_http_is_refused_and_cancels_the_upstream_call() -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.head()
        arrived.set()
        try:
            while await connection.reader.read(65536):
                pass
        finally:
            gone.set()

    async with running_door(script) as setup:
        client = await setup.connect()
        chunked = b"Host: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        await client.send(b"POST / HTTP/1.1\r\n" + chunked + b"3\r\nabc\r\n")
        await asyncio.wait_for(arrived.wait(), 10)
        await client.send(b"zz\r\n")
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 400")
        await asyncio.wait_for(gone.wait(), 10)


async def test_a_head_that_never_ends_in_time_is_answered_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_HEAD_SECONDS", 0.1)
    async with running_door(say_ok, response_timeout=0.5) as setup:
        head, body = await setup.ask(b"GET / HTTP/1.1\r\nHost:")
        assert error_of(head, body) == (408, "deadline_exceeded")


async def test_an_idle_connection_is_closed_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_IDLE_SECONDS", 0.1)
    async with running_door(say_ok, response_timeout=0.5) as setup:
        client = await setup.connect()
        assert await asyncio.wait_for(client.reader.read(), 10) == b""


async def test_a_body_that_stops_coming_is_answered_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "CLIENT_STALL_SECONDS", 0.1)
    async with running_door(say_ok, response_timeout=0.5) as setup:
        head, body = await setup.ask(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
        assert error_of(head, body) == (408, "deadline_exceeded")
