"""The one store below all named caches: bounded in bytes, least recently used goes first.

Rules:

- The bytes of all entries together never exceed the budget, not even for a moment.
- An entry counts its key, its value and ``ENTRY_OVERHEAD``.
- When room is needed, what has expired goes first, then what was used least recently, whichever
  cache it belongs to.
- What cannot fit at all is not stored and pushes nothing out.
- Every operation costs O(log n) at most, spread over the operations before it: expiries stand in
  a heap, whose dead nodes are buried together once they are a fifth of it.

It reads no clock: ``now`` comes with each call, in seconds of any clock that never goes back.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

Reason = Literal["size", "ttl"]
Evicted = Callable[[str, Reason], None]

ENTRY_OVERHEAD = 512
"""Bytes that the store itself spends on an entry: slot, node of the order, node of the heap, dead
nodes, and the tables that hold them at their emptiest (they double when they grow). A test measures it."""

_SWEEP_AT_ONCE = 16
"""Expired entries that one ``put`` drops without need of room: a backlog shrinks, no call is slow."""

_DEAD_NODES_TOLERATED = 64


@dataclass(slots=True, eq=False)
class Slot:
    """An entry in its place; ``fresh_until`` and ``gone_at`` are times of the caller's clock."""

    cache: str
    key: Hashable
    value: Any
    size: int
    fresh_until: float
    gone_at: float
    alive: bool = True


@dataclass(slots=True)
class Totals:
    """What one named cache holds."""

    entries: int = 0
    size: int = 0


class Store:
    """Entries of several named caches under one budget.

    Args:
        max_size: the budget in bytes; zero stores nothing.
        evicted: told the cache and the reason for each entry that had to go.
    """

    def __init__(self, max_size: int, evicted: Evicted) -> None:
        if max_size < 0:
            raise ValueError("the cache's budget cannot be negative")
        self.max_size = max_size
        self.size = 0
        self._evicted = evicted
        self._slots: OrderedDict[tuple[str, Hashable], Slot] = OrderedDict()
        self._totals: dict[str, Totals] = {}
        self._expiries: list[tuple[float, int, Slot]] = []
        self._expiring = 0
        self._number = 0

    def totals(self, cache: str) -> Totals:
        """What ``cache`` holds now; the same object follows later changes."""
        return self._totals.setdefault(cache, Totals())

    def get(self, cache: str, key: Hashable, now: float, *, stale: bool = False) -> Slot | None:
        """The entry, which thereby counts as used; ``None`` when there is none or its time is over.

        Args:
            cache: the named cache.
            key: the entry's key in it.
            now: the present time.
            stale: whether an entry past its time but within its grace will do.
        """
        where = (cache, key)
        slot = self._slots.get(where)
        if slot is None:
            return None
        if slot.gone_at <= now:
            self._evict(slot, "ttl")
            return None
        if slot.fresh_until <= now and not stale:
            return None
        self._slots.move_to_end(where)
        return slot

    def put(self, slot: Slot, now: float) -> bool:
        """Store an entry in the place of any other with its key.

        Args:
            slot: the entry; ``size`` counts all but ``ENTRY_OVERHEAD``, which is added here.
            now: the present time.

        Returns:
            Whether it was stored: it is not when it is larger than the budget or already gone.
        """
        if slot.size < 0:
            raise ValueError("an entry's size cannot be negative")
        self.remove(slot.cache, slot.key, now)
        slot.size += ENTRY_OVERHEAD
        if slot.size > self.max_size or not slot.gone_at > now:
            return False
        self._sweep(now, _SWEEP_AT_ONCE)
        self._make_room(slot.size, now)
        self._insert(slot)
        return True

    def remove(self, cache: str, key: Hashable, now: float) -> None:
        """Let go of an entry, if it is there; only one whose time was over counts as evicted."""
        slot = self._slots.get((cache, key))
        if slot is None:
            return
        if slot.gone_at <= now:
            self._evict(slot, "ttl")
        else:
            self._drop(slot)

    def _insert(self, slot: Slot) -> None:
        self._slots[slot.cache, slot.key] = slot
        totals = self.totals(slot.cache)
        totals.entries += 1
        totals.size += slot.size
        self.size += slot.size
        if slot.gone_at < inf:
            self._number += 1
            self._expiring += 1
            heapq.heappush(self._expiries, (slot.gone_at, self._number, slot))

    def _make_room(self, size: int, now: float) -> None:
        while self.size + size > self.max_size:
            if not self._sweep(now, 1):
                self._evict(next(iter(self._slots.values())), "size")

    def _sweep(self, now: float, limit: int) -> int:
        """Drop at most ``limit`` entries whose time is over; how many it were."""
        swept = 0
        while swept < limit and self._expiries:
            gone_at, _, slot = self._expiries[0]
            if not slot.alive:
                heapq.heappop(self._expiries)
            elif gone_at <= now:
                self._evict(slot, "ttl")
                swept += 1
            else:
                break
        return swept

    def _evict(self, slot: Slot, reason: Reason) -> None:
        self._drop(slot)
        self._evicted(slot.cache, reason)

    def _drop(self, slot: Slot) -> None:
        del self._slots[slot.cache, slot.key]
        totals = self._totals[slot.cache]
        totals.entries -= 1
        totals.size -= slot.size
        self.size -= slot.size
        # Its node stays in the heap for a while and must not keep key and value alive.
        slot.alive, slot.key, slot.value = False, None, None
        if slot.gone_at < inf:
            self._expiring -= 1
            self._bury_dead_nodes()

    def _bury_dead_nodes(self) -> None:
        dead = len(self._expiries) - self._expiring
        if dead > self._expiring // 4 + _DEAD_NODES_TOLERATED:
            self._expiries = [node for node in self._expiries if node[2].alive]
            heapq.heapify(self._expiries)
