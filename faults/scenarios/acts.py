"""Acts that several scenarios have in common."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faults.around.gate import Mode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.around.gate import Gate
    from faults.stage import Stage


def turned(gate_of: Callable[[Stage], Gate], *modes: Mode) -> Callable[[Stage, float], Awaitable[None]]:
    """Each of the modes of a gate for its part of the time, then as it should be."""

    async def act(stage: Stage, seconds: float) -> None:
        gate = gate_of(stage)
        try:
            for mode in modes:
                await gate.turn(mode)
                await asyncio.sleep(seconds / len(modes))
        finally:
            await gate.turn(Mode.PASS)

    return act


def upstream(stage: Stage) -> Gate:
    """The gate before Pyroscope."""
    return stage.upstream


def github(stage: Stage) -> Gate:
    """The gate before GitHub."""
    return stage.github_gate


def redis(stage: Stage) -> Gate:
    """The gate before Redis."""
    return stage.redis_gate
