"""Logging in without Grafana: state, PKCE, cookies, and everything that another site may try."""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from proxy.config.model import GitHub, Secret, Session
from proxy.oauth import code_challenge
from proxy.session import COOKIE_NAME
from proxy.ui.ticket import COOKIE_NAME as LOGIN_COOKIE
from proxy.ui.ticket import open_ticket, ticket_key
from tests.fakes.system import SECRET, running_system

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import aiohttp

    from tests.fakes.system import System

CALLBACK = "/-/source/callback"
BACK = "/-/source/?service=checkout&fn=a%2Fb.%28*C%29.d"


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with running_system() as system:
        yield system


def cookies_of(response: aiohttp.ClientResponse) -> SimpleCookie:
    found: SimpleCookie = SimpleCookie()
    for line in response.headers.getall("Set-Cookie", []):
        found.load(line)
    return found


@asynccontextmanager
async def asked(system: System, path: str, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    url = URL(f"{system.url}{path}", encoded=True)
    async with system.http.get(url, headers=sent, allow_redirects=False) as response:
        yield response


async def begin(system: System, back: str = BACK, query: str = "", **headers: str) -> tuple[URL, str]:
    """Start a login: where the browser is sent, and the ``Cookie`` header that it has afterwards."""
    path = str(URL("/-/source/login").with_query({"return": back})) + query
    async with asked(system, path, **headers) as response:
        assert response.status == 303, await response.text()
        cookie = cookies_of(response)[LOGIN_COOKIE]
        return URL(response.headers["Location"]), f"{LOGIN_COOKIE}={cookie.value}"


async def agree(system: System, authorize: URL, login: str = "ada") -> URL:
    """Say yes on GitHub's page: where the browser is sent back to."""
    async with system.http.get(authorize.update_query(login=login), allow_redirects=False) as response:
        return URL(response.headers["Location"])


async def test_the_way_to_github(system: System) -> None:
    authorize, cookie = await begin(system)
    assert str(authorize.origin()) == system.github.web_url
    assert authorize.path == "/login/oauth/authorize"
    ticket = open_ticket(cookie.partition("=")[2], [ticket_key(SECRET)], 0)
    assert ticket is not None
    assert dict(authorize.query) == {
        "client_id": system.github.client_id,
        "redirect_uri": system.url + CALLBACK,
        "state": ticket.state,
        "code_challenge": code_challenge(ticket.verifier),
        "code_challenge_method": "S256",
    }
    assert ticket.return_path == BACK
    assert len(ticket.state) == len(ticket.verifier) == 43
    assert ticket.state != ticket.verifier


async def test_two_logins_share_nothing(system: System) -> None:
    (first, _), (second, _) = await begin(system), await begin(system)
    assert first.query["state"] != second.query["state"]
    assert first.query["code_challenge"] != second.query["code_challenge"]


@pytest.mark.parametrize(("scheme", "secure"), [("http", ""), ("https", True)])
async def test_the_way_there_and_back(system: System, scheme: str, secure: object) -> None:
    where = {"X_Forwarded_Proto": scheme, "X_Forwarded_Host": "profiles.example"}
    async with asked(system, "/-/source/login", **where) as response:
        login = cookies_of(response)[LOGIN_COOKIE]
        assert (login["path"], login["samesite"], login["max-age"]) == ("/-/source/", "Lax", "600")
        assert (login["httponly"], login["secure"]) == (True, secure)
        assert response.headers["Cache-Control"] == "no-store"
    authorize, cookie = await begin(system, **where)
    back = await agree(system, authorize)
    assert str(back.with_query(None)) == f"{scheme}://profiles.example{CALLBACK}"
    async with asked(system, f"{CALLBACK}?{back.raw_query_string}", Cookie=cookie, **where) as response:
        assert (response.status, response.headers["Location"]) == (303, BACK)
        assert response.headers["Cache-Control"] == "no-store"
        set_cookies = cookies_of(response)
    session = set_cookies[COOKIE_NAME]
    # Scripts may read it: browsers would not let Grafana's page on this host replace one that they may not.
    assert (session["path"], session["samesite"], session["httponly"]) == ("/", "Lax", "")
    assert (session["secure"], session["domain"]) == (secure, "")
    assert set(json.loads(base64.b64decode(session.value))) == {"metadata", "expiry"}
    assert (set_cookies[LOGIN_COOKIE].value, set_cookies[LOGIN_COOKIE]["max-age"]) == ("", "0")
    assert (await system.call("GithubRefresh", cookie=f"{COOKIE_NAME}={session.value}")).status == 200


async def test_a_code_is_exchanged_with_what_it_was_asked_with(system: System) -> None:
    authorize, cookie = await begin(system)
    back = await agree(system, authorize.update_query(code_challenge=code_challenge("another")))
    async with asked(system, f"{CALLBACK}?{back.raw_query_string}", Cookie=cookie) as response:
        assert response.status == 401
        assert COOKIE_NAME not in cookies_of(response)


@pytest.mark.parametrize(
    "change",
    [
        lambda back, _: (back, ""),
        lambda back, cookie: (back.update_query(state="other"), cookie),
        lambda back, cookie: (back.without_query_params("state"), cookie),
        lambda back, cookie: (back, cookie[:-6] + "AAAA=="),
        lambda back, _: (back, f"{LOGIN_COOKIE}=; {LOGIN_COOKIE}=%00"),
    ],
)
async def test_an_answer_that_this_browser_did_not_ask_for_logs_nobody_in(
    system: System, change: Callable[[URL, str], tuple[URL, str]]
) -> None:
    authorize, cookie = await begin(system)
    back, cookie = change(await agree(system, authorize), cookie)
    system.github.forget_calls()
    async with asked(system, f"{CALLBACK}?{back.raw_query_string}", Cookie=cookie) as response:
        assert response.status == 400
        assert "Set-Cookie" not in response.headers
        assert "no login that was started in this browser" in await response.text()
    assert not system.github.calls


async def test_of_several_cookies_the_one_that_fits_counts(system: System) -> None:
    (_, other), (authorize, cookie) = await begin(system), await begin(system)
    back = await agree(system, authorize)
    cookies = f"x=y; {other};{LOGIN_COOKIE}=garbage; {cookie}"
    async with asked(system, f"{CALLBACK}?{back.raw_query_string}", Cookie=cookies) as response:
        assert response.status == 303


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/-/source/../x",
        "/explore",
        "/-/source/\r\nX: y",
    ],
)
async def test_no_login_leads_elsewhere(system: System, back: str) -> None:
    authorize, cookie = await begin(system, back)
    answer = await agree(system, authorize)
    async with asked(system, f"{CALLBACK}?{answer.raw_query_string}", Cookie=cookie) as response:
        assert response.headers["Location"] == "/-/source/"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("access_denied", "access was declined"),
        ("redirect_uri_mismatch", "operator has to add this page"),
        ("<script>alert(1)</script>", "an unknown error"),
        ("server_error", "(server_error)"),
    ],
)
async def test_what_github_refuses_is_told(system: System, error: str, says: str) -> None:
    authorize, cookie = await begin(system)
    query = URL().with_query(error=error, state=authorize.query["state"]).raw_query_string
    async with asked(system, f"{CALLBACK}?{query}", Cookie=cookie) as response:
        assert response.status == 403
        page = await response.text()
    assert says in page
    assert "<script>alert" not in page


async def test_another_site_starts_no_login(system: System) -> None:
    async with asked(system, "/-/source/login", Sec_Fetch_Site="cross-site") as response:
        assert response.status == 403
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("host", ["a b", "evil.example/x", "user@evil.example", "a\\b"])
async def test_an_address_that_is_none_starts_no_login(system: System, host: str) -> None:
    async with asked(system, "/-/source/login", X_Forwarded_Host=host) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    "change", [{"github": GitHub()}, {"session": Session()}, {"session": Session((Secret(""),))}]
)
async def test_without_a_github_app_it_says_what_is_missing(change: dict[str, Any]) -> None:
    async with (
        running_system(lambda config: replace(config, **change)) as system,
        asked(system, "/-/source/login") as response,
    ):
        assert response.status == 501
        assert "the operator has to set" in await response.text()
