from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from proxy.demo.github import CONNECTION_CLOSED, Call, Secondary, StandIn
from tests.demo.github.conftest import Caller
from tests.fakes.github import START, Clock, GitRepository, running_github

if TYPE_CHECKING:
    from aiohttp import ClientSession

_SHOP = "/repos/acme/shop"
_FILE = f"{_SHOP}/contents/README.md"
_CONTENTS = "/repos/{owner}/{repo}/contents/{path}"
_VIEWER = "{viewer{login}}"


def _limits(headers: dict[str, str]) -> tuple[str, int, int, int, int]:
    name = "x-ratelimit"
    numbers = (int(headers[f"{name}-{key}"]) for key in ("limit", "remaining", "used", "reset"))
    limit, remaining, used, reset = numbers
    return headers[f"{name}-resource"], limit, remaining, used, reset


@pytest.mark.parametrize("header", [{"user-agent": ""}])
async def test_user_agent_is_required(nobody: Caller, header: dict[str, str]) -> None:
    got = await nobody.get(_SHOP, **header)
    assert got.status == 403
    assert b"User-Agent" in got.body


async def test_budget_headers(ada: Caller, bob: Caller, nobody: Caller) -> None:
    reset = START + 3_600
    assert _limits((await ada.get(_SHOP)).headers) == ("core", 5_000, 4_999, 1, reset)
    assert _limits((await ada.get(f"{_SHOP}/contents/nothing")).headers) == ("core", 5_000, 4_998, 2, reset)
    assert _limits((await bob.get(_SHOP)).headers) == ("core", 5_000, 4_999, 1, reset)
    assert _limits((await nobody.get(_SHOP)).headers) == ("core", 60, 59, 1, reset)
    got = await ada.ask("POST", "/graphql", headers={}, data=f'{{"query": "{_VIEWER}"}}')
    assert _limits(got.headers) == ("graphql", 5_000, 4_999, 1, reset)


async def test_budget_is_of_the_user_not_of_the_token(
    session: ClientSession, github: StandIn, ada: Caller
) -> None:
    await ada.get(_SHOP)
    other = Caller(session, github, github.token_for("ada"))
    assert _limits((await other.get(_SHOP)).headers)[2] == 4_998


async def test_rate_limit_costs_nothing(ada: Caller, nobody: Caller) -> None:
    await ada.get(_SHOP)
    for _ in range(2):
        body = (await ada.get("/rate_limit")).json
        assert body["rate"] == body["resources"]["core"]
        assert (body["rate"]["remaining"], body["rate"]["used"]) == (4_999, 1)
        assert body["resources"]["graphql"]["remaining"] == 5_000
    assert (await nobody.get("/api/v3/rate_limit")).json["rate"]["limit"] == 60


@pytest.mark.parametrize("status", [403, 429])
async def test_primary_limit(ada: Caller, bob: Caller, github: StandIn, clock: Clock, status: int) -> None:
    github.limits.exceeded_status = status
    github.set_remaining("ada", "core", 1)
    assert (await ada.get(_SHOP)).status == 200
    got = await ada.get(_SHOP)
    assert (got.status, got.headers["x-ratelimit-remaining"]) == (status, "0")
    assert got.json["message"].startswith("API rate limit exceeded")
    assert "retry-after" not in got.headers
    assert (await bob.get(_SHOP)).status == 200
    assert (await ada.graphql(_VIEWER))["data"]
    clock.advance(3_599)
    assert (await ada.get(_SHOP)).status == status
    clock.advance(1)
    assert _limits((await ada.get(_SHOP)).headers)[2] == 4_999


async def test_primary_limit_of_graphql_has_status_200(ada: Caller, github: StandIn) -> None:
    github.set_remaining("ada", "graphql", 0)
    got = await ada.ask("POST", "/graphql", headers={}, data=f'{{"query": "{_VIEWER}"}}')
    assert got.status == 200
    assert set(got.json) == {"errors"}
    assert got.json["errors"][0]["type"] == "RATE_LIMITED"
    assert got.headers["x-ratelimit-remaining"] == "0"
    assert (await ada.get(_SHOP)).status == 200


async def test_configured_limits(ada: Caller, github: StandIn) -> None:
    github.limits.core = 2
    assert [(await ada.get(_SHOP)).status for _ in range(3)] == [200, 200, 403]


async def test_anonymous_limit(nobody: Caller, ada: Caller, github: StandIn) -> None:
    github.limits.anonymous = 1
    assert [(await nobody.get(_SHOP)).status for _ in range(2)] == [200, 403]
    assert (await ada.get(_SHOP)).status == 200


