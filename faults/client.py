"""A client of HTTP/1.1 that hides nothing: it says whether an answer was whole and never asks twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httptools

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIECE = 256 * 1024
_MOST = 64 * 1024 * 1024


class GoneError(ConnectionError):
    """No connection could be made."""


class DroppedError(ConnectionError):
    """The connection was closed before a byte of the answer.

    Attributes:
        kept: whether it had served an earlier request, so that both sides may have acted at the same moment.
    """

    def __init__(self, *, kept: bool) -> None:
        super().__init__(f"a {'kept' if kept else 'new'} connection was closed before a byte of the answer")
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Question:
    """One request; ``host`` is the ``Host`` header."""

    method: str
    target: str
    host: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def wire(self) -> bytes:
        """As it is sent."""
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body or self.method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Answer:
    """What came; ``whole`` when it ended as its head said, ``status`` 0 before there is a head."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.whole = False
        self.garbled = ""
        self._pieces: list[bytes] = []
        self.size = 0

    @property
    def body(self) -> bytes:
        """The bytes of the body that came."""
        return b"".join(self._pieces)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by llhttp."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, data: bytes) -> None:
        """Called by llhttp."""
        self._pieces.append(data)
        self.size += len(data)

    def on_message_complete(self) -> None:
        """Called by llhttp."""
        self.whole = True


class Client:
    """One kept-alive connection to a port of loopback, opened when it is needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, question: Question) -> Answer:
        """Send one request and read its answer to its end, whole or not.

        Raises:
            GoneError: nobody listens.
            DroppedError: the connection was closed instead of an answer.
        """
        if self._reader is not None and self._reader.at_eof():
            # Closed between two requests: nothing was lost, and nothing of this one was sent yet.
            await self.close()
        kept = self._writer is not None
        if not kept:
            await self._open()
        return await self._exchange(question, kept=kept)

    async def close(self) -> None:
        """Close the connection."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.transport.abort()
            await asyncio.sleep(0)

    async def _open(self) -> None:
        try:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError as error:
            raise GoneError(str(error)) from error

    async def _exchange(self, question: Question, *, kept: bool) -> Answer:
        assert self._writer is not None
        assert self._reader is not None
        answer = Answer()
        done = False
        try:
            self._writer.write(question.wire())
            await self._read(self._reader, answer, to_head=question.method == "HEAD")
            done = answer.whole and answer.headers.get("connection", "").lower() != "close"
        except ConnectionError:
            if not answer.status:
                raise DroppedError(kept=kept) from None
        finally:
            if not done:
                await self.close()
        return answer

    async def _read(self, reader: asyncio.StreamReader, answer: Answer, *, to_head: bool) -> None:
        parser = httptools.HttpResponseParser(answer)
        while not answer.whole and answer.size < _MOST:
            data = await reader.read(_PIECE)
            if not data:
                if not answer.status:
                    raise ConnectionResetError
                return
            try:
                parser.feed_data(data)
            except httptools.HttpParserError as error:
                answer.garbled = str(error)
                answer.status = answer.status or 1
                return
            answer.status = parser.get_status_code()
            if to_head and data.endswith(b"\r\n\r\n"):
                answer.whole = True
