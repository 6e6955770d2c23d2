"""The upstream: tells what it was asked and gives bodies out, or breaks the rules of HTTP when it is told to.

::

    GET  /give/SEED/SIZE          that body, with its length
    GET  /give/SEED/SIZE?chunked  the same in chunks
    else                          the digest and length of what was sent, as JSON
    always                        X-Nonce as it was sent
"""

from __future__ import annotations

import asyncio
import json
from enum import Enum
from typing import TYPE_CHECKING

import httptools

from faults.around.bodies import body, digest

if TYPE_CHECKING:
    import random

_CHUNK = 10_000
_FLOOD = b"X-Flood: " + b"f" * 4096 + b"\r\n"


class Manner(Enum):
    """How it answers."""

    HTTP = "as it should"
    NOISE = "with random bytes"
    FRAMES = "with lengths and chunks that contradict themselves"
    FLOOD = "with a head without end"
    MORE = "with more than it promised"
    LESS = "with less than it promised"


class _Request:
    """One request, read whole."""

    def __init__(self) -> None:
        self.target = b""
        self.nonce = b""
        self.body: list[bytes] = []
        self.complete = False

    def on_url(self, url: bytes) -> None:
        """Called by llhttp."""
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by llhttp."""
        if name.lower() == b"x-nonce":
            self.nonce = value

    def on_body(self, data: bytes) -> None:
        """Called by llhttp."""
        self.body.append(data)

    def on_message_complete(self) -> None:
        """Called by llhttp."""
        self.complete = True


class Pyroscope:
    """Listens on a free port of loopback, at ``port``."""

    def __init__(self, chance: random.Random) -> None:
        self.manner = Manner.HTTP
        self.port = 0
        self._chance = chance
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End, with every connection."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, EOFError, httptools.HttpParserError):
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read a request and answer it; whether another may follow."""
        request = _Request()
        parser = httptools.HttpRequestParser(request)
        while not request.complete:
            data = await reader.read(256 * 1024)
            if not data:
                return False
            parser.feed_data(data)
        answer = _answer(request, parser.get_method())
        if self.manner is not Manner.HTTP:
            await self._misbehave(answer, request.nonce, writer)
            return False
        writer.write(answer)
        await writer.drain()
        return True

    async def _misbehave(self, answer: bytes, nonce: bytes, writer: asyncio.StreamWriter) -> None:
        match self.manner:
            case Manner.NOISE:
                writer.write(self._chance.randbytes(self._chance.randint(1, 4096)))
            case Manner.FRAMES:
                # With its nonce: where the contradiction is in the body, the head alone answers HEAD rightly.
                head = b"HTTP/1.1 200 OK\r\nX-Nonce: %b\r\n" % nonce
                writer.write(self._chance.choice(_CONTRADICTIONS).replace(b"HTTP/1.1 200 OK\r\n", head))
            case Manner.FLOOD:
                writer.write(b"HTTP/1.1 200 OK\r\n")
                for _ in range(512):
                    writer.write(_FLOOD)
                    await writer.drain()
            case Manner.MORE:
                writer.write(answer + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother")
            case _:
                writer.write(answer[:-1])
        await writer.drain()


_CONTRADICTIONS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!!\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello",
    b"HTTP/9.9 999 OK\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
)


def _answer(request: _Request, method: bytes) -> bytes:
    path, _, query = request.target.partition(b"?")
    parts = path.strip(b"/").split(b"/")
    if parts[0] == b"give":
        content, kind = body(int(parts[1]), int(parts[2])), b"application/octet-stream"
    else:
        sent = b"".join(request.body)
        content, kind = (
            json.dumps({"digest": digest(sent), "length": len(sent)}).encode(),
            b"application/json",
        )
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nX-Nonce: %b\r\n" % (kind, request.nonce)
    if query == b"chunked" and method != b"HEAD":
        pieces = [content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK)]
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(content)
    return head if method == b"HEAD" else head + content
