from __future__ import annotations

import sys

import pytest

from proxy.cache.store import ENTRY_OVERHEAD
from tests.cache.helpers import PLENTY, World

KEY = sys.getsizeof("a")
ROOM = KEY + ENTRY_OVERHEAD


def test_gives_back_what_was_put() -> None:
    files = World().named()
    assert files.put("a", b"content")
    assert files.get("a") == b"content"


def test_gives_the_default_for_what_is_not_known() -> None:
    files = World().named()
    assert files.get("a") is None
    assert files.get("a", b"default") == b"default"


def test_none_is_a_value() -> None:
    files = World().named()
    files.put("a", None)
    assert files.get("a", "default") is None


def test_the_same_key_in_two_caches_is_two_entries() -> None:
    world = World()
    files, refs = world.named("files"), world.named("refs")
    files.put("a", 1)
    refs.put("a", 2)
    files.forget("a")
    assert (files.get("a"), refs.get("a")) == (None, 2)


def test_a_name_has_one_owner() -> None:
    world = World()
    world.named("files")
    with pytest.raises(ValueError, match="there is a cache named 'files' already"):
        world.named("files")


@pytest.mark.parametrize(("passed", "known"), [(0, True), (59.9, True), (60, False), (61, False)])
def test_an_entry_is_known_until_its_time_is_over(passed: float, known: bool) -> None:
    world = World()
    refs = world.named()
    refs.put("main", "sha", ttl=60)
    world.clock.now += passed
    assert refs.get("main") == ("sha" if known else None)
    assert world.evictions() == {"size": 0, "ttl": 0 if known else 1}
    assert world.metric("entries", cache="files") == (1 if known else 0)


def test_an_entry_without_ttl_never_expires() -> None:
    world = World()
    blobs = world.named()
    blobs.put("oid", b"content")
    world.clock.now += 1e12
    assert blobs.get("oid") == b"content"


@pytest.mark.parametrize("ttl", [0.0, -1.0, float("nan")])
@pytest.mark.parametrize("grace", [0.0, 60.0])
def test_an_entry_with_no_time_to_live_is_not_kept_and_replaces_what_was(ttl: float, grace: float) -> None:
    world = World()
    files = world.named()
    files.put("a", 1)
    assert not files.put("a", 2, ttl=ttl, grace=grace)
    assert files.get("a") is None
    assert world.metric("size_bytes", cache="files") == 0


def test_an_entry_past_its_time_is_given_during_its_grace_to_who_asks_for_it() -> None:
    world = World()
    refs = world.named()
    refs.put("main", "sha", ttl=60, grace=30)
    world.clock.now += 60
    assert refs.get("main") is None
    assert refs.get_stale("main") == "sha"
    assert world.requests() == {"hit": 0, "miss": 1, "stale": 1, "coalesced": 0}
    world.clock.now += 30
    assert refs.get_stale("main", "default") == "default"
    assert world.requests() == {"hit": 0, "miss": 1, "stale": 1, "coalesced": 0}
    assert world.evictions() == {"size": 0, "ttl": 1}


def test_asking_for_a_stale_entry_that_is_fresh_is_a_hit() -> None:
    world = World()
    refs = world.named()
    refs.put("main", "sha", ttl=60)
    assert refs.get_stale("main") == "sha"
    assert world.requests() == {"hit": 1, "miss": 0, "stale": 0, "coalesced": 0}


def test_a_negative_grace_shortens_nothing() -> None:
    world = World()
    refs = world.named()
    refs.put("main", "sha", ttl=60, grace=-60)
    assert refs.get("main") == "sha"


def test_size_is_value_key_and_overhead() -> None:
    world = World()
    files = world.named()
    files.put("a", b"x" * 1000)
    assert world.metric("size_bytes", cache="files") == sys.getsizeof(b"x" * 1000) + ROOM


def test_a_given_size_is_believed() -> None:
    world = World()
    files = world.named()
    files.put("a", object(), size=12345)
    assert world.metric("size_bytes", cache="files") == 12345 + ROOM


def test_a_sizer_counts_where_no_size_is_given() -> None:
    world = World()
    files = world.cache.named("files", sizer=len)
    files.put("a", b"x" * 700)
    assert world.metric("size_bytes", cache="files") == 700 + ROOM


def test_long_keys_count() -> None:
    world = World()
    files = world.named()
    files.put("k" * 5000, None)
    assert world.metric("size_bytes", cache="files") == sys.getsizeof("k" * 5000) + ENTRY_OVERHEAD


