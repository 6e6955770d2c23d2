from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any

import pytest

from proxy.cache import Entry
from proxy.errors import Code, RpcError
from tests.cache.helpers import World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Loader:
    """A load whose end the test decides, and that knows how often it ran and was cancelled."""

    def __init__(self) -> None:
        self.started = 0
        self.cancelled = 0
        self.outcome: asyncio.Future[Entry[Any]] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> Entry[Any]:
        self.started += 1
        try:
            return await asyncio.shield(self.outcome)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def settle() -> None:
    """Let everything run that can run."""
    for _ in range(10):
        await asyncio.sleep(0)


def entry_of(value: Any, **rest: Any) -> Callable[[], Awaitable[Entry[Any]]]:
    async def load() -> Entry[Any]:
        return Entry(value, **rest)

    return load


async def never() -> Entry[Any]:
    raise AssertionError("nothing was to be loaded")


async def test_loads_once_and_knows_it_from_then_on() -> None:
    world = World()
    files = world.named()
    assert await files.fetch("a", entry_of(b"content")) == b"content"
    assert await files.fetch("a", never) == b"content"
    assert files.get("a") == b"content"
    assert world.requests() == {"hit": 2, "miss": 1, "stale": 0, "coalesced": 0}


async def test_none_is_loaded_once_too() -> None:
    files = World().named()
    assert await files.fetch("a", entry_of(None)) is None
    assert await files.fetch("a", never) is None


async def test_a_load_says_how_long_and_how_large() -> None:
    world = World()
    refs = world.named()
    await refs.fetch("main", entry_of("old", ttl=60, size=5000))
    assert 5000 < world.metric("size_bytes", cache="files") < 6000
    world.clock.now += 59
    assert await refs.fetch("main", never) == "old"
    world.clock.now += 1
    assert await refs.fetch("main", entry_of("new", ttl=60)) == "new"
    assert world.requests() == {"hit": 1, "miss": 2, "stale": 0, "coalesced": 0}
    assert world.evictions() == {"size": 0, "ttl": 1}


async def test_its_time_counts_from_the_end_of_the_load() -> None:
    world = World()
    refs = world.named()
    loader = Loader()
    waiter = asyncio.create_task(refs.fetch("main", loader))
    await settle()
    world.clock.now += 100
    loader.outcome.set_result(Entry("sha", ttl=60))
    await waiter
    world.clock.now += 59
    assert refs.get("main") == "sha"


async def test_what_is_too_large_is_given_but_not_kept() -> None:
    world = World(1000)
    files = world.named()
    assert await files.fetch("a", entry_of(b"large", size=2000)) == b"large"
    assert await files.fetch("a", entry_of(b"again", size=2000)) == b"again"
    assert world.metric("entries", cache="files") == 0


async def test_what_has_no_time_to_live_is_given_but_not_kept() -> None:
    files = World().named()
    assert await files.fetch("a", entry_of(1, ttl=0)) == 1
    assert await files.fetch("a", entry_of(2)) == 2


async def test_a_failed_load_during_grace_leaves_the_stale_value() -> None:
    world = World()
    refs = world.named()
    await refs.fetch("main", entry_of("sha", ttl=60, grace=600))
    world.clock.now += 60

    async def load() -> Entry[Any]:
        raise RpcError(Code.UNAVAILABLE, "GitHub does not answer")

    with pytest.raises(RpcError):
        await refs.fetch("main", load)
    assert refs.get_stale("main") == "sha"
    assert world.requests() == {"hit": 0, "miss": 2, "stale": 1, "coalesced": 0}


async def test_many_waiters_share_one_load() -> None:
    world = World()
    files = world.named()
    loader = Loader()
    waiters = [asyncio.create_task(files.fetch("a", loader)) for _ in range(1000)]
    await settle()
    value = object()
    loader.outcome.set_result(Entry(value, size=1))
    assert all(got is value for got in await asyncio.gather(*waiters))
    assert loader.started == 1
    assert world.requests() == {"hit": 0, "miss": 1, "stale": 0, "coalesced": 999}


async def test_different_keys_and_caches_load_apart() -> None:
    world = World()
    files, refs = world.named("files"), world.named("refs")
    loader = Loader()
    waiters = [
        asyncio.create_task(cache.fetch(key, loader))
        for cache, key in ((files, "a"), (files, "b"), (refs, "a"))
    ]
    await settle()
    assert loader.started == 3
    loader.outcome.set_result(Entry(1))
    await asyncio.gather(*waiters)


