"""What a soak measures, how each value went, and whether any of it grew."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from faults.judging.growth import Bound, second_half

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARTS = 5
CACHE_MIB = 2
"""The cache is full early, so that the second half shows what else is kept."""
# What the machine does besides shows in latency far more than in the processor time of a request.
BOUNDS = (
    Bound("memory", "MiB", rise=8.0, share=0.08),
    Bound("cache", "MiB", rise=CACHE_MIB),
    Bound("rest", "MiB", rise=8.0, share=0.08),
    Bound("descriptors", "", rise=8.0),
    Bound("tasks", "", rise=6.0),
    Bound("p50", "ms", rise=2.0, share=0.5),
    Bound("p99", "ms", rise=20.0, share=1.0),
    Bound("cpu", "ms/request", rise=0.3, share=0.25),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured in a few seconds.

    Attributes:
        at: seconds since the start.
        requests: that were answered in them.
        memory: MiB resident, under load.
        cache: MiB of them that the cache says it holds.
        descriptors: open.
        tasks: of the event loop.
        p50: milliseconds of a right answer, half are faster.
        p99: milliseconds, all but one in a hundred are faster.
        cpu: milliseconds of the process's time for a request.
        during: the scenario that was played meanwhile; empty: nothing was broken.
    """

    at: float
    requests: int
    memory: float
    cache: float
    descriptors: float
    tasks: float
    p50: float
    p99: float
    cpu: float
    during: str = ""

    @property
    def rest(self) -> float:
        """MiB resident without what the cache says it holds."""
        return self.memory - self.cache


def figures(samples: Sequence[Sample]) -> tuple[list[str], list[str]]:
    """A table of how each value went while nothing was broken, and what grew more than its bound."""
    calm = [one for one in samples if not one.during]
    times = [one.at for one in calm]
    lines = [
        f"{'':24} {'first':>9} {'lowest':>9} {'highest':>9} {'last':>9} {'rise over the second half':>28}"
    ]
    grown = []
    for bound in BOUNDS:
        values = [float(getattr(one, bound.name)) for one in calm]
        line = second_half(times, values)
        allowed = max(bound.rise, bound.share * abs(line.level))
        name = f"{bound.name} {bound.unit}".strip()
        shown = " ".join(f"{value:9.2f}" for value in (values[0], min(values), max(values), values[-1]))
        lines.append(f"{name:24} {shown} {line.rise:12.2f} of {allowed:.2f} allowed")
        if bound.exceeded(line):
            grown.append(f"{bound.name} grew by {line.rise:.2f} {bound.unit} in the second half")
    return [*lines, *_besides(samples, calm)], grown


def _besides(samples: Sequence[Sample], calm: Sequence[Sample]) -> list[str]:
    """Whether memory levels off, its peak, and whether it was looked at all the time."""
    parts = [calm[len(calm) * n // _PARTS : len(calm) * (n + 1) // _PARTS] for n in range(_PARTS)]
    means = ", ".join(f"{sum(one.rest for one in part) / len(part):.1f}" for part in parts)
    gap = max((later.at - one.at for one, later in pairwise(samples)), default=0.0)
    return [
        f"memory without the cache, mean of each {_PARTS}th of the samples: {means} MiB",
        f"highest memory, also while something was broken: {max(one.memory for one in samples):.1f} MiB",
        f"longest time between two samples: {gap:.0f} s",
    ]
