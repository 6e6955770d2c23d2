"""Every scenario, in the order in which they are played."""

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
SHORT = tuple(scenario for scenario in EVERY if scenario.short)
