"""Replicas of one proxy that share a real Redis."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from proxy.cache import SharedStore, open_shared
from proxy.cache.shared.limits import Limits
from proxy.config.model import Secret
from proxy.live import Live
from proxy.metrics import Metrics
from tests.login.conftest import SECRETS, Stage

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from faults.around.redis import RedisServer
    from proxy.login import Logins

# What has to come is waited for as long as a busy machine takes.
PATIENT = Limits(read=30, lock=30, stall=30, connect=30, first_pause=0.01, longest_pause=0.02)


async def polls(_: float) -> None:
    """Wait between two looks as briefly as may be."""
    await asyncio.sleep(0.001)


@dataclass
class Fleet:
    """Replicas of one proxy."""

    stage: Stage
    server: RedisServer
    stack: AsyncExitStack
    stores: list[SharedStore] = field(default_factory=list)

    async def replica(self, *secrets: str) -> Logins:
        secrets = secrets or SECRETS
        store = await self.stack.enter_async_context(
            open_shared(
                Secret(self.server.url),
                Live(tuple(Secret(secret) for secret in secrets)),
                Metrics(CollectorRegistry(), version="0", revision="0"),
                clock=lambda: self.stage.now,
                limits=PATIENT,
            )
        )
        assert store is not None
        self.stores.append(store)
        await until(lambda: store.up and store._writes.up)
        return self.stage.logins(*secrets, shared=store, sleep=polls)

    async def settled(self) -> None:
        """Wait until Redis has all that it was told."""
        for store in self.stores:
            await until(lambda store=store: not store._writes._queue and not store._writes._sent)

    async def replicas(self, count: int) -> list[Logins]:
        return [await self.replica() for _ in range(count)]

    async def until_waiting(self, others: int) -> None:
        """Wait until so many have been told that the lock is held, several times each."""
        asked = [0]

        async def enough() -> bool:
            (stats,) = await self.server.ask("INFO", "commandstats")
            calls = [line for line in stats.split(b"\r\n") if line.startswith(b"cmdstat_mget:calls=")]
            asked[0] = int(calls[0].partition(b"=")[2].partition(b",")[0]) if calls else 0
            return asked[0] > 8 * others

        async with asyncio.timeout(60):
            while not await enough():  # noqa: ASYNC110 - what changes is in another process
                await asyncio.sleep(0.002)


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what changes is inside the code under test
            await asyncio.sleep(0.002)
