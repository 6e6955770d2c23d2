"""How long workers get to end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from proxy.config.model import Config, HostPort
from proxy.settings import Settings
from proxy.workers.port import Port
from proxy.workers.team import Team

if TYPE_CHECKING:
    import pytest

WHERE = HostPort("127.0.0.1", 1)


async def test_workers_get_the_delay_and_the_grace_and_a_little_more(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def wait(tasks: list[Any], *, timeout: float) -> tuple[set[Any], set[Any]]:  # noqa: ASYNC109 - as asyncio's
        waited.append(timeout)
        return set(tasks), set()

    team = Team(Settings(Config(shutdown_delay=100, shutdown_grace=20)), Port(WHERE, WHERE), "")
    monkeypatch.setattr(asyncio, "wait", wait)
    await team.drain()
    (longest,) = waited
    assert 120 < longest < 130
    assert team.unready() == "draining"
