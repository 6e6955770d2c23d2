"""One refresh for all who ask for the same one, at the same time or shortly after.

A refresh token works once, and a browser sends several requests at a time, each with the same
cookie. Rules that hold here:

- Who comes while a refresh runs waits for it; who comes shortly after gets the same answer.
- The refresh is a task of its own: a waiter that goes away harms neither the others nor the
  refresh, not even the last one, since a refresh that was sent and not read loses the session.
- Answers and refusals are kept for a while, anything that may pass is not.
- What is kept is bounded in time and number, and is known by a keyed hash, never by a token.

This is one process; ``siblings`` does the same for all of one proxy, ``replicas`` for all that share a Redis.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

REPLAY_SECONDS = 60.0
MAX_KEPT = 4096


class Refreshes(Generic[T]):
    """The refreshes that run or ran a short while ago.

    Args:
        clock: tells the time in seconds.
        replay_seconds: how long an answer is given to those who come late.
        max_kept: how many answers are kept; the oldest goes first.
    """

    def __init__(
        self, clock: Callable[[], float], *, replay_seconds: float = REPLAY_SECONDS, max_kept: int = MAX_KEPT
    ) -> None:
        self._clock = clock
        self._replay_seconds = replay_seconds
        self._max_kept = max_kept
        self._tasks: dict[bytes, asyncio.Task[T]] = {}
        # When each finished task ended, the oldest first.
        self._ended: dict[bytes, float] = {}

    def __len__(self) -> int:
        """How many run or are kept."""
        return len(self._tasks)

    def join(self, key: bytes) -> asyncio.Task[T] | None:
        """The refresh of this key that runs or ended a short while ago, if any."""
        self._forget_old()
        return self._tasks.get(key)

    def start(self, key: bytes, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a refresh that others may ``join``, and that nobody's leaving cancels."""
        task = asyncio.create_task(work)
        self._tasks[key] = task
        task.add_done_callback(partial(self._settle, key))
        return task

    async def close(self) -> None:
        """Wait for what still runs, so that no token that GitHub has given is lost."""
        running = [task for task in self._tasks.values() if not task.done()]
        if running:
            await asyncio.wait(running)

    def _settle(self, key: bytes, task: asyncio.Task[T]) -> None:
        if _may_pass(task):
            del self._tasks[key]
            return
        self._ended[key] = self._clock()
        if len(self._ended) > self._max_kept:
            self._forget(next(iter(self._ended)))

    def _forget_old(self) -> None:
        now = self._clock()
        # A clock that was set back must not keep anything longer, hence the distance both ways.
        while (
            self._ended and abs(now - self._ended[oldest := next(iter(self._ended))]) >= self._replay_seconds
        ):
            self._forget(oldest)

    def _forget(self, key: bytes) -> None:
        del self._ended[key]
        del self._tasks[key]


async def outcome(task: asyncio.Task[T]) -> T:
    """Wait for a task without ever cancelling it, and return or raise what it did.

    Each waiter gets an error of its own: raising one exception many times would pile up tracebacks.
    """
    await asyncio.wait((task,))
    if task.cancelled():
        raise RpcError(Code.UNAVAILABLE, "refreshing was interrupted, the proxy is stopping; try again")
    try:
        return task.result()
    except RpcError as error:
        raise RpcError(error.code, error.message, retry_after=error.retry_after) from None


def _may_pass(task: asyncio.Task[Any]) -> bool:
    """Whether asking again may bring another answer; also marks the task's error as seen."""
    if task.cancelled():
        return True
    error = task.exception()
    refused = isinstance(error, RpcError) and error.code is Code.UNAUTHENTICATED
    return error is not None and not refused
