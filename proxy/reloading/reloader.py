"""Reloads when it is told to, or when a file has changed; a broken configuration changes nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from proxy import config
from proxy.logs import log_line
from proxy.reloading.changes import compare
from proxy.reloading.source import UnreadableError
from proxy.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from proxy.live import Live
    from proxy.metrics import Metrics
    from proxy.reloading.source import Source
    from proxy.settings import Settings

LOOK_SECONDS: Final = 1.0
"""Between two looks at the files: a stat of each."""
_MAPPINGS, _CERTIFICATE = "resolver.mappings_file", "listen_tls.cert_file"
_logger = logging.getLogger("proxy.reload")


class Reloader:
    """Takes over what has changed.

    Args:
        source: where the configuration comes from.
        settings: what is in force; read here, replaced by ``apply``.
        apply: puts settings in force; ``OSError`` or ``ValueError`` when something refuses them, and the old
            ones stay in force then.
        metrics: where reloads are counted.
        look_seconds: between two looks at the files.
    """

    def __init__(
        self,
        source: Source,
        settings: Live[Settings],
        apply: Callable[[Settings], Awaitable[None]],
        metrics: Metrics,
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._source = source
        self._settings = settings
        self._apply = apply
        self._reloads = metrics.config_reloads
        self._successful = metrics.config_last_reload_successful
        self._look_seconds = look_seconds
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have ``run`` reload, whether a file has changed or not."""
        self._asked.set()

    async def run(self) -> None:
        """Reload whenever it is asked for, or a file has changed and keeps its state for a look."""
        seen = self._source.stamps
        while True:
            if await self._was_asked():
                await self.reload()
                seen = self._source.stamps
                continue
            now = await asyncio.to_thread(self._source.now)
            # A file that is being written is waited for; one that was read as it is has nothing new.
            if now == seen and now != self._source.stamps:
                log_line(_logger, logging.INFO, "a file of the configuration has changed")
                await self.reload()
                now = self._source.stamps
            seen = now

    async def reload(self) -> bool:
        """Read the configuration anew and take over what can be; whether that worked."""
        try:
            await self._reload()
        except (UnreadableError, config.ConfigFaults, OSError, ValueError) as error:
            self._refuse(error)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the old configuration serves on
            self._refuse(
                TypeError(f"reloading failed in a way that was not foreseen: {type(error).__name__}")
            )
            return False
        self._reloads.labels("success").inc()
        self._successful.set(1)
        return True

    async def _was_asked(self) -> bool:
        try:
            async with asyncio.timeout(self._look_seconds):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    async def _reload(self) -> None:
        read = await asyncio.to_thread(self._source.load)
        running = self._settings.value
        changes = compare(running.config, read)
        new = await asyncio.to_thread(read_settings, changes.config)
        await self._apply(new)
        renewed = {
            _MAPPINGS: new.mappings != running.mappings,
            _CERTIFICATE: new.certificate != running.certificate,
        }
        behind = [key for key, differs in renewed.items() if differs and key not in changes.applied]
        applied = (*changes.applied, *behind)
        log_line(_logger, logging.INFO, "configuration reloaded", changed=",".join(applied) or "nothing")
        for path in changes.waiting:
            log_line(_logger, logging.WARNING, "a changed key needs a restart", key=path)
        for warning in config.warnings(new.config):
            log_line(_logger, logging.WARNING, "check the configuration", warning=warning)

    def _refuse(self, error: Exception) -> None:
        self._reloads.labels("failure").inc()
        self._successful.set(0)
        faults = error.faults if isinstance(error, config.ConfigFaults) else [error]
        for fault in faults:
            log_line(
                _logger,
                logging.ERROR,
                "configuration refused, the old one stays in force",
                file=self._source.file or "",
                fault=fault,
            )
