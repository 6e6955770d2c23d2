"""How many calls to GitHub the work at hand has cost.

The count travels in a context variable, so that it reaches the place that sends through whatever lies
between. A load that several wait for runs with the context of the first of them, who pays for it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Meter:
    """The calls so far."""

    calls: int = 0


_current: ContextVar[Meter | None] = ContextVar("github_calls", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count the calls that are made within."""
    meter = Meter()
    token = _current.set(meter)
    try:
        yield meter
    finally:
        _current.reset(token)


def count_call() -> None:
    """A call is being sent."""
    meter = _current.get()
    if meter is not None:
        meter.calls += 1
