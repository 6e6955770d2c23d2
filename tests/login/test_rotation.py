"""The session's secrets and the App are changed while people refresh and log in: nobody is logged out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from proxy.config.model import Secret, Session
from proxy.errors import RpcError
from proxy.live import Live
from proxy.login import Logins
from proxy.session import COOKIE_NAME, Token, current_cookie_value, derive_key, read_cookies
from tests.login.conftest import CLIENT_SECRET, START, Stage, cookies

OLD, NEW = "the old secret", "the new secret"
TOKEN = Token("ghu_0", "bearer", "ghr_0", datetime.fromtimestamp(START, UTC))


def session(*secrets: str) -> Session:
    return Session(tuple(map(Secret, secrets)))


class Rotating:
    """Logins whose secrets and App can be changed."""

    def __init__(self, stage: Stage, *secrets: str) -> None:
        self.session = Live(session(*secrets))
        self.github = Live(stage.config)
        self.logins = Logins(
            send=stage.send,
            github=self.github,
            session=self.session,
            clock=lambda: stage.now,
            nonce=lambda: next(stage.nonces).to_bytes(12, "big"),
            metrics=stage.metrics,
        )

    async def refresh(self, secret: str = OLD) -> str:
        established = await self.logins.refresh(cookies(TOKEN, secret=secret), "anonymous")
        return f"{COOKIE_NAME}={current_cookie_value(established.token)}"


def opens_with(cookie: str, secret: str) -> bool:
    try:
        return bool(read_cookies([cookie], [derive_key(secret, "anonymous")]))
    except RpcError:
        return False


async def test_old_sessions_open_and_are_refreshed_with_the_new_secret(stage: Stage) -> None:
    rotating = Rotating(stage, OLD)
    rotating.session.replace(session(NEW, OLD))
    token = replace(TOKEN, expiry=datetime(2099, 1, 1, tzinfo=UTC))
    assert rotating.logins.open_session(cookies(token, secret=OLD), "anonymous") == token
    refreshed = await rotating.refresh()
    assert opens_with(refreshed, NEW)
    assert not opens_with(refreshed, OLD)


async def test_a_refresh_under_way_is_shared_across_the_change(stage: Stage) -> None:
    rotating = Rotating(stage, OLD)
    stage.hold()
    before = asyncio.create_task(rotating.refresh())
    await stage.until_github_is_asked()
    rotating.session.replace(session(NEW, OLD))
    after = asyncio.create_task(rotating.refresh())
    await asyncio.sleep(0)
    stage.github.go.set()
    first, second = await asyncio.gather(before, after)
    assert first == second
    assert opens_with(first, NEW)
    late = await rotating.refresh()
    assert late == first
    assert len(stage.github.asked) == 1


async def test_a_secret_that_is_given_up_while_github_is_asked_seals_nothing_more(stage: Stage) -> None:
    rotating = Rotating(stage, OLD)
    stage.hold()
    refreshing = asyncio.create_task(rotating.refresh())
    await stage.until_github_is_asked()
    rotating.session.replace(session(NEW))
    stage.github.go.set()
    assert opens_with(await refreshing, NEW)


async def test_a_secret_that_is_given_up_opens_nothing_more(stage: Stage) -> None:
    rotating = Rotating(stage, OLD, NEW)
    rotating.session.replace(session(NEW))
    token = replace(TOKEN, expiry=datetime(2099, 1, 1, tzinfo=UTC))
    with pytest.raises(RpcError, match="invalid token"):
        rotating.logins.open_session(cookies(token, secret=OLD), "anonymous")


async def test_the_app_is_the_one_of_now(stage: Stage) -> None:
    rotating = Rotating(stage, OLD)
    rotating.github.replace(replace(stage.config, client_secret=Secret("wrong")))
    with pytest.raises(RpcError, match="incorrect_client_credentials"):
        await rotating.logins.login("good", "anonymous")
    rotating.github.replace(replace(stage.config, client_id="Iv1.new", client_secret=Secret(CLIENT_SECRET)))
    await rotating.logins.login("good", "anonymous")
    assert stage.github.asked[-1]["client_id"] == "Iv1.new"
    rotating.github.replace(replace(stage.config, client_id=""))
    with pytest.raises(RpcError, match="not configured"):
        rotating.logins.require_configured()
