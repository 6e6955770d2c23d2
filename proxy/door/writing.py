"""What a client's connection writes: answers that are passed on, and errors of our own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from proxy.connect.codec import error_body
from proxy.door.backend import WRITE_BUFFER
from proxy.door.heads import own_response
from proxy.door.reading import VIEWED

_FEW = 2
"""Parts that are sent one by one where they cannot be sent together."""

if TYPE_CHECKING:
    from collections.abc import Sequence
    from http import HTTPStatus

    from proxy.door.faces import Exchanging
    from proxy.errors import RpcError


class Writing(asyncio.Protocol):
    """The half of a client's connection that writes."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self._gathers = False
        self._exchange: Exchanging | None = None

    def _write_to(self, transport: asyncio.Transport) -> None:
        """Take the transport into use.

        ``writelines`` sends all parts in one system call, but that of asyncio pauses nobody from Python 3.12
        on, whatever waits to be sent; uvloop's does.
        https://github.com/python/cpython/blob/3.13/Lib/asyncio/selector_events.py
        """
        self.transport = transport
        self._gathers = type(transport).__module__.partition(".")[0] == "uvloop"
        transport.set_write_buffer_limits(high=WRITE_BUFFER)

    def write_all(self, parts: Sequence[bytes | memoryview]) -> None:
        """Send to the client; small parts are joined, since that costs less than each by itself."""
        if len(parts) == 1:
            self.transport.write(parts[0])
        elif max(map(len, parts)) < VIEWED or (len(parts) > _FEW and not self._gathers):
            self.transport.write(b"".join(parts))
        elif self._gathers:
            self.transport.writelines(parts)
        else:
            for part in parts:
                self.transport.write(part)

    def answer_error(self, error: RpcError, status: HTTPStatus | int, *, keep_alive: bool) -> None:
        """Send an error of our own as the whole answer to the present request."""
        head = self._exchange.head if self._exchange is not None else None
        headers = [(b"Content-Type", b"application/json"), (b"Cache-Control", b"no-store")]
        self.transport.write(
            own_response(
                int(status),
                headers,
                error_body(error),
                keep_alive=keep_alive,
                bodiless=head is not None and head.method == b"HEAD",
            )
        )
