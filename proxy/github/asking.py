"""Asking the API on behalf of a person: a refusal for the rate is an error, with the time it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.github import refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.github.api import Api
    from proxy.github.sender import Sender
    from proxy.github.transport import Allowance
    from proxy.github.wire import Request, Response


class Asking:
    """What both ways to ask have in common; ``where`` is GitHub."""

    def __init__(self, sender: Sender, where: Api, clock: Callable[[], float]) -> None:
        self.where = where
        self._sender = sender
        self._clock = clock

    async def send(self, token: str, request: Request, allowance: Allowance) -> Response:
        """Send a request and read its answer.

        Raises:
            RpcError: whatever ``Sender.send`` raises, and ``resource_exhausted`` for a refusal for the rate.
        """
        reply = await self._sender.send(request, allowance)
        if reply.limited is not None:
            message = refusals.message_of(reply.response)
            words = f": {refusals.printable(message, token)}" if message else ""
            raise refusals.rate_limited(reply.limited, words)
        return reply.response

    def asked(self, token: str) -> refusals.Asked:
        """What a refusal of the answer needs to know."""
        return refusals.Asked(self._clock(), self.where.web, token)
