"""Redis is gone, slow, full, garbled, fails over: nobody may notice."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from faults.around.gate import Mode
from faults.around.subject import START_SECONDS
from faults.around.surroundings import Place
from faults.judging import counting
from faults.judging.counting import Seen
from faults.judging.outcomes import Fault
from faults.load import reading
from faults.load.asker import Asker, Timed
from faults.scenario import Scenario
from faults.scenarios.acts import turned
from faults.stage import new_redis

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from faults.stage import Stage

_ERRORS = "sourceproxy_shared_cache_errors_total"
_PAUSE, _BREATH = 0.25, 0.01


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


async def _garbled(stage: Stage, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await stage.redis.garble()
        await asyncio.sleep(_PAUSE)


async def _read(stage: Stage, port: int, seconds: float) -> None:
    """Ask another process than the usual for source, which counts for itself."""
    asker = Asker(port, Seen(), stage.verdicts, Timed())
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await reading.one(asker, stage.chance.choice(stage.readers), stage.chance)
        await asyncio.sleep(_BREATH)
    await asker.client.close()


def _met_by_a_newcomer(
    act: Callable[[Stage, float], Coroutine[None, None, None]],
) -> Callable[[Stage, float], Awaitable[None]]:
    """Meanwhile a process starts whose memory is empty, so that Redis is asked whatever the other has."""

    async def both(stage: Stage, seconds: float) -> None:
        newcomer = stage.another()
        breaking: asyncio.Task[None] = asyncio.create_task(act(stage, START_SECONDS + seconds))
        try:
            await newcomer.start()
            await _read(stage, newcomer.port, seconds)
            stage.elsewhere[_ERRORS] += int(counting.value(await newcomer.admin("/metrics"), _ERRORS))
            code = await newcomer.end()
            if code != 0:
                stage.verdicts.violated(f"exit code {code} of the newcomer after SIGTERM")
        finally:
            newcomer.kill()
            breaking.cancel()
            await asyncio.wait((breaking,))
        if not breaking.cancelled():
            breaking.result()

    return both


async def _failed_over(stage: Stage, seconds: float) -> None:
    """A replica takes over: the old one dies, the new one is read-only at first."""
    replica = new_redis()
    await replica.start()
    await replica.ask("REPLICAOF", "127.0.0.1", str(stage.redis.port))
    await asyncio.sleep(seconds / 4)
    stage.redis.kill()
    await stage.around.aim(Place.REDIS, replica.port)
    await asyncio.sleep(seconds / 2)
    await replica.ask("REPLICAOF", "NO", "ONE")
    await asyncio.sleep(seconds / 4)
    stage.redis.remove()
    stage.redis = replica


SCENARIOS = (
    Scenario("Redis is killed and comes back empty", (Fault.REDIS,), _killed, counts=_ERRORS, short=True),
    Scenario("Redis hangs", (Fault.REDIS,), _stopped, counts=_ERRORS),
    Scenario(
        "Redis is slow", (Fault.REDIS,), _met_by_a_newcomer(turned(Place.REDIS, Mode.SLOW)), counts=_ERRORS
    ),
    Scenario("Redis is full", (Fault.REDIS,), _full, counts=_ERRORS),
    Scenario("Redis holds garbled values", (Fault.REDIS,), _met_by_a_newcomer(_garbled), counts=_ERRORS),
    Scenario("Redis talks garbage", (Fault.REDIS,), turned(Place.REDIS, Mode.GARBLE), counts=_ERRORS),
    Scenario("Redis fails over to a replica", (Fault.REDIS,), _failed_over, seconds=6.0, counts=_ERRORS),
)
