"""Connections to the servers behind the door, kept alive and pooled."""

from __future__ import annotations

import asyncio
import math
import os
import select
from asyncio.trsock import TransportSocket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, cast

from proxy.door.reading import BadMessage
from proxy.door.responses import ResponseReader, ResponseSink

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from proxy.door.heads import ResponseHead
    from proxy.door.lines import Lines
    from proxy.known import Known

WRITE_BUFFER = 32 * 1024
"""Bytes waiting to be sent above which the other side's reading pauses."""
_MAX_IDLE = 256
_IDLE_SECONDS = 60.0
_WARY_SECONDS = 60.0
_READ_SIZE = 64 * 1024


class Asking(ResponseSink, Protocol):
    """An exchange as its backend connection sees it."""

    def backend_flush(self) -> None:
        """What was read in one go has been told; now is the time to write it on."""

    def backend_lost(self, error: Exception | None) -> None:
        """The connection is gone before the answer was complete."""

    def backend_paused(self, *, paused: bool) -> None:
        """The server behind does not take (or takes again) what is sent to it."""

    def gave_out(self) -> None:
        """Something failed in ourselves, such as memory: a part of the answer may be lost."""

    def backend_garbled(self, fault: BadMessage) -> None:
        """The server behind sent what is not HTTP."""


class BackendConnection(asyncio.Protocol):
    """One connection to a server behind; serves one exchange at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asking: Asking | None = None
        self._reader: ResponseReader | None = None
        self._reading = True
        self.transport: asyncio.Transport
        self.reused = False
        self.answered = False
        """Whether a byte of an answer to the present exchange has come."""
        self.idle_since = 0.0

    # What an exchange does with it

    def begin(self, asking: Asking, *, head_request: bool) -> None:
        """Serve this exchange from now on."""
        self._asking = asking
        if self._reader is None:
            pool = self._pool
            self._reader = ResponseReader(
                asking, to_head_request=head_request, known=pool.known, lines=pool.lines
            )
        else:
            self._reader.again(asking, to_head_request=head_request)
        self.answered = False

    def write(self, data: bytes) -> None:
        """Send on, buffered; ``backend_paused`` tells when it becomes too much."""
        self.transport.write(data)

    def pause_reading(self) -> None:
        """Take no more of the answer for now."""
        if self._reading and not self.transport.is_closing():
            self._reading = False
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take more of the answer."""
        if not self._reading and not self.transport.is_closing():
            self._reading = True
            self.transport.resume_reading()

    @property
    def closing(self) -> bool:
        """Whether the answer's head says that the connection takes no other request."""
        return self._reader is None or not self._reader.keep_alive

    def release(self) -> None:
        """The exchange is over: keep the connection for another, or close it where it cannot be."""
        reader = self._reader
        self._asking = None
        unsent = self.transport.get_write_buffer_size()
        if reader is None or not reader.keep_alive or unsent:
            self.transport.abort()
            return
        if not self._reading:
            self.resume_reading()
        self.reused = True
        self._pool.give_back(self)

    def drop(self) -> None:
        """The exchange is over and the connection of no more use."""
        self._asking = self._reader = None
        self.transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        transport = cast("asyncio.Transport", transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        asking, reader = self._asking, self._reader
        if asking is None or reader is None:
            self._pool.spoke_unasked()
            self._pool.forget(self)
            self.transport.abort()
            return
        self.answered = True
        try:
            reader.feed(data)
            if self._asking is asking:
                asking.backend_flush()
        except BadMessage as fault:
            asking.backend_garbled(fault)
        except BaseException:
            asking.gave_out()
            raise

    def eof_received(self) -> bool:
        """Called by asyncio; the transport closes after it."""
        if self._asking is not None and self._reader is not None and self._reader.eof():
            self._asking.backend_flush()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._pool.forget(self)
        if exc is not None and self._asking is not None and self._reading:
            self._read_the_rest()
        asking = self._asking
        if asking is not None:
            self._asking = self._reader = None
            asking.backend_lost(exc)

    def _read_the_rest(self) -> None:
        """Read what is still in the socket when sending has failed: perhaps an answer.

        Who refuses a request early may answer and close under a body that is still sent. uvloop reads
        before it finds out; its sockets are only numbers, which may be those of others by now.
        """
        sock = self.transport.get_extra_info("socket")
        is_plain = self.transport.get_extra_info("sslcontext") is None
        if is_plain and isinstance(sock, TransportSocket):
            with suppress(OSError):
                while self._asking is not None and (data := os.read(sock.fileno(), _READ_SIZE)):
                    self.data_received(data)

    def pause_writing(self) -> None:
        """Called by asyncio."""
        if self._asking is not None:
            self._asking.backend_paused(paused=True)

    def resume_writing(self) -> None:
        """Called by asyncio."""
        if self._asking is not None:
            self._asking.backend_paused(paused=False)


class Pool:
    """The connections to one server behind that wait for a request, the latest used first."""

    def __init__(
        self,
        connect: Callable[[Callable[[], BackendConnection]], Awaitable[BackendConnection]],
        *,
        now: float = 0.0,
        known: Known[ResponseHead] | None = None,
        lines: Lines | None = None,
    ) -> None:
        self.known = known
        """The heads of answers that came before, where they repeat."""
        self.lines = lines
        """Their lines, which repeat where heads do not."""
        self._connect = connect
        self._now = now
        self._idle: deque[BackendConnection] = deque()
        self._wary = False
        self._wary_until = -math.inf

    def __len__(self) -> int:
        return len(self._idle)

    def take(self, *, surely_open: bool) -> BackendConnection | None:
        """A kept connection, or ``None`` when there is none.

        ``surely_open`` looks at the socket for a close that has arrived unnoticed, for requests that
        must not be sent twice. So it is done for all while the server is known to speak unasked.
        """
        surely_open = surely_open or self._wary
        while self._idle:
            connection = self._idle.pop()
            if connection.transport.is_closing():
                continue
            if surely_open and something_to_read(connection.transport):
                connection.transport.abort()
                continue
            return connection
        return None

    async def open(self) -> BackendConnection:
        """A new connection.

        Raises:
            OSError: when it cannot be made; ``TimeoutError`` when that took too long.
        """
        return await self._connect(lambda: BackendConnection(self))

    def give_back(self, connection: BackendConnection) -> None:
        """Keep a connection whose exchange is over."""
        connection.idle_since = self._now
        self._idle.append(connection)
        if len(self._idle) > _MAX_IDLE:
            self._idle.popleft().transport.abort()

    def spoke_unasked(self) -> None:
        """The server sent what belongs to no request: look more closely for a while."""
        self._wary_until = self._now + _WARY_SECONDS
        self._wary = True

    def forget(self, connection: BackendConnection) -> None:
        """A connection is gone."""
        if connection in self._idle:
            self._idle.remove(connection)

    def tick(self, now: float) -> None:
        """Take the time, and close what has waited too long."""
        self._now = now
        self._wary = now < self._wary_until
        while self._idle and now - self._idle[0].idle_since > _IDLE_SECONDS:
            self._idle.popleft().transport.abort()

    def close(self) -> None:
        """Close what waits."""
        while self._idle:
            self._idle.pop().transport.abort()


def something_to_read(transport: asyncio.Transport) -> bool:
    """Whether a connection's socket holds bytes or a close that the loop has not seen yet."""
    sock = transport.get_extra_info("socket")
    if sock is None or sock.fileno() < 0:
        return False
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))
