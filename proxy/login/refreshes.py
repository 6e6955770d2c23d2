"""One refresh for all who ask for the same one, at the same time or shortly after.

A refresh token works once, and a browser sends several requests at a time, each with the same
cookie. Rules that hold here:

- Who comes while a refresh runs waits for it; who comes shortly after gets the same answer.
- The refresh is a task of its own: a waiter that goes away harms neither the others nor the
  refresh, not even the last one, since a refresh that was sent and not read loses the session.
- Answers and refusals are kept for a while, anything that may pass is not.
- What is kept is bounded in time and number, and is known by a keyed hash, never by a token. It is the
  outcome alone: the task, its context and the frames of a refusal go when it ends.

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
        self._running: dict[bytes, asyncio.Task[T]] = {}
        # What came of each that ended, and when; the oldest first.
        self._ended: dict[bytes, tuple[asyncio.Future[T], float]] = {}
        self._forgetting: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many run or are kept."""
        return len(self._running) + len(self._ended)

    def join(self, key: bytes) -> asyncio.Future[T] | None:
        """The refresh of this key that runs or ended a short while ago, if any."""
        self._forget_old()
        running = self._running.get(key)
        return self._ended.get(key, (None, 0.0))[0] if running is None else running

    def start(self, key: bytes, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a refresh that others may ``join``, and that nobody's leaving cancels."""
        task = asyncio.create_task(work)
        self._running[key] = task
        task.add_done_callback(partial(self._settle, key))
        return task

    async def close(self) -> None:
        """Wait for what still runs, so that no token that GitHub has given is lost."""
        if self._running:
            await asyncio.wait(tuple(self._running.values()))
        if self._forgetting is not None:
            self._forgetting.cancel()

    def _settle(self, key: bytes, task: asyncio.Task[T]) -> None:
        del self._running[key]
        if _may_pass(task):
            return
        self._ended[key] = _kept(task), self._clock()
        if len(self._ended) > self._max_kept:
            del self._ended[next(iter(self._ended))]
        if self._forgetting is None:
            self._forget_later(task.get_loop())

    def _forget_later(self, loop: asyncio.AbstractEventLoop) -> None:
        """Also when nobody asks any more, no session stays here."""
        self._forget_old()
        later = loop.call_later(self._replay_seconds, self._forget_later, loop) if self._ended else None
        self._forgetting = later

    def _forget_old(self) -> None:
        now = self._clock()
        # A clock that was set back must not keep anything longer, hence the distance both ways.
        while self._ended:
            oldest, (_, ended) = next(iter(self._ended.items()))
            if abs(now - ended) < self._replay_seconds:
                break
            del self._ended[oldest]


def _kept(task: asyncio.Task[T]) -> asyncio.Future[T]:
    """What a task did, without all that hangs on the task."""
    kept: asyncio.Future[T] = task.get_loop().create_future()
    error = task.exception()
    if isinstance(error, RpcError):
        kept.set_exception(_told_anew(error))
        kept.exception()  # marks it as seen
    else:
        kept.set_result(task.result())
    return kept


def _told_anew(error: RpcError) -> RpcError:
    return RpcError(error.code, error.message, retry_after=error.retry_after)


async def outcome(task: asyncio.Future[T]) -> T:
    """Wait for a task without ever cancelling it, and return or raise what it did.

    Each waiter gets an error of its own: raising one exception many times would pile up tracebacks.
    """
    await asyncio.wait((task,))
    if task.cancelled():
        raise RpcError(Code.UNAVAILABLE, "refreshing was interrupted, the proxy is stopping; try again")
    error = task.exception()
    if isinstance(error, RpcError):
        raise _told_anew(error)
    return task.result()


def _may_pass(task: asyncio.Task[Any]) -> bool:
    """Whether asking again may bring another answer; also marks the task's error as seen."""
    if task.cancelled():
        return True
    error = task.exception()
    refused = isinstance(error, RpcError) and error.code is Code.UNAUTHENTICATED
    return error is not None and not refused
