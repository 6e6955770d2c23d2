"""How often a call is sent when it fails."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from proxy.config.model import GitHub as Settings
from proxy.errors import RpcError
from proxy.github import intent, retries
from proxy.github.client import GitHub, open_client_session
from proxy.github.meter import metered
from proxy.github.wire import Request
from proxy.source.model import Repository
from tests.github.server import Handler, Server, answer, break_off, fails, hang_up, refuse

if TYPE_CHECKING:
    from proxy.metrics import Metrics

TOKEN = "ghu_token"
REPOSITORY = Repository("o", "n")
ROOT = "/repos/o/n"
SHA = "a" * 40
TREE = f"{ROOT}/git/trees/{SHA}?recursive=1"
SOUND = answer({"full_name": "o/n", "private": False})
LOOK = answer({"data": {"repository": {"nameWithOwner": "o/n", "isPrivate": False, "ref": None}}})
OAUTH = "/login/oauth/access_token"


@pytest.mark.parametrize(
    ("number", "chance", "seconds"), [(0, 0.0, 0.1), (0, 1.0, 0.2), (1, 0.0, 0.3), (1, 1.0, 0.6)]
)
def test_how_long_a_pause_is(number: int, chance: float, seconds: float) -> None:
    assert retries.pause(number, chance) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("method", "route", "repeatable"),
    [("GET", "/repos/{owner}/{repo}", True), ("POST", "graphql", True), ("POST", OAUTH, False)],
)
def test_what_may_be_sent_twice(method: str, route: str, *, repeatable: bool) -> None:
    assert retries.is_repeatable(Request(method, "https://x.example/", route)) is repeatable


@pytest.mark.parametrize("failure", [refuse(502), refuse(503), refuse(504), break_off])
async def test_what_may_pass_is_asked_again_after_a_pause(
    github: GitHub, server: Server, pauses: list[float], failure: Handler
) -> None:
    server.on("GET", ROOT, failure, failure, SOUND)
    server.on("POST", "/graphql", failure, failure, LOOK)
    with metered() as meter:
        assert await github.repository(TOKEN, REPOSITORY) is not None
        assert await github.look(TOKEN, REPOSITORY, "main", []) is not None
    assert pauses == pytest.approx([0.15, 0.45] * 2)
    assert len(server.seen) == meter.calls == 6


@pytest.mark.parametrize("failure", [refuse(502), hang_up])
async def test_it_is_asked_again_twice_at_most(
    github: GitHub, server: Server, metrics: Metrics, failure: Handler
) -> None:
    server.on("GET", ROOT, failure)
    await fails(github.repository(TOKEN, REPOSITORY))
    assert len(server.seen) == 3
    counted = [
        sample.value
        for metric in metrics.github_request_duration.collect()
        for sample in metric.samples
        if sample.name.endswith("_count")
    ]
    assert [value for value in counted if value] == [3]


async def test_a_kept_alive_connection_found_closed_costs_no_pause(
    github: GitHub, server: Server, pauses: list[float]
) -> None:
    server.on("GET", ROOT, hang_up, hang_up, SOUND)
    assert await github.repository(TOKEN, REPOSITORY) is not None
    assert pauses == pytest.approx([0.45])


@pytest.mark.parametrize(
    "failure", [refuse(500), refuse(501), refuse(503, retry_after="1"), refuse(404), answer(b"<html>", 418)]
)
async def test_what_does_not_pass_is_not_asked_again(
    github: GitHub, server: Server, failure: Handler
) -> None:
    server.on("GET", TREE, failure)
    with contextlib.suppress(RpcError):
        await github.tree(TOKEN, REPOSITORY, SHA)
    assert len(server.seen) == 1


@pytest.mark.parametrize("failure", [refuse(502), refuse(503), hang_up, break_off])
async def test_an_oauth_code_is_never_sent_twice(
    github: GitHub, server: Server, failure: Handler, pauses: list[float]
) -> None:
    server.on("POST", OAUTH, failure)
    request = Request("POST", server.url + OAUTH, OAUTH, body=b"refresh_token=ghr_secret")
    with contextlib.suppress(RpcError):
        await github.send(request)
    assert len(server.seen) == 1
    assert pauses == []


async def test_nothing_is_asked_again_once_limited(github: GitHub, server: Server) -> None:
    spent = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000100"}
    server.on("GET", TREE, answer(b"", 502, spent))
    assert "502" in (await fails(github.tree(TOKEN, REPOSITORY, SHA))).message
    assert len(server.seen) == 1


async def test_nothing_is_asked_again_for_a_caller_who_is_about_to_leave(
    github: GitHub, server: Server
) -> None:
    server.on("GET", ROOT, refuse(502))
    now = asyncio.get_running_loop().time()
    for deadline, calls in ((now, 1), (now + 0.1, 2), (now + 3600, 5), (None, 8)):
        with intent.until(deadline):
            await fails(github.repository(TOKEN, REPOSITORY))
        assert len(server.seen) == calls
        github._sender._hosts["api"].breaker.answered()


async def test_all_repetitions_take_the_time_of_one_call(
    server: Server, settings: Settings, metrics: Metrics
) -> None:
    quick = Settings(url=settings.url, api_url=settings.api_url, request_timeout=0.1)
    server.on("GET", ROOT, refuse(502))
    async with open_client_session() as session:
        await fails(GitHub(session, quick, metrics, clock=lambda: 0.0).repository(TOKEN, REPOSITORY))
    assert len(server.seen) == 1  # the first pause would be longer
