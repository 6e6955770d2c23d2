"""Runs the proxy until it is told to stop: in one process, or in several with one that minds them."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from proxy import __version__, logs
from proxy.app import Proxy
from proxy.door.room import raise_descriptor_limit
from proxy.loops import loop_factory
from proxy.reloading import Reloader
from proxy.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from proxy.config.model import Config, HostPort
    from proxy.live import Live
    from proxy.metrics import Metrics
    from proxy.reloading import Source
    from proxy.settings import Settings

_logger = logging.getLogger("proxy")


def serve(config: Config, source: Source, *, revision: str = "") -> int:
    """Run the proxy until SIGTERM or SIGINT, and reload it on SIGHUP or when its files change.

    Args:
        config: what to run; logging is configured by the caller.
        source: where that was read, to be read again.
        revision: the source revision, for ``sourceproxy_build_info``.

    Returns:
        The exit code.

    Raises:
        OSError: when an address cannot be listened on or a file cannot be read; the text says what to do.
    """
    raise_descriptor_limit()
    settings = read_settings(config)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        work = (
            _alone(settings, source, revision) if config.workers == 1 else _many(settings, source, revision)
        )
        runner.run(work)
    return 0


async def _alone(settings: Settings, source: Source, revision: str) -> None:
    signals = _Signals()
    async with Proxy(settings, revision=revision) as proxy:

        async def replace(settings: Settings) -> None:
            proxy.replace(settings)

        async with _reloading(source, proxy.live, replace, proxy.metrics, signals):
            _say_listening(settings.config, proxy.address, proxy.admin_address)
            await signals.stop.wait()
            _logger.info("draining")
            await proxy.drain()
    _logger.info("stopped")


async def _many(settings: Settings, source: Source, revision: str) -> None:
    from proxy.workers.team import open_team  # noqa: PLC0415 - one process alone need not hold it in memory

    signals = _Signals()
    async with open_team(settings, revision=revision) as team:
        async with _reloading(source, team.live, team.replace, team.metrics, signals):
            _say_listening(settings.config, team.address, team.admin_address)
            await signals.stop.wait()
        _logger.info("draining")
        await team.drain()
    _logger.info("stopped")


class _Signals:
    """What the process is told. SIGHUP may come at any time and must not end it."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.reload: Callable[[], None] | None = None
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)
        if hasattr(signal, "SIGHUP"):
            loop.add_signal_handler(signal.SIGHUP, self._reload)

    def _reload(self) -> None:
        if self.reload is not None:
            self.reload()


@asynccontextmanager
async def _reloading(
    source: Source,
    live: Live[Settings],
    apply: Callable[[Settings], Awaitable[None]],
    metrics: Metrics,
    signals: _Signals,
) -> AsyncIterator[None]:
    """Reload as long as this is open."""
    live.derive(lambda settings: settings.config.log).follow(lambda log: logs.configure(log, sys.stderr))
    reloader = Reloader(source, live, apply, metrics)
    signals.reload = reloader.ask
    task = asyncio.create_task(reloader.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))


def _say_listening(config: Config, address: HostPort, admin_address: HostPort) -> None:
    shared: dict[str, Any] = {"workers": config.workers} if config.workers > 1 else {}
    logs.log_line(
        _logger,
        logging.INFO,
        "listening",
        address=str(address),
        admin_address=str(admin_address),
        upstream=str(config.upstream.url),
        version=__version__,
        **shared,
    )
