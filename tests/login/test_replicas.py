"""Replicas that share a real Redis refresh a session once, whatever becomes of it and of them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from proxy.cache import open_shared
from proxy.config.model import Secret
from proxy.errors import Code, RpcError
from proxy.live import Live
from proxy.metrics import Metrics
from proxy.session import Token
from tests.fakes.programs import redis_server
from tests.login.conftest import SECRETS, START, Stage, cookies
from tests.login.fleet import PATIENT, Fleet, polls, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from proxy.login import Logins

TOKEN = Token("ghu_0", "bearer", "ghr_0", datetime.fromtimestamp(START, UTC))


@pytest.fixture
async def fleet(stage: Stage) -> AsyncIterator[Fleet]:
    async with redis_server() as server, AsyncExitStack() as stack:
        yield Fleet(stage, server, stack)


def refreshing(replicas: Sequence[Logins], token: Token = TOKEN) -> list[asyncio.Task[object]]:
    return [asyncio.create_task(one.refresh(cookies(token), "anonymous")) for one in replicas]


async def test_replicas_that_refresh_at_once_make_one_call(fleet: Fleet) -> None:
    fleet.stage.hold()
    tasks = refreshing([*(await fleet.replicas(4))] * 5)
    await fleet.stage.until_github_is_asked()
    await fleet.until_waiting(3)
    fleet.stage.github.go.set()
    answers = await asyncio.gather(*tasks)
    assert all(answer == answers[0] for answer in answers)
    assert len(fleet.stage.github.asked) == 1
    assert fleet.stage.events() == {"refresh": 1, "refresh_coalesced": 19}


async def test_who_comes_late_to_another_replica_gets_the_same_answer(fleet: Fleet) -> None:
    one, other, third = await fleet.replicas(3)
    first = await one.refresh(cookies(TOKEN), "anonymous")
    await fleet.settled()
    assert await other.refresh(cookies(TOKEN), "anonymous") == first
    opened = other.open_session([first.cookie.partition(";")[0]], "anonymous")
    assert opened.access_token == "ghu_1"
    fleet.stage.now += 60
    with pytest.raises(RpcError, match="bad_refresh_token"):
        await third.refresh(cookies(TOKEN), "anonymous")
    assert len(fleet.stage.github.asked) == 2
    assert fleet.stage.events() == {"refresh": 1, "refresh_coalesced": 1, "rejected": 1}


async def test_nothing_of_a_session_can_be_read_in_redis(fleet: Fleet) -> None:
    fleet.stage.hold()
    (one,) = await fleet.replicas(1)
    tasks = refreshing([one])
    await fleet.stage.until_github_is_asked()
    dump = [*(names := await fleet.server.keys()), *[await fleet.server.value(name) for name in names]]
    assert len(dump) == 4  # the lock, under both secrets
    fleet.stage.github.go.set()
    await asyncio.gather(*tasks)
    await fleet.settled()
    dump += [*(names := await fleet.server.keys()), *[await fleet.server.value(name) for name in names]]
    assert len(dump) == 4 + 2  # the outcome under the first, and the lock is gone
    answer = await one.refresh(cookies(TOKEN), "anonymous")
    for secret in ("ghr_", "ghu_", "pyroscope", "refresh", "anonymous", answer.token[:16], *SECRETS):
        assert not [found for found in dump if secret.encode() in found]


async def test_a_refusal_is_shared(fleet: Fleet) -> None:
    used = replace(TOKEN, refresh_token="ghr_used")
    for replica in await fleet.replicas(3):
        with pytest.raises(RpcError, match="bad_refresh_token") as caught:
            await replica.refresh(cookies(used), "anonymous")
        assert caught.value.code is Code.UNAUTHENTICATED
        await fleet.settled()
    assert len(fleet.stage.github.asked) == 1
    assert fleet.stage.events() == {"rejected": 3}


async def test_after_a_failure_that_may_pass_another_asks(fleet: Fleet) -> None:
    fleet.stage.hold()
    fleet.stage.github.says = [web.Response(status=502)]
    tasks = refreshing(await fleet.replicas(3))
    await fleet.stage.until_github_is_asked()
    await fleet.until_waiting(2)
    fleet.stage.github.go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    failures = [answer for answer in answers if isinstance(answer, RpcError)]
    assert [failure.code for failure in failures] == [Code.UNAVAILABLE]
    assert len(fleet.stage.github.asked) == 2
    assert fleet.stage.events() == {"refresh": 1, "refresh_coalesced": 1}


async def test_tenants_and_sessions_never_share(fleet: Fleet) -> None:
    fleet.stage.github.refresh_tokens.add("ghr_x")
    one, other = await fleet.replicas(2)
    first = await one.refresh(cookies(TOKEN), "anonymous")
    await fleet.settled()
    second = await other.refresh(cookies(replace(TOKEN, refresh_token="ghr_x")), "anonymous")
    assert first.token != second.token
    with pytest.raises(RpcError, match="bad_refresh_token"):
        await other.refresh(cookies(TOKEN, "two"), "two")
    assert len(fleet.stage.github.asked) == 3


async def test_replicas_share_while_a_secret_is_changed(fleet: Fleet) -> None:
    fleet.stage.hold()
    old, new = await fleet.replica("old secret"), await fleet.replica("new secret", "old secret")
    cookie = cookies(TOKEN, secret="old secret")
    tasks = [asyncio.create_task(one.refresh(cookie, "anonymous")) for one in (old, new)]
    await fleet.stage.until_github_is_asked()
    await fleet.until_waiting(1)
    assert len(fleet.stage.github.asked) == 1
    fleet.stage.github.go.set()
    await asyncio.wait(tasks)
    # The call was one as long as the lock was held, whichever of the two had it.
    assert tasks[1].result().token


# Replicas and Redis that go away


async def test_the_lock_of_a_replica_that_died_falls_open(fleet: Fleet) -> None:
    one, other = await fleet.replicas(2)
    share = other._replicas._share
    assert share is not None
    # A dead replica's lock, which nobody will release; Redis lets go of it in its time.
    held = share.lock(("anonymous", "ghr_0"), 0.2)
    assert (await share.claim(held)).value == "taken"
    answer = await one.refresh(cookies(TOKEN), "anonymous")
    assert answer.token
    assert len(fleet.stage.github.asked) == 1


async def test_when_the_dead_replica_had_used_the_token_people_log_in_anew(fleet: Fleet) -> None:
    one, other = await fleet.replicas(2)
    fleet.stage.github.refresh_tokens.clear()
    share = other._replicas._share
    assert share is not None
    assert (await share.claim(share.lock(("anonymous", "ghr_0"), 0.2))).value == "taken"
    with pytest.raises(RpcError, match="bad_refresh_token") as caught:
        await one.refresh(cookies(TOKEN), "anonymous")
    assert caught.value.code is Code.UNAUTHENTICATED


async def test_a_lock_that_never_ends_is_not_waited_for_longer_than_a_refresh_takes(fleet: Fleet) -> None:
    one, other = await fleet.replicas(2)
    share = other._replicas._share
    assert share is not None
    assert (await share.claim(share.lock(("anonymous", "ghr_0"), 1e6))).value == "taken"
    assert (await one.refresh(cookies(TOKEN), "anonymous")).token


async def test_a_lock_that_is_none_of_ours_holds_nobody_up(fleet: Fleet) -> None:
    one, other = await fleet.replicas(2)
    share = other._replicas._share
    assert share is not None
    lock = share.lock(("anonymous", "ghr_0"), 1e6)
    for name in lock.names:
        await fleet.server.ask("SET", name, "forged")
    waits = 0

    async def waiting(_: float) -> None:
        nonlocal waits
        waits += 1

    one._replicas._sleep = waiting
    assert (await one.refresh(cookies(TOKEN), "anonymous")).token
    assert waits == 0


async def test_a_garbled_outcome_is_none(fleet: Fleet) -> None:
    one, other = await fleet.replicas(2)
    await one.refresh(cookies(TOKEN), "anonymous")
    await fleet.settled()
    (name,) = await fleet.server.keys()
    await fleet.server.ask("SET", name, b"\x01" + b"x" * 300)
    with pytest.raises(RpcError, match="bad_refresh_token"):
        await other.refresh(cookies(TOKEN), "anonymous")


@pytest.mark.parametrize("gone", ["killed", "hanging"])
async def test_without_redis_each_replica_refreshes_for_itself(stage: Stage, gone: str) -> None:
    async with redis_server() as server, AsyncExitStack() as stack:
        hasty = replace(PATIENT, read=0.005, lock=0.005, stall=0.5, connect=0.5, closing=0.01)
        metrics = Metrics(CollectorRegistry(), version="0", revision="0")
        secrets = tuple(Secret(secret) for secret in SECRETS)
        store = await stack.enter_async_context(
            open_shared(Secret(server.url), Live(secrets), metrics, clock=lambda: stage.now, limits=hasty)
        )
        assert store is not None
        await until(lambda: store.up)
        logins = stage.logins(shared=store, sleep=polls)
        server.kill() if gone == "killed" else server.hang()
        first = await logins.refresh(cookies(TOKEN), "anonymous")
        assert await logins.refresh(cookies(TOKEN), "anonymous") == first
        assert stage.events() == {"refresh": 1, "refresh_coalesced": 1}
        if gone == "hanging":
            server.resume()


async def test_redis_killed_while_one_waits(fleet: Fleet) -> None:
    fleet.stage.hold()
    tasks = refreshing(await fleet.replicas(2))
    await fleet.stage.until_github_is_asked()
    await fleet.until_waiting(1)
    fleet.server.kill()
    await until(lambda: len(fleet.stage.github.asked) == 2)
    fleet.stage.github.go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    # As without Redis: one has the session, the other is sent through the login.
    refused = [answer for answer in answers if isinstance(answer, RpcError)]
    assert [error.code for error in refused] == [Code.UNAUTHENTICATED]


async def test_closing_waits_for_a_refresh_and_shares_it(fleet: Fleet) -> None:
    fleet.stage.hold()
    one, other = await fleet.replicas(2)
    (task,) = refreshing([one])
    await fleet.stage.until_github_is_asked()
    task.cancel()
    closing = asyncio.create_task(one.close())
    fleet.stage.github.go.set()
    await closing
    await fleet.stores[0].aclose()
    assert (await other.refresh(cookies(TOKEN), "anonymous")).token
    assert len(fleet.stage.github.asked) == 1