@pytest.mark.parametrize(("status", "retry_after"), [(403, 60), (429, 7), (403, None)])
async def test_secondary_limit(ada: Caller, github: StandIn, status: int, retry_after: int | None) -> None:
    github.limits.secondary = Secondary(status=status, retry_after=retry_after)
    for method, path in (("GET", _SHOP), ("POST", "/graphql")):
        got = await ada.ask(method, path, headers={}, data="{}" if method == "POST" else None)
        assert got.status == status
        assert "secondary rate limit" in got.json["message"]
        assert got.headers.get("retry-after") == (str(retry_after) if retry_after else None)
    assert (await ada.get("/rate_limit")).json["rate"]["used"] == 0
    github.limits.secondary = None
    assert (await ada.get(_SHOP)).status == 200


async def test_secondary_limit_of_one_user_and_resource(ada: Caller, bob: Caller, github: StandIn) -> None:
    github.limits.secondary = Secondary(login="ada", resources=("core",))
    assert (await ada.get(_SHOP)).status == 403
    assert (await bob.get(_SHOP)).status == 200
    assert "data" in await ada.graphql(_VIEWER)


@pytest.mark.parametrize(
    "path", [_SHOP, _FILE, f"{_SHOP}/commits/main", f"{_SHOP}/git/trees/main?recursive=1"]
)
async def test_unchanged_answers_are_free(ada: Caller, path: str) -> None:
    first = await ada.get(path)
    tag = first.headers["etag"]
    for wanted in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
        again = await ada.get(path, if_none_match=wanted)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert _limits(again.headers)[2:4] == (4_999, 1)
    other = await ada.get(path, if_none_match='"other"')
    assert (other.status, other.body) == (200, first.body)
    assert _limits(other.headers)[3] == 2


