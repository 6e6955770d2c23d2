"""That the bytes counted are the bytes used, and that what left is really gone."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import TYPE_CHECKING

import pytest

from tests.cache.helpers import World
from tests.cache.test_memory import ROOM

if TYPE_CHECKING:
    from collections.abc import Iterator


class Value:
    """Something that can be watched going away."""


@pytest.mark.parametrize("way", ["forgotten", "replaced", "evicted"])
def test_what_left_is_not_kept_alive(way: str) -> None:
    files = World(1000 + ROOM).named()
    value = Value()
    watched = weakref.ref(value)
    files.put("a", value, size=10, ttl=60)
    del value
    if way == "forgotten":
        files.forget("a")
    elif way == "replaced":
        files.put("a", None)
    else:
        files.put("b", None, size=1000)
    assert watched() is None


@pytest.fixture
def traced() -> Iterator[None]:
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("ttl", [None, 60.0])
@pytest.mark.parametrize("entries", [1400, 2800, 6000, 11000])
def test_the_memory_that_is_really_used_stays_within_what_is_counted(
    traced: None, ttl: float | None, entries: int
) -> None:
    world = World()
    files = world.named()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(entries):
        files.put(f"key {number}", b"%200d" % number, ttl=ttl)
    used = tracemalloc.get_traced_memory()[0] - before
    assert used <= world.metric("size_bytes", cache="files")


def test_churn_in_a_full_cache_stays_within_its_budget(traced: None) -> None:
    budget = 1 << 20
    world = World(budget)
    files = world.named()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(20_000):
        files.put(f"key {number % 3000}", b"%200d" % number, ttl=60 + number % 7)
    used = tracemalloc.get_traced_memory()[0] - before
    assert 0.9 * budget < world.metric("size_bytes", cache="files") <= budget
    # What is left over: the metrics themselves, and counters that grew.
    assert used <= budget + 16_384
