"""Every scenario, in the order in which they are played."""

from dataclasses import replace

from faults.scenario import Scenario
from faults.scenarios import clients, github, process, redis, reloading, together, upstream

EVERY: tuple[Scenario, ...] = (
    *upstream.SCENARIOS,
    *github.SCENARIOS,
    *redis.SCENARIOS,
    *clients.SCENARIOS,
    *process.SCENARIOS,
    *reloading.SCENARIOS,
    *together.SCENARIOS,
)
_SHORTER = 0.5
SHORT = tuple(replace(scenario, seconds=scenario.seconds * _SHORTER) for scenario in EVERY if scenario.short)
"""The most telling ones, each for a shorter time."""
