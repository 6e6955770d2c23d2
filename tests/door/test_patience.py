"""Who may take how long, and what is held meanwhile: pauses, pipelines, draining."""

from __future__ import annotations

import asyncio
import socket

import pytest

from proxy.door import client as client_module
from proxy.door import door as door_module
from proxy.door import exchange as exchange_module
from tests.door.conftest import Connection, running_door, say_ok

GET = b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n"
MIB = 2**20


async def until(condition: object) -> None:
    """Let the loop run until something holds."""
    assert callable(condition)
    while not condition():
        await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.01)


@pytest.mark.parametrize(
    "start", [b"Content-Length: 4\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"]
)
async def test_an_answer_that_has_begun_may_pause(start: bytes) -> None:
    """The response timeout is for the first byte; the ticks of the door go on meanwhile."""
    ticks = 0
    rest = b"cd" if b"Length" in start else b"2\r\ncd\r\n0\r\n\r\n"

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n" + start)
        await until(lambda: ticks > 10)
        await connection.send(rest)

    async with running_door(script, response_timeout=0.1) as setup:
        original = setup.door._tick

        def tick() -> None:
            nonlocal ticks
            ticks += 1
            original()

        setup.door._ticking.cancel()
        setup.door._tick = tick  # type: ignore[method-assign]  # to see time go by
        tick()
        client = await setup.connect()
        await client.send(GET % 1)
        await asyncio.wait_for(client.head(), 10)
        expected = (b"" if b"Length" in start else b"2\r\n") + start[start.index(b"ab") :] + rest
        got = await asyncio.wait_for(client.reader.readexactly(len(expected)), 10)
        assert got == expected
        assert ticks > 10


async def test_an_answer_that_pauses_for_good_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of a process that was stopped, whose machine goes on acknowledging."""
    monkeypatch.setattr(exchange_module, "_SILENCE_SECONDS", 0.1)

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        await connection.reader.read()

    async with running_door(script, response_timeout=0.5) as setup:
        client = await setup.connect()
        await client.send(GET % 1)
        await asyncio.wait_for(client.head(), 10)
        assert await asyncio.wait_for(client.reader.read(), 10) == b"ab"
        assert setup.sample("sourceproxy_upstream_errors_total", reason="timeout") == 1


@pytest.mark.parametrize("path", [b"/%d", b"/-/source/%d"])
async def test_the_upstream_is_not_blamed_for_a_client_that_makes_no_room(
    path: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pipelined requests wait, however long it takes, within its own bound."""
    monkeypatch.setattr(exchange_module, "_CLIENT_PAUSE_SECONDS", 1.0)
    get = b"GET " + path + b" HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 900 + b"\r\n\r\n"

    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (MIB, bytes(MIB)))

    async with running_door(script, response_timeout=0.2) as setup:
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", setup.port))
        await until(lambda: setup.door._clients)
        (client,) = setup.door._clients
        client.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        requests = b"".join(get % number for number in range(1000))
        sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(sock, requests))
        name, label = "sourceproxy_request_duration_seconds_count", {"route": "other"}
        await until(lambda: setup.sample(name, status_code="499", **label) == 1)
        assert setup.sample("sourceproxy_upstream_errors_total", reason="timeout") == 0
        assert setup.sample(name, status_code="504", **label) == 0
        sending.cancel()
        sock.close()


class Counting:
    """Knows every answer, and counts how many it gives in one turn of the event loop."""

    def __init__(self) -> None:
        self.most = self._count = 0

    def asked(self, sent: object) -> Counting:  # noqa: ARG002 - the protocol names it
        return self

    def answer(self, body: bytes, request_id: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:  # noqa: ARG002 - as above
        if not self._count:
            asyncio.get_running_loop().call_later(0, self._turned)
        self._count += 1
        return [], body

    def _turned(self) -> None:
        self.most, self._count = max(self.most, self._count), 0


async def test_one_client_does_not_keep_the_loop_for_itself() -> None:
    """Answers that are known at once, to requests that are all there: others have their turn in between."""
    counting, count = Counting(), 2000
    post = b"POST /vcs.v1.VCSService/GetFile HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n%04d"
    known = {"vcs.v1.VCSService/GetFile": counting}
    async with running_door(say_ok, at_once=known) as setup:
        client = await setup.connect()
        await client.send(b"".join(post % number for number in range(count)) + GET % 7)
        for number in range(count):
            assert b" 200 " in await asyncio.wait_for(client.head(), 10)
            assert await client.reader.readexactly(4) == b"%04d" % number
        assert b" 200 " in await asyncio.wait_for(client.head(), 10)
        assert (await client.reader.read(8)).startswith(b"GET /7 ")
    assert 0 < counting.most <= 4 * client_module._TURN


async def test_what_was_sent_ahead_is_answered_before_the_end() -> None:
    counting, count = Counting(), 500
    post = b"POST /vcs.v1.VCSService/GetFile HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n%04d"
    async with running_door(say_ok, at_once={"vcs.v1.VCSService/GetFile": counting}) as setup:
        client = await setup.connect()
        await client.send(b"".join(post % number for number in range(count)))
        await asyncio.wait_for(client.head(), 10)
        (held,) = setup.door._clients
        assert not held.idle
        draining = asyncio.create_task(setup.door.drain(20))
        got = await asyncio.wait_for(client.reader.read(), 10)
        await asyncio.wait_for(draining, 10)
    assert got.count(b"Connection: close") == 1


async def test_a_client_that_makes_no_room_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "_CLIENT_PAUSE_SECONDS", 0.1)
    gone = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        try:
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * MIB))
            for _ in range(64):
                await connection.send(bytes(MIB))
        finally:
            gone.set()

    async with running_door(script, response_timeout=0.5) as setup:
        reader, writer = await asyncio.open_connection("127.0.0.1", setup.port, limit=1024)
        writer.write(GET % 1)
        await asyncio.wait_for(gone.wait(), 20)
        name = "sourceproxy_request_duration_seconds_count"
        await until(lambda: setup.sample(name, route="other", status_code="499") == 1)
        assert setup.sample("sourceproxy_upstream_errors_total", reason="timeout") == 0
        writer.transport.abort()
        del reader


