"""Clients that drip, stall, close half, or break off anywhere: time is limited, nothing is left behind.

The door's clock is the test's: it moves when the test says so.
"""

from __future__ import annotations

import asyncio

import pytest

from tests.door.conftest import Connection, running_door, say_ok
from tests.door.test_patience import until

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
MOST_PIECES = 200
"""Enough for a machine that is busy; a client that keeps its connection by dripping needs no end of them."""
INFLIGHT = "sourceproxy_inflight_requests"


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def drip(client: Connection, clock: Clock, piece: bytes, *, every: float) -> bytes:
    """Send a piece again and again, so much time apart, until the server closes; what it said."""
    reading = asyncio.create_task(client.reader.read())
    for _ in range(MOST_PIECES):
        client.writer.write(piece)
        clock.now += every
        if (await asyncio.wait([reading], timeout=0.06))[0]:
            return reading.result()
    raise AssertionError("it goes on for ever")


@pytest.mark.parametrize(
    ("begun", "piece", "every", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: ", b"a", 5, b"408"),
        (b"GET /", b"a", 5, b"408"),
        (b"GET / HTTP/1.1\r\nHost: h\r\n", b"X: a\r\n", 5, b"408"),
        (GET, b"\r\n", 40, b"200"),  # line breaks between requests keep nothing open
        (b"", b"\r\n", 40, b""),
        (b"", b"", 40, b""),
    ],
)
async def test_dripping_does_not_keep_a_connection(
    begun: bytes, piece: bytes, every: float, status: bytes
) -> None:
    clock = Clock()
    async with running_door(say_ok, response_timeout=0.5, clock=clock) as setup:
        client = await setup.connect()
        await client.send(begun)
        answer = await drip(client, clock, piece, every=every)
        assert answer[9:12] == status
        client.reset()
        await until(lambda: not setup.door._clients)


async def test_a_body_that_drips_is_passed_on_and_one_that_stops_is_not_waited_for() -> None:
    """Each piece has its time: a slow upload is no attack, as long as it moves."""
    clock = Clock()
    async with running_door(say_ok, response_timeout=0.5, clock=clock) as setup:
        client = await setup.connect()
        await client.send(POST[:-5])
        for byte in b"hello":
            clock.now += 50
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.1)
            client.writer.write(bytes([byte]))
        assert b" 200 " in await client.head()
        await client.send(POST[:-1])
        await until(lambda: any(c.exchanging for c in setup.door._clients))
        assert b" 408 " in await drip(client, clock, b"", every=30)


@pytest.mark.parametrize("request_bytes", [GET, POST, CHUNKED])
@pytest.mark.parametrize("how", ["reset", "half-close"])
async def test_a_client_may_break_off_anywhere(request_bytes: bytes, how: str) -> None:
    """After each byte of a request; a client that closes its sending side is taken to be gone."""

    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")

    async with running_door(script) as setup:
        for place in range(0, len(request_bytes) + 1, 1 if how == "reset" else 5):
            client = await setup.connect()
            await client.send(request_bytes[:place])
            await asyncio.sleep(0)
            if how == "reset":
                client.reset()
            else:
                client.writer.write_eof()
                assert b"\r\n\r\n" in await client.reader.read() + b"\r\n\r\n"
        await until(lambda: not setup.door._clients)
        assert setup.sample(INFLIGHT, route="other") == 0
        await until(lambda: all(connection.reader.at_eof() for connection in setup.connections))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
@pytest.mark.parametrize("how", ["reset", "close"])
async def test_an_upstream_may_break_off_anywhere(answer: bytes, how: str) -> None:
    """After each byte of its answer: 502, or an answer that is visibly not whole."""
    place = 0

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer[:place])
        getattr(connection, how)()

    async with running_door(script) as setup:
        for place in range(len(answer)):  # noqa: B007 - the script sees it
            client = await setup.connect()
            await client.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            try:
                got = await client.reader.read()
            except ConnectionResetError:
                continue
            final = got.split(b"\r\n\r\n", 1)[1] if got.startswith(b"HTTP/1.1 103") else got
            is_failure = final.startswith(b"HTTP/1.1 502 ")
            assert is_failure or not final.endswith((b"hello", b"0\r\n\r\n")), got
        await until(lambda: not setup.door._clients)
        assert setup.sample(INFLIGHT, route="other") == 0


async def test_an_upload_that_is_given_up_frees_the_upstream() -> None:
    started = asyncio.Semaphore(0)

    async def script(connection: Connection) -> None:
        await connection.head()
        started.release()
        while await connection.reader.read(65536):
            pass

    async with running_door(script) as setup:
        for _ in range(5):
            client = await setup.connect()
            await client.send(POST.replace(b": 5", b": 5000000"))
            await started.acquire()
            client.reset()
        await until(lambda: all(connection.reader.at_eof() for connection in setup.connections))
        assert len(setup.connections) == 5
        await until(lambda: setup.sample(INFLIGHT, route="other") == 0)


async def test_a_body_for_ourselves_is_waited_for_with_no_more_than_the_clients_connection() -> None:
    async with running_door(say_ok) as setup:
        client = await setup.connect()
        await client.send(b"POST /-/source/x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345")
        await until(lambda: any(one.exchanging for one in setup.door._clients))
        (held,) = setup.door._clients
        assert held.exchanging is not None
        assert held.exchanging._connection is None  # type: ignore[attr-defined]  # of the class
        assert len(setup.door._own) == 0
        await client.send(b"67890")
        assert b" 200 " in await asyncio.wait_for(client.head(), 10)
        assert b'"size": 10' in await asyncio.wait_for(client.reader.readuntil(b"}"), 10)
        assert len(setup.door._own) == 1


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 200000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"]
)
async def test_a_large_body_for_ourselves_is_passed_on_as_it_comes(framing: bytes) -> None:
    body = bytes(200_000) if b"Length" in framing else b"%x\r\n%b\r\n0\r\n\r\n" % (200_000, bytes(200_000))
    async with running_door(say_ok) as setup:
        client = await setup.connect()
        await client.send(b"POST /-/source/x HTTP/1.1\r\nHost: h\r\n" + framing + body[:150_000])
        await until(
            lambda: any(one.exchanging and one.exchanging._connection for one in setup.door._clients)  # type: ignore[attr-defined]  # of the class
        )
        await client.send(body[150_000:])
        assert b" 200 " in await asyncio.wait_for(client.head(), 10)
        assert b'"size": 200000' in await asyncio.wait_for(client.reader.readuntil(b"}"), 10)


async def test_a_client_that_waits_for_100_continue_need_not_send_first() -> None:
    async with running_door(say_ok) as setup:
        client = await setup.connect()
        await client.send(
            b"POST /-/source/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n"
        )
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 100 ")
        await client.send(b"1234567890")
        assert b" 200 " in await asyncio.wait_for(client.head(), 10)
        assert b'"size": 10' in await asyncio.wait_for(client.reader.readuntil(b"}"), 10)