async def test_tag_changes_with_the_branch_and_the_caller(
    session: ClientSession,
    github: StandIn,
    ada: Caller,
    bob: Caller,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    repository = GitRepository(tmp_path_factory.mktemp("git") / "moving")
    repository.commit({"a": "1"})
    github.add_repository("acme", "moving", repository.path)
    path = "/repos/acme/moving/commits/main"
    tag = (await ada.get(path)).headers["etag"]
    assert (await bob.get(path)).headers["etag"] != tag
    repository.commit({"a": "2"})
    got = await ada.get(path, if_none_match=tag)
    assert (got.status, got.json["sha"]) == (200, repository.sha())


async def test_errors_have_no_tag(ada: Caller) -> None:
    assert "etag" not in (await ada.get("/repos/acme/nothing")).headers


@pytest.mark.parametrize("value", ["Bearer wrong", "Basic eDp5", "Bearer", "", "nonsense", "Bearer ghu_ä"])
async def test_bad_credentials(nobody: Caller, value: str) -> None:
    for path in (_SHOP, "/user", "/rate_limit"):
        got = await nobody.get(path, authorization=value)
        assert (got.status, got.json["message"]) == (401, "Bad credentials")
    got = await nobody.ask("POST", "/graphql", headers={"authorization": value}, data="{}")
    assert (got.status, got.json["message"]) == (401, "Bad credentials")


async def test_token_scheme(nobody: Caller, github: StandIn) -> None:
    token = github.token_for("ADA")
    for value in (f"Bearer {token}", f"bearer {token}", f"token {token}"):
        assert (await nobody.get("/user", authorization=value)).json["login"] == "ada"


async def test_revoked(session: ClientSession, github: StandIn, ada: Caller) -> None:
    other = Caller(session, github, github.token_for("ada"))
    github.revoke(ada.token)
    assert [(await caller.get("/user")).status for caller in (ada, other)] == [401, 200]
    github.revoke_user("ada")
    assert (await other.get("/user")).status == 401
    github.revoke("unknown")
    with pytest.raises(KeyError):
        github.token_for("nobody")


async def test_refusals_of_access(ada: Caller, bob: Caller, nobody: Caller, github: StandIn) -> None:
    repository = github.world.repository("acme", "secret")
    assert repository is not None
    path = "/repos/acme/secret/contents/README.md"
    github.world.require_single_sign_on("ACME", authorised=["bob"])
    got = await ada.get(path)
    assert (got.status, "SAML" in got.json["message"]) == (403, True)
    assert got.headers["x-github-sso"] == "required; url=https://github.com/orgs/acme/sso"
    assert (await bob.get(path)).status == 404
    assert (await nobody.get(_SHOP)).status == 200
    github.world.require_single_sign_on("acme", authorised=["Ada"])
    assert (await ada.get(path)).status == 200
    repository.app_allowed = False
    got = await ada.get(path)
    assert (got.status, got.json["message"]) == (403, "Resource not accessible by integration")
    repository.blocked = True
    got = await ada.get(path)
    assert (got.status, got.json["block"]["reason"]) == (451, "dmca")


async def test_calls_are_recorded(ada: Caller, nobody: Caller, github: StandIn) -> None:
    await ada.get(f"{_FILE}?ref=feature%2Fa-b")
    await nobody.get("/api/v3/repos/acme/secret/commits/main")
    await nobody.get("/user", authorization="Bearer wrong")
    await ada.graphql(_VIEWER)
    await nobody.get("/nothing")
    await nobody.get(f"{_SHOP}/contents")
    assert github.calls == [
        Call("GET", _CONTENTS, f"{_FILE}?ref=feature%2Fa-b", "ada", 200),
        Call(
            "GET", "/repos/{owner}/{repo}/commits/{ref}", "/api/v3/repos/acme/secret/commits/main", None, 404
        ),
        Call("GET", "/user", "/user", None, 401),
        Call("POST", "graphql", "/graphql", "ada", 200, _VIEWER),
        Call("GET", "unknown", "/nothing", None, 404),
        Call("GET", _CONTENTS, f"{_SHOP}/contents", None, 200),
    ]
    github.forget_calls()
    assert github.calls == []


async def test_bounded_calls_and_listener(session: ClientSession, repository: GitRepository) -> None:
    heard: list[Call] = []
    async with running_github(call_limit=2, on_call=heard.append) as github:
        caller = Caller(session, github)
        for number in range(4):
            await caller.get(f"/{number}")
        assert [call.path for call in github.calls] == ["/2", "/3"]
        assert [call.path for call in heard] == ["/0", "/1", "/2", "/3"]


async def test_fault_with_an_answer(ada: Caller, github: StandIn) -> None:
    fault = github.fail_next(route=_CONTENTS, status=502, body=b"<html>", times=2, headers={"x-test": "1"})
    assert (await ada.get(_SHOP)).status == 200
    assert not fault.reached.is_set()
    for _ in range(2):
        got = await ada.get(_FILE)
        assert (got.status, got.body, got.headers["x-test"]) == (502, b"<html>", "1")
        assert got.headers["content-type"] == "application/json"
    assert (await ada.get(_FILE)).status == 200
    assert fault.reached.is_set()
    assert [call.status for call in github.calls] == [200, 502, 502, 200]


async def test_faults_are_met_in_order(ada: Caller, github: StandIn) -> None:
    github.fail_next(status=500)
    github.fail_next(status=200, body=b'{"broken')
    assert [(await ada.get(_SHOP)).status for _ in range(3)] == [500, 200, 200]
    github.fail_next(status=500)
    github.clear_faults()
    assert (await ada.get(_SHOP)).status == 200


@pytest.mark.parametrize("close", ["before", "in_body"])
async def test_fault_that_closes_the_connection(ada: Caller, github: StandIn, close: str) -> None:
    github.fail_next(close=close)
    with pytest.raises(aiohttp.ClientError):
        await ada.ask("POST", "/graphql", headers={}, data="{}")
    assert github.calls[-1].status == CONNECTION_CLOSED
    assert (await ada.get(_SHOP)).status == 200


async def test_fault_that_holds(ada: Caller, github: StandIn) -> None:
    gate = asyncio.Event()
    fault = github.fail_next(hold=gate)
    held = asyncio.create_task(ada.get(_SHOP))
    await fault.reached.wait()
    assert (await ada.get(_SHOP)).status == 200
    assert not held.done()
    gate.set()
    assert (await held).status == 200


async def test_stopping_breaks_off_what_is_held(session: ClientSession) -> None:
    async with running_github() as github:
        fault = github.fail_next(hold=asyncio.Event())
        held = asyncio.create_task(Caller(session, github).get("/x"))
        await fault.reached.wait()
    with pytest.raises(aiohttp.ClientError):
        await held


async def test_port_that_is_taken() -> None:
    async with running_github() as github:
        port = int(github.web_url.rpartition(":")[2])
        other = StandIn()
        with pytest.raises(OSError, match=str(port)):
            await other.start(port=port)
        assert github.enterprise_api_url == f"{github.api_url}/api/v3"


async def test_stop_without_start() -> None:
    await StandIn().stop()
