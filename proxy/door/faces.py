"""How the parts of the door see each other, so that none imports the one above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from proxy.door.backend import BackendConnection, Pool
    from proxy.door.heads import Headers, Hop, RequestHead
    from proxy.door.lines import Lines
    from proxy.door.reading import BadMessage
    from proxy.door.routes import Route
    from proxy.errors import RpcError
    from proxy.known import Known


class Asked(Protocol):
    """Requests of ours with the same head, whose answers may be known."""

    def answer(self, body: bytes, request_id: bytes) -> tuple[Sequence[tuple[bytes, bytes]], bytes] | None:
        """The headers, without the length, and the body of an answer with status 200, if it is known."""


class AtOnce(Protocol):
    """Answers requests of ours that need no waiting, in front of the application."""

    def asked(self, sent: Headers) -> Asked | None:
        """What can be answered of a POST with these headers; ``None``: ask the application."""


class Passed(Protocol):
    """An exchange as those see it who time, count and log."""

    head: RequestHead
    route: Route
    hop: Hop
    started: float
    answer_size: int
    failure: str
    deadline: float

    @property
    def request_id(self) -> bytes:
        """What names it in answers and in the log."""

    def expired(self) -> None:
        """Nothing has moved until the deadline."""


class Exchanging(Passed, Protocol):
    """An exchange as its client's connection sees it."""

    request_done: bool

    @property
    def end_is_marked(self) -> bool:
        """Whether a client can see from the answer itself that it is not whole."""

    def start(self, body: bytes | None = None) -> None:
        """Send the head on; ``body`` is all of it where it came with the head."""

    def request_body(self, data: bytes) -> None:
        """A piece of the request's body came."""

    def request_end(self) -> None:
        """The request is complete."""

    def client_gone(self) -> None:
        """The client went away."""

    def client_garbled(self, fault: BadMessage) -> None:
        """The client's body broke the rules of HTTP."""

    def client_paused(self, *, paused: bool) -> None:
        """The client does not take (or takes again) the answer."""


class Client(Protocol):
    """A client's connection as the door and its exchange see it."""

    transport: asyncio.Transport
    address: bytes
    secure: bool
    deadline: float
    held: bool

    @property
    def exchanging(self) -> Exchanging | None:
        """The exchange under way."""

    def write_all(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send to the client, buffered; ``client_paused`` of the exchange tells when it becomes too much."""

    def hold(self, *, held: bool) -> None:
        """Stop (or go on) reading the request's body."""

    def answer_error(self, error: RpcError, status: int, *, keep_alive: bool) -> None:
        """Send an error of our own as the whole answer."""

    def exchange_over(self, *, keep_alive: bool, broken: bool) -> None:
        """The exchange has ended; ``broken``: in the middle of the answer."""

    def expired(self) -> None:
        """Nothing has come until the deadline."""

    @property
    def idle(self) -> bool:
        """Whether the client waits for nothing."""

    @property
    def receiving(self) -> bool:
        """Whether a request has begun to arrive."""

    def close(self) -> None:
        """Close the connection after what is buffered."""

    def abort(self) -> None:
        """Close the connection at once."""


class Watch(Protocol):
    """Who times and counts exchanges."""

    response_timeout: float
    draining: bool
    """Whether it is the end: answers then ask the client to close."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""

    def new_request_id(self) -> bytes:
        """Names a request in answers and in the log."""

    def spawn(
        self,
        pool: Pool,
        connected: Callable[[BackendConnection], None],
        not_connected: Callable[[OSError], None],
    ) -> asyncio.Task[BackendConnection]:
        """Open a connection and hand it over when it is there."""

    def over(self, exchange: Passed, status: int) -> None:
        """The exchange has ended with this status (499: the client went away)."""

    def upstream_error(self, exchange: Passed, reason: str) -> None:
        """The server behind failed: ``connect``, ``timeout`` or ``reset``."""


class Accepting(Protocol):
    """What a client's connection needs of the door."""

    draining: bool
    known: Known[RequestHead]
    lines: Lines
    latest: float

    def now(self) -> float:
        """Seconds on a clock that never goes back."""

    def exchange(self, client: Client, head: RequestHead) -> Exchanging:
        """Decide where a request goes."""

    def soon(self, call: Callable[[], None]) -> None:
        """Call it when others have had their turn."""

    def refused(self, fault: BadMessage) -> None:
        """A request was refused before it had a route."""

    def opened(self, client: Client) -> None:
        """A connection came."""

    def closed(self, client: Client) -> None:
        """A connection went."""