@pytest.mark.parametrize("leaving", [[0], [1], [4], [0, 1], [0, 2, 3, 4]])
async def test_waiters_that_leave_harm_no_other(leaving: list[int]) -> None:
    files = World().named()
    loader = Loader()
    waiters = [asyncio.create_task(files.fetch("a", loader)) for _ in range(5)]
    await settle()
    for number in leaving:
        waiters[number].cancel()
    await settle()
    loader.outcome.set_result(Entry("value"))
    results = await asyncio.gather(*waiters, return_exceptions=True)
    for number, result in enumerate(results):
        assert isinstance(result, asyncio.CancelledError) if number in leaving else result == "value"
    assert (loader.started, loader.cancelled) == (1, 0)
    assert files.get("a") == "value"


async def test_the_last_one_leaving_cancels_the_work() -> None:
    world = World()
    files = world.named()
    loader = Loader()
    waiters = [asyncio.create_task(files.fetch("a", loader)) for _ in range(3)]
    await settle()
    for waiter in waiters:
        waiter.cancel()
    await settle()
    assert all(waiter.cancelled() for waiter in waiters)
    assert loader.cancelled == 1
    assert world.metric("entries", cache="files") == 0


async def test_who_comes_after_the_last_one_left_starts_anew() -> None:
    files = World().named()
    abandoned = Loader()
    waiter = asyncio.create_task(files.fetch("a", abandoned))
    await settle()
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    # The cancelled work has not run yet: nobody may join it.
    assert await files.fetch("a", entry_of("new")) == "new"
    assert abandoned.cancelled == 1


async def test_a_waiter_cancelled_before_it_ran_loads_nothing() -> None:
    world = World()
    files = world.named()
    waiter = asyncio.create_task(files.fetch("a", never))
    waiter.cancel()
    await settle()
    assert waiter.cancelled()
    assert world.requests()["miss"] == 0


async def test_work_that_finishes_although_it_was_abandoned_is_not_kept() -> None:
    files = World().named()
    release = asyncio.Event()

    async def stubborn() -> Entry[Any]:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await release.wait()
        return Entry("outdated")

    waiter = asyncio.create_task(files.fetch("a", stubborn))
    await settle()
    waiter.cancel()
    await settle()
    assert await files.fetch("a", entry_of("new")) == "new"
    release.set()
    await settle()
    assert files.get("a") == "new"


async def test_a_waiter_gives_up_by_timeout() -> None:
    files = World().named()
    loader = Loader()
    patient = asyncio.create_task(files.fetch("a", loader))
    await settle()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await files.fetch("a", loader)
    loader.outcome.set_result(Entry("value"))
    assert await patient == "value"


@pytest.mark.parametrize("action", ["put", "forget"])
async def test_what_is_put_or_forgotten_during_a_load_wins_over_it(action: str) -> None:
    files = World().named()
    loader = Loader()
    early = asyncio.create_task(files.fetch("a", loader))
    await settle()
    if action == "put":
        files.put("a", "put")
    else:
        files.forget("a")
        assert await files.fetch("a", entry_of("put")) == "put"
    loader.outcome.set_result(Entry("loaded"))
    assert await early == "loaded"
    assert files.get("a") == "put"


async def test_a_forgotten_load_is_still_cancelled_with_its_last_waiter() -> None:
    files = World().named()
    loader = Loader()
    early = asyncio.create_task(files.fetch("a", loader))
    await settle()
    files.forget("a")
    early.cancel()
    await settle()
    assert loader.cancelled == 1


async def test_the_load_runs_in_a_copy_of_the_first_waiters_context() -> None:
    request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")
    files = World().named()
    seen: list[str] = []

    async def load() -> Entry[Any]:
        await asyncio.sleep(0)
        seen.append(request_id.get())
        request_id.set("changed by the load")
        return Entry(1)

    async def waiter(name: str) -> str:
        request_id.set(name)
        await files.fetch("a", load)
        return request_id.get()

    assert list(await asyncio.gather(waiter("first"), waiter("second"))) == ["first", "second"]
    assert seen == ["first"]


async def test_closing_cancels_what_is_going_on_and_tells_who_waits() -> None:
    world = World()
    files = world.named()
    loader = Loader()
    waiter = asyncio.create_task(files.fetch("a", loader))
    await settle()
    await world.cache.aclose()
    assert loader.cancelled == 1
    with pytest.raises(RpcError) as caught:
        await waiter
    assert caught.value.code is Code.UNAVAILABLE


async def test_closing_with_nothing_going_on() -> None:
    await World().cache.aclose()
