"""Refreshes of one session by several processes without Redis: one call, whoever asks, dies or waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from proxy.errors import Code, RpcError
from proxy.session import Token
from proxy.workers.turns import Turns
from tests.login.conftest import SECRETS, START, Stage, cookies

if TYPE_CHECKING:
    from proxy.login import Logins

TOKEN = Token("ghu_0", "bearer", "ghr_0", datetime.fromtimestamp(START, UTC))


class Gate:
    """A turnstile in this process, for logins that stand for processes."""

    def __init__(self) -> None:
        self.turns = Turns(lambda: 0.0, replay_seconds=60.0)
        self.waiting = 0

    def entrance(self, number: int) -> Entrance:
        return Entrance(self, number)


class Entrance:
    """That of one process."""

    secret = b"the same for all"

    def __init__(self, gate: Gate, number: int) -> None:
        self.gate = gate
        self.number = number
        self.gone = False

    async def claim(self, key: bytes) -> bytes | None:
        if self.gone:
            raise OSError("there is nobody to ask")
        given: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()

        def give(outcome: bytes | None) -> None:
            if not given.done():
                given.set_result(outcome)

        self.gate.turns.claim(key, self.number, give)
        self.gate.waiting += 1
        return await given

    def settle(self, key: bytes, outcome: bytes | None) -> None:
        if not self.gone:
            self.gate.turns.settle(key, self.number, outcome)


def processes(stage: Stage, count: int, gate: Gate | None = None) -> list[Logins]:
    gate = gate or Gate()
    return [stage.logins(turnstile=gate.entrance(number)) for number in range(count)]


async def refresh_all(stage: Stage, logins: list[Logins], each: int = 3) -> list[object]:
    stage.hold()
    tasks = [
        asyncio.create_task(one.refresh(cookies(TOKEN), "anonymous")) for one in logins for _ in range(each)
    ]
    await stage.until_github_is_asked()
    stage.github.go.set()
    return list(await asyncio.gather(*tasks, return_exceptions=True))


async def test_all_processes_share_one_call(stage: Stage) -> None:
    answers = await refresh_all(stage, processes(stage, 4))
    assert len(set(map(str, answers))) == 1
    assert len(stage.github.asked) == 1
    assert stage.events() == {"refresh": 1, "refresh_coalesced": 11}


async def test_one_that_comes_late_gets_the_same_answer(stage: Stage) -> None:
    first, second = processes(stage, 2)
    granted = await first.refresh(cookies(TOKEN), "anonymous")
    assert await second.refresh(cookies(TOKEN, secret=SECRETS[1]), "anonymous") == granted
    assert len(stage.github.asked) == 1


async def test_tenants_are_apart(stage: Stage) -> None:
    first, second = processes(stage, 2)
    await first.refresh(cookies(TOKEN), "anonymous")
    with pytest.raises(RpcError, match="bad_refresh_token"):
        await second.refresh(cookies(TOKEN, tenant="other"), "other")


async def test_a_refusal_is_told_to_all(stage: Stage) -> None:
    stage.github.refresh_tokens.clear()
    answers = await refresh_all(stage, processes(stage, 3))
    assert len(stage.github.asked) == 1
    assert {error.code for error in answers if isinstance(error, RpcError)} == {Code.UNAUTHENTICATED}
    assert len({str(error) for error in answers}) == 1


async def test_after_a_failure_that_may_pass_the_next_process_asks(stage: Stage) -> None:
    stage.github.says = [web.Response(status=502)]
    answers = await refresh_all(stage, processes(stage, 3), each=1)
    assert len(stage.github.asked) == 2
    failed = [answer for answer in answers if isinstance(answer, RpcError)]
    assert [error.code for error in failed] == [Code.UNAVAILABLE]
    assert len({str(answer) for answer in answers if not isinstance(answer, RpcError)}) == 1


async def test_the_turn_of_a_process_that_dies_passes_on(stage: Stage) -> None:
    gate = Gate()
    first, second = processes(stage, 2, gate)
    stage.hold()
    dying = asyncio.create_task(first.refresh(cookies(TOKEN), "anonymous"))
    await stage.until_github_is_asked()
    waiting = asyncio.create_task(second.refresh(cookies(TOKEN), "anonymous"))
    while gate.waiting < 2:  # noqa: ASYNC110 - what changes is inside the code under test
        await asyncio.sleep(0)
    gate.turns.gone(0)
    while len(stage.github.asked) < 2:  # noqa: ASYNC110 - likewise
        await asyncio.sleep(0.001)
    stage.github.go.set()
    answers = await asyncio.gather(dying, waiting, return_exceptions=True)
    # GitHub took the token of the one that asked first; the other one is refused, and told so.
    assert sum(isinstance(answer, RpcError) for answer in answers) == 1


async def test_without_anybody_to_ask_it_refreshes_by_itself(stage: Stage) -> None:
    gate = Gate()
    entrance = gate.entrance(0)
    entrance.gone = True
    await stage.logins(turnstile=entrance).refresh(cookies(TOKEN), "anonymous")
    assert stage.events() == {"refresh": 1}


async def test_what_another_release_left_is_not_believed(stage: Stage) -> None:
    gate = Gate()
    logins = stage.logins(turnstile=gate.entrance(0))
    gate.turns.settle(logins._siblings.key("anonymous", "ghr_0"), "other", b"what is this")
    await logins.refresh(cookies(TOKEN), "anonymous")
    assert stage.events() == {"refresh": 1}


async def test_nobody_waits_longer_than_a_refresh_can_take(stage: Stage) -> None:
    gate = Gate()
    logins = stage.logins(turnstile=gate.entrance(0))
    logins._siblings._seconds = 0.01
    gate.turns.claim(logins._siblings.key("anonymous", "ghr_0"), "stuck", lambda _: None)
    granted = await logins.refresh(cookies(TOKEN), "anonymous")
    other = stage.logins(turnstile=gate.entrance(1))
    assert await other.refresh(cookies(TOKEN), "anonymous") == granted
    assert len(stage.github.asked) == 1
