"""Bodies stream both ways, in pieces, under flow control."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from tests.door.conftest import Connection, Setup, running_door

MIB = 2**20


def unchunk(data: bytes) -> bytes:
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        if size == b"0":
            assert data == b"\r\n"
            return body
        body += data[: int(size, 16)]
        data = data[int(size, 16) + 2 :]
    raise AssertionError("the last chunk is missing")


@pytest.mark.parametrize("size", [0, 1, 3, 70_000, 300_000])
async def test_a_sized_body_arrives_sized(echoing: Setup, size: int) -> None:
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    head = b"POST /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    _, answer = await echoing.ask(head + body)
    assert b"\r\nContent-Length: %d\r\n" % len(body) in answer
    assert answer.partition(b"\r\n\r\n")[2] == body


async def test_a_chunked_body_arrives_chunked_without_extensions_and_trailers(echoing: Setup) -> None:
    sent = b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n"
    head = b"POST /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: Chunked\r\n\r\n"
    _, answer = await echoing.ask(head + sent)
    got_head, _, got = answer.partition(b"\r\n\r\n")
    assert got_head.endswith(b"\r\nTransfer-Encoding: chunked")
    assert unchunk(got) == b"hello world"
    assert b"X-Trailer" not in answer


async def test_an_answer_arrives_piece_by_piece() -> None:
    pieces = [b"one", b"two", b"three"]
    received = asyncio.Semaphore(0)

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces:
            await connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            await received.acquire()  # the next piece is sent only after this one has arrived
        await connection.send(b"0\r\n\r\n")

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        await asyncio.wait_for(client.head(), 10)
        for piece in pieces:
            chunk = b"%x\r\n%b\r\n" % (len(piece), piece)
            assert await asyncio.wait_for(client.reader.readexactly(len(chunk)), 10) == chunk
            received.release()
        assert await asyncio.wait_for(client.reader.readexactly(5), 10) == b"0\r\n\r\n"
        client.close()


async def test_a_request_arrives_piece_by_piece() -> None:
    arrived = asyncio.Queue[bytes]()

    async def script(connection: Connection) -> None:
        await connection.head()
        for _ in range(3):
            arrived.put_nowait(await connection.reader.readexactly(4))
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\n")
        for piece in (b"aaaa", b"bbbb", b"cccc"):
            await client.send(piece)
            assert await asyncio.wait_for(arrived.get(), 10) == piece
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 200")
        client.close()


@pytest.mark.parametrize("minor", [0, 1])
async def test_an_answer_that_ends_with_the_connection(minor: int) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nuntil the end")
        connection.close()

    async with running_door(script) as setup:
        head, body = await setup.ask(b"GET / HTTP/1.%d\r\nHost: h\r\nConnection: close\r\n\r\n" % minor)
    if minor:
        assert b"Transfer-Encoding: chunked" in head
        assert unchunk(body) == b"until the end"
    else:
        assert b"Transfer-Encoding" not in head
        assert body == b"until the end"


async def test_a_chunked_answer_to_http_1_0_is_not_chunked() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")

    async with running_door(script) as setup:
        head, body = await setup.ask(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert b"chunked" not in head
    assert body == b"abc"


async def test_expect_100_continue_is_the_upstreams_to_answer() -> None:
    may_continue = asyncio.Event()

    async def script(connection: Connection) -> None:
        head = await connection.head()
        assert b"\r\nExpect: 100-continue\r\n" in head
        await may_continue.wait()
        await connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await connection.reader.readexactly(5)
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + body)

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        may_continue.set()
        assert await asyncio.wait_for(client.head(), 10) == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"hello")
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 200 OK")
        assert await client.reader.readexactly(5) == b"hello"
        client.close()


async def test_expect_100_continue_refused_by_the_upstream() -> None:
    async def script(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")

    async with running_door(script) as setup:
        head, body = await setup.ask(
            b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
    assert head.startswith(b"HTTP/1.1 413 Too Large")
    assert b"Connection: close" in head
    assert body == b"no"


async def test_interim_answers_pass_to_those_who_understand_them() -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(
                b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            )

    async with running_door(script) as setup:
        _, rest = await setup.ask(b"GET / HTTP/1.0\r\n\r\n")
        assert rest == b"ok"
        client = await setup.connect()
        await client.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert await asyncio.wait_for(client.head(), 10) == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        # A 100 that the client did not ask for goes no further.
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 200 OK")
        client.close()


async def test_an_early_answer_reaches_a_client_that_is_still_sending() -> None:
    async def script(connection: Connection) -> None:
        await connection.head()
        await connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 6\r\n\r\nenough")

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(
            b"POST /ingest HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 50_000
        )
        head = await asyncio.wait_for(client.head(), 10)
        assert head.startswith(b"HTTP/1.1 413 Too Large")
        assert b"\r\nConnection: close\r\n" in head
        assert await asyncio.wait_for(client.reader.read(), 10) == b"enough"
        client.close()


async def test_an_upstream_that_does_not_read_holds_the_client_back() -> None:
    go_on = asyncio.Event()
    digest = hashlib.sha256()

    async def script(connection: Connection) -> None:
        await connection.head()
        await go_on.wait()
        left = 32 * MIB
        while left:
            data = await connection.reader.read(65536)
            digest.update(data)
            left -= len(data)
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    piece = bytes(range(256)) * 4096
    async with running_door(script) as setup:
        client = await setup.connect()
        client.writer.transport.set_write_buffer_limits(high=0)
        client.writer.write(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % (32 * MIB))
        sending = asyncio.create_task(_send_all(client, piece, 32))
        # What fits into sockets and bounded buffers is a small part of the whole.
        await asyncio.wait([sending], timeout=0.5)
        assert not sending.done()
        go_on.set()
        await asyncio.wait_for(sending, 30)
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 200")
        client.close()
    assert digest.digest() == hashlib.sha256(piece * 32).digest()


async def test_a_client_that_does_not_read_holds_the_upstream_back() -> None:
    sent = 0
    size = 32 * MIB
    piece = bytes(range(256)) * 256

    async def script(connection: Connection) -> None:
        nonlocal sent
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        connection.writer.transport.set_write_buffer_limits(high=0)
        while sent < size:
            await connection.send(piece)
            sent += len(piece)

    async with running_door(script) as setup:
        reader, writer = await asyncio.open_connection("127.0.0.1", setup.port, limit=1024)
        client = Connection(reader, writer, 0)
        await client.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        await client.head()
        before = -1
        while sent != before:  # until nothing moves any more
            before = sent
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.3)
        assert sent < size
        digest, left = hashlib.sha256(), size
        while left:
            data = await asyncio.wait_for(reader.read(1 << 20), 10)
            digest.update(data)
            left -= len(data)
        client.close()
    assert digest.digest() == hashlib.sha256(piece * (size // len(piece))).digest()


async def _send_all(client: Connection, piece: bytes, times: int) -> None:
    for _ in range(times):
        await client.send(piece)
