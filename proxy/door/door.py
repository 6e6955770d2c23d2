"""The door itself: listens, routes each request, times exchanges, counts them, and closes in good order."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import secrets
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from proxy.door.backend import BackendConnection, Pool
from proxy.door.client import ClientConnection
from proxy.door.exchange import Exchange
from proxy.door.lines import Lines
from proxy.door.listening import has_waiting, listening_sockets, turn_away
from proxy.door.plans import Plan, Planner, replanned
from proxy.door.room import Room
from proxy.door.routes import Backend
from proxy.door.traces import ended
from proxy.known import Known

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

    from proxy.config.model import HostPort
    from proxy.door.faces import AtOnce, Client, Passed
    from proxy.door.heads import RequestHead, ResponseHead
    from proxy.door.reading import BadMessage
    from proxy.door.record import Recorder
    from proxy.door.traces import Traces
    from proxy.tracing import Span

_BACKLOG = 1024
_HANDSHAKE_SECONDS = 10.0
_GOODBYE_SECONDS = 2.0
_DRAIN_STEP, _QUIET_STEPS = 0.05, 5
_SHORTEST_TICK, _LONGEST_TICK = 0.05, 1.0
_MOST_KEPT = 4 * 1024 * 1024
"""Bytes that heads of requests may take in one of the two generations in which they are remembered."""
_logger = logging.getLogger("proxy.door")


class Door:
    """Accepts connections and passes each request to the upstream or to our own application."""

    def __init__(
        self,
        *,
        upstream_host: bytes,
        upstream_prefix: bytes,
        response_timeout: float,
        connect_upstream: Callable[[Callable[[], BackendConnection]], Awaitable[BackendConnection]],
        connect_own: Callable[[Callable[[], BackendConnection]], Awaitable[BackendConnection]],
        recorder: Recorder,
        clock: Callable[[], float],
        at_once: Mapping[str, AtOnce] = MappingProxyType({}),
        most_clients: float = math.inf,
        traces: Traces | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.now = clock
        self.response_timeout = response_timeout
        self.draining = False
        self.latest = clock()
        """When an exchange ended last, or the clock was last looked at: for deadlines of idle connections."""
        self.known: Known[RequestHead] = Known(most_bytes=_MOST_KEPT)
        self.lines = Lines()
        self._planner = Planner(upstream_host, upstream_prefix, at_once)
        self._answers: Known[ResponseHead] = Known(most_bytes=_MOST_KEPT // 2)
        self._answer_lines = Lines()
        self._upstream = Pool(
            connect_upstream, now=self.latest, known=self._answers, lines=self._answer_lines
        )
        self._own = Pool(connect_own, now=self.latest)
        self._recorder = recorder
        self._request_ids = secrets.token_hex(4).encode() + b"-%x"
        self._count = itertools.count(1)
        self._clients: set[Client] = set()
        self._room = Room(most_clients)
        self._exchanges: set[Passed] = set()
        self._traces = traces
        self._spans: dict[Passed, Span] = {}
        self._arrivals = 0
        self._servers: list[asyncio.Server] = []
        self._sockets: list[socket.socket] = []
        self._tick_seconds = min(max(response_timeout / 10, _SHORTEST_TICK), _LONGEST_TICK)
        self._ticking = self._loop.call_later(self._tick_seconds, self._tick)

    async def listen(
        self, where: HostPort, *, tls: ssl.SSLContext | None = None, shared: bool = False
    ) -> list[tuple[str, int]]:
        """Start to accept on every address of the host; returns them, with the port that was free for 0.

        Args:
            where: the host and port.
            tls: for ``https``; ``None`` for plain http.
            shared: whether other processes may do so at the same time.

        Raises:
            OSError: when the address cannot be listened on.
        """
        self._sockets = await listening_sockets(where, shared=shared)
        for sock in self._sockets:
            self._servers.append(
                await self._loop.create_server(
                    lambda: ClientConnection(self),
                    sock=sock,
                    backlog=_BACKLOG,
                    ssl=tls,
                    ssl_handshake_timeout=_HANDSHAKE_SECONDS if tls else None,
                    ssl_shutdown_timeout=_GOODBYE_SECONDS if tls else None,
                )
            )
        return [tuple(s.getsockname()[:2]) for server in self._servers for s in server.sockets]

    async def drain(self, grace: float, *, delay: float = 0.0) -> None:
        """Finish what is under way, for at most ``grace`` seconds, then close everything.

        Requests that still arrive are answered, with ``Connection: close``. New connections are accepted
        until nothing has come for a moment, so that whoever sends requests here has time to learn that
        it should not; where they never cease, for half of the grace.

        Args:
            grace: seconds.
            delay: seconds before that in which new connections are accepted also where nothing comes: a
                load balancer that asks seldom whether this is still there would else send to nobody.
        """
        self.draining = True
        await asyncio.sleep(delay)
        try:
            async with asyncio.timeout(grace):
                with suppress(TimeoutError):
                    async with asyncio.timeout(grace / 2):
                        await self._wait_for_quiet()
                await self._accept_the_last()
                self._stop_listening()
                while not self._all_gone():  # noqa: ASYNC110 - sockets are looked at, which have no events
                    await asyncio.sleep(_DRAIN_STEP)
        except TimeoutError:
            _logger.warning("%d requests were still running after the shutdown grace", len(self._exchanges))
        await self.close()

    async def _wait_for_quiet(self) -> None:
        quiet = 0
        while quiet < _QUIET_STEPS:
            count = self._arrivals
            await asyncio.sleep(_DRAIN_STEP)
            still = count == self._arrivals and not self._exchanges
            quiet = quiet + 1 if still and not any(client.receiving for client in self._clients) else 0

    async def _accept_the_last(self) -> None:
        """Accept who has been let in by the system, and nobody else, so that closing turns nobody out."""
        if all(turn_away(sock) for sock in self._sockets):
            await asyncio.sleep(_DRAIN_STEP)  # for handshakes that are half done
            while any(has_waiting(sock) for sock in self._sockets):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)
            await asyncio.sleep(_DRAIN_STEP)  # for what they came to say

    def _all_gone(self) -> bool:
        """Close who waits for nothing; whether nobody is left."""
        for client in [client for client in self._clients if client.idle]:
            client.close()
        return not self._clients

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()

    async def close(self) -> None:
        """Close listeners and connections, whatever they do."""
        self._ticking.cancel()
        self._stop_listening()
        for client in list(self._clients):
            if client.exchanging is None:
                client.close()
            else:
                client.abort()
        for pool in (self._upstream, self._own):
            pool.close()
        await asyncio.sleep(0)

    # What client connections need

    def opened(self, client: Client) -> None:
        """A connection came."""
        self._arrivals += 1
        self._clients.add(client)
        if len(self._clients) > self._room.most:
            self._room.make(self._clients, client, self.now())

    def closed(self, client: Client) -> None:
        """A connection went."""
        self._clients.discard(client)

    def exchange(self, client: Client, head: RequestHead) -> Exchange:
        """Decide where a request goes."""
        plan = head.plan
        if not isinstance(plan, Plan):
            plan = self._planner.plan(head, client.address, secure=client.secure)
        pool = self._upstream if plan.forwarded else self._own
        span = None
        if self._traces is not None:
            request_id = plan.given_id or self.new_request_id()
            span, head = self._traces.began(head, plan.route, request_id)
            plan = replanned(plan, head, request_id)
        exchange = Exchange(self, client, head, plan=plan, pool=pool)
        if span is not None:
            self._spans[exchange] = span
        self._arrivals += 1
        self._exchanges.add(exchange)
        self._recorder.began(exchange)
        return exchange

    def soon(self, call: Callable[[], None]) -> None:
        """Call it when others have had their turn."""
        self._loop.call_soon(call)

    def refused(self, fault: BadMessage) -> None:
        """A request was refused before it had a route."""
        self._recorder.refused(int(fault.status), fault.text)

    # What exchanges need

    def new_request_id(self) -> bytes:
        """Names a request in answers and in the log."""
        return self._request_ids % next(self._count)

    def spawn(
        self,
        pool: Pool,
        connected: Callable[[BackendConnection], None],
        not_connected: Callable[[OSError], None],
    ) -> asyncio.Task[BackendConnection]:
        """Open a connection and hand it over when it is there."""
        task = self._loop.create_task(pool.open())

        def done(task: asyncio.Task[BackendConnection]) -> None:
            if task.cancelled():
                return
            error = task.exception()
            if error is None:
                connected(task.result())
            elif isinstance(error, OSError):
                not_connected(error)
            else:
                not_connected(OSError(str(error)))
                _logger.error("connecting failed in a way that was not foreseen", exc_info=error)

        task.add_done_callback(done)
        return task

    def over(self, exchange: Passed, status: int) -> None:
        """The exchange has ended."""
        self._exchanges.discard(exchange)
        self.latest = now = self.now()
        self._recorder.over(exchange, status, now - exchange.started)
        if self._spans and (span := self._spans.pop(exchange, None)) is not None:
            ended(span, status)

    def upstream_error(self, exchange: Passed, reason: str) -> None:
        """The server behind failed."""
        if exchange.route.backend is Backend.UPSTREAM:
            self._recorder.upstream_error(reason)

    def _tick(self) -> None:
        self.latest = now = self.now()
        for exchange in [e for e in self._exchanges if e.deadline < now]:
            exchange.expired()
        for client in [c for c in self._clients if c.exchanging is None and c.deadline < now]:
            client.expired()
        for kept in (self._upstream, self._own, self.known, self._answers, self.lines, self._answer_lines):
            kept.tick(now)
        self._ticking = self._loop.call_later(self._tick_seconds, self._tick)
