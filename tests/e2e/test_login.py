"""Logins and sessions through the whole system: the App, codes, refreshes, cookies, tenants."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from proxy.config.model import GitHub, Secret, Session, Tenancy
from proxy.session import Token, current_cookie_value, derive_key, legacy_cookie_value, seal
from tests.e2e.conftest import GO, Histories, add
from tests.fakes.system import SECRET, Answer, System, cookie_of, running_system
from tests.session.vectors import SEALED

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.config.model import Config

CART = "services/checkout/internal/cart/cart.go"
EXCHANGE = "/login/oauth/access_token"
NAME = "pyroscope_git_session"
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def sealed(
    token: str, *, secret: str = SECRET, tenant: str = "anonymous", expiry: datetime | None = FAR
) -> str:
    return seal(Token(token, "bearer", "ghr_x", expiry), derive_key(secret, tenant), b"0123456789ab")


def exchanges(system: System) -> int:
    return sum(call.route == EXCHANGE for call in system.github.calls)


async def test_the_app_tells_where_the_login_starts(system: System) -> None:
    answer = await system.call("GithubApp")
    assert (answer.status, answer.body) == (200, {"clientID": system.github.client_id})


async def test_the_app_tells_where_the_login_comes_back(histories: Histories) -> None:
    def change(config: Config) -> Config:
        return replace(config, github=replace(config.github, callback_url="https://grafana.example/back"))

    async with running_system(change) as system:
        answer = await system.call("GithubApp")
    assert answer.body["callbackURL"] == "https://grafana.example/back"


def without_id(config: Config) -> Config:
    return replace(config, github=replace(config.github, client_id=""))


def without_client_secret(config: Config) -> Config:
    return replace(config, github=replace(config.github, client_secret=Secret("")))


def without_session_secret(config: Config) -> Config:
    return replace(config, session=Session())


def without_all(config: Config) -> Config:
    return replace(config, github=replace(GitHub(), url=config.github.url), session=Session())


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (without_id, "GITHUB_CLIENT_ID"),
        (without_client_secret, "GITHUB_CLIENT_SECRET"),
        (without_session_secret, "GITHUB_SESSION_SECRET"),
        (without_all, "GITHUB_CLIENT_ID"),
    ],
)
async def test_without_an_app_github_is_not_configured(
    change: Callable[[Config], Config], missing: str
) -> None:
    async with running_system(change) as system:
        for method in ("GithubApp", "GithubLogin", "GithubRefresh"):
            answer = await system.call(method, {"authorizationCode": "x"} if method == "GithubLogin" else {})
            assert answer.refusal == (501, "unimplemented")
            assert answer.message.startswith("GitHub integration is not configured")
            assert missing in answer.message


async def test_a_login_gives_what_grafana_s_page_expects(system: System) -> None:
    answer = await system.call("GithubLogin", {"authorizationCode": await system.code("ada")})
    cookie, _, attributes = answer.body["cookie"].partition(";")
    assert cookie.startswith(f"{NAME}=")
    assert "; Secure; SameSite=Lax" in f";{attributes}"
    assert "HttpOnly" not in attributes
    inner = json.loads(base64.b64decode(cookie.partition("=")[2]))
    assert set(inner) == {"metadata", "expiry"}
    assert inner["expiry"] == int(answer.body["tokenExpiresAt"])
    assert inner["metadata"] == answer.body["token"]
    assert int(answer.body["refreshTokenExpiresAt"]) > int(answer.body["tokenExpiresAt"])


async def test_a_code_that_github_does_not_take_is_no_login(system: System) -> None:
    answer = await system.call("GithubLogin", {"authorizationCode": "wrong"})
    assert answer.refusal == (401, "unauthenticated")
    assert "again" in answer.message


@pytest.mark.parametrize("code", ["", " ", "x" * 5000, "a\nb", "\u2603"])
async def test_what_cannot_be_a_code_does_not_reach_github(system: System, code: str) -> None:
    answer = await system.call("GithubLogin", {"authorizationCode": code})
    assert answer.refusal == (400, "invalid_argument")
    assert system.github.calls == []


async def test_a_code_counts_once(system: System) -> None:
    body = {"authorizationCode": await system.code("ada")}
    assert (await system.call("GithubLogin", body)).status == 200
    assert (await system.call("GithubLogin", body)).refusal == (401, "unauthenticated")


async def test_fifty_refreshes_at_once_are_one(system: System, ada: str) -> None:
    answers = await asyncio.gather(*(system.call("GithubRefresh", cookie=ada) for _ in range(50)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["cookie"] for answer in answers}) == 1
    assert exchanges(system) == 1
    # A tab that was slow still gets the answer: its refresh token is used up at GitHub.
    late = await system.call("GithubRefresh", cookie=ada)
    assert late.body == answers[0].body
    assert exchanges(system) == 1
    assert (await system.get_file(cookie_of(late), CART, ref="v1.0.0")).content == GO.encode()
    metrics = await system.metrics()
    assert 'sourceproxy_sessions_total{event="refresh"} 1.0' in metrics
    assert 'sourceproxy_sessions_total{event="refresh_coalesced"} 50.0' in metrics


async def test_the_session_from_before_a_refresh_is_not_accepted_by_github(system: System, ada: str) -> None:
    await system.call("GithubRefresh", cookie=ada)
    assert (await system.get_file(ada, CART)).refusal == (401, "unauthenticated")


async def test_a_refresh_without_session_is_refused(system: System) -> None:
    for cookie in ("", f"{NAME}=x", "other=1"):
        answer = await system.call("GithubRefresh", cookie=cookie)
        assert answer.refusal == (401, "unauthenticated")
    assert exchanges(system) == 0


async def test_a_token_that_does_not_expire_is_refreshed_without_github(histories: Histories) -> None:
    async with running_system(expiring_tokens=False) as system:
        add(system, histories)
        cookie = await system.login("ada")
        system.github.forget_calls()
        renewed = await system.call("GithubRefresh", cookie=cookie)
        assert exchanges(system) == 0
        assert (await system.get_file(cookie_of(renewed), CART, ref="v1.0.0")).content == GO.encode()


REFUSED = {
    "none": ("", "invalid token"),
    "empty": (f"{NAME}=", "invalid token"),
    "no base64": (f"{NAME}=%%%", "invalid token"),
    "no json": (f"{NAME}={base64.b64encode(b'hello').decode()}", "invalid token"),
    "nothing sealed": (f"{NAME}={base64.b64encode(b'{}').decode()}", "invalid token"),
    "deep": (f"{NAME}={base64.b64encode(b'[' * 3000).decode()}", "invalid token"),
    "another secret": (f"{NAME}={current_cookie_value(sealed('t', secret='x' * 32))}", "invalid token"),
    "another tenant": (f"{NAME}={current_cookie_value(sealed('t', tenant='team'))}", "invalid token"),
    "expired": (
        f"{NAME}={current_cookie_value(sealed('t', expiry=datetime(2020, 1, 1, tzinfo=UTC)))}",
        "token is expired",
    ),
}


@pytest.mark.parametrize(("cookie", "words"), REFUSED.values(), ids=REFUSED)
async def test_what_is_no_session_is_refused(system: System, cookie: str, words: str) -> None:
    answers: list[Answer] = [
        await system.get_file(cookie, CART),
        await system.get_commit(cookie, "main"),
        await system.get_commits(cookie, ["main"]),
    ]
    for answer in answers:
        assert answer.refusal == (401, "unauthenticated")
        assert answer.message.startswith(words)
    assert system.github.calls == []


async def test_sessions_sealed_by_hand_are_opened(system: System) -> None:
    token = sealed(system.github.token_for("ada"))
    for value in (current_cookie_value(token), legacy_cookie_value(token, FAR)):
        assert (await system.get_file(f"{NAME}={value}", CART, ref="v1.0.0")).content == GO.encode()


async def test_the_first_cookie_that_opens_counts(system: System, ada: str) -> None:
    broken = f"{NAME}=broken; theme=dark; {ada}; {NAME}=alsobroken"
    assert (await system.get_file(broken, CART, ref="v1.0.0")).content == GO.encode()


@pytest.mark.parametrize("form", ["current_cookie_value", "legacy_cookie_value"])
async def test_sessions_of_another_implementation_are_opened(system: System, form: str) -> None:
    # The vector's token is none of the stand-in's, so it is GitHub that refuses it, not the proxy.
    (vector,) = (
        vector
        for vector in SEALED
        if vector["tenant"] == "anonymous"
        and vector["secret"] == SECRET
        and vector["token"]["expiry"] is None
        and vector["token"]["access_token"].startswith("gh")
        and vector["as_the_proxy_writes_it"]
    )
    answer = await system.get_file(f"{NAME}={vector[form]}", CART)
    assert answer.refusal == (401, "unauthenticated")
    assert answer.message.startswith("GitHub does not accept the token")


async def test_secrets_are_rotated_without_logging_anyone_out(histories: Histories) -> None:
    def change(config: Config) -> Config:
        return replace(config, session=Session((Secret("the-new-secret-of-32-characters!"), Secret(SECRET))))

    async with running_system(change) as system:
        add(system, histories)
        old = f"{NAME}={current_cookie_value(sealed(system.github.token_for('ada')))}"
        assert (await system.get_file(old, CART, ref="v1.0.0")).content == GO.encode()


def multitenancy(config: Config) -> Config:
    return replace(config, tenancy=Tenancy(multitenancy_enabled=True))


async def test_a_session_belongs_to_its_tenant(histories: Histories) -> None:
    async with running_system(multitenancy) as system:
        add(system, histories)
        cookie = await system.login("ada", X_Scope_OrgID="team-a")
        mine = await system.get_file(cookie, CART, ref="v1.0.0", X_Scope_OrgID="team-a")
        assert mine.content == GO.encode()
        theirs = await system.get_file(cookie, CART, X_Scope_OrgID="team-b")
        assert theirs.refusal == (401, "unauthenticated")
        assert theirs.message.startswith("invalid token")


async def test_with_multitenancy_a_tenant_is_needed(histories: Histories) -> None:
    async with running_system(multitenancy) as system:
        for method in ("GithubApp", "GithubLogin", "GithubRefresh", "GetFile", "GetCommit", "GetCommits"):
            answer = await system.call(method, {})
            assert answer.refusal == (401, "unauthenticated")
            assert "X-Scope-OrgID" in answer.message
        answer = await system.call("GithubApp", X_Scope_OrgID="a|b")
        assert answer.refusal == (400, "invalid_argument")


async def test_without_multitenancy_the_tenant_does_not_count(system: System, ada: str) -> None:
    answer = await system.get_file(ada, CART, ref="v1.0.0", X_Scope_OrgID="team-a")
    assert answer.content == GO.encode()
