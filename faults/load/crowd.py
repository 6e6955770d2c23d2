"""Everybody who asks, at a pace; they can be held and let go on."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from functools import partial
from typing import TYPE_CHECKING

from faults.load import passing, reading

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from faults.load.asker import Asker
    from faults.load.reading import Person
    from faults.load.sessions import Visitors


class Pace:
    """So many turns a second over all; 0: as many as can be."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._next = 0.0

    async def wait(self) -> None:
        """Wait for one's turn; what could not be taken is not made up for."""
        if not self.rate:
            await asyncio.sleep(0)
            return
        now = time.monotonic()
        self._next = max(self._next + 1 / self.rate, now)
        await asyncio.sleep(self._next - now)


class Crowd:
    """Tasks that take turns.

    Attributes:
        pace: how many a second.
        turns: how many were taken.
    """

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.turns = 0
        self._go = asyncio.Event()
        self._busy = 0
        self._askers: list[Asker] = []
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, asker: Asker, turn: Callable[[], Awaitable[object]]) -> None:
        """Let somebody take turns from now on."""
        self._askers.append(asker)
        self._tasks.append(asyncio.create_task(self._keep_asking(turn)))

    def go(self) -> None:
        """Let everybody ask."""
        self._go.set()

    async def hold(self) -> None:
        """Have nobody ask, wait for the answers that are due, and close the connections."""
        self._go.clear()
        while self._busy:
            self.raise_failures()
            await asyncio.sleep(0.02)
        for asker in self._askers:
            await asker.client.close()

    async def end(self) -> None:
        """Send everybody home."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for asker in self._askers:
            await asker.client.close()

    def raise_failures(self) -> None:
        """Raise what ended a task that never ends by itself: a mistake in this suite."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def _keep_asking(self, turn: Callable[[], Awaitable[object]]) -> None:
        while True:
            await self._go.wait()
            await self.pace.wait()
            if not self._go.is_set():
                continue
            self._busy += 1
            try:
                await turn()
                self.turns += 1
            finally:
                self._busy -= 1


def fill(
    crowd: Crowd,
    new_asker: Callable[[], Asker],
    *,
    seed: str,
    readers: Sequence[Person],
    visitors: Visitors,
    guests: Sequence[Person],
) -> None:
    """Bring in half who ask Pyroscope, half who read source, and one for each guest.

    Args:
        crowd: where they go.
        new_asker: makes a connection for each.
        seed: what the chance of each is derived from.
        readers: whose sessions last.
        visitors: how guests log in.
        guests: whose sessions come and go.
    """
    numbers = itertools.count()

    def chance() -> random.Random:
        return random.Random(f"{seed} {next(numbers)}")  # noqa: S311 - repeatable, not secret

    for person in readers:
        asker = new_asker()
        crowd.add(asker, partial(passing.one, asker, chance()))
        asker = new_asker()
        crowd.add(asker, partial(reading.one, asker, person, chance()))
    for person in guests:
        asker = new_asker()
        crowd.add(asker, partial(visitors.one, asker, person, chance()))
