"""What a server behind says without being asked is nobody's answer, as far as that can be told."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from tests.door.conftest import Connection, running_door
from tests.door.recording import converse
from tests.door.test_patience import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CLOSE = b"Host: h\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FOREIGN = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforeign"
TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\n%bContent-Length: %d\r\n\r\n%b"
WITH_CLOSE, IDLE = b"Connection: close\r\n", b"you were idle"
QUERY = b"POST /querier.v1.QuerierService/Series HTTP/1.1\r\nContent-Length: 4\r\n" + CLOSE + b"body"
INGEST = b"POST /ingest HTTP/1.1\r\nContent-Length: 4\r\n" + CLOSE + b"body"
GET = b"GET / HTTP/1.1\r\n" + CLOSE


def timing_out(
    word: bytes, *, first: bool = False, before: bytes = b""
) -> Callable[[Connection], Awaitable[None]]:
    """An upstream whose 408 crosses the second request of its first connection, or the first of each."""

    async def script(connection: Connection) -> None:
        if not first:
            await connection.request()
            await connection.send(OK)
            await connection.request()
            if connection.number > 1:
                await connection.send(OK)
                return
        else:
            await connection.request()
        await connection.send(before + word)
        connection.close()

    return script


@pytest.mark.parametrize("request_", [GET, QUERY])
@pytest.mark.parametrize("word", [TIMEOUT % (WITH_CLOSE, 13, IDLE), TIMEOUT % (WITH_CLOSE, 0, b"")])
async def test_a_timeout_of_an_idle_connection_is_not_the_answer_to_what_crosses_it(
    request_: bytes, word: bytes
) -> None:
    async with running_door(timing_out(word)) as setup:
        for _ in range(2):
            assert (await converse(setup.port, request_)).startswith(b"HTTP/1.1 200 OK\r\n")
        assert len(setup.connections) == 2
        assert setup.sample("sourceproxy_upstream_errors_total", reason="reset") == 0


@pytest.mark.parametrize(
    ("request_", "word", "before"),
    [
        (INGEST, TIMEOUT % (WITH_CLOSE, 13, IDLE), b""),  # must not be sent twice
        (GET, TIMEOUT % (b"", 13, IDLE), b""),  # says nothing of the connection
        (GET, TIMEOUT % (WITH_CLOSE, 13, IDLE), b"HTTP/1.1 103 E\r\n\r\n"),  # has read the request
    ],
)
async def test_a_timeout_that_may_be_the_answer_is_passed_on(
    request_: bytes, word: bytes, before: bytes
) -> None:
    async with running_door(timing_out(word, before=before)) as setup:
        assert (await converse(setup.port, request_)).startswith(b"HTTP/1.1 200 OK\r\n")
        got = await converse(setup.port, request_)
        assert b"HTTP/1.1 408 Request Timeout\r\n" in got
        assert got.endswith(IDLE)
        assert len(setup.connections) == 1


async def test_a_timeout_on_a_new_connection_is_passed_on() -> None:
    async with running_door(timing_out(TIMEOUT % (WITH_CLOSE, 13, IDLE), first=True)) as setup:
        assert (await converse(setup.port, GET)).startswith(b"HTTP/1.1 408 ")
        assert len(setup.connections) == 1


@pytest.mark.parametrize("noise", [b"\r\n", b"x", FOREIGN, TIMEOUT % (WITH_CLOSE, 13, IDLE)])
async def test_what_comes_to_a_kept_connection_ends_it_and_is_looked_for_from_then_on(noise: bytes) -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(OK)

    now = 0.0
    async with running_door(script, clock=lambda: now) as setup:
        pool = setup.door._upstream

        async def kept() -> int:
            """Ask over a kept connection; the descriptor of the upstream's end of it."""
            assert (await converse(setup.port, GET)).startswith(b"HTTP/1.1 200 OK\r\n")
            assert len(pool) == 1
            return int(setup.connections[-1].writer.get_extra_info("socket").fileno())

        os.write(await kept(), noise)
        await until(lambda: len(pool) == 0)  # seen while nobody asked
        os.write(await kept(), noise)  # not yet seen, and the connection is asked for at once
        assert pool.take(surely_open=False) is None
        now += 100.0
        pool.tick(now)
        await kept()
        assert pool.take(surely_open=False) is not None


async def test_a_second_answer_that_is_read_with_the_first_is_dropped() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(OK + FOREIGN)
        await connection.reader.read()

    async with running_door(script) as setup:
        for number in range(1, 5):
            assert b"foreign" not in await asyncio.wait_for(converse(setup.port, GET), 10)
            assert len(setup.connections) == number
