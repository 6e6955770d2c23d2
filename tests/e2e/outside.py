"""The whole system with the proxy as a process of its own, whose configuration is a file that can be changed.

::

    async with running_outside(tmp_path, "--workers", "2") as outside:
        cookie = await outside.system.login("ada")
        outside.write(secrets=["new", "old"])
        await outside.reloaded(1)
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from proxy.config.model import HostPort
from proxy.demo.github import StandIn
from proxy.demo.upstream import Upstream
from tests.e2e.process import WAIT_SECONDS, Process, running_proxy
from tests.fakes.github import AUTHOR_EMAIL
from tests.fakes.system import SECRET, System

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from proxy.app import Proxy

_PATIENCE = 3 * WAIT_SECONDS
"""On a busy machine a process takes a while to start."""


@dataclass(frozen=True, slots=True)
class _Where:
    """The addresses of a proxy that is another process."""

    address: HostPort
    admin_address: HostPort


@dataclass
class Outside:
    """What runs, and the file that it goes by."""

    file: Path
    github: StandIn
    upstream: Upstream
    process: Process = field(init=False)
    system: System = field(init=False)

    def write(self, *, secrets: Sequence[str] = (SECRET,), more: str = "") -> None:
        """Write the configuration, in one step as tools do."""
        listed = "".join(f"\n    - {secret}" for secret in secrets)
        new = self.file.with_suffix(".new")
        new.write_text(
            f"upstream: {{url: '{self.upstream.url}'}}\n"
            f"github: {{url: '{self.github.web_url}', api_url: '{self.github.api_url}', "
            f"client_id: '{self.github.client_id}', client_secret: '{self.github.client_secret}'}}\n"
            f"session:\n  secrets:{listed}\n{more}\n"
        )
        new.replace(self.file)

    def hang_up(self) -> None:
        """Send SIGHUP."""
        self.process.process.send_signal(signal.SIGHUP)

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        found = [
            sample.value
            for family in text_string_to_metric_families(await self.system.metrics())
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(found)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until something is so; ``condition`` may be a coroutine function."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                met = condition()
                if await met if asyncio.iscoroutine(met) else met:
                    return
                assert self.process.process.poll() is None, self.process.lines
                await asyncio.sleep(0.02)  # what changes is in another process

    async def reloaded(self, count: int, result: str = "success") -> None:
        """Wait until so many reloads have ended so."""

        async def enough() -> bool:
            return await self.metric("sourceproxy_config_reloads_total", result=result) >= count

        await self.until(enough)

    async def end(self) -> int:
        """Wait for the end; the exit code."""
        return await asyncio.to_thread(self.process.end)

    def logged(self, text: str) -> list[str]:
        """The lines of the log that have this text."""
        return [line for line in self.process.lines if text in line]


@asynccontextmanager
async def running_outside(folder: Path, *arguments: str, more: str = "") -> AsyncIterator[Outside]:
    """Run everything; there are the people ``ada`` and ``bob``.

    Args:
        folder: where the configuration is written.
        arguments: more of them for ``serve``.
        more: more of the configuration.
    """
    async with StandIn() as github, Upstream() as upstream:
        github.add_user("ada", name="Ada Lovelace", email=AUTHOR_EMAIL)
        github.add_user("bob")
        outside = Outside(folder / "config.yaml", github, upstream)
        outside.write(more=more)
        environ = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
        running = running_proxy("--config", str(outside.file), *arguments, environ=environ)
        # The proxy is waited for in threads, as what it asks while it starts and ends is in this loop.
        outside.process = await asyncio.to_thread(running.__enter__)
        connector = aiohttp.TCPConnector(limit=0)
        jar = aiohttp.DummyCookieJar()
        try:
            async with aiohttp.ClientSession(cookie_jar=jar, connector=connector) as http:
                where = _Where(
                    HostPort("127.0.0.1", outside.process.port),
                    HostPort("127.0.0.1", outside.process.admin_port),
                )
                outside.system = System(github, upstream, cast("Proxy", where), http)
                yield outside
        finally:
            await asyncio.to_thread(running.__exit__, None, None, None)
