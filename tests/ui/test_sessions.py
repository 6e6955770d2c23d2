"""Renewing and ending the page's session: by the page alone, and for the tenant that it is of."""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from proxy.config.model import Tenancy
from proxy.session import COOKIE_NAME
from tests.fakes.system import running_system, session_of
from tests.ui.test_login import CALLBACK, agree, asked, begin, cookies_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from http.cookies import SimpleCookie

    from tests.fakes.system import System

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with running_system() as system:
        yield system


async def refreshed(system: System, cookie: str, **headers: str) -> tuple[int, Any, SimpleCookie]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Cookie": cookie}
    async with system.http.post(f"{system.url}/-/source/refresh", json={}, headers=sent) as response:
        return response.status, await response.json(), cookies_of(response)


async def test_a_refresh_sets_the_cookie_anew(system: System) -> None:
    cookie = await system.login("ada")
    status, body, cookies = await refreshed(system, cookie, **OWN)
    assert status == 200
    session = cookies[COOKIE_NAME]
    assert json.loads(base64.b64decode(session.value))["expiry"] == body["expiry"]
    assert f"{COOKIE_NAME}={session.value}" != cookie
    assert (session["path"], session["samesite"]) == ("/", "Lax")


async def test_a_session_that_github_ended_is_given_up(system: System) -> None:
    cookie = await system.login("ada")
    system.github.revoke_user("ada")
    status, body, cookies = await refreshed(system, cookie, **OWN)
    assert (status, body["code"]) == (401, "unauthenticated")
    assert (cookies[COOKIE_NAME].value, cookies[COOKIE_NAME]["max-age"]) == ("", "0")


async def test_a_session_that_github_cannot_renew_now_is_kept(system: System) -> None:
    cookie = await system.login("ada")
    system.github.fail_next(status=503, times=10)
    status, body, cookies = await refreshed(system, cookie, **OWN)
    assert (status, body["code"]) == (503, "unavailable")
    assert COOKIE_NAME not in cookies


@pytest.mark.parametrize("path", ["refresh", "logout"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_site_changes_no_session(system: System, path: str, headers: dict[str, str]) -> None:
    cookie = await system.login("ada")
    system.github.forget_calls()
    sent = headers | {"Cookie": cookie}
    async with system.http.post(f"{system.url}/-/source/{path}", headers=sent) as response:
        assert response.status == 403
        assert "Set-Cookie" not in response.headers
    assert not system.github.calls


@pytest.mark.parametrize("by", ["fetch metadata", "origin"])
async def test_a_logout_takes_the_cookie_away(system: System, by: str) -> None:
    headers = OWN if by == "fetch metadata" else {"Origin": system.url}
    async with system.http.post(f"{system.url}/-/source/logout", headers=headers) as response:
        assert response.status == 204
        session = cookies_of(response)[COOKIE_NAME]
    assert (session.value, session["max-age"], session["path"]) == ("", "0", "/")


@asynccontextmanager
async def tenants() -> AsyncIterator[System]:
    tenancy = Tenancy(multitenancy_enabled=True)
    async with running_system(lambda config: replace(config, tenancy=tenancy)) as system:
        yield system


@pytest.mark.parametrize("how", ["query", "header", "header before query"])
async def test_the_session_is_of_the_tenant(how: str) -> None:
    async with tenants() as system:
        query = {"query": "&tenant=team-a", "header": "", "header before query": "&tenant=team-b"}[how]
        headers = {} if how == "query" else {"X_Scope_OrgID": "team-a"}
        authorize, cookie = await begin(system, query=query, **headers)
        back = await agree(system, authorize)
        async with asked(system, f"{CALLBACK}?{back.raw_query_string}", Cookie=cookie) as response:
            session = f"{COOKIE_NAME}={cookies_of(response)[COOKIE_NAME].value}"
        assert (await system.call("GithubRefresh", {}, session, X_Scope_OrgID="team-b")).status == 401
        status, _, cookies = await refreshed(system, session, X_Scope_OrgID="team-a", **OWN)
        assert status == 200
        assert cookies[COOKIE_NAME].value


async def test_without_a_tenant_nothing_begins_and_no_session_is_lost() -> None:
    async with tenants() as system:
        async with asked(system, "/-/source/login") as response:
            assert response.status == 401
            assert "no org id" in (await response.text()).lower()
        status, body, cookies = await refreshed(system, session_of("x", "team-a"), **OWN)
        assert (status, body["code"]) == (401, "unauthenticated")
        assert not cookies
