"""Logins against a stand-in for GitHub that is a real server on a free port."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.config.model import GitHub, Secret, Session
from proxy.github.wire import Request, Response
from proxy.live import Live
from proxy.login import Logins
from proxy.metrics import Metrics
from proxy.session import Token, current_cookie_value, derive_key, seal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from proxy.cache import SharedStore
    from proxy.login import Turnstile

CLIENT_SECRET = "client-secret-value"
SECRETS = ("first secret", "second secret")
START = 1_795_082_400.0


class FakeGitHub:
    """GitHub's token route: codes and refresh tokens work once, and answers can be held back."""

    def __init__(self) -> None:
        self.codes = {"good"}
        self.refresh_tokens = {"ghr_0"}
        self.asked: list[dict[str, str]] = []
        self.queries: list[str] = []
        self.expiring = True
        self.without_refresh_token = False
        self.says: list[web.Response] = []
        self.go = asyncio.Event()
        self.go.set()
        self.arrived = asyncio.Event()
        self._numbers = itertools.count(1)

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        self.queries.append(request.query_string)
        self.arrived.set()
        await self.go.wait()
        if self.says:
            return self.says.pop(0)
        if form.get("client_secret") != CLIENT_SECRET:
            return web.json_response({"error": "incorrect_client_credentials"})
        return self._grant(form)

    def _grant(self, form: dict[str, str]) -> web.Response:
        refreshing = form["grant_type"] == "refresh_token"
        known, given = (
            (self.refresh_tokens, form.get("refresh_token", ""))
            if refreshing
            else (self.codes, form.get("code", ""))
        )
        if given not in known:
            error = "bad_refresh_token" if refreshing else "bad_verification_code"
            return web.json_response({"error": error, "error_description": f"{given} is bad"})
        known.remove(given)
        number = next(self._numbers)
        granted: dict[str, str | int] = {
            "access_token": f"ghu_{number}",
            "token_type": "bearer",
            "scope": "",
        }
        if self.expiring:
            granted |= {"expires_in": 28800, "refresh_token_expires_in": 15897600}
            if not self.without_refresh_token:
                granted["refresh_token"] = f"ghr_{number}"
                self.refresh_tokens.add(f"ghr_{number}")
        return web.json_response(granted)


@dataclass
class Stage:
    """Everything that a test of logins needs."""

    github: FakeGitHub
    client: ClientSession
    config: GitHub
    metrics: Metrics = field(default_factory=lambda: Metrics(CollectorRegistry(), version="1", revision="r"))
    now: float = START
    nonces: itertools.count[int] = field(default_factory=itertools.count)

    async def send(self, request: Request) -> Response:
        async with self.client.request(
            request.method, URL(request.url, encoded=True), headers=request.headers, data=request.body
        ) as answer:
            return Response(answer.status, answer.headers, await answer.read())

    def logins(
        self,
        *secrets: str,
        config: GitHub | None = None,
        shared: SharedStore | None = None,
        turnstile: Turnstile | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> Logins:
        return Logins(
            send=self.send,
            github=Live(config or self.config),
            session=Live(Session(tuple(Secret(secret) for secret in secrets or SECRETS))),
            clock=lambda: self.now,
            nonce=lambda: next(self.nonces).to_bytes(12, "big"),
            metrics=self.metrics,
            shared=shared,
            turnstile=turnstile,
            sleep=sleep,
        )

    def events(self) -> dict[str, float]:
        """What was counted, without the zeros."""
        counted = {
            event: self.metrics.registry.get_sample_value("sourceproxy_sessions_total", {"event": event})
            for event in ("login", "refresh", "refresh_coalesced", "rejected")
        }
        return {event: value for event, value in counted.items() if value}

    async def until_github_is_asked(self) -> None:
        await self.github.arrived.wait()

    def hold(self) -> None:
        """Let GitHub answer only when ``github.go`` is set."""
        self.github.go.clear()
        self.github.arrived.clear()


def cookies(token: Token, tenant: str = "anonymous", secret: str = SECRETS[0]) -> Sequence[str]:
    return [
        f"pyroscope_git_session={current_cookie_value(seal(token, derive_key(secret, tenant), b'n' * 12))}"
    ]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    github = FakeGitHub()
    app = web.Application()
    app.router.add_post("/login/oauth/access_token", github.answer)
    async with TestServer(app) as server, ClientSession() as client:
        config = GitHub(url=server.make_url("/"), client_id="Iv1.abc", client_secret=Secret(CLIENT_SECRET))
        yield Stage(github, client, config)
        github.go.set()
