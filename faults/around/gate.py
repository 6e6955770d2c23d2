"""A relay in front of a server that breaks what passes through it, byte by byte.

It listens on one port for as long as it lives. What a mode does, it does to the connections that are
open as well as to those that come.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    import ssl

_PIECE = 64 * 1024
_TRICKLE_BYTES, _TRICKLE_SECONDS = 512, 0.01
_SLOW_SECONDS = 0.4


class Mode(Enum):
    """What happens to answers on their way back."""

    PASS = "they pass"
    REFUSE = "nothing listens"
    HANG = "they never come"
    RESET = "the connection is reset instead"
    CUT = "half of a piece comes, then the end"
    TRICKLE = "they come drop by drop"
    SLOW = "each piece comes late"
    GARBLE = "some bytes are others"


class Gate:
    """Relays to a server on loopback.

    Args:
        target: the port of the server behind; may be changed at any time.
        chance: which bytes are garbled.
        tls: where given, what clients speak TLS with; may be changed before a mode is set.
    """

    def __init__(self, target: int, chance: random.Random, tls: ssl.SSLContext | None = None) -> None:
        self.target = target
        self.tls = tls
        self.mode = Mode.PASS
        self.port = 0
        self._chance = chance
        self._server: asyncio.Server | None = None
        self._passing = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen, on a free port the first time and on the same one after that."""
        # Its own socket, so that the port can be taken again while old connections linger.
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self.port))
        self.port = sock.getsockname()[1]
        self._server = await asyncio.start_server(self._accept, sock=sock, ssl=self.tls, backlog=512)

    async def stop(self) -> None:
        """Stop listening and break every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drop(self) -> None:
        """Break every connection that is open."""
        for writer in list(self._open):
            _abort(writer)

    async def turn(self, mode: Mode) -> None:
        """Change what happens; ``REFUSE`` and what comes after it break the open connections."""
        before, self.mode = self.mode, mode
        if mode is Mode.REFUSE:
            await self.stop()
        elif before is Mode.REFUSE:
            await self.start()
        if mode is Mode.RESET:
            self.drop()
        if mode is Mode.HANG:
            self._passing.clear()
        else:
            self._passing.set()

    async def reopen(self, tls: ssl.SSLContext | None) -> None:
        """Speak TLS in another way (or not at all) from now on."""
        await self.stop()
        self.tls = tls
        await self.start()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        behind: asyncio.StreamWriter | None = None
        try:
            source, behind = await asyncio.open_connection("127.0.0.1", self.target)
            self._open.add(behind)
            await self._relay(reader, writer, source, behind)
        except (OSError, EOFError, asyncio.CancelledError):
            _abort(writer)
        finally:
            for end in filter(None, (writer, behind)):
                self._open.discard(end)
                end.close()
            self._tasks.discard(task)

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        source: asyncio.StreamReader,
        behind: asyncio.StreamWriter,
    ) -> None:
        """Until one of both sides has ended."""
        ways = {
            asyncio.ensure_future(self._ask(reader, behind)),
            asyncio.ensure_future(self._answer(source, writer)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _ask(self, reader: asyncio.StreamReader, behind: asyncio.StreamWriter) -> None:
        while data := await reader.read(_PIECE):
            behind.write(data)
            await behind.drain()

    async def _answer(self, source: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await source.read(_PIECE):
            await self._pass(data, writer)
            await writer.drain()

    @property
    def _trickles(self) -> bool:
        return self.mode is Mode.TRICKLE

    async def _pass(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        match self.mode:
            case Mode.HANG:
                await self._passing.wait()
                writer.write(data)
            case Mode.RESET:
                _abort(writer)
            case Mode.CUT:
                writer.write(data[: len(data) // 2])
                await writer.drain()
                writer.close()
            case Mode.TRICKLE:
                for at in range(0, len(data), _TRICKLE_BYTES):
                    writer.write(data[at : at + _TRICKLE_BYTES])
                    await writer.drain()
                    await asyncio.sleep(_TRICKLE_SECONDS if self._trickles else 0)
            case Mode.SLOW:
                await asyncio.sleep(_SLOW_SECONDS)
                writer.write(data)
            case Mode.GARBLE:
                writer.write(self._garbled(data))
            case _:
                writer.write(data)

    def _garbled(self, data: bytes) -> bytes:
        garbled = bytearray(data)
        for _ in range(max(1, len(data) // 64)):
            garbled[self._chance.randrange(len(data))] = self._chance.randrange(256)
        return bytes(garbled)


def _abort(writer: asyncio.StreamWriter) -> None:
    with suppress(RuntimeError):
        writer.transport.abort()
