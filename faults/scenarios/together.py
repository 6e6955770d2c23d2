"""Several things at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from faults.around.gate import Mode
from faults.around.surroundings import Place
from faults.judging.outcomes import UNAVAILABLE, Fault
from faults.scenario import Scenario
from faults.scenarios import clients
from faults.scenarios.acts import turned

if TYPE_CHECKING:
    from faults.stage import Stage


async def _all_around(stage: Stage, seconds: float) -> None:
    await asyncio.gather(
        turned(Place.UPSTREAM, Mode.REFUSE, Mode.CUT, Mode.TRICKLE, Mode.HANG)(stage, seconds),
        turned(Place.GITHUB, Mode.HANG, Mode.GARBLE, Mode.REFUSE, Mode.CUT)(stage, seconds),
        turned(Place.REDIS, Mode.GARBLE, Mode.HANG, Mode.SLOW, Mode.REFUSE)(stage, seconds),
        clients.leaving(stage, seconds),
        clients.breaking_rules(stage, seconds),
    )


SCENARIOS = (
    Scenario(
        "everything around breaks at once",
        (
            Fault.UPSTREAM_GONE,
            Fault.UPSTREAM_SILENT,
            Fault.UPSTREAM_BREAKS,
            Fault.UPSTREAM_SLOW,
            Fault.GITHUB_GONE,
            Fault.GITHUB_SILENT,
            Fault.GITHUB_GARBLED,
            # Tokens that came garbled are none.
            Fault.GITHUB_REFUSES_TOKENS,
            Fault.REDIS,
            Fault.CLIENTS,
        ),
        _all_around,
        seconds=8.0,
        shows=frozenset({UNAVAILABLE}),
        short=True,
    ),
)
