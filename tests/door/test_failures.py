"""What a client sees when the upstream, or the client itself, fails."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from proxy.door import backend, sending
from proxy.door.answering import Answering
from proxy.door.reading import VIEWED
from proxy.door.writing import Writing
from tests.door.conftest import Connection, running_door, say_ok

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.door.heads import ResponseHead

POST = b"POST / HTTP/1.1\r\nHost: h\r\n"
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
GET_AND_CLOSE = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def error_of(head: bytes, body: bytes) -> tuple[int, str]:
    assert b"Content-Type: application/json" in head
    answer = json.loads(body)
    assert answer["message"]
    return int(head.split(b" ")[1]), answer["code"]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def test_an_upstream_that_refuses_gives_502() -> None:
    async with running_door(say_ok, upstream_url=f"http://127.0.0.1:{free_port()}") as setup:
        assert error_of(*await setup.ask(GET_AND_CLOSE)) == (502, "unavailable")
        assert setup.sample("sourceproxy_upstream_errors_total", reason="connect") == 1


async def test_an_upstream_that_does_not_exist_gives_502() -> None:
    async with running_door(say_ok, upstream_url="http://does-not-exist.invalid:4040") as setup:
        assert error_of(*await setup.ask(GET_AND_CLOSE)) == (502, "unavailable")


async def test_an_upstream_that_does_not_accept_gives_504() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        fillers = [socket.socket() for _ in range(4)]  # fill the queue, so that nothing more is accepted
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with running_door(say_ok, upstream_url=url, connect_timeout=0.2) as setup:
            assert error_of(*await setup.ask(GET_AND_CLOSE)) == (504, "deadline_exceeded")
            assert setup.sample("sourceproxy_upstream_errors_total", reason="timeout") == 1
        for filler in fillers:
            filler.close()


async def test_what_is_slow_itself_does_not_blame_pyroscope() -> None:
    request = b"GET /-/source/hang HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    async with running_door(say_ok, response_timeout=0.2) as setup:
        head, body = await setup.ask(request)
        assert error_of(head, body) == (504, "deadline_exceeded")
        assert json.loads(body)["message"] == "the proxy's own service did not answer in time"
        assert setup.sample("sourceproxy_upstream_errors_total", reason="timeout") == 0


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    "request_", [GET_AND_CLOSE, POST + b"Connection: close\r\nContent-Length: 1\r\n\r\nx"]
)
async def test_an_upstream_that_hangs_up_before_it_is_asked_gives_502(
    monkeypatch: pytest.MonkeyPatch, how: str, request_: bytes
) -> None:
    """As a load balancer in front of nothing does: the end comes before the new connection is used."""
    made = backend.Pool.open

    async def until_lost(pool: backend.Pool) -> backend.BackendConnection:
        connection = await made(pool)
        while not connection.transport.is_closing():  # noqa: ASYNC110 - a transport has no event for it
            await asyncio.sleep(0)
        return connection

    async def script(connection: Connection) -> None:
        getattr(connection, how)()

    monkeypatch.setattr(backend.Pool, "open", until_lost)
    async with running_door(script) as setup:
        assert error_of(*await setup.ask(request_)) == (502, "unavailable")
        assert setup.sample("sourceproxy_upstream_errors_total", reason="reset") == 1


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_an_upstream_that_breaks_off_before_its_answer_gives_502(how: str) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        getattr(connection, how)()

    async with running_door(script) as setup:
        assert error_of(*await setup.ask(GET_AND_CLOSE)) == (502, "unavailable")
        assert setup.sample("sourceproxy_upstream_errors_total", reason="reset") == 1
        assert len(setup.connections) == 1


async def test_half_a_head_gives_502() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-")
        connection.close()

    async with running_door(script) as setup:
        assert error_of(*await setup.ask(GET_AND_CLOSE)) == (502, "unavailable")


async def test_an_upstream_that_never_answers_gives_504() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        assert await connection.reader.read() == b""  # until the proxy gives up

    async with running_door(script, response_timeout=0.2) as setup:
        assert error_of(*await setup.ask(GET_AND_CLOSE)) == (504, "deadline_exceeded")
        assert setup.sample("sourceproxy_upstream_errors_total", reason="timeout") == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    ],
)
async def test_an_answer_that_is_not_http_gives_502(garbage: bytes) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(garbage)
        await connection.reader.read()

    async with running_door(script) as setup:
        assert error_of(*await setup.ask(GET_AND_CLOSE)) == (502, "unavailable")


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    ("minor", "answer"),
    [
        (1, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"),
        (1, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        (1, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nNOT HEX\r\n"),
        (0, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        (0, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"),
    ],
)
async def test_an_answer_that_breaks_off_is_visibly_broken(how: str, minor: int, answer: bytes) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer)
        await seen.wait()
        getattr(connection, how)()

    seen = asyncio.Event()
    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(b"GET / HTTP/1.%d\r\nHost: h\r\n\r\n" % minor)
        head = await asyncio.wait_for(client.head(), 10)
        got = b""
        try:
            while b"hello" not in got:
                got += await asyncio.wait_for(client.reader.read(100), 10)
            seen.set()
            got += await asyncio.wait_for(client.reader.read(), 10)
        except ConnectionResetError:
            return  # broken off as visibly as can be
        if b"Content-Length: 10" in head:
            assert got == b"hello"
        else:
            # Without a length the end of the connection would be the end of the answer: it must be a reset.
            assert b"chunked" in head
            assert not got.endswith(b"0\r\n\r\n")


async def test_an_answer_that_ends_with_the_connection_is_reset_when_it_breaks() -> None:
    seen = asyncio.Event()

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await seen.wait()
        connection.close()

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(b"GET / HTTP/1.0\r\n\r\n")
        await asyncio.wait_for(client.head(), 10)
        assert await client.reader.readexactly(5) == b"hello"
        seen.set()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(client.reader.read(), 10)


async def test_more_than_the_content_length_is_not_passed_on() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\nsmuggled"
        )
        await connection.reader.read()

    async with running_door(script) as setup:
        client = await setup.connect()
        for _ in range(2):
            await client.send(GET)
            assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 200 OK")
            assert await client.reader.readexactly(5) == b"hello"
        assert len(setup.connections) == 2  # the first connection was not trusted again
        client.close()


async def test_head_requests_get_errors_without_a_body() -> None:
    async with running_door(say_ok, upstream_url=f"http://127.0.0.1:{free_port()}") as setup:
        head, body = await setup.ask(b"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 502")
        assert body == b""


def test_buffers_are_bounded_by_these_constants() -> None:
    assert backend.WRITE_BUFFER <= 256 * 1024
    assert sending._BUFFERED <= 64 * 1024


@pytest.mark.parametrize("size", [100, 100_000])
async def test_what_fails_within_an_answer_breaks_it(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where memory runs out between two writes: an error must not become a part of the answer."""
    reported: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))

    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (size, bytes(size)))

    def write_a_part(self: Writing, parts: Sequence[bytes | memoryview]) -> None:
        self.transport.write(parts[0])
        raise MemoryError

    async with running_door(script) as setup:
        client = await setup.connect()
        for _ in range(3):  # so that the answer's head is known
            await client.send(GET)
            await asyncio.wait_for(client.head(), 10)
            await client.reader.readexactly(size)
        with monkeypatch.context() as patch:
            patch.setattr(Writing, "write_all", write_a_part)
            patch.setattr(
                Answering, "response_whole", Answering.response_whole if size > VIEWED else taken_apart
            )
            await client.send(GET)
            got = b""
            with suppress(ConnectionResetError):
                got = await asyncio.wait_for(client.reader.read(), 10)
        assert b"502" not in got
        assert [type(error) for error in reported] == [MemoryError]
        assert not setup.door._exchanges
        assert (await setup.ask(GET_AND_CLOSE))[1] == bytes(size)


def taken_apart(self: Answering, head: ResponseHead, data: bytes, start: int) -> None:
    """An answer that came whole, told in parts."""
    self.response_head(head)
    self.response_body(data[start:])
    self.response_end()
    self.backend_flush()
