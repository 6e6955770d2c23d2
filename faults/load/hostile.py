"""Clients that leave in the middle, crawl, flood, and send what is not HTTP."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from faults.load.asker import route_of

if TYPE_CHECKING:
    import random

    from faults.judging.counting import Seen

_PIPELINED = 4
_PATIENCE = 1.0
_OTHER = "/other"
_FORMS = (
    b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nX: b\r\n folded: c\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /a HTTP/1.1\nHost: a\n\n",
    b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x00" * 1000,
)
_BODIES = (
    b"",
    b"{",
    b"[1]",
    b'{"ref":7}',
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"localPath":"' + b"../" * 3000 + b'"}',
)


async def leave(port: int, chance: random.Random, seen: Seen) -> None:
    """Ask for something large or slow and go away at some point."""
    target = chance.choice(("/give/1/1048576", "/give/2/1048576?chunked", "/vcs.v1.VCSService/GetFile"))
    method = "GET" if target.startswith("/give") else "POST"
    head = f"{method} {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    wire = head.encode() + (
        b"Content-Length: 100000\r\n\r\n" + b"x" * 50_000 if method == "POST" else b"\r\n"
    )
    seen.lost(route_of(target))
    await _send(port, wire[: chance.randint(1, len(wire))], chance.choice((0, 1, 1000, 200_000)))


async def break_rules(port: int, chance: random.Random, seen: Seen) -> None:
    """Send what is not HTTP, or a body that is no message."""
    if chance.random() < 0.6:
        wire = chance.choice((*_FORMS, chance.randbytes(chance.randint(1, 3000))))
        seen.lost(route_of(_OTHER), 3)
    else:
        method = chance.choice(("GetFile", "GetCommits", "GithubLogin", "GithubRefresh"))
        target = f"/vcs.v1.VCSService/{method}"
        body = chance.choice(_BODIES)
        cookie = chance.randbytes(30).hex()
        head = f"POST {target} HTTP/1.1\r\nHost: a\r\nCookie: pyroscope_git_session={cookie}\r\n"
        kind = "Connection: close\r\nContent-Type: application/json\r\n"
        wire = f"{head}{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body
        seen.lost(route_of(target))
    await _send(port, wire, 1 << 20)


async def flood(port: int, seen: Seen) -> None:
    """Many requests at once on one connection, without waiting for answers."""
    seen.lost(route_of(_OTHER), _PIPELINED)
    await _send(port, b"GET /give/3/1024 HTTP/1.1\r\nHost: a\r\n\r\n" * _PIPELINED, _PIPELINED * 1100)


async def crawl(port: int, seconds: float, seen: Seen) -> None:
    """Send a head byte by byte and never end it."""
    seen.lost(route_of(_OTHER))
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
            for _ in range(int(seconds * 5)):
                writer.write(b"y")
                await asyncio.sleep(0.2)
        finally:
            writer.transport.abort()


async def _send(port: int, wire: bytes, read: int) -> None:
    """Send, read at most so many bytes for a while, and leave without a word."""
    with suppress(OSError, TimeoutError, EOFError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(_PATIENCE):
                writer.write(wire)
                if read:
                    await reader.readexactly(read)
        finally:
            writer.transport.abort()
