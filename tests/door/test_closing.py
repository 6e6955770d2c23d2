"""A client gets its last answer whole, whatever it still sends and however slowly it reads."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest

from tests.door.conftest import Connection, Setup, running_door
from tests.door.test_patience import until

MIB = 2**20
BODY = bytes(range(256)) * 1200  # more than the system holds for a client with a small window
POST = b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n"
CLOSING = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\n\r\n"


async def answer(connection: Connection) -> None:
    await connection.head()
    await connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY))


async def slow_client(setup: Setup) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client for whom the system holds little, on either side."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", setup.port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1024)
    await until(lambda: setup.door._clients)
    (client,) = setup.door._clients
    theirs = client.transport.get_extra_info("socket")
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * 1024)
    return reader, writer


async def read_until_the_door_is_done(setup: Setup, reader: asyncio.StreamReader) -> bytes:
    """Read until all of the answer is in the door's hands; what was read."""
    got = b""
    while not lingering(setup):
        with suppress(TimeoutError):
            got += await asyncio.wait_for(reader.read(1024), 0.1)
    (client,) = setup.door._clients
    assert client.transport.get_write_buffer_size() > 0
    return got


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.read(), 20)


def lingering(setup: Setup) -> bool:
    return any(client._discarding for client in setup.door._clients)  # type: ignore[attr-defined]  # of the class


@pytest.mark.parametrize("request_", [CLOSING, OLD, POST % (10 * MIB) + b"some"])
async def test_a_client_that_sends_on_behind_the_end_gets_all_of_its_answer(request_: bytes) -> None:
    async with running_door(answer) as setup:
        reader, writer = await slow_client(setup)
        writer.write(request_)
        got = await read_until_the_door_is_done(setup, reader)
        for _ in range(20):
            writer.write(b"more" * 1000)
            await asyncio.sleep(0)
        got += await rest_of(reader)
        assert got.startswith(b"HTTP/1.1 413 ")
        assert got.partition(b"\r\n\r\n")[2] == BODY
        writer.transport.abort()


@pytest.mark.parametrize(
    "start",
    [
        POST % (32 * MIB),  # refused by Pyroscope
        b"POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnonsense",
        b"POST /p HTTP/1.1\r\nContent-Length: 3355443\r\n\r\n",  # no host
        b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * MIB,
    ],
)
async def test_a_client_that_sends_all_of_a_large_body_before_it_reads_gets_the_refusal(start: bytes) -> None:
    async def refuse(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
        while await connection.reader.read(65536):
            pass

    async with running_door(refuse) as setup:
        reader, writer = await slow_client(setup)
        writer.write(start)
        for _ in range(32):
            writer.write(bytes(MIB))
            await asyncio.wait_for(writer.drain(), 20)
        got = await rest_of(reader)
        assert got.startswith(b"HTTP/1.1 4")
        head, _, body = got.partition(b"\r\n\r\n")
        assert b"\r\nContent-Length: %d\r\n" % len(body) in head + b"\r\n"
        writer.transport.abort()


async def test_the_refusal_of_an_upstream_that_closes_under_a_body_is_passed_on() -> None:
    """It answers, and closes without reading on: sending breaks before its answer is read."""

    async def refuse(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
        connection.close()

    async with running_door(refuse) as setup:
        for _ in range(5):
            client = await setup.connect()
            client.writer.write(POST % (8 * MIB))
            for _ in range(8):
                await asyncio.wait_for(client.send(bytes(MIB)), 20)
            got = await rest_of(client.reader)
            assert got.startswith(b"HTTP/1.1 413 ")
            assert got.endswith(b"\r\n\r\nno")
            client.reset()


class Clock:
    """A clock that a test winds, with the door's looks at its deadlines."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def forward(self, setup: Setup, seconds: float) -> None:
        self.now += seconds
        setup.door._ticking.cancel()
        setup.door._tick()


async def test_a_client_that_takes_its_last_answer_slowly_is_waited_for() -> None:
    clock = Clock()
    async with running_door(answer, clock=clock) as setup:
        reader, writer = await slow_client(setup)
        writer.write(OLD)
        got = await read_until_the_door_is_done(setup, reader)
        for _ in range(15):
            clock.forward(setup, 3.0)
        got += await rest_of(reader)
        assert got.partition(b"\r\n\r\n")[2] == BODY
        writer.transport.abort()


@pytest.mark.parametrize(("how", "most"), [("takes nothing", 63), ("sends on", 63), ("is silent", 3)])
async def test_nobody_lingers_for_ever(how: str, most: float) -> None:
    clock = Clock()

    async def small(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with running_door(answer if how == "takes nothing" else small, clock=clock) as setup:
        reader, writer = await slow_client(setup)
        writer.write(CLOSING)
        if how == "takes nothing":
            await read_until_the_door_is_done(setup, reader)
        else:
            await until(lambda: lingering(setup))
        (client,) = setup.door._clients
        while setup.door._clients and clock.now < 2 * most:
            if how == "sends on":
                before = client.deadline
                writer.write(b"more")
                clock.now += 1.0
                await until(lambda before=before: client.deadline > before or client.deadline >= 60)
            clock.forward(setup, 1.5)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert most / 3 < clock.now <= most
        writer.transport.abort()
