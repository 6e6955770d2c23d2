"""What can be made to go wrong, for tests: answers, delays, broken bodies, broken connections."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

Close = Literal["before", "in_body"]
_PROMISED_BYTES = 1_000


@dataclass(slots=True, eq=False)
class Fault:
    """What happens to the next requests instead of, or before, their answer.

    Attributes:
        route: the route template that it is for; ``None`` for any.
        times: how many requests more it happens to.
        status: answers with that status and ``body``; ``None`` lets the real answer follow.
        body: the bytes, which need not be JSON.
        headers: more headers of the answer.
        hold: the request waits until it is set.
        close: closes the connection before an answer, or in the middle of its body.
        reached: set when a request has met the fault.
    """

    route: str | None = None
    times: int = 1
    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    close: Close | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def happen(self, request: web.Request) -> web.StreamResponse | None:
        """Make it happen; ``None`` lets the request go its way."""
        self.reached.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.close == "in_body":
            return await _break_off(request)
        if self.close == "before":
            _hang_up(request)
            return web.Response()
        if self.status is None:
            return None
        headers = {"content-type": "application/json", **self.headers}
        return web.Response(status=self.status, body=self.body, headers=headers)


class Faults:
    """The faults that are waiting for their requests, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Let a fault wait for its requests."""
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Forget the faults that have not happened."""
        self._waiting.clear()

    def take(self, route: str) -> Fault | None:
        """The fault that is to happen to a request of that route, counted down."""
        for fault in self._waiting:
            if fault.route in {None, route}:
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None


async def _break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "application/json"})
    response.content_length = _PROMISED_BYTES
    await response.prepare(request)
    await response.write(b'{"data":')
    _hang_up(request)
    return response


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()
