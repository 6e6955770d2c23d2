"""One piece of work for all who wait for it.

Rules:

- The work is a task of its own. A waiter that is cancelled harms neither the work nor the others;
  when the last one leaves, the work is cancelled, and who comes next starts anew.
- What the work returns or raises goes to every waiter. Nothing is remembered here: once it is done,
  who comes next starts anew.
- A waiter sees ``CancelledError`` only when the waiter itself is cancelled. Work that was cancelled
  from elsewhere is an error that says so; taken for the waiter's own cancellation it would vanish
  silently in task groups.
- The work runs in a copy of the first waiter's context variables.
- Work that waits for itself, directly or through other work, is refused instead of waiting for ever.

https://docs.python.org/3/library/asyncio-task.html#task-cancellation
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

T = TypeVar("T")


class _Flight:
    """A running piece of work: its task, how many wait for it, and which work it waits for itself."""

    __slots__ = ("task", "waiters", "waits_for")

    def __init__(self) -> None:
        self.task: asyncio.Task[Any]
        self.waiters = 0
        self.waits_for: list[_Flight] = []

    def leads_to(self, other: _Flight) -> bool:
        """Whether this work is ``other`` or waits for it, at whatever distance."""
        seen: set[_Flight] = set()
        ahead = [self]
        while ahead:
            flight = ahead.pop()
            if flight is other:
                return True
            if flight not in seen:
                seen.add(flight)
                ahead.extend(flight.waits_for)
        return False


# The work that the present code is part of, also in the tasks that it starts.
_inside: ContextVar[_Flight | None] = ContextVar("inside", default=None)


class Flights:
    """The work that is going on, by key."""

    def __init__(self) -> None:
        self._current: dict[Hashable, _Flight] = {}
        # asyncio itself holds tasks weakly only.
        self._tasks: set[asyncio.Task[Any]] = set()

    def running(self, key: Hashable) -> bool:
        """Whether ``wait_for`` would join work that is going on."""
        flight = self._current.get(key)
        return flight is not None and not flight.task.done()

    async def wait_for(self, key: Hashable, work: Callable[[], Awaitable[T]], keep: Callable[[T], None]) -> T:
        """The result of the work under ``key``, which is started unless it is going on.

        Args:
            key: what makes two pieces of work the same.
            work: does it; called once, in a task of its own.
            keep: told the result before any waiter is, unless ``detach`` was called meanwhile.

        Raises:
            RpcError: ``unavailable`` when the work was cancelled from elsewhere, ``internal`` when it
                would wait for itself.
            Exception: whatever ``work`` raises.
        """
        flight = self._current.get(key)
        if flight is None or flight.task.done():
            flight = self._start(key, work, keep)
        await self._stay(key, flight)
        if flight.task.cancelled():
            raise RpcError(
                Code.UNAVAILABLE, "Fetching this was interrupted before it was finished; try again."
            )
        result: T = flight.task.result()
        return result

    def detach(self, key: Hashable) -> None:
        """Let work that is going on finish for those who wait for it, but for nobody else."""
        self._current.pop(key, None)

    async def aclose(self) -> None:
        """Cancel all work and wait for its end."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _start(self, key: Hashable, work: Callable[[], Awaitable[T]], keep: Callable[[T], None]) -> _Flight:
        flight = _Flight()

        async def fly() -> T:
            _inside.set(flight)
            result = await work()
            if self._current.get(key) is flight:
                keep(result)
            return result

        def landed(task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            self._leave_table(key, flight)
            if not task.cancelled():
                # Looking at it tells asyncio that it is known; with all waiters gone nobody else would.
                task.exception()

        flight.task = asyncio.create_task(fly(), name="cache load")
        flight.task.add_done_callback(landed)
        self._tasks.add(flight.task)
        self._current[key] = flight
        return flight

    async def _stay(self, key: Hashable, flight: _Flight) -> None:
        """Wait until the work is done; leave in good order when cancelled."""
        inside = _inside.get()
        if inside is not None:
            if flight.leads_to(inside):
                raise RpcError(
                    Code.INTERNAL, "A load of the cache waits for itself; this is a fault of the proxy."
                )
            inside.waits_for.append(flight)
        flight.waiters += 1
        try:
            # Unlike awaiting the task, this neither cancels it nor confuses its cancellation with ours.
            await asyncio.wait((flight.task,))
        finally:
            flight.waiters -= 1
            if inside is not None:
                inside.waits_for.remove(flight)
            if not flight.waiters and not flight.task.done():
                self._leave_table(key, flight)
                flight.task.cancel()

    def _leave_table(self, key: Hashable, flight: _Flight) -> None:
        if self._current.get(key) is flight:
            del self._current[key]
