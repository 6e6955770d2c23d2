"""Many refreshes of one session: one call to GitHub, and nobody's leaving harms it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiohttp import web

from proxy.errors import Code, RpcError
from proxy.login.refreshes import Refreshes, outcome
from proxy.session import Token
from tests.login.conftest import SECRETS, START, Stage, cookies

TOKEN = Token("ghu_0", "bearer", "ghr_0", datetime.fromtimestamp(START, UTC))


async def turns() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_all_who_ask_at_once_share_one_call(stage: Stage) -> None:
    stage.hold()
    logins = stage.logins()
    tasks = [asyncio.create_task(logins.refresh(cookies(TOKEN), "anonymous")) for _ in range(50)]
    await stage.until_github_is_asked()
    stage.github.go.set()
    answers = await asyncio.gather(*tasks)
    assert len(stage.github.asked) == 1
    assert {answer.token for answer in answers} == {answers[0].token}
    assert stage.events() == {"refresh": 1, "refresh_coalesced": 49}


async def test_cookies_of_one_session_share_whatever_sealed_them(stage: Stage) -> None:
    logins = stage.logins()
    first = await logins.refresh(cookies(TOKEN), "anonymous")
    second = await logins.refresh(cookies(TOKEN, secret=SECRETS[1]), "anonymous")
    assert first == second
    assert len(stage.github.asked) == 1


async def test_who_comes_late_gets_the_same_answer_for_a_minute(stage: Stage) -> None:
    logins = stage.logins()
    first = await logins.refresh(cookies(TOKEN), "anonymous")
    stage.now += 59.9
    assert await logins.refresh(cookies(TOKEN), "anonymous") == first
    assert len(stage.github.asked) == 1
    stage.now += 0.1
    with pytest.raises(RpcError, match="bad_refresh_token"):
        await logins.refresh(cookies(TOKEN), "anonymous")
    assert len(stage.github.asked) == 2
    assert stage.events() == {"refresh": 1, "refresh_coalesced": 1, "rejected": 1}


async def test_a_clock_that_was_set_back_keeps_nothing_longer(stage: Stage) -> None:
    logins = stage.logins()
    await logins.refresh(cookies(TOKEN), "anonymous")
    stage.now -= 3600
    with pytest.raises(RpcError, match="bad_refresh_token"):
        await logins.refresh(cookies(TOKEN), "anonymous")


async def test_the_new_session_is_refreshed_on_its_own(stage: Stage) -> None:
    logins = stage.logins()
    first = await logins.refresh(cookies(TOKEN), "anonymous")
    second = await logins.refresh([first.cookie.partition(";")[0]], "anonymous")
    assert [form["refresh_token"] for form in stage.github.asked] == ["ghr_0", "ghr_1"]
    assert second.token != first.token


async def test_tenants_never_share(stage: Stage) -> None:
    logins = stage.logins()
    await logins.refresh(cookies(TOKEN, "one"), "one")
    with pytest.raises(RpcError, match="bad_refresh_token"):
        await logins.refresh(cookies(TOKEN, "two"), "two")
    assert len(stage.github.asked) == 2


async def test_sessions_never_share(stage: Stage) -> None:
    stage.github.refresh_tokens.add("ghr_x")
    logins = stage.logins()
    one, other = await asyncio.gather(
        logins.refresh(cookies(TOKEN), "anonymous"),
        logins.refresh(cookies(replace(TOKEN, refresh_token="ghr_x")), "anonymous"),
    )
    assert one.token != other.token
    assert stage.events() == {"refresh": 2}


@pytest.mark.parametrize("leaving", [0, 1, 2])
async def test_a_waiter_that_goes_away_harms_no_other(stage: Stage, leaving: int) -> None:
    stage.hold()
    logins = stage.logins()
    tasks = [asyncio.create_task(logins.refresh(cookies(TOKEN), "anonymous")) for _ in range(3)]
    await stage.until_github_is_asked()
    gone = tasks.pop(leaving)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    stage.github.go.set()
    assert len({answer.token for answer in await asyncio.gather(*tasks)}) == 1
    assert len(stage.github.asked) == 1


async def test_the_last_waiter_that_goes_away_does_not_lose_the_session(stage: Stage) -> None:
    stage.hold()
    logins = stage.logins()
    only = asyncio.create_task(logins.refresh(cookies(TOKEN), "anonymous"))
    await stage.until_github_is_asked()
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    stage.github.go.set()
    await logins.close()
    answer = await logins.refresh(cookies(TOKEN), "anonymous")
    assert logins.open_session([answer.cookie.partition(";")[0]], "anonymous").access_token == "ghu_1"
    assert len(stage.github.asked) == 1


async def test_closing_waits_for_what_was_sent(stage: Stage) -> None:
    stage.hold()
    logins = stage.logins()
    await logins.close()
    refreshing = asyncio.create_task(logins.refresh(cookies(TOKEN), "anonymous"))
    await stage.until_github_is_asked()
    closing = asyncio.create_task(logins.close())
    await turns()
    assert not closing.done()
    stage.github.go.set()
    await closing
    assert (await refreshing).token


async def test_a_failure_that_may_pass_is_told_to_all_and_not_kept(stage: Stage) -> None:
    stage.hold()
    stage.github.says = [web.Response(status=502)]
    logins = stage.logins()
    tasks = [asyncio.create_task(logins.refresh(cookies(TOKEN), "anonymous")) for _ in range(3)]
    await stage.until_github_is_asked()
    stage.github.go.set()
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert [failure.code for failure in failures if isinstance(failure, RpcError)] == [Code.UNAVAILABLE] * 3
    assert len({id(failure) for failure in failures}) == 3
    assert (await logins.refresh(cookies(TOKEN), "anonymous")).token
    assert len(stage.github.asked) == 2
    assert stage.events() == {"refresh": 1}


async def test_a_failure_that_nobody_waits_for_is_silent_and_not_kept(stage: Stage) -> None:
    stage.hold()
    stage.github.says = [web.Response(status=502)]
    logins = stage.logins()
    only = asyncio.create_task(logins.refresh(cookies(TOKEN), "anonymous"))
    await stage.until_github_is_asked()
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    stage.github.go.set()
    await logins.close()
    assert (await logins.refresh(cookies(TOKEN), "anonymous")).token


async def test_a_refusal_is_kept_for_a_minute(stage: Stage) -> None:
    logins = stage.logins()
    used = cookies(replace(TOKEN, refresh_token="ghr_used"))
    for _ in range(2):
        with pytest.raises(RpcError, match="bad_refresh_token"):
            await logins.refresh(used, "anonymous")
    assert len(stage.github.asked) == 1
    stage.now += 60
    with pytest.raises(RpcError, match="bad_refresh_token"):
        await logins.refresh(used, "anonymous")
    assert len(stage.github.asked) == 2
    assert stage.events() == {"rejected": 3}


async def test_no_token_is_kept_in_the_clear(stage: Stage) -> None:
    logins = stage.logins()
    await logins.refresh(cookies(TOKEN), "anonymous")
    kept = repr(logins._refreshes.__dict__)
    assert len(logins._refreshes) == 1
    assert "ghr_" not in kept
    assert "ghu_" not in kept


# The bounds, without GitHub


async def answer_with(value: str) -> str:
    return value


async def test_only_so_many_answers_are_kept_and_the_oldest_goes() -> None:
    refreshes: Refreshes[str] = Refreshes(lambda: 0.0, max_kept=3)
    for number in range(10):
        await outcome(refreshes.start(bytes([number]), answer_with(str(number))))
    await turns()
    assert len(refreshes) == 3
    assert [number for number in range(10) if refreshes.join(bytes([number]))] == [7, 8, 9]


async def test_what_runs_is_never_forgotten() -> None:
    refreshes: Refreshes[bool] = Refreshes(lambda: 0.0, max_kept=1)
    gate = asyncio.Event()
    running = refreshes.start(b"slow", gate.wait())
    for number in range(5):
        await outcome(refreshes.start(bytes([number]), asyncio.sleep(0, result=True)))
    await turns()
    assert refreshes.join(b"slow") is running
    gate.set()
    assert await outcome(running) is True


async def test_the_old_ones_go_by_the_clock() -> None:
    now = 0.0
    refreshes: Refreshes[str] = Refreshes(lambda: now, replay_seconds=10)
    for number in range(4):
        now = float(number * 4)
        await outcome(refreshes.start(bytes([number]), answer_with("x")))
        await turns()
    now = 15.0
    assert refreshes.join(b"none") is None
    assert len(refreshes) == 2


async def test_what_nobody_asks_for_any_more_goes_by_itself() -> None:
    now, looked = 0.0, asyncio.Event()

    def clock() -> float:
        looked.set()
        return now

    refreshes: Refreshes[str] = Refreshes(clock, replay_seconds=0.01)
    for number in range(3):
        await outcome(refreshes.start(bytes([number]), answer_with("x")))
    assert len(refreshes) == 3
    now = 1.0
    looked.clear()
    async with asyncio.timeout(10):
        await looked.wait()
    await turns()
    assert len(refreshes) == 0
    await refreshes.close()


async def test_an_outcome_is_kept_without_the_task_that_made_it() -> None:
    async def refuse() -> str:
        raise RpcError(Code.UNAUTHENTICATED, "no")

    refreshes: Refreshes[str] = Refreshes(lambda: 0.0)
    tasks = [refreshes.start(b"given", answer_with("x")), refreshes.start(b"refused", refuse())]
    given, refused = (weakref.ref(task) for task in tasks)
    assert await outcome(tasks[0]) == "x"
    for _ in range(2):
        kept = refreshes.join(b"refused")
        assert kept is not None
        with pytest.raises(RpcError, match="no"):
            await outcome(kept)
        await turns()
    assert len(refreshes) == 2
    error = kept.exception() if (kept := refreshes.join(b"refused")) else None
    assert error is not None
    assert error.__traceback__ is None
    del tasks
    gc.collect()
    assert given() is refused() is None


async def test_work_that_was_cancelled_from_elsewhere_is_an_error_of_its_own() -> None:
    refreshes: Refreshes[bool] = Refreshes(lambda: 0.0)
    task = refreshes.start(b"key", asyncio.Event().wait())
    await turns()
    task.cancel()
    with pytest.raises(RpcError) as caught:
        await outcome(task)
    assert caught.value.code is Code.UNAVAILABLE
    await turns()
    assert refreshes.join(b"key") is None


async def test_an_error_that_is_a_fault_of_ours_is_not_kept() -> None:
    async def fail() -> str:
        raise LookupError

    refreshes: Refreshes[str] = Refreshes(lambda: 0.0)
    with pytest.raises(LookupError):
        await outcome(refreshes.start(b"key", fail()))
    await turns()
    assert len(refreshes) == 0
