"""When GitHub is left alone because it fails, and how many calls go at once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from yarl import URL

from proxy.config.model import GitHub as Settings
from proxy.errors import Code, RpcError
from proxy.github import intent
from proxy.github.client import GitHub, SparedError, open_client_session
from proxy.github.wire import Request
from proxy.source.model import Repository
from tests.github.server import Server, answer, fails, hang_up, refuse

if TYPE_CHECKING:
    from proxy.metrics import Metrics
    from tests.fakes.github import Clock

TOKEN = "ghu_token"
REPOSITORY = Repository("o", "n")
ROOT = "/repos/o/n"
SHA = "a" * 40
TREE = f"{ROOT}/git/trees/{SHA}?recursive=1"
SOUND = answer({"full_name": "o/n", "private": False})
OAUTH = "/login/oauth/access_token"


async def test_after_five_failures_in_a_row_it_is_left_alone(
    github: GitHub, server: Server, clock: Clock
) -> None:
    server.on("GET", ROOT, refuse(500))
    for _ in range(5):
        assert not github.breaker_open("api")
        await fails(github.repository(TOKEN, REPOSITORY))
    assert github.breaker_open("api")
    assert not github.breaker_open("web")
    for token in ("ghu_token", "ghu_other"):
        error = await fails(github.repository(token, REPOSITORY))
        assert error.message == "GitHub has not answered 5 times in a row; next try in 5 s"
        assert error.retry_after == 5
    assert len(server.seen) == 5

    clock.advance(5)
    await fails(github.repository(TOKEN, REPOSITORY))
    assert len(server.seen) == 6
    assert (await fails(github.repository(TOKEN, REPOSITORY))).retry_after == 10
    clock.advance(10)
    server.on("GET", ROOT, SOUND)
    assert await github.repository(TOKEN, REPOSITORY) is not None
    assert not github.breaker_open("api")
    assert len(server.seen) == 7


async def test_one_call_tries_while_the_others_fail_at_once(
    github: GitHub, server: Server, clock: Clock
) -> None:
    server.on("GET", ROOT, refuse(500))
    for _ in range(5):
        await fails(github.repository(TOKEN, REPOSITORY))
    clock.advance(5)
    arrived, answered = asyncio.Event(), asyncio.Event()

    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        await answered.wait()
        return await SOUND(request)

    server.on("GET", ROOT, slowly)
    tries = asyncio.ensure_future(github.repository(TOKEN, REPOSITORY))
    await arrived.wait()
    for _ in range(20):
        assert (await fails(github.repository(TOKEN, REPOSITORY))).retry_after == 1
    with intent.speculative(), pytest.raises(RpcError):
        await github.repository(TOKEN, REPOSITORY)
    assert len(server.seen) == 6
    answered.set()
    assert await tries is not None
    assert await github.repository(TOKEN, REPOSITORY) is not None


async def test_what_nobody_waits_for_does_not_try(github: GitHub, server: Server, clock: Clock) -> None:
    server.on("GET", ROOT, refuse(500))
    for _ in range(5):
        await fails(github.repository(TOKEN, REPOSITORY))
    clock.advance(5)
    with intent.speculative(), pytest.raises(SparedError):
        await github.repository(TOKEN, REPOSITORY)
    assert len(server.seen) == 5


async def test_a_try_that_its_caller_gives_up_is_tried_by_the_next(
    github: GitHub, server: Server, clock: Clock
) -> None:
    server.on("GET", ROOT, refuse(500))
    for _ in range(5):
        await fails(github.repository(TOKEN, REPOSITORY))
    clock.advance(5)
    arrived, never = asyncio.Event(), asyncio.Event()

    async def hold(_: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        await never.wait()
        return web.Response()

    server.on("GET", ROOT, hold)
    tries = asyncio.ensure_future(github.repository(TOKEN, REPOSITORY))
    await arrived.wait()
    tries.cancel()
    with pytest.raises(asyncio.CancelledError):
        await tries
    server.on("GET", ROOT, SOUND)
    assert await github.repository(TOKEN, REPOSITORY) is not None
    never.set()


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422, 429, 451])
async def test_a_refusal_is_an_answer(github: GitHub, server: Server, status: int) -> None:
    server.on("GET", TREE, refuse(status))
    for number in range(10):
        with contextlib.suppress(RpcError):
            await github.tree(f"ghu_{number}", REPOSITORY, SHA)
    assert not github.breaker_open("api")
    assert len(server.seen) == 10


async def test_an_answer_that_is_not_read_is_an_answer(github: GitHub, server: Server) -> None:
    server.on("GET", ROOT, answer(b"", 301, {"Location": "https://elsewhere.example/"}))
    for _ in range(10):
        await fails(github.repository(TOKEN, REPOSITORY))
    assert not github.breaker_open("api")


async def test_nobody_is_there(metrics: Metrics, clock: Clock, pauses: list[float]) -> None:
    async with Server() as gone:
        url = URL(gone.url)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with open_client_session() as session:
        github = GitHub(session, Settings(url=url, api_url=url), metrics, clock=clock, sleep=sleep)
        for _ in range(5):
            await fails(github.look(TOKEN, REPOSITORY, "main", []))
        assert len(pauses) == 10
        assert "has not answered" in (await fails(github.look(TOKEN, REPOSITORY, "main", []))).message
        assert len(pauses) == 10


async def test_a_silent_github_is_waited_for_five_times(
    server: Server, settings: Settings, metrics: Metrics, clock: Clock
) -> None:
    never = asyncio.Event()

    async def hold(_: web.BaseRequest) -> web.StreamResponse:
        await never.wait()
        return web.Response()

    server.on("GET", ROOT, hold)
    quick = Settings(url=settings.url, api_url=settings.api_url, request_timeout=0.05)
    async with open_client_session() as session:
        github = GitHub(session, quick, metrics, clock=clock)
        for _ in range(5):
            await fails(github.repository(TOKEN, REPOSITORY), Code.DEADLINE_EXCEEDED)
        await fails(github.repository(TOKEN, REPOSITORY))
    never.set()
    assert len(server.seen) == 5


async def test_a_dead_web_site_holds_back_logins_only(github: GitHub, server: Server) -> None:
    server.on("POST", OAUTH, hang_up)
    server.on("GET", ROOT, SOUND)
    login = Request("POST", server.url + OAUTH, OAUTH)
    for _ in range(6):
        await fails(github.send(login))
    assert len(server.seen) == 5
    assert (github.breaker_open("web"), github.breaker_open("api")) == (True, False)
    assert await github.repository(TOKEN, REPOSITORY) is not None


async def test_so_many_calls_at_once_and_no_more(github: GitHub, server: Server) -> None:
    under_way = most = 0
    held = asyncio.Event()

    async def hold(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if most == 30:
            asyncio.get_running_loop().call_soon(held.set)
        await held.wait()
        under_way -= 1
        return await SOUND(request)

    server.on("GET", ROOT, hold)
    found = await asyncio.gather(*[github.repository(TOKEN, REPOSITORY) for _ in range(100)])
    assert None not in found
    assert most == 30
    assert len(server.seen) == 100


async def test_files_that_are_slow_keep_nobody_from_logging_in(github: GitHub, server: Server) -> None:
    arrived, held, waiting = 0, asyncio.Event(), asyncio.Event()

    async def hold(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal arrived
        arrived += 1
        if arrived == 64:
            waiting.set()
        await held.wait()
        return await SOUND(request)

    server.on("GET", ROOT, hold)
    server.on("POST", OAUTH, answer(b"{}"))
    calls = [github.repository(f"ghu_{number % 4}", REPOSITORY) for number in range(100)]
    found = asyncio.gather(*calls)
    await waiting.wait()
    assert (await github.send(Request("POST", server.url + OAUTH, OAUTH))).status == 200
    assert arrived == 64
    held.set()
    assert None not in await found
