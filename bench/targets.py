"""One round against one target: latency at one connection, then throughput at many."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from bench import load
from bench.report import Sample

MANY = 32


class Spends(Protocol):
    """Something whose cost can be read."""

    def cpu_seconds(self) -> float:
        """Processor time spent so far."""
        ...

    def forget_peak(self) -> None:
        """From now on, count the peak of memory anew."""
        ...

    def peak_memory(self) -> int:
        """The most bytes that were resident since then."""
        ...


class Places(NamedTuple):
    """Which processors who runs on: the program that is measured, and everything around it."""

    measured: frozenset[int]
    around: frozenset[int]


def places(cpus: set[int]) -> Places:
    """One processor for the measured, the others for the rest; all share a single one."""
    first, *others = sorted(cpus)
    return Places(frozenset({first}), frozenset(others or {first}))


def one_round(program: Spends, request: load.Request, seconds: float, where: Places) -> Sample:
    """Measure one target once.

    Raises:
        bench.load.LoadFailedError: the client did not work.
    """
    program.forget_peak()
    alone = load.run(request, 1, seconds, where.around)
    before = program.cpu_seconds()
    many = load.run(request, MANY, seconds, where.around)
    spent = program.cpu_seconds() - before
    return Sample(
        p50=alone.p50,
        p99=alone.p99,
        p50_many=many.p50,
        p99_many=many.p99,
        throughput=many.requests / many.seconds,
        cpu=spent / many.requests * 1e6 if many.requests else float("nan"),
        memory=program.peak_memory() / 2**20,
        errors=alone.errors + many.errors,
    )
