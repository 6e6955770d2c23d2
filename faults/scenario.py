"""What a scenario is: what breaks, how, and what has to be seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.judging.outcomes import Fault
    from faults.stage import Stage


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing (or several at once) that breaks and is mended.

    Attributes:
        name: in the report.
        faults: what is active meanwhile, which decides what answers may be.
        act: breaks, waits for so many seconds, mends.
        seconds: how long the fault lasts.
        shows: outcomes of which one must be seen meanwhile, so that a fault that does nothing is found.
        counts: a metric that must have risen meanwhile, for the same reason.
        short: whether it is part of the short run.
        ends: whether the process is ended: what its metrics counted before has gone with it.
        may_end: whether it may end by itself, or log what it could not foresee.
    """

    name: str
    faults: tuple[Fault, ...]
    act: Callable[[Stage, float], Awaitable[None]]
    seconds: float = 4.0
    shows: frozenset[str] = frozenset()
    counts: str = ""
    short: bool = False
    ends: bool = False
    may_end: bool = False
