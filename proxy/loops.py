"""Event loops: uvloop's where the platform has it, with what it complains of for nothing left out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_OF_TLS, _GONE = "Fatal error on SSL protocol", "the handler is closed"


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Makes event loops."""
    try:
        import uvloop  # noqa: PLC0415 - not every platform has it
    except ImportError:
        return asyncio.new_event_loop

    def make() -> asyncio.AbstractEventLoop:
        loop = uvloop.new_event_loop()
        loop.set_exception_handler(_report)
        return loop

    return make


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody has caught, as always, but for one thing.

    uvloop may go on to write to a TLS connection that has been closed while something was read from it
    (https://github.com/MagicStack/uvloop/issues/506), and reports that as an error with a traceback. Whoever
    has closed it knows, and nobody else waits for anything; asyncio's own loop says nothing either.
    """
    error = context.get("exception")
    gone = isinstance(error, RuntimeError) and str(error).endswith(_GONE)
    if not (gone and context.get("message") == _OF_TLS):
        loop.default_exception_handler(context)