async def test_answers_to_pipelined_requests_wait_where_they_are() -> None:
    """A client that asks on and on without reading makes neither side send more than buffers hold."""
    body, count = bytes(150_000), 300
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    sent = 0

    async def script(connection: Connection) -> None:
        nonlocal sent
        while True:
            await connection.request()
            await connection.send(answer)
            sent += 1

    async with running_door(script) as setup:
        reader, writer = await asyncio.open_connection("127.0.0.1", setup.port, limit=1024)
        writer.write(b"".join(GET % number for number in range(count)))
        before = -1
        while sent != before:
            before = sent
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.3)
        (client,) = setup.door._clients
        assert client.transport.get_write_buffer_size() < 2 * MIB
        assert sent < count
        for _ in range(count):
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(len(body))
        writer.transport.abort()


async def test_a_request_that_is_half_here_is_waited_for_and_answered() -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with running_door(script) as setup:
        client, idle = await setup.connect(), await setup.connect()
        await client.send(b"GET / HTTP/1.1\r\nHos")
        await until(lambda: any(c.receiving for c in setup.door._clients))
        draining = asyncio.create_task(setup.door.drain(20))
        await asyncio.wait([draining], timeout=0.5)
        assert not draining.done()
        await client.send(b"t: h\r\n\r\n")
        assert b"Connection: close" in await asyncio.wait_for(client.head(), 10)
        assert await client.reader.readexactly(2) == b"ok"
        await asyncio.wait_for(draining, 10)
        assert await idle.reader.read() == b""


async def test_what_is_buffered_for_a_slow_client_is_still_sent() -> None:
    body = bytes(range(256)) * 600  # what the door and the system take from the upstream at once

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    async with running_door(script) as setup:
        reader, writer = await asyncio.open_connection("127.0.0.1", setup.port, limit=1024)
        writer.write(GET % 1)
        await until(lambda: setup.connections)
        draining = asyncio.create_task(setup.door.drain(20))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 OK" in head
        assert await asyncio.wait_for(reader.readexactly(len(body)), 10) == body
        await asyncio.wait_for(draining, 10)
        writer.close()


async def test_clients_that_never_stop_coming_are_turned_away_before_the_grace_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door_module, "_QUIET_STEPS", 10**6)  # as if there were no quiet moment
    answer_now = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await answer_now.wait()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(GET % 1)
        await until(lambda: setup.connections)
        draining = asyncio.create_task(setup.door.drain(2))
        await until(lambda: not any(server.is_serving() for server in setup.door._servers))
        assert not draining.done()
        answer_now.set()
        assert b" 200 OK" in await asyncio.wait_for(client.head(), 10)
        await asyncio.wait_for(draining, 10)
        with pytest.raises(ConnectionRefusedError):
            await setup.connect()


async def test_requests_that_wait_for_their_turn_are_not_read_yet() -> None:
    """Read, each would take many times the memory of its few bytes."""
    answer_now = asyncio.Event()

    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await answer_now.wait()
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(b"".join(GET % number for number in range(1000)))
        await until(lambda: setup.connections)
        (door_side,) = setup.door._clients
        await until(lambda: door_side._backlog_size > 0)  # type: ignore[attr-defined]  # of the class
        assert len(setup.door.known) <= 1
        answer_now.set()
        for _ in range(1000):
            await client.head()
            assert await client.reader.readexactly(2) == b"ok"
        client.close()
