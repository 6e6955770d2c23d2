"""A client's connection: its requests are read, exchanged one after the other, and answered in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from proxy.door.backend import something_to_read
from proxy.door.closing import Closing
from proxy.door.reading import BadMessage
from proxy.door.requests import RequestReader
from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    import asyncio

    from proxy.door.faces import Accepting, Exchanging
    from proxy.door.heads import RequestHead

_BACKLOG = 64 * 1024
"""Bytes of pipelined requests read ahead."""
_TURN = 8
"""Requests of one client that are begun before others have their turn."""
_HEAD_SECONDS = 30.0
_IDLE_SECONDS = 120.0


class ClientConnection(Closing):
    """One connection of a client, for as long as it lives."""

    def __init__(self, door: Accepting) -> None:
        super().__init__(door)
        self._reader = RequestReader(self, door.known, door.lines)
        self._backlog: list[bytes] = []
        self._backlog_size = 0
        self.held = False
        self._reading = True
        self._paused = False
        self._working = False
        self._turn_left = _TURN
        self._head_begun = False
        self.address = b""
        self.secure = False

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        transport = cast("asyncio.Transport", transport)
        self._write_to(transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]).encode() if isinstance(peer, tuple) and peer else b""
        self.secure = transport.get_extra_info("sslcontext") is not None
        self._reader.origin = (self.address, self.secure)
        self.deadline = self._door.now() + _IDLE_SECONDS
        self._door.opened(self)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._discarding:
            self._linger_on()
            return
        exchange = self._exchange
        if self._backlog or (exchange is not None and exchange.request_done):
            self._keep(data)
        else:
            self._read(data)

    def _read(self, data: bytes) -> None:
        """Read what the client sent, as far as it is its turn."""
        self._turn_left = _TURN
        try:
            rest = self._reader.feed(data)
        except BadMessage as fault:
            if not self._discarding:
                self._refuse(fault)
        else:
            if rest and not self._discarding:
                self._keep(rest)
                if self._exchange is None:  # answers that are known would keep the loop for themselves
                    self._door.soon(self._go_on)
        # What is between requests, such as line breaks that drip in, is no reason to wait any longer.
        if self._exchange is None and self._reader.in_message and not self._discarding:
            self._await_head()

    def _keep(self, data: bytes) -> None:
        """Keep what follows a request until that is answered."""
        self._backlog.append(data)
        self._backlog_size += len(data)
        self._watch_reading()

    def eof_received(self) -> bool:
        """Called by asyncio: the client has closed, at least its side, and is taken to be gone."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        """Called by asyncio."""
        self._door.closed(self)
        exchange, self._exchange = self._exchange, None
        self._discarding = True
        if exchange is not None:
            exchange.client_gone()

    def pause_writing(self) -> None:
        """Called by asyncio."""
        self._pause(paused=True)

    def resume_writing(self) -> None:
        """Called by asyncio."""
        self._pause(paused=False)

    def _pause(self, *, paused: bool) -> None:
        self._paused = paused
        if self._exchange is not None:
            self._exchange.client_paused(paused=paused)

    def _await_head(self) -> None:
        """Start the clock of a head once: bytes that drip in do not wind it up again."""
        if not self._head_begun:
            self.deadline = self._door.now() + _HEAD_SECONDS
        self._head_begun = True

    @property
    def busy(self) -> bool:
        """Whether no other request is to be read: one waits for its answer, or others have their turn."""
        if self._exchange is not None and not self._discarding:
            return self._exchange.request_done
        return self._discarding or not self._turn_left

    def request_head(self, head: RequestHead) -> None:
        """A head is complete."""
        if not self._discarding:
            self._open(head)

    def request_body(self, data: bytes) -> None:
        """A piece of the body came."""
        if self._exchange is not None and not self._discarding:
            self._exchange.request_body(data)

    def request_end(self) -> None:
        """The request is complete."""
        if self._exchange is not None and not self._discarding:
            self._exchange.request_end()

    def request_whole(self, head: RequestHead, body: bytes) -> None:
        """A request came all at once."""
        if not self._discarding:
            self._open(head, body)

    def _open(self, head: RequestHead, body: bytes | None = None) -> None:
        """Exchange a request; ``body`` is all of it, where it came at once."""
        self._head_begun = False
        self._turn_left -= 1
        self._exchange = exchange = self._door.exchange(self, head)
        if self._paused:  # answers before this one are still on their way
            exchange.client_paused(paused=True)
        exchange.start(body)

    def _refuse(self, fault: BadMessage) -> None:
        if self._exchange is not None:
            self._exchange.client_garbled(fault)
            return
        self._door.refused(fault)
        error = RpcError(fault.code, f"the request is not valid HTTP: {fault.text}")
        self.answer_error(error, fault.status, keep_alive=False)
        self._linger()

    def hold(self, *, held: bool) -> None:
        """Stop (or go on) reading."""
        if held is not self.held:
            self.held = held
            self._watch_reading()

    def exchange_over(self, *, keep_alive: bool, broken: bool) -> None:
        """The exchange has ended."""
        exchange, self._exchange = self._exchange, None
        self.held = False
        if exchange is None:
            return
        if keep_alive:
            if self._backlog or not self._reading:
                self._go_on()
            if self._discarding or self._exchange is not None:
                return
            if self._reader.in_message:
                self._await_head()
            else:
                self._head_begun = False
                self.deadline = self._door.latest + _IDLE_SECONDS
        elif broken and not exchange.end_is_marked:
            self._reset()
        elif broken or exchange.request_done:
            if self.secure and not self._sends_on:
                self.close()  # TLS has no end of one side: to linger would be to keep the end back
            else:
                self._linger()
        else:
            self._linger()

    def expired(self) -> None:
        """Nothing has come for too long: an idle connection closes, a half head is answered 408."""
        if self._discarding:
            self._closing_expired()
        elif self._reader.in_message:
            error = RpcError(Code.DEADLINE_EXCEEDED, "the request's head did not arrive in time")
            self.answer_error(error, 408, keep_alive=False)
            self._linger()
        else:
            self.close()

    @property
    def exchanging(self) -> Exchanging | None:
        """The exchange under way."""
        return self._exchange

    @property
    def receiving(self) -> bool:
        """Whether a request has begun to arrive."""
        return not self._discarding and (self._reader.in_message or something_to_read(self.transport))

    @property
    def idle(self) -> bool:
        """Whether the client waits for nothing."""
        is_free = self._exchange is None and not self._backlog
        return is_free and not self._discarding and not self.receiving

    @property
    def _sends_on(self) -> bool:
        """Whether the client has sent more than its last request: closing on that would be a reset."""
        return bool(self._backlog or not self._reading or something_to_read(self.transport))

    def _go_on(self) -> None:
        """Take up what was read ahead; a loop, so that many small requests do not nest."""
        if self._working:
            return
        self._working = True
        try:
            self._turn_left = _TURN
            while self._backlog and not self.busy:
                data = b"".join(self._backlog)
                self._backlog, self._backlog_size = [], 0
                self._read(data)
        finally:
            self._working = False
        self._watch_reading()

    def _watch_reading(self) -> None:
        is_behind = self._exchange is None and bool(self._backlog)
        want = not self.held and not is_behind and self._backlog_size < _BACKLOG
        if want is not self._reading and not self.transport.is_closing():
            self._reading = want
            if want:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def _linger(self) -> None:
        self.held = False
        self._backlog, self._backlog_size = [], 0
        self._watch_reading()
        super()._linger()
