"""Acts that several scenarios have in common."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faults.around.gate import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from faults.around.surroundings import Place
    from faults.stage import Stage


def turned(place: Place, *modes: Mode) -> Callable[[Stage, float], Coroutine[None, None, None]]:
    """Each of the modes of a gate for its part of the time, then as it should be."""

    async def act(stage: Stage, seconds: float) -> None:
        try:
            for mode in modes:
                await stage.around.turn(place, mode)
                await asyncio.sleep(seconds / len(modes))
        finally:
            await stage.around.turn(place, Mode.PASS)

    return act
