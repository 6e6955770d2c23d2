from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Code, RpcError
from proxy.github.places import Line, Places

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 60.0


async def settle() -> None:
    """Let every task go on until all wait."""
    for _ in range(20):
        await asyncio.sleep(0)


class Visitors:
    """Tasks that hold a place until they are told to go."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.inside: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._go: dict[str, asyncio.Event] = {}

    async def come(self, *names: str, patience: float = PATIENCE) -> None:
        """Names are ``KEY`` and a number."""
        for name in names:
            self._go[name] = asyncio.Event()
            self.tasks[name] = asyncio.ensure_future(self._stay(name, patience))
        await settle()

    async def go(self, name: str) -> None:
        self._go[name].set()
        await settle()

    async def give_up(self, name: str) -> None:
        self.tasks[name].cancel()
        await settle()

    async def _stay(self, name: str, patience: float) -> None:
        async with self.places.place(name[0], patience):
            self.inside.append(name)
            try:
                await self._go[name].wait()
            finally:
                self.inside.remove(name)

    async def end(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


def never(_: str) -> bool:
    return False


async def test_so_many_per_token_the_first_to_come_first() -> None:
    visitors = Visitors(Places(never, per_token=2, in_all=10))
    await visitors.come("a1", "a2", "a3", "a4", "b1")
    assert visitors.inside == ["a1", "a2", "b1"]
    await visitors.go("a2")
    assert visitors.inside == ["a1", "b1", "a3"]
    await visitors.go("a1")
    await visitors.go("a3")
    assert visitors.inside == ["b1", "a4"]
    await visitors.end()


async def test_one_token_s_calls_do_not_keep_others_waiting() -> None:
    visitors = Visitors(Places(never, per_token=2, in_all=3))
    await visitors.come(*[f"a{number}" for number in range(9)], "b1", "c1", "b2")
    assert visitors.inside == ["a0", "a1", "b1"]
    await visitors.go("a0")
    assert visitors.inside == ["a1", "b1", "c1"]
    await visitors.go("a1")
    assert visitors.inside == ["b1", "c1", "b2"]
    await visitors.end()


async def test_whoever_gives_up_leaves_no_trace() -> None:
    places = Places(never, per_token=1, in_all=2)
    visitors = Visitors(places)
    await visitors.come("a1", "a2", "a3")
    await visitors.give_up("a2")
    await visitors.give_up("a1")
    assert visitors.inside == ["a3"]
    await visitors.go("a3")
    assert places.taken("a") == 0
    assert places._lines == {}
    assert places._all.is_empty


async def test_whoever_gives_up_before_the_common_line_gives_back_the_own_place() -> None:
    places = Places(never, per_token=1, in_all=1)
    visitors = Visitors(places)
    await visitors.come("a1", "b1", "b2")
    await visitors.give_up("b1")
    await visitors.go("a1")
    assert visitors.inside == ["b2"]
    await visitors.go("b2")
    assert places._lines == {}
    assert places._all.is_empty


async def test_whoever_is_called_while_giving_up_calls_the_next() -> None:
    line = Line(lambda: 1)
    await line.enter()
    second, third = asyncio.ensure_future(line.enter()), asyncio.ensure_future(line.enter())
    await settle()
    line.leave()
    second.cancel()
    await settle()
    assert second.cancelled()
    assert third.done()
    assert line.taken == 1
    line.leave()
    assert line.is_empty


async def test_on_probation_they_go_one_at_a_time() -> None:
    probation = {"a"}
    visitors = Visitors(Places(probation.__contains__, per_token=3, in_all=10))
    await visitors.come("a1", "a2", "a3", "a4", "b1", "b2")
    assert visitors.inside == ["a1", "b1", "b2"]
    await visitors.go("a1")
    assert visitors.inside == ["b1", "b2", "a2"]
    probation.clear()
    await visitors.go("a2")
    assert visitors.inside == ["b1", "b2", "a3", "a4"]
    await visitors.end()


async def test_waiting_is_bounded() -> None:
    places = Places(never, per_token=1, in_all=1)
    visitors = Visitors(places)
    await visitors.come("a1")
    for key in "ab":
        with pytest.raises(RpcError, match="Too many calls") as caught:
            async with places.place(key, 0.001):
                raise AssertionError("there was no place")
        assert caught.value.code is Code.DEADLINE_EXCEEDED
    await visitors.go("a1")
    assert places._lines == {}
    assert places._all.is_empty


@pytest.mark.parametrize(
    ("mine", "others", "plenty"), [(0, 0, True), (9, 0, True), (10, 0, False), (0, 21, False)]
)
async def test_when_there_is_plenty(mine: int, others: int, *, plenty: bool) -> None:
    places = Places(never)
    visitors = Visitors(places)
    await visitors.come(*[f"a{n}" for n in range(mine)], *[f"b{n}" for n in range(others)])
    assert places.has_plenty("a") is plenty
    await visitors.end()


STEPS = st.lists(
    st.tuples(st.sampled_from(["come", "go", "give up"]), st.sampled_from("abc"), st.integers(0, 9))
)


async def live(steps: list[tuple[str, str, int]], check: Callable[[Visitors], None]) -> None:
    visitors = Visitors(Places(never, per_token=2, in_all=4))
    for step, key, number in steps:
        name = f"{key}{number}"
        if step == "come" and name not in visitors.tasks:
            await visitors.come(name)
        elif name in visitors.tasks:
            await (visitors.go(name) if step == "go" else visitors.give_up(name))
        check(visitors)
    await visitors.end()
    assert visitors.places._lines == {}
    assert visitors.places._all.is_empty


@given(STEPS)
def test_never_too_many_never_an_empty_place_that_somebody_waits_for(
    steps: list[tuple[str, str, int]],
) -> None:
    def check(visitors: Visitors) -> None:
        inside = visitors.inside
        waiting = [name for name, task in visitors.tasks.items() if not task.done() and name not in inside]
        assert len(inside) <= 4
        for key in "abc":
            mine = sum(name[0] == key for name in inside)
            assert mine <= 2
            if len(inside) < 4 and mine < 2:
                assert not [name for name in waiting if name[0] == key]

    asyncio.run(live(steps, check))
