"""Redis is gone, slow, full, garbled, fails over: nobody may notice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faults.around.gate import Mode
from faults.judging.outcomes import Fault
from faults.scenario import Scenario
from faults.scenarios import acts
from faults.scenarios.acts import turned
from faults.stage import new_redis

if TYPE_CHECKING:
    from faults.stage import Stage

_ERRORS = "sourceproxy_shared_cache_errors_total"


async def _killed(stage: Stage, seconds: float) -> None:
    stage.redis.kill()
    await asyncio.sleep(seconds)
    await stage.redis.start()


async def _stopped(stage: Stage, seconds: float) -> None:
    stage.redis.hang()
    try:
        await asyncio.sleep(seconds)
    finally:
        stage.redis.resume()


async def _full(stage: Stage, seconds: float) -> None:
    await stage.redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
    await stage.redis.ask("CONFIG", "SET", "maxmemory", "1")
    try:
        await asyncio.sleep(seconds)
    finally:
        await stage.redis.ask("CONFIG", "SET", "maxmemory", "8mb")
        await stage.redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")


async def _values_garbled(stage: Stage, seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        await stage.redis.garble()
        await asyncio.sleep(0.1)


async def _failed_over(stage: Stage, seconds: float) -> None:
    """A replica takes over: the old one dies, the new one is read-only at first."""
    replica = new_redis()
    await replica.start()
    await replica.ask("REPLICAOF", "127.0.0.1", str(stage.redis.port))
    await asyncio.sleep(seconds / 4)
    stage.redis.kill()
    stage.redis_gate.target = replica.port
    stage.redis_gate.drop()
    await asyncio.sleep(seconds / 2)
    await replica.ask("REPLICAOF", "NO", "ONE")
    await asyncio.sleep(seconds / 4)
    stage.redis.remove()
    stage.redis = replica


SCENARIOS = (
    Scenario("Redis is killed and comes back empty", (Fault.REDIS,), _killed, counts=_ERRORS, short=True),
    Scenario("Redis hangs", (Fault.REDIS,), _stopped, counts=_ERRORS),
    Scenario("Redis is slow", (Fault.REDIS,), turned(acts.redis, Mode.SLOW), counts=_ERRORS),
    Scenario("Redis is full", (Fault.REDIS,), _full, counts=_ERRORS),
    Scenario("Redis holds garbled values", (Fault.REDIS,), _values_garbled, seconds=8.0, counts=_ERRORS),
    Scenario("Redis talks garbage", (Fault.REDIS,), turned(acts.redis, Mode.GARBLE), counts=_ERRORS),
    Scenario("Redis fails over to a replica", (Fault.REDIS,), _failed_over, seconds=6.0, counts=_ERRORS),
)
