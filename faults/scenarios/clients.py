"""Clients abandon, crawl, flood and break the rules; the others may not notice."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from faults.judging.outcomes import Fault
from faults.load import hostile
from faults.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.stage import Stage

_AT_ONCE, _CRAWLERS, _FLOOD, _PAUSE = 8, 100, 150, 0.02


def _many(one: Callable[[Stage], Awaitable[None]]) -> Callable[[Stage, float], Awaitable[None]]:
    async def act(stage: Stage, seconds: float) -> None:
        until = time.monotonic() + seconds

        async def keep_on() -> None:
            while time.monotonic() < until:
                await one(stage)
                await asyncio.sleep(_PAUSE)

        await asyncio.gather(*(keep_on() for _ in range(_AT_ONCE)))

    return act


async def _crawling(stage: Stage, seconds: float) -> None:
    await asyncio.gather(*(hostile.crawl(stage.subject.port, seconds, stage.seen) for _ in range(_CRAWLERS)))


async def _flooding(stage: Stage, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.gather(*(hostile.flood(stage.subject.port, stage.seen) for _ in range(_FLOOD)))
        await asyncio.sleep(0.5)


leaving = _many(lambda stage: hostile.leave(stage.subject.port, stage.chance, stage.seen))
breaking_rules = _many(lambda stage: hostile.break_rules(stage.subject.port, stage.chance, stage.seen))

SCENARIOS = (
    Scenario("clients leave in the middle", (Fault.CLIENTS,), leaving),
    Scenario("clients send what is not HTTP", (Fault.CLIENTS,), breaking_rules, short=True),
    Scenario("clients send heads that never end", (Fault.CLIENTS,), _crawling),
    Scenario("clients flood with pipelined requests", (Fault.CLIENTS,), _flooding),
)
