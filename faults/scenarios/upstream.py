"""Pyroscope refuses, hangs, resets, trickles, floods, restarts, answers garbage."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faults.around.gate import Mode
from faults.around.pyroscope import Manner
from faults.around.surroundings import Place
from faults.judging.outcomes import BROKEN, DEADLINE, RIGHT, UNAVAILABLE, Fault
from faults.scenario import Scenario
from faults.scenarios.acts import turned

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.stage import Stage

_ERRORS = "sourceproxy_upstream_errors_total"


def _answering(*manners: Manner) -> Callable[[Stage, float], Awaitable[None]]:
    async def act(stage: Stage, seconds: float) -> None:
        try:
            for manner in manners:
                await stage.around.answer(manner)
                await asyncio.sleep(seconds / len(manners))
        finally:
            await stage.around.answer(Manner.HTTP)

    return act


async def _restarting(stage: Stage, seconds: float) -> None:
    for _ in range(4):
        await stage.around.turn(Place.UPSTREAM, Mode.REFUSE)
        await asyncio.sleep(seconds / 16)
        await stage.around.turn(Place.UPSTREAM, Mode.PASS)
        await asyncio.sleep(seconds * 3 / 16)


SCENARIOS = (
    Scenario(
        "Pyroscope refuses connections",
        (Fault.UPSTREAM_GONE,),
        turned(Place.UPSTREAM, Mode.REFUSE),
        shows=frozenset({UNAVAILABLE}),
        counts=_ERRORS,
        short=True,
    ),
    Scenario(
        "Pyroscope hangs",
        (Fault.UPSTREAM_SILENT,),
        turned(Place.UPSTREAM, Mode.HANG),
        seconds=12.0,
        shows=frozenset({DEADLINE}),
        counts=_ERRORS,
        short=True,
    ),
    Scenario(
        "Pyroscope resets connections",
        (Fault.UPSTREAM_BREAKS,),
        turned(Place.UPSTREAM, Mode.RESET),
        shows=frozenset({UNAVAILABLE}),
        counts=_ERRORS,
    ),
    Scenario(
        "Pyroscope breaks off in the middle",
        (Fault.UPSTREAM_BREAKS,),
        turned(Place.UPSTREAM, Mode.CUT),
        shows=frozenset({BROKEN}),
        counts=_ERRORS,
    ),
    Scenario(
        "Pyroscope trickles",
        (Fault.UPSTREAM_SLOW,),
        turned(Place.UPSTREAM, Mode.TRICKLE),
        shows=frozenset({RIGHT}),
    ),
    Scenario(
        "Pyroscope answers noise and contradictions",
        (Fault.UPSTREAM_GARBLED,),
        _answering(Manner.NOISE, Manner.FRAMES),
        shows=frozenset({UNAVAILABLE}),
        counts=_ERRORS,
        short=True,
    ),
    Scenario(
        "Pyroscope floods with heads without end",
        (Fault.UPSTREAM_GARBLED,),
        _answering(Manner.FLOOD),
        shows=frozenset({UNAVAILABLE}),
        counts=_ERRORS,
    ),
    Scenario(
        "Pyroscope sends more, or less, than it promised",
        (Fault.UPSTREAM_GARBLED,),
        _answering(Manner.MORE, Manner.LESS),
        shows=frozenset({BROKEN}),
        counts=_ERRORS,
    ),
    Scenario(
        "Pyroscope restarts again and again",
        (Fault.UPSTREAM_GONE, Fault.UPSTREAM_BREAKS),
        _restarting,
        shows=frozenset({UNAVAILABLE}),
        counts=_ERRORS,
    ),
)
