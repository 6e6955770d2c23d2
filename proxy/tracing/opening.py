"""Tracing, opened and closed as the configuration says, with nobody waiting for a collector."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from proxy.config.model import Tracing
    from proxy.tracing.spans import Tracer

PATIENCE = 1.5
"""Seconds that closing waits for the last spans to be sent."""
MISSING = (
    "needs OpenTelemetry, which is not installed: pip install 'pyroscope-source-proxy[otel]', "
    "or leave tracing.endpoint empty"
)
_NEEDED = "opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk.trace"
_logger = logging.getLogger("proxy.tracing")


def is_installed() -> bool:
    """Whether the extra ``otel`` is there."""
    try:
        return all(find_spec(name) is not None for name in _NEEDED)
    except ModuleNotFoundError:
        return False


@asynccontextmanager
async def open_tracer(settings: Tracing, version: str) -> AsyncIterator[Tracer | None]:
    """Open what begins and sends spans; ``None`` where no endpoint is configured.

    Args:
        settings: where spans go, and how many of them.
        version: of the proxy.

    Raises:
        OSError: the extra ``otel`` is not installed; the text says what to do.
    """
    if settings.endpoint is None:
        yield None
        return
    if not is_installed():
        raise OSError(f"tracing.endpoint {MISSING}")
    # Some tenths of a second, which nobody without tracing should wait for.
    from proxy.tracing.otel import Spans  # noqa: PLC0415

    spans = Spans(settings, version)
    try:
        yield spans
    finally:
        if not await _done_in_time(spans.close):
            spans.give_up()
            _logger.warning("the last spans could not be sent: the collector did not take them in time")


async def _done_in_time(work: Callable[[], None]) -> bool:
    """Do what may hang beside the event loop; whether it was done in time.

    In a thread that the interpreter does not wait for when it ends, as it does for those of a pool.
    """
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def run() -> None:
        work()
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="closing tracing", daemon=True).start()
    try:
        async with asyncio.timeout(PATIENCE):
            await done.wait()
    except TimeoutError:
        return False
    return True
