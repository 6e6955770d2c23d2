"""Takes up the span of a request in our own application, behind the door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from proxy.tracing.parents import parse
from proxy.tracing.spans import under

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

    from proxy.tracing.spans import Tracer


def traced(tracer: Tracer) -> Middleware:
    """Let what a handler does become children of the span that the door began.

    The header is the door's word: it replaces the one that the client sent.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        parent = parse(request.headers.get("traceparent", ""))
        if parent is None or not parent.sampled:
            return await handler(request)
        with under(tracer.joined(parent)):
            return await handler(request)

    return middleware
