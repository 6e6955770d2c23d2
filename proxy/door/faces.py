"""How the parts of the door see each other, so that none imports the one above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

    from proxy.door.backend import BackendConnection
    from proxy.door.client import ClientConnection
    from proxy.door.exchange import Exchange
    from proxy.door.heads import RequestHead
    from proxy.door.reading import BadMessage
    from proxy.errors import RpcError


class Client(Protocol):
    """A client's connection as its exchange sees it."""

    @property
    def draining(self) -> bool:
        """Whether the door is shutting down."""

    def write(self, data: bytes) -> None:
        """Send to the client, buffered; ``client_paused`` of the exchange tells when it becomes too much."""

    def hold(self, *, held: bool) -> None:
        """Stop (or go on) reading the request's body."""

    def answer_error(self, error: RpcError, status: int, *, keep_alive: bool) -> None:
        """Send an error of our own as the whole answer."""

    def exchange_over(self, *, keep_alive: bool, broken: bool) -> None:
        """The exchange has ended; ``broken``: in the middle of the answer."""


class Watch(Protocol):
    """Who times and counts exchanges."""

    response_timeout: float

    def now(self) -> float:
        """Seconds on the loop's clock."""

    def spawn(self, exchange: Exchange) -> asyncio.Task[BackendConnection]:
        """Open a connection for the exchange and hand it to ``connected`` or ``not_connected``."""

    def over(self, exchange: Exchange, status: int) -> None:
        """The exchange has ended with this status (499: the client went away)."""

    def upstream_error(self, exchange: Exchange, reason: str) -> None:
        """The server behind failed: ``connect``, ``timeout`` or ``reset``."""


class Accepting(Protocol):
    """What a client's connection needs of the door."""

    draining: bool

    def now(self) -> float:
        """Seconds on the loop's clock."""

    def exchange(self, client: ClientConnection, head: RequestHead) -> Exchange:
        """Decide where a request goes."""

    def refused(self, fault: BadMessage) -> None:
        """A request was refused before it had a route."""

    def opened(self, client: ClientConnection) -> None:
        """A connection came."""

    def closed(self, client: ClientConnection) -> None:
        """A connection went."""
