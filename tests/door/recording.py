"""An upstream that keeps every byte that it is sent, and answers what a strict parser (h11) reads in them."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h11

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

LARGEST_HEAD = 128 * 1024
_HEAD_END = b"\r\n\r\n"
_BODILESS = frozenset({204, 304})


@dataclass
class Stream:
    """One connection: its bytes, and why they could not be read on."""

    raw: bytes = b""
    fault: str = ""


@dataclass
class Recording:
    """What came: ``requests`` that were whole, as ``METHOD TARGET=BODY``, and every connection's bytes."""

    port: int = 0
    requests: list[str] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection for as long as it can be read."""
        stream = Stream()
        self.streams.append(stream)
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                stream.raw += data
                try:
                    self._read(parser, data, writer)
                except h11.ProtocolError as error:
                    stream.fault = str(error)
                    break
        writer.close()

    def _read(self, parser: h11.Connection, data: bytes, writer: asyncio.StreamWriter) -> None:
        parser.receive_data(data)
        while (event := parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Request):
                self._request, self._body = event, b""
            elif isinstance(event, h11.Data):
                self._body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                request = f"{self._request.method.decode()} {self._request.target.decode()}"
                self.requests.append(request + (f"={self._body.decode('latin1')}" if self._body else ""))
                status = 405 if self._request.method == b"CONNECT" else 200
                head = h11.Response(status_code=status, headers=[("Content-Length", "2")])
                for told in (head, h11.Data(data=b"ok"), h11.EndOfMessage()):
                    writer.write(parser.send(told) or b"")
                if parser.our_state is not h11.DONE or parser.their_state is not h11.DONE:
                    writer.close()
                    return
                parser.start_next_cycle()


@asynccontextmanager
async def recording() -> AsyncIterator[Recording]:
    """A recording upstream on a free port."""
    found = Recording()
    serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving[task] = writer
        await found.accept(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for writer in serving.values():
            writer.transport.abort()
        await asyncio.gather(*serving)


async def send_in_pieces(writer: asyncio.StreamWriter, pieces: Iterable[bytes]) -> None:
    """Send pieces so that who runs on the same loop can read one before the next is sent."""
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def converse(port: int, *pieces: bytes) -> bytes:
    """Send all pieces and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        with suppress(ConnectionError):
            await send_in_pieces(writer, pieces)
        with suppress(ConnectionError):
            while piece := await asyncio.wait_for(reader.read(65536), 20):
                answer += piece
    finally:
        writer.transport.abort()
    return answer


def statuses(answer: bytes, *, bodiless: bool = False) -> str:
    """The statuses of answers that end where they say; anything else is told as it is.

    Args:
        answer: all that a client was sent.
        bodiless: whether the requests asked for heads only.
    """
    found: list[str] = []
    while answer:
        head, end, rest = answer.partition(_HEAD_END)
        line = re.match(rb"HTTP/1\.[01] (\d{3})(?: [^\r\n]*)?(?=\r\n|$)", head)
        if not line or not end:
            return " ".join([*found, "noise"])
        status = int(line[1])
        found.append(str(status))
        length = re.search(rb"\r\ncontent-length: (\d+)(?=\r\n|$)", head.lower())
        size = (
            0 if bodiless or status < 200 or status in _BODILESS else int(length[1]) if length else len(rest)
        )
        if len(rest) < size:
            return " ".join([*found, "cut"])
        answer = rest[size:]
    return " ".join(found) or "closed"
