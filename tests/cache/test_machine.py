"""Any sequence of operations, held against a model that is too simple to be wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from proxy.cache.sizes import size_of
from proxy.cache.store import ENTRY_OVERHEAD
from tests.cache.helpers import World

if TYPE_CHECKING:
    from proxy.cache import NamedCache

CACHES = ("files", "refs")
SWEPT_BY_A_PUT = 16

caches = st.sampled_from(CACHES)
keys = st.sampled_from(["a", "b", "c", "d", "e" * 300, ""])
sizes = st.sampled_from([0, 1, 100, 400, 1500, 4000])
ttls = st.sampled_from([None, -1.0, 0.0, 1.0, 5.0, 60.0])
graces = st.sampled_from([0.0, 0.0, 3.0])


@dataclass
class Known:
    value: int
    size: int
    fresh_until: float
    gone_at: float
    order: int


class CacheMachine(RuleBasedStateMachine):
    """The model: a dict in order of use, searched from end to end for whatever is asked."""

    @initialize(budget=st.sampled_from([0, 700, 2500, 6000, 1 << 30]))
    def start(self, budget: int) -> None:
        self.world = World(budget)
        self.budget = budget
        self.caches: dict[str, NamedCache[str, int]] = {name: self.world.named(name) for name in CACHES}
        self.known: dict[tuple[str, str], Known] = {}
        self.requests = {name: dict.fromkeys(("hit", "miss", "stale", "coalesced"), 0) for name in CACHES}
        self.evictions = {name: {"size": 0, "ttl": 0} for name in CACHES}
        self.puts = 0

    @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 5.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.now += seconds

    @rule(cache=caches, key=keys)
    def get(self, cache: str, key: str) -> None:
        expected = self._look_up(cache, key)
        if expected is not None and expected.fresh_until <= self.world.clock.now:
            expected = None
        self.requests[cache]["miss" if expected is None else "hit"] += 1
        self._expect(cache, key, expected, self.caches[cache].get(key))

    @rule(cache=caches, key=keys)
    def get_stale(self, cache: str, key: str) -> None:
        expected = self._look_up(cache, key)
        if expected is not None:
            result = "hit" if expected.fresh_until > self.world.clock.now else "stale"
            self.requests[cache][result] += 1
        self._expect(cache, key, expected, self.caches[cache].get_stale(key))

    @rule(cache=caches, key=keys)
    def forget(self, cache: str, key: str) -> None:
        self._look_up(cache, key)
        self.known.pop((cache, key), None)
        self.caches[cache].forget(key)

    @rule(cache=caches, key=keys, size=sizes, ttl=ttls, grace=graces)
    def put(self, cache: str, key: str, size: int, ttl: float | None, grace: float) -> None:
        now = self.world.clock.now
        self.puts += 1
        fresh_until = math.inf if ttl is None else now + ttl
        new = Known(
            self.puts, size + size_of(key) + ENTRY_OVERHEAD, fresh_until, fresh_until + grace, self.puts
        )
        self._look_up(cache, key)
        self.known.pop((cache, key), None)
        stored = new.size <= self.budget and fresh_until > now
        if stored:
            self._make_room(new.size)
            self.known[cache, key] = new
        assert self.caches[cache].put(key, self.puts, size, ttl, grace=grace) is stored

    @invariant()
    def the_budget_holds_and_the_metrics_are_true(self) -> None:
        total = 0
        for name in CACHES:
            mine = [known for (cache, _), known in self.known.items() if cache == name]
            size = sum(known.size for known in mine)
            total += size
            assert self.world.metric("entries", cache=name) == len(mine)
            assert self.world.metric("size_bytes", cache=name) == size
            assert self.world.requests(name) == self.requests[name]
            assert self.world.evictions(name) == self.evictions[name]
        assert total <= self.budget == self.world.metric("max_size_bytes")

    def _expect(self, cache: str, key: str, expected: Known | None, value: int | None) -> None:
        assert value == (None if expected is None else expected.value)
        if expected is not None:
            self.known[cache, key] = self.known.pop((cache, key))

    def _look_up(self, cache: str, key: str) -> Known | None:
        found = self.known.get((cache, key))
        if found is not None and found.gone_at <= self.world.clock.now:
            self._evict((cache, key), "ttl")
            return None
        return found

    def _make_room(self, size: int) -> None:
        for _ in range(SWEPT_BY_A_PUT):
            self._evict_expired()
        while sum(known.size for known in self.known.values()) + size > self.budget:
            if not self._evict_expired():
                self._evict(next(iter(self.known)), "size")

    def _evict_expired(self) -> bool:
        gone = [
            (known.gone_at, known.order, where)
            for where, known in self.known.items()
            if known.gone_at <= self.world.clock.now
        ]
        if gone:
            self._evict(min(gone)[2], "ttl")
        return bool(gone)

    def _evict(self, where: tuple[str, str], reason: str) -> None:
        del self.known[where]
        self.evictions[where[0]][reason] += 1


CacheMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=50, deadline=None)
TestCache = CacheMachine.TestCase
