"""One answer for all where it holds for all, each their own where it does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from proxy.cache import Cache
from proxy.errors import Code, RpcError
from proxy.library.asking import Gathering, Requests, Turns
from proxy.library.viewer import Viewer, Viewers
from proxy.metrics import Metrics
from tests.fakes.github import Clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PEOPLE = [Viewers(b"s").viewer("t", f"token-{number}") for number in range(5)]


class Oracle:
    """Is asked, and answers what it is told to when ``go`` is set."""

    def __init__(self) -> None:
        self.asked: list[Viewer] = []
        self.answers: dict[Viewer, str | RpcError] = {}
        self.go = asyncio.Event()
        self.reached = asyncio.Event()
        self.requests = Requests(Cache(0, Metrics(CollectorRegistry(), version="", revision=""), Clock()))

    def question(self, viewer: Viewer) -> Callable[[], Awaitable[str]]:
        async def ask() -> str:
            self.asked.append(viewer)
            self.reached.set()
            await self.go.wait()
            answer = self.answers.get(viewer, "public")
            if isinstance(answer, RpcError):
                raise answer
            return answer

        return ask

    async def all_ask(self, *, alone: bool = False) -> list[str | BaseException]:
        def one(viewer: Viewer) -> Awaitable[str]:
            if alone:
                return self.requests.ask_alone(viewer, "q", self.question(viewer))
            return self.requests.ask(
                viewer, "q", self.question(viewer), holds_for_all=lambda answer: answer == "public"
            )

        tasks = [asyncio.ensure_future(one(viewer)) for viewer in PEOPLE for _ in range(3)]
        await asyncio.sleep(0)
        self.go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def oracle() -> Oracle:
    return Oracle()


async def test_what_holds_for_all_is_asked_once(oracle: Oracle) -> None:
    assert await oracle.all_ask() == ["public"] * 15
    assert oracle.asked == PEOPLE[:1]


async def test_what_does_not_is_asked_by_each_once(oracle: Oracle) -> None:
    oracle.answers = {viewer: f"for {index}" for index, viewer in enumerate(PEOPLE)}
    assert await oracle.all_ask() == [f"for {index}" for index in range(5) for _ in range(3)]
    assert sorted(viewer.token for viewer in oracle.asked) == [viewer.token for viewer in PEOPLE]


async def test_what_is_known_to_hold_for_one_is_asked_by_each_once(oracle: Oracle) -> None:
    assert await oracle.all_ask(alone=True) == ["public"] * 15
    assert len(oracle.asked) == 5


@pytest.mark.parametrize("code", [Code.UNAUTHENTICATED, Code.PERMISSION_DENIED, Code.RESOURCE_EXHAUSTED])
async def test_a_personal_failure_is_one_person_s(oracle: Oracle, code: Code) -> None:
    oracle.answers[PEOPLE[0]] = RpcError(code, "yours")
    answers = await oracle.all_ask()
    assert [str(answer) for answer in answers] == ["yours"] * 3 + ["public"] * 12


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.UNKNOWN])
async def test_an_outage_is_everybody_s_and_asked_about_once(oracle: Oracle, code: Code) -> None:
    oracle.answers[PEOPLE[0]] = RpcError(code, "down")
    assert [str(answer) for answer in await oracle.all_ask()] == ["down"] * 15
    assert len(oracle.asked) == 1


async def test_the_first_may_leave(oracle: Oracle) -> None:
    def ask(viewer: Viewer) -> asyncio.Task[str]:
        asking = oracle.requests.ask(viewer, "q", oracle.question(viewer), holds_for_all=lambda _: True)
        return asyncio.ensure_future(asking)

    first, second = ask(PEOPLE[0]), ask(PEOPLE[1])
    await oracle.reached.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    oracle.go.set()
    assert await second == "public"
    assert oracle.asked == PEOPLE[:1]


async def test_nothing_is_remembered(oracle: Oracle) -> None:
    await oracle.all_ask()
    await oracle.all_ask()
    assert len(oracle.asked) == 2


async def test_what_is_gathered_is_asked_once_each_in_order() -> None:
    sent: list[tuple[str, ...]] = []

    async def send(items: tuple[str, ...]) -> int:
        sent.append(items)
        return len(items)

    gathering: Gathering[str] = Gathering(0)
    asked = await asyncio.gather(
        gathering.ask("g", ["b", "a"], send),
        gathering.ask("g", ["a", "c"], send),
        gathering.ask("h", ["z"], send),
    )
    assert list(asked) == [3, 3, 1]
    assert sent == [("b", "a", "c"), ("z",)]
    assert await gathering.ask("g", ["b"], send) == 1


async def test_what_comes_up_in_the_same_moment_goes_at_once_and_the_rest_in_the_next_turn() -> None:
    sent: list[tuple[str, ...]] = []
    go = asyncio.Event()

    async def send(items: tuple[str, ...]) -> tuple[str, ...]:
        sent.append(items)
        await go.wait()
        return items

    turns: Turns[str] = Turns()

    def ask(*items: str, group: str = "g") -> asyncio.Task[tuple[str, ...]]:
        return asyncio.ensure_future(turns.ask(group, items, send))

    async def settle() -> None:
        for _ in range(8):
            await asyncio.sleep(0)

    first = [ask("a"), ask("b", "a")]
    await settle()
    later = [ask("c"), ask("d")]
    await settle()
    later.append(ask("c", "e"))
    other = ask("z", group="h")
    await settle()
    assert sent == [("a", "b"), ("z",)]
    go.set()
    assert await asyncio.gather(*first) == [("a", "b")] * 2
    assert await asyncio.gather(*later) == [("c", "d", "e")] * 3
    assert await other == ("z",)
    assert sent[2:] == [("c", "d", "e")]
    assert await ask("f") == ("f",)


async def test_a_turn_that_fails_lets_the_next_one_go() -> None:
    go = asyncio.Event()

    async def send(items: tuple[str, ...]) -> str:
        await go.wait()
        if "bad" in items:
            raise RpcError(Code.UNAVAILABLE, "down")
        return "good"

    turns: Turns[str] = Turns()
    bad = asyncio.ensure_future(turns.ask("g", ["bad"], send))
    for _ in range(5):
        await asyncio.sleep(0)
    good = asyncio.ensure_future(turns.ask("g", ["fine"], send))
    gone = asyncio.ensure_future(turns.ask("g", ["fine"], send))
    await asyncio.sleep(0)
    gone.cancel()
    go.set()
    with pytest.raises(RpcError):
        await bad
    assert await good == "good"


async def test_a_turn_that_nobody_waits_for_any_more_is_out_of_the_way() -> None:
    reached = asyncio.Event()

    async def never(_: tuple[str, ...]) -> str:
        reached.set()
        await asyncio.Event().wait()
        return ""

    async def at_once(items: tuple[str, ...]) -> str:
        return items[0]

    turns: Turns[str] = Turns()
    waiting = asyncio.ensure_future(turns.ask("g", ["a"], never))
    await reached.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await turns.ask("g", ["b"], at_once) == "b"
