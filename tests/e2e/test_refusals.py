"""What goes wrong at GitHub, and what the person gets to know of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from tests.e2e.conftest import GO, Histories, add
from tests.fakes.system import SHOP, running_system, session_of

if TYPE_CHECKING:
    from proxy.config.model import Config
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
LIMITED = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-resource": "graphql"}


def said(message: str) -> bytes:
    return json.dumps({"message": message}).encode()


REFUSALS: dict[str, tuple[dict[str, Any], tuple[int, str], str]] = {
    "bad token": (
        {"status": 401, "body": said("Bad credentials")},
        (401, "unauthenticated"),
        "connect to GitHub again",
    ),
    "no permission": (
        {"status": 403, "body": said("Resource not accessible by integration")},
        (403, "permission_denied"),
        "install the GitHub App",
    ),
    "single sign-on": (
        {
            "status": 403,
            "body": said("Resource protected by organization SAML enforcement."),
            "headers": {"x-github-sso": "required; url=https://github.com/orgs/acme/sso?x=1"},
        },
        (403, "permission_denied"),
        "single sign-on",
    ),
    "secondary limit": (
        {
            "status": 403,
            "body": said("You have exceeded a secondary rate limit."),
            "headers": {"retry-after": "17"},
        },
        (429, "resource_exhausted"),
        "17 s",
    ),
    "too many requests": (
        {"status": 429, "body": said("Too many requests"), "headers": {"retry-after": "3"}},
        (429, "resource_exhausted"),
        "3 s",
    ),
    "blocked": (
        {"status": 451, "body": said("Repository access blocked")},
        (403, "permission_denied"),
        "legal",
    ),
    "broken": ({"status": 500, "body": said("Server Error")}, (503, "unavailable"), "try again"),
    "bad gateway": ({"status": 502, "body": b"<html>bad</html>"}, (503, "unavailable"), "try again"),
    "busy": ({"status": 503, "headers": {"retry-after": "9"}}, (503, "unavailable"), "try again"),
    "hangs up": ({"close": "before"}, (503, "unavailable"), "try again"),
    "breaks off": ({"close": "in_body"}, (503, "unavailable"), "try again"),
}
QUESTIONS = {
    "GetFile": {"repositoryURL": SHOP, "ref": "main", "localPath": CART},
    "GetCommit": {"repositoryURL": SHOP, "ref": "main"},
    "GetCommits": {"repository_url": SHOP, "refs": ["main", "v1.0.0"]},
}
WAITS = {"secondary limit": "17", "too many requests": "3", "busy": "9"}


@pytest.mark.parametrize("method", QUESTIONS)
@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_keeps_its_meaning(
    system: System, ada: str, bob: str, *, name: str, method: str
) -> None:
    how, expected, words = REFUSALS[name]
    system.github.fail_next(times=10, **how)
    answer = await system.call(method, QUESTIONS[method], ada)
    system.github.clear_faults()
    assert answer.refusal == expected
    assert words in answer.message
    assert answer.retry_after == WAITS.get(name)
    assert answer.headers["Content-Type"] == "application/json"
    # It is nobody else's, and when GitHub is well again, so are we.
    assert (await system.get_file(bob, CART, ref="v1.0.0")).content == GO.encode()
    if expected[0] != 429:
        assert (await system.get_file(ada, CART, ref="v1.1.0")).status == 200


@pytest.mark.parametrize("name", ["secondary limit", "too many requests"])
async def test_while_limited_github_is_not_asked(system: System, ada: str, name: str) -> None:
    how, expected, _ = REFUSALS[name]
    system.github.fail_next(**how)
    for ref in ("main", "v1.0.0", "v1.1.0"):
        answer = await system.get_file(ada, CART, ref=ref)
        assert answer.refusal == expected
        assert 0 < int(answer.retry_after or "0") <= int(WAITS[name])
    assert len(system.waited_for()) == 1


async def test_one_refusal_is_asked_about_once(system: System, ada: str) -> None:
    """After a 401 or 429, no further candidate and no other API is tried."""
    for status in (401, 429):
        system.github.forget_calls()
        system.github.fail_next(status=status, body=said("No"))
        assert (await system.get_file(ada, f"other-{status}.go", ref="main")).status == status
        assert len(system.waited_for()) == 1


async def test_an_hour_s_budget_that_is_spent_says_when_to_come_back(system: System, ada: str) -> None:
    for resource in ("graphql", "core"):
        system.github.set_remaining("ada", resource, 0)
    answer = await system.get_file(ada, CART)
    assert answer.refusal == (429, "resource_exhausted")
    assert "primary" in answer.message
    assert 3590 <= int(answer.retry_after or "0") <= 3600
    metrics = await system.metrics()
    limited = 'sourceproxy_github_rate_limited_total{kind="primary",resource="graphql"} 1.0'
    assert limited in metrics
    assert 'sourceproxy_github_rate_limit_remaining{resource="graphql"} 0.0' in metrics


async def test_while_one_api_s_budget_lasts_it_answers_for_the_other(system: System, ada: str) -> None:
    system.github.set_remaining("ada", "graphql", 0)
    assert (await system.get_file(ada, CART, ref="v1.0.0")).content == GO.encode()
    assert (await system.get_commit(ada, "main")).status == 200


async def test_a_large_file_needs_the_rest_api_s_budget(system: System, ada: str) -> None:
    system.github.set_remaining("ada", "core", 0)
    answer = await system.get_file(ada, "odd/large.go")
    assert answer.refusal == (429, "resource_exhausted")


async def test_someone_else_s_budget_is_their_own(system: System, ada: str, bob: str) -> None:
    for resource in ("graphql", "core"):
        system.github.set_remaining("ada", resource, 0)
    assert (await system.get_file(ada, CART)).refusal == (429, "resource_exhausted")
    assert (await system.get_file(bob, CART, ref="v1.0.0")).content == GO.encode()
    # Now that it is known to be public, it costs her nothing.
    assert (await system.get_file(ada, CART, ref="v1.0.0")).content == GO.encode()


async def test_a_token_that_was_revoked_is_unauthenticated(system: System, ada: str) -> None:
    system.github.revoke_user("ada")
    answer = await system.get_file(ada, CART)
    assert answer.refusal == (401, "unauthenticated")


async def test_a_large_file_that_github_refuses_is_no_missing_file(system: System, ada: str) -> None:
    blob = "/repos/{owner}/{repo}/git/blobs/{file_sha}"
    system.github.fail_next(route=blob, status=403, body=said("Resource not accessible by integration"))
    answer = await system.get_file(ada, "odd/large.go")
    assert answer.refusal == (403, "permission_denied")


async def test_nobody_at_home_is_unavailable(histories: Histories) -> None:
    def change(config: Config) -> Config:
        nowhere = URL("http://127.0.0.1:1")
        return replace(config, github=replace(config.github, url=nowhere, api_url=nowhere))

    async with running_system(change) as system:
        issued = await system.call("GithubLogin", {"authorizationCode": "abc"})
        assert issued.refusal == (503, "unavailable")


async def test_github_that_stopped_is_unavailable(histories: Histories) -> None:
    async with running_system() as system:
        add(system, histories)
        cookie = await system.login("ada")
        await system.github.stop()
        for answer in (
            await system.get_file(cookie, CART),
            await system.get_commit(cookie, "main"),
            await system.call("GithubRefresh", cookie=cookie),
        ):
            assert answer.refusal == (503, "unavailable")
            assert "cannot be reached" in answer.message


async def test_github_that_is_too_slow_is_a_timeout(histories: Histories) -> None:
    def change(config: Config) -> Config:
        return replace(config, github=replace(config.github, request_timeout=0.05))

    async with running_system(change) as system:
        add(system, histories)
        # A login would have to be that quick as well.
        cookie = session_of(system.github.token_for("ada"))
        hold = asyncio.Event()
        system.github.fail_next(times=5, hold=hold)
        answer = await system.get_file(cookie, CART)
        hold.set()
        assert answer.refusal == (504, "deadline_exceeded")
        assert "GitHub" in answer.message


async def test_a_caller_that_cannot_wait_is_told_in_time(system: System, ada: str) -> None:
    hold = asyncio.Event()
    system.github.fail_next(times=5, hold=hold)
    answer = await system.get_file(ada, CART, Connect_Timeout_Ms="50")
    hold.set()
    assert answer.refusal == (504, "deadline_exceeded")


async def test_a_broken_request_is_refused(system: System, ada: str) -> None:
    for body in (b"", b"{", b"[]", b'{"ref": 1}', b"\xff", b'{"ref": "' + b"x" * 100):
        answer = await system.call("GetFile", body, ada)
        assert answer.refusal == (400, "invalid_argument")


async def test_unknown_fields_are_ignored(system: System, ada: str, histories: Histories) -> None:
    body = {"repositoryURL": "https://github.com/acme/shop", "localPath": CART, "ref": "v1.0.0", "new": [1]}
    assert (await system.call("GetFile", body, ada)).content == GO.encode()
