"""Replicas that share a real redis-server."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry

from proxy.cache import Cache, NamedCache, SharedStore, open_shared
from proxy.cache.shared.codecs import BYTES, Codec
from proxy.cache.shared.limits import Limits, Reason
from proxy.config.model import Secret
from proxy.live import Live
from proxy.metrics import Metrics
from tests.cache.helpers import PLENTY, Clock
from tests.fakes.programs import redis_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from faults.around.redis import RedisServer

SECRET = "the session secret of these tests"
# What has to come is waited for as long as a busy machine takes; back again at once.
GENEROUS = {
    "read": 30.0,
    "lock": 30.0,
    "stall": 30.0,
    "connect": 30.0,
    "first_pause": 0.01,
    "longest_pause": 0.02,
}
PATIENT = Limits(**GENEROUS)  # type: ignore[arg-type]  # all of them are seconds
# What cannot come is given up as soon as may be.
HASTY = Limits(**{**GENEROUS, "read": 0.005, "lock": 0.005, "stall": 0.5, "connect": 0.5})  # type: ignore[arg-type]  # as above


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so that happens in the background."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what changes is inside the code under test
            await asyncio.sleep(0.002)


@dataclass
class Replica:
    """One proxy's cache, with a look at its metrics."""

    store: SharedStore
    cache: Cache
    metrics: Metrics
    clock: Clock

    def named(self, name: str = "files", codec: Codec[Any] = BYTES) -> NamedCache[Any, Any]:
        return self.cache.named(name, codec=codec)

    async def settled(self) -> None:
        """Wait until everything told so far has been carried out, or given up."""
        await until(lambda: not self.store._writes._queue and not self.store._writes._sent)

    async def ready(self) -> None:
        await until(lambda: self.store.up and self.store._writes.up)

    def errors(self) -> dict[str, int]:
        """What went wrong, without the zeros."""
        counted = {
            reason.value: self.metrics.registry.get_sample_value(
                "sourceproxy_shared_cache_errors_total", {"reason": reason.value}
            )
            for reason in Reason
        }
        return {reason: int(value) for reason, value in counted.items() if value}

    def requests(self, name: str = "files") -> dict[str, int]:
        """Look-ups by what came of them, without the zeros."""
        counted = {
            result: self.metrics.registry.get_sample_value(
                "sourceproxy_cache_requests_total", {"cache": name, "result": result}
            )
            for result in ("hit", "miss", "stale", "coalesced")
        }
        return {result: int(value) for result, value in counted.items() if value}


class Replicas:
    """Opens replicas of one Redis; their clocks are one."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.clock = Clock()

    async def open(
        self, url: str, *secrets: str, limits: Limits = PATIENT, wall: Callable[[], float] | None = None
    ) -> Replica:
        metrics = Metrics(CollectorRegistry(), version="0", revision="0")
        store = await self._stack.enter_async_context(
            open_shared(
                Secret(url),
                Live(tuple(Secret(secret) for secret in secrets or (SECRET,))),
                metrics,
                clock=wall or (lambda: 1_795_000_000 + self.clock()),
                limits=limits,
            )
        )
        assert store is not None
        cache = Cache(PLENTY, metrics, self.clock, shared=store)
        self._stack.push_async_callback(cache.aclose)
        return Replica(store, cache, metrics, self.clock)

    async def ready(self, url: str, *secrets: str, limits: Limits = PATIENT) -> Replica:
        replica = await self.open(url, *secrets, limits=limits)
        await replica.ready()
        return replica


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    async with redis_server() as server:
        yield server


@pytest.fixture
async def replicas() -> AsyncIterator[Replicas]:
    async with AsyncExitStack() as stack:
        yield Replicas(stack)
