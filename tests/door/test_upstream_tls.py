"""An upstream over TLS: bodies stream, pauses reach it, and what it breaks off is visibly broken."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme

from tests.door.conftest import Connection, running_door
from tests.door.test_patience import until

GET = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
MIB = 2**20


@pytest.fixture
def behind() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What the upstream serves with, and what the door asks it with."""
    ca, serving, asking = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert("127.0.0.1").configure_cert(serving)
    ca.configure_trust(asking)
    return serving, asking


async def test_bodies_stream_both_ways(behind: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    body = bytes(range(256)) * (8 * MIB // 256)

    async def script(connection: Connection) -> None:
        await connection.head()
        got = await connection.reader.readexactly(len(body))
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(got), got))

    async with running_door(script, behind=behind) as setup:
        client = await setup.connect()
        head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body)
        sending = asyncio.create_task(client.send(head + body))
        await client.head()
        assert await client.reader.readexactly(len(body)) == body
        await sending


async def test_a_client_that_does_not_read_stops_the_upstream(
    behind: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    pieces, sent = 256, 0

    async def script(connection: Connection) -> None:
        nonlocal sent
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (pieces * MIB // 4))
        for _ in range(pieces):
            await connection.send(bytes(MIB // 4))
            sent += 1

    async with running_door(script, behind=behind) as setup:
        client = await setup.connect(limit=1024)
        await client.send(GET)
        before = -1
        while sent != before or not sent:  # until it comes to a halt
            before = sent
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.3)
        assert sent < pieces
        (held,) = setup.door._clients
        assert held.transport.get_write_buffer_size() < 2 * MIB
        await client.reader.readuntil(b"\r\n\r\n")
        for _ in range(pieces):
            await client.reader.readexactly(MIB // 4)


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize(
    "framing", [b"Content-Length: 10\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\n"]
)
async def test_what_breaks_off_is_broken(
    how: str, framing: bytes, behind: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n" + framing + b"hello")
        getattr(connection, how)()

    async with running_door(script, behind=behind) as setup:
        client = await setup.connect()
        await client.send(GET)
        try:
            got = await client.reader.read()
        except ConnectionResetError:
            return
        # Short of its length, or without the last chunk.
        assert b" 502 " in got or got.endswith((b"\r\n\r\nhello", b"\r\n\r\n5\r\nhello\r\n"))
        await until(lambda: not setup.door._clients)
        assert setup.sample("sourceproxy_upstream_errors_total", reason="reset") == 1


async def test_connections_are_kept(behind: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.request()
            await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with running_door(script, behind=behind) as setup:
        for _ in range(3):
            head, body = await setup.ask(GET)
            assert (head[:15], body) == (b"HTTP/1.1 200 OK", b"ok")
        assert len(setup.connections) == 1