def test_a_negative_size_is_refused_and_changes_nothing() -> None:
    files = World().named()
    files.put("a", 1)
    with pytest.raises(ValueError, match="negative"):
        files.put("a", 2, size=-1)
    assert files.get("a") == 1


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        World(-1)


def test_the_least_recently_used_goes_first_whichever_cache_it_is_in() -> None:
    world = World(3 * (100 + ROOM))
    files, refs = world.named("files"), world.named("refs")
    files.put("a", 1, size=100)
    refs.put("b", 2, size=100)
    files.put("c", 3, size=100)
    files.get("a")
    files.put("d", 4, size=100)
    assert refs.get("b") is None
    assert (files.get("a"), files.get("c"), files.get("d")) == (1, 3, 4)
    assert world.evictions("refs") == {"size": 1, "ttl": 0}
    assert world.evictions("files") == {"size": 0, "ttl": 0}


def test_the_expired_goes_before_the_least_recently_used() -> None:
    world = World(2 * (100 + ROOM))
    files = world.named()
    files.put("o", 1, size=100)
    files.put("e", 2, size=100, ttl=1)
    world.clock.now += 1
    files.put("n", 3, size=100)
    assert (files.get("o"), files.get("e"), files.get("n")) == (1, None, 3)
    assert world.evictions() == {"size": 0, "ttl": 1}


def test_all_that_is_expired_goes_before_the_least_recently_used_when_much_room_is_needed() -> None:
    world = World(41 * ROOM)
    files = world.named()
    files.put("o", 1, size=0)
    for number in range(40):
        files.put(chr(ord("A") + number), number, size=0, ttl=1)
    world.clock.now += 1
    assert files.put("n", 2, size=39 * ROOM)
    assert files.get("o") == 1
    assert world.evictions() == {"size": 0, "ttl": 40}


def test_what_is_larger_than_the_budget_is_not_stored_and_pushes_nothing_out() -> None:
    world = World(1000 + ROOM)
    files = world.named()
    assert files.put("a", 1, size=10)
    assert not files.put("b", 2, size=1001)
    assert (files.get("a"), files.get("b")) == (1, None)
    assert files.put("b", 2, size=1000)
    assert world.metric("size_bytes", cache="files") == world.metric("max_size_bytes")


def test_what_is_larger_than_the_budget_does_not_leave_its_outdated_forerunner() -> None:
    files = World(1000 + ROOM).named()
    files.put("a", "outdated", size=10)
    assert not files.put("a", "new", size=1001)
    assert files.get("a") is None


def test_a_budget_of_nothing_stores_nothing() -> None:
    world = World(0)
    files = world.named()
    assert not files.put("a", None, size=0)
    assert files.get("a") is None
    assert world.metric("max_size_bytes") == 0


def test_replacing_and_forgetting_are_no_evictions() -> None:
    world = World()
    files = world.named()
    files.put("a", 1)
    files.put("a", 2)
    files.forget("a")
    files.forget("a")
    assert world.evictions() == {"size": 0, "ttl": 0}
    assert world.metric("entries", cache="files") == 0
    assert world.metric("size_bytes", cache="files") == 0


@pytest.mark.parametrize("action", ["put", "forget"])
def test_an_expired_entry_that_is_replaced_or_forgotten_was_evicted_by_time(action: str) -> None:
    world = World()
    files = world.named()
    files.put("a", 1, ttl=1)
    world.clock.now += 1
    if action == "put":
        files.put("a", 2)
    else:
        files.forget("a")
    assert world.evictions() == {"size": 0, "ttl": 1}


def test_a_backlog_of_expired_entries_shrinks_with_every_put() -> None:
    world = World()
    files = world.named()
    for number in range(100):
        files.put(f"old {number}", number, ttl=1)
    world.clock.now += 1
    for number in range(10):
        files.put(f"new {number}", number)
    assert world.metric("entries", cache="files") == 10
    assert world.evictions() == {"size": 0, "ttl": 100}


def test_known_series_exist_from_the_start() -> None:
    world = World()
    world.named("refs")
    assert world.requests("refs") == {"hit": 0, "miss": 0, "stale": 0, "coalesced": 0}
    assert world.evictions("refs") == {"size": 0, "ttl": 0}
    assert world.metric("entries", cache="refs") == 0
    assert world.metric("size_bytes", cache="refs") == 0
    assert world.metric("max_size_bytes") == PLENTY
