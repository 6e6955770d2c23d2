"""Loads that fail, are cancelled from elsewhere, or wait for themselves."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from proxy.cache import Entry, NamedCache
from proxy.errors import Code, RpcError
from tests.cache.helpers import World
from tests.cache.test_fetch import Loader, entry_of, settle

Load = Callable[[], Awaitable[Entry[Any]]]
REFUSED = RpcError(Code.RESOURCE_EXHAUSTED, "rate limited", retry_after=7)


async def test_a_failure_goes_to_all_waiters_and_is_not_kept() -> None:
    world = World()
    files = world.named()
    loader = Loader()
    waiters = [asyncio.create_task(files.fetch("a", loader)) for _ in range(10)]
    await settle()
    loader.outcome.set_exception(REFUSED)
    assert await asyncio.gather(*waiters, return_exceptions=True) == [REFUSED] * 10
    assert await files.fetch("a", entry_of("value")) == "value"
    assert world.requests() == {"hit": 0, "miss": 2, "stale": 0, "coalesced": 9}


async def test_a_waiter_that_tries_again_at_once_does_not_meet_the_same_failure() -> None:
    files = World().named()
    loader = Loader()

    async def persistent() -> Any:
        try:
            return await files.fetch("a", loader)
        except RpcError:
            return await files.fetch("a", entry_of("value"))

    waiters = [asyncio.create_task(persistent()) for _ in range(3)]
    await settle()
    loader.outcome.set_exception(REFUSED)
    assert await asyncio.gather(*waiters) == ["value"] * 3


async def test_a_failure_reaches_each_member_of_a_task_group() -> None:
    files = World().named()
    loader = Loader()
    caught: list[BaseException] = []

    async def waiter() -> None:
        try:
            await files.fetch("a", loader)
        except RpcError as error:
            caught.append(error)
            raise

    async def crowd() -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(waiter())
            await settle()
            loader.outcome.set_exception(REFUSED)

    with pytest.raises(ExceptionGroup) as group:
        await crowd()
    assert set(group.value.exceptions) == {REFUSED}
    assert caught == [REFUSED] * 3


async def test_a_group_of_failures_arrives_whole() -> None:
    files = World().named()

    async def fail() -> None:
        raise REFUSED

    async def load() -> Entry[Any]:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fail())
        return Entry(1)

    results = await asyncio.gather(*(files.fetch("a", load) for _ in range(2)), return_exceptions=True)
    for result in results:
        assert isinstance(result, ExceptionGroup)
        assert result.exceptions == (REFUSED,)


async def test_a_failure_that_nobody_waited_for_is_not_reported_as_lost() -> None:
    files = World().named()
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))

    async def load() -> Entry[Any]:
        try:
            await asyncio.Event().wait()
        finally:
            # One of its own: a shared one would keep the task alive by its traceback.
            raise RpcError(Code.UNAVAILABLE, "GitHub does not answer")

    waiter = asyncio.create_task(files.fetch("a", load))
    await settle()
    waiter.cancel()
    await settle()
    assert waiter.cancelled()
    del waiter
    gc.collect()
    assert reported == []


async def cancels_itself() -> Entry[Any]:
    raise asyncio.CancelledError


async def is_cancelled_by_another() -> Entry[Any]:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_soon(task.cancel)
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("load", [cancels_itself, is_cancelled_by_another])
async def test_a_cancelled_load_is_an_error_and_not_the_waiters_own_cancellation(load: Load) -> None:
    files = World().named()
    results = await asyncio.gather(*(files.fetch("a", load) for _ in range(3)), return_exceptions=True)
    for result in results:
        assert isinstance(result, RpcError)
        assert result.code is Code.UNAVAILABLE
    assert await files.fetch("a", entry_of("value")) == "value"


async def test_a_cancelled_load_does_not_vanish_in_a_task_group() -> None:
    files = World().named()
    with pytest.raises(ExceptionGroup):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(files.fetch("a", cancels_itself))


async def test_a_waiter_cancelled_while_the_load_is_cancelled_sees_its_own_cancellation() -> None:
    files = World().named()
    waiter = asyncio.create_task(files.fetch("a", is_cancelled_by_another))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiter.cancel()
    await settle()
    assert waiter.cancelled()


async def test_a_size_that_cannot_be_is_an_error_for_who_waits() -> None:
    files = World().named()
    with pytest.raises(ValueError, match="negative"):
        await files.fetch("a", entry_of(1, size=-1))
    assert files.get("a") is None


def chain(cache: NamedCache[str, Any], *keys: str) -> Load:
    """A load that fetches the first key, whose load fetches the next, and so on."""

    async def load() -> Entry[Any]:
        if not keys:
            return Entry("end")
        return Entry(await cache.fetch(keys[0], chain(cache, *keys[1:])))

    return load


async def test_a_load_may_load_others() -> None:
    files = World().named()
    assert await files.fetch("a", chain(files, "b", "c")) == "end"
    assert [files.get(key) for key in "abc"] == ["end"] * 3


@pytest.mark.parametrize("keys", [("a",), ("b", "a"), ("b", "c", "b"), ("b", "c", "a")])
async def test_a_load_that_waits_for_itself_is_refused(keys: tuple[str, ...]) -> None:
    files = World().named()
    with pytest.raises(RpcError, match="waits for itself") as caught:
        await files.fetch("a", chain(files, *keys))
    assert caught.value.code is Code.INTERNAL
    assert await files.fetch("a", entry_of("fine")) == "fine"


async def test_a_load_that_waits_for_itself_through_its_own_tasks_is_refused() -> None:
    files = World().named()

    async def load() -> Entry[Any]:
        return Entry(await asyncio.gather(files.fetch("b", entry_of(1)), files.fetch("a", load)))

    with pytest.raises(RpcError, match="waits for itself"):
        await files.fetch("a", load)


async def test_two_loads_that_wait_for_each_other_are_not_both_stuck() -> None:
    files = World().named()
    both = asyncio.Barrier(2)

    def load(other: str) -> Load:
        async def cross() -> Entry[Any]:
            await both.wait()
            return Entry(await files.fetch(other, entry_of("never loaded: the other is loading it")))

        return cross

    results = await asyncio.gather(
        files.fetch("a", load("b")), files.fetch("b", load("a")), return_exceptions=True
    )
    for result in results:
        assert isinstance(result, RpcError)
        assert result.code is Code.INTERNAL


async def test_two_loads_may_wait_for_the_same_third() -> None:
    files = World().named()
    third = Loader()

    async def load() -> Entry[Any]:
        return Entry(await files.fetch("c", third))

    waiters = [asyncio.create_task(files.fetch(key, load)) for key in "ab"]
    await settle()
    third.outcome.set_result(Entry("shared"))
    assert await asyncio.gather(*waiters) == ["shared"] * 2
    assert third.started == 1


async def test_leaving_frees_the_way_for_who_waits_the_other_way_round() -> None:
    files = World().named()
    left = asyncio.Event()
    finish = asyncio.Event()

    async def impatient() -> Entry[Any]:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await files.fetch("b", wants_a)
        left.set()
        await finish.wait()
        return Entry("a without b")

    async def wants_a() -> Entry[Any]:
        await left.wait()
        return Entry(await files.fetch("a", impatient))

    waiter = asyncio.create_task(files.fetch("b", wants_a))
    await settle()
    first = asyncio.create_task(files.fetch("a", impatient))
    await left.wait()
    await settle()
    finish.set()
    assert list(await asyncio.gather(first, waiter)) == ["a without b"] * 2
