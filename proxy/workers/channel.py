"""Calls both ways between a worker and the process that started it, over a stream that only they have.

A frame is ``size, kind, number, body``. A number other than 0 asks for an answer, which carries the same one.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import struct
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Handlers = Mapping["Kind", Callable[[bytes], Awaitable[bytes]]]

TURN: Final = b"turn"
"""The answer to a claim: it is the caller's turn."""
SETTLED: Final = b"settled "
"""The other one: what follows is the outcome that somebody else has settled."""
_HEAD: Final = struct.Struct(">IBQ")
_LARGEST: Final = 64 * 1024 * 1024
_logger = logging.getLogger("proxy.workers")


class Kind(IntEnum):
    """What a frame is about."""

    ANSWER = 0
    REFUSAL = 1
    # To a worker.
    START = 2
    SETTINGS = 3
    METRICS = 4
    # From a worker.
    LISTENING = 5
    FAILED = 6
    LAST_METRICS = 7
    CLAIM = 8
    SETTLE = 9


class ChannelClosedError(OSError):
    """The process at the other end has gone."""


class RefusedError(OSError):
    """The other end does not do what it was asked; the message says why."""


class Frame(NamedTuple):
    """One message."""

    kind: Kind
    number: int
    body: bytes


class Channel:
    """One end.

    Args:
        reader: what the other end says.
        writer: what is said to it.
        handlers: what is done for each kind of message; the result is the answer where one is wanted.
            ``OSError`` and ``ValueError`` become a ``RefusedError`` over there.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handlers: Handlers
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handlers = handlers
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[bytes]] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._closed = False

    async def run(self) -> None:
        """Take messages until the other end has gone."""
        try:
            while (frame := await read_frame(self._reader)) is not None:
                self._take(frame)
        finally:
            self._closed = True
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(ChannelClosedError("the process at the other end has gone"))

    async def call(self, kind: Kind, body: bytes = b"") -> bytes:
        """Say something and wait for the answer.

        Raises:
            ChannelClosedError: there will be none.
            RefusedError: the other end refuses.
        """
        if self._closed:
            raise ChannelClosedError("the process at the other end has gone")
        number = next(self._numbers)
        asked: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked[number] = asked
        try:
            self._write(Frame(kind, number, body))
            return await asked
        finally:
            del self._asked[number]

    def tell(self, kind: Kind, body: bytes = b"") -> None:
        """Say something; nobody answers."""
        self._write(Frame(kind, 0, body))

    async def close(self) -> None:
        """Send what was said, and end; what is being worked on for the other end is left undone."""
        for task in self._working:
            task.cancel()
        with suppress(OSError):
            await self._writer.drain()
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    def _write(self, frame: Frame) -> None:
        if not self._writer.is_closing():
            self._writer.write(_HEAD.pack(len(frame.body), frame.kind, frame.number) + frame.body)

    def _take(self, frame: Frame) -> None:
        if frame.kind in {Kind.ANSWER, Kind.REFUSAL}:
            asked = self._asked.get(frame.number)
            if asked is None or asked.done():
                return
            if frame.kind is Kind.ANSWER:
                asked.set_result(frame.body)
            else:
                asked.set_exception(RefusedError(frame.body.decode()))
            return
        task = asyncio.create_task(self._work(frame))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, frame: Frame) -> None:
        kind, answer = Kind.ANSWER, b""
        try:
            answer = await self._handlers[frame.kind](frame.body)
        except (OSError, ValueError) as error:
            kind, answer = Kind.REFUSAL, str(error).encode("utf-8", "replace")
        except Exception as error:  # noqa: BLE001 - whoever asked has to hear of it
            name = type(error).__name__
            _logger.error("%s failed in a way that was not foreseen: %s", frame.kind.name, name)  # noqa: TRY400 - its words may hold secrets
            kind, answer = Kind.REFUSAL, f"failed in a way that was not foreseen: {name}".encode()
        if frame.number:
            self._write(Frame(kind, frame.number, answer))


async def read_frame(reader: asyncio.StreamReader) -> Frame | None:
    """The next message; ``None`` when the other end has gone."""
    try:
        size, kind, number = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        if size > _LARGEST:
            return None
        return Frame(Kind(kind), number, await reader.readexactly(size))
    except (asyncio.IncompleteReadError, OSError):
        return None
