"""One refresh for all replicas: whoever takes the lock asks GitHub, the others get the same outcome.

Rules:

- The lock is taken before GitHub is asked, and what the others left is looked at after it was taken:
  whoever finds nothing then knows that nobody is asking.
- Who does not get the lock waits for the outcome, or for the lock, but not longer than it can be held.
- A grant and a refusal are shared for the replay time; a failure that may pass only lets go of the lock.
- When whoever holds the lock dies, it falls open by itself and the next one asks GitHub. The dead one may
  have used the refresh token, and its answer is lost with it: GitHub then refuses, ``unauthenticated``
  is the answer, and the page sends the person through the login again.
- Without Redis, or with one that gives no clear word, each replica asks for itself; one that is
  refused then looks for a while whether another was given the session meanwhile: somebody would be
  logged out for a Redis that was slow for a moment. Its refusal is told to no other replica.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from proxy.cache import Entry
from proxy.cache.shared import Claim
from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from proxy.cache.shared import Share

T = TypeVar("T")

POLL_SECONDS = 0.05
LOOKS = 20
"""How often who was refused without the lock looks for what another was given; with pauses, for a second."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """GitHub's refusal of a refresh, in the words that people get."""

    message: str


class Replicas(Generic[T]):
    """The refreshes of all replicas.

    Args:
        share: where outcomes and locks are; ``None`` when there are no replicas.
        lock_seconds: how long a refresh takes at most.
        replay_seconds: how long an outcome is given to those who come late.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        share: Share[T | Refusal] | None,
        *,
        lock_seconds: float,
        replay_seconds: float,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._share = share
        self._lock_seconds = lock_seconds
        self._replay_seconds = replay_seconds
        self._sleep = sleep

    async def once(self, key: Hashable, refresh: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
        """The outcome of a refresh, and whether another replica had asked for it.

        Args:
            key: what makes two refreshes the same; may hold tokens, Redis sees none of it.
            refresh: asks GitHub.

        Raises:
            RpcError: whatever ``refresh`` raises, here or in the replica that asked.
        """
        share = self._share
        if share is None:
            return await refresh(), False
        for _ in range(int(self._lock_seconds / POLL_SECONDS) + 1):
            lock = share.lock(key, self._lock_seconds)
            claim = await share.claim(lock)
            known = await share.get(key)
            if known is not None:
                if claim is Claim.TAKEN:
                    share.release(lock)
                return told(known.value), True
            if claim is not Claim.HELD:
                try:
                    return await self._ask(share, key, refresh, alone=claim is Claim.TAKEN)
                finally:
                    # Also when Redis gave no clear word: it may have carried the claim out.
                    share.release(lock)
            await self._sleep(POLL_SECONDS)
        return await self._ask(share, key, refresh, alone=False)

    async def _ask(
        self, share: Share[T | Refusal], key: Hashable, refresh: Callable[[], Awaitable[T]], *, alone: bool
    ) -> tuple[T, bool]:
        """Ask GitHub; ``alone``: no other replica does, as far as Redis can tell."""
        try:
            granted = await refresh()
        except RpcError as error:
            if error.code is not Code.UNAUTHENTICATED:
                raise
            given = await self._given_elsewhere(share, key, 1 if alone else LOOKS)
            if given is not None:
                return given.value, True
            if alone:
                share.put(key, Entry(Refusal(error.message), ttl=self._replay_seconds))
            raise
        share.put(key, Entry(granted, ttl=self._replay_seconds))
        return granted, False

    async def _given_elsewhere(self, share: Share[T | Refusal], key: Hashable, looks: int) -> Entry[T] | None:
        """What another replica was granted, if it says so within these looks and Redis has not gone long."""
        for look in range(looks):
            if look:
                await self._sleep(POLL_SECONDS)
            known = await share.get(key)
            if known is not None and not isinstance(known.value, Refusal):
                return Entry(known.value)
            if not share.hopeful:
                break
        return None


def told(outcome: T | Refusal) -> T:
    """What somebody else was granted, or refused: ``unauthenticated``."""
    if isinstance(outcome, Refusal):
        raise RpcError(Code.UNAUTHENTICATED, outcome.message)
    return outcome
