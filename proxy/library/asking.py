"""Asking GitHub once for all who want to know the same at the same time.

Rules:

- One person's requests of the same kind at the same time are one call.
- Different people's are one call as well, as long as the answer holds for all of them, as that of a
  public repository does. Where it does not, each asks with their own token: nobody's proof is another's.
- A failure that is about the person who happened to ask (their token, permission or rate limit) is
  theirs alone; one that is about GitHub is everybody's, so an outage is not asked about a thousand times.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from proxy.cache import Entry
from proxy.cache.flights import Flights
from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Sequence

    from proxy.cache import Cache, NamedCache
    from proxy.library.viewer import Viewer

A = TypeVar("A")
T = TypeVar("T")
_PERSONAL = frozenset({Code.UNAUTHENTICATED, Code.PERMISSION_DENIED, Code.RESOURCE_EXHAUSTED})


class Requests:
    """What GitHub is being asked at the moment.

    Args:
        cache: whose metrics show how many requests were joined into one; nothing is kept there.
    """

    def __init__(self, cache: Cache) -> None:
        self._own: NamedCache[tuple[bytes, Hashable], Any] = cache.named("github_requests")
        self._for_all: NamedCache[Hashable, Any] = cache.named("github_requests_for_all")

    async def ask(
        self,
        viewer: Viewer,
        question: Hashable,
        ask: Callable[[], Awaitable[T]],
        *,
        holds_for_all: Callable[[T], bool],
    ) -> T:
        """The answer to a question, asked with the viewer's token unless another's answer holds for them.

        Args:
            viewer: who wants to know.
            question: what makes two questions the same; the viewer is no part of it.
            ask: asks GitHub with the viewer's token.
            holds_for_all: whether an answer may be told to people who did not ask it themselves.

        Raises:
            RpcError: whatever ``ask`` raises.
        """

        async def own() -> Entry[T]:
            return _not_kept(await self._ask_for_all(question, ask, holds_for_all))

        answer: T = await self._own.fetch((viewer.key, question), own)
        return answer

    async def ask_alone(self, viewer: Viewer, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The same for an answer that is known to hold for the viewer alone."""

        async def own() -> Entry[T]:
            return _not_kept(await ask())

        answer: T = await self._own.fetch((viewer.key, question), own)
        return answer

    async def _ask_for_all(
        self, question: Hashable, ask: Callable[[], Awaitable[T]], holds_for_all: Callable[[T], bool]
    ) -> T:
        asked_it = False

        async def first() -> Entry[T]:
            nonlocal asked_it
            asked_it = True
            return _not_kept(await ask())

        try:
            answer: T = await self._for_all.fetch(question, first)
        except RpcError as error:
            if asked_it or error.code not in _PERSONAL:
                raise
        else:
            if asked_it or holds_for_all(answer):
                return answer
        return await ask()


def _not_kept(answer: T) -> Entry[T]:
    return Entry(answer, size=0, ttl=0)


class _Batch(Generic[A]):
    """What is asked for together, and the batch that goes before it."""

    def __init__(self, before: _Batch[A] | None = None) -> None:
        self.items: dict[A, None] = {}
        self.before = before
        self.landed = asyncio.Event()


class Gathering(Generic[A]):
    """Collects what is asked for within a moment and asks for all of it at once.

    Grafana's page asks for the commit of each version in a request of its own, all at the same time.

    Args:
        moment: seconds for which the first one waits for others.
    """

    def __init__(self, moment: float) -> None:
        self._moment = moment
        self._flights = Flights()
        self._open: dict[Hashable, _Batch[A]] = {}

    async def ask(
        self, group: Hashable, items: Sequence[A], send: Callable[[tuple[A, ...]], Awaitable[T]]
    ) -> T:
        """The answer to these items and to whatever else of the group was asked for in the same moment.

        Args:
            group: what may be asked for together; all of a group must come with an equal ``send``.
            items: what to ask for.
            send: asks for many items, each named once.

        Raises:
            RpcError: whatever ``send`` raises, to all who wait.
        """
        batch = self._open.setdefault(group, _Batch())
        batch.items.update(dict.fromkeys(items))

        async def fly() -> T:
            try:
                await asyncio.sleep(self._moment)
            finally:
                if self._open.get(group) is batch:
                    del self._open[group]
            return await send(tuple(batch.items))

        return await self._flights.wait_for(batch, fly, lambda _: None)


class Turns(Generic[A]):
    """Asks for one thing at once, and for all that comes up meanwhile together, in the next turn.

    So nobody waits for others to come, and thirty requests at the same time are a few calls.
    """

    def __init__(self) -> None:
        self._flights = Flights()
        self._open: dict[Hashable, _Batch[A]] = {}
        self._sent: dict[Hashable, _Batch[A]] = {}

    async def ask(
        self, group: Hashable, items: Sequence[A], send: Callable[[tuple[A, ...]], Awaitable[T]]
    ) -> T:
        """The answer to these items and to whatever else of the group goes in the same turn.

        Args:
            group: what may be asked for together; all of a group must come with an equal ``send``.
            items: what to ask for.
            send: asks for many items, each named once.

        Raises:
            RpcError: whatever ``send`` raises, to all whose turn it is.
        """
        batch = self._open.get(group)
        if batch is None:
            batch = self._open[group] = _Batch(self._sent.get(group))
        batch.items.update(dict.fromkeys(items))

        async def fly() -> T:
            try:
                if batch.before is not None:
                    await batch.before.landed.wait()
                    batch.before = None
                self._close(group, batch)
                self._sent[group] = batch
                return await send(tuple(batch.items))
            finally:
                self._close(group, batch)
                batch.landed.set()
                if self._sent.get(group) is batch:
                    del self._sent[group]

        return await self._flights.wait_for(batch, fly, lambda _: None)

    def _close(self, group: Hashable, batch: _Batch[A]) -> None:
        if self._open.get(group) is batch:
            del self._open[group]
