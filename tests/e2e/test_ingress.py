"""Behind a real nginx that ends TLS, as an ingress does: page, login, RPCs and large profiles work."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from yarl import URL

from proxy.config.model import Upstream as UpstreamSettings
from proxy.session import COOKIE_NAME
from proxy.ui.ticket import COOKIE_NAME as LOGIN_COOKIE
from tests.e2e.conftest import GO_NOW, add
from tests.e2e.nginx import running_nginx
from tests.e2e.process import PIECE, digest_of, running_upstream
from tests.fakes.system import SHOP, Answer, running_system

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from proxy.config.model import Config
    from tests.e2e.conftest import Histories
    from tests.e2e.nginx import Ingress
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
BACK = "/-/source/?service=checkout"
PIECES = 400  # 25 MiB


class Visitor:
    """A browser's or Grafana's side of the ingress."""

    def __init__(self, ingress: Ingress, system: System, http: aiohttp.ClientSession) -> None:
        self.origin = ingress.url
        self.system = system
        self._http = http

    @asynccontextmanager
    async def asks(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, data: Any = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        url = URL(self.origin + path, encoded=True)
        async with self._http.request(
            method, url, headers=headers, data=data, allow_redirects=False
        ) as response:
            yield response

    async def call(self, method: str, body: object, cookie: str = "") -> Answer:
        headers = {"Content-Type": "application/json", "Cookie": cookie}
        async with self.asks("POST", f"/vcs.v1.VCSService/{method}", headers, json.dumps(body)) as response:
            return Answer(response.status, response.headers, await response.json())

    async def log_in(self) -> tuple[SimpleCookie, SimpleCookie]:
        """Go the page's way over GitHub: the cookies of the first and of the last step."""
        async with self.asks("GET", f"/-/source/login?return={BACK}") as response:
            assert response.status == 303, await response.text()
            ticket, authorize = cookies_of(response), URL(response.headers["Location"])
        async with self._http.get(authorize.update_query(login="ada"), allow_redirects=False) as response:
            back = URL(response.headers["Location"])
        assert str(back.with_query(None)) == f"{self.origin}/-/source/callback"
        headers = {"Cookie": f"{LOGIN_COOKIE}={ticket[LOGIN_COOKIE].value}"}
        async with self.asks("GET", back.raw_path_qs, headers) as response:
            assert (response.status, response.headers["Location"]) == (303, BACK)
            return ticket, cookies_of(response)


def cookies_of(response: aiohttp.ClientResponse) -> SimpleCookie:
    found: SimpleCookie = SimpleCookie()
    for line in response.headers.getall("Set-Cookie", []):
        found.load(line)
    return found


@pytest.fixture
async def visitor(histories: Histories, tmp_path: Path) -> AsyncIterator[Visitor]:
    with running_upstream() as upstream:
        url = URL(f"http://127.0.0.1:{upstream.server_address[1]}")

        def change(config: Config) -> Config:
            return replace(config, upstream=UpstreamSettings(url=url))

        async with (
            running_system(change) as system,
            running_nginx(str(system.proxy.address), tmp_path) as ingress,
        ):
            add(system, histories)
            connector = aiohttp.TCPConnector(ssl=ingress.trust)
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
                yield Visitor(ingress, system, http)


async def test_the_page_and_its_assets_come_with_their_policy(visitor: Visitor) -> None:
    async with visitor.asks("GET", "/-/source/") as response:
        page = await response.text()
        assert response.status == 200
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assets = set(re.findall(r'(?:src|href)="(/-/source/assets/[^"]+|assets/[^"]+)"', page))
    assert assets
    for asset in assets:
        async with visitor.asks("GET", f"/-/source/{asset.removeprefix('/-/source/')}") as response:
            assert response.status == 200, asset
            assert "immutable" in response.headers["Cache-Control"]
    async with visitor.asks("GET", "/-/source") as response:
        # Relative, so that it does not name the port that only nginx knows.
        assert response.headers["Location"] == "/-/source/"


async def test_a_login_comes_back_over_https_with_secure_cookies(visitor: Visitor) -> None:
    ticket, last = await visitor.log_in()
    assert ticket[LOGIN_COOKIE]["secure"]
    assert last[COOKIE_NAME]["secure"]
    session = f"{COOKIE_NAME}={last[COOKIE_NAME].value}"
    question = {"repositoryURL": SHOP, "ref": "main", "localPath": CART}
    assert (await visitor.call("GetFile", question, session)).content == GO_NOW.encode()


async def test_only_the_page_behind_tls_renews_a_session(visitor: Visitor) -> None:
    own, plain = visitor.origin, visitor.origin.replace("https", "http")
    for status, headers in (
        (200, {"Sec-Fetch-Site": "same-origin"}),
        (200, {"Origin": own}),
        (200, {"Origin": own, "Sec-Fetch-Site": "same-origin"}),
        (403, {"Origin": plain}),
        (403, {"Origin": "https://evil.example"}),
        (403, {"Sec-Fetch-Site": "cross-site"}),
        (403, {}),
    ):
        _, last = await visitor.log_in()
        session = {"Cookie": f"{COOKIE_NAME}={last[COOKIE_NAME].value}"}
        async with visitor.asks("POST", "/-/source/refresh", headers | session) as response:
            assert response.status == status, headers
            assert (COOKIE_NAME in cookies_of(response)) is (status == 200)


async def test_rpcs_keep_their_answers_and_refusals(visitor: Visitor) -> None:
    app = await visitor.call("GithubApp", {})
    assert (app.status, app.body) == (200, {"clientID": visitor.system.github.client_id})
    refused = await visitor.call("GetFile", {"repositoryURL": SHOP, "localPath": CART})
    assert refused.refusal == (401, "unauthenticated")
    cookie = await visitor.system.login("bob")
    missing = {"repositoryURL": SHOP, "ref": "main", "localPath": "nothing.go"}
    assert (await visitor.call("GetFile", missing, cookie)).refusal == (404, "not_found")


@pytest.mark.parametrize("kind", ["sized", "chunked"])
async def test_a_large_profile_comes_whole(visitor: Visitor, kind: str) -> None:
    digest = hashlib.sha256()
    async with visitor.asks("GET", f"/down/{kind}?{PIECES}") as response:
        async for data in response.content.iter_any():
            digest.update(data)
    assert digest.hexdigest() == digest_of(PIECES)


async def test_a_large_profile_is_pushed_whole(visitor: Visitor) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(PIECES):
            yield PIECE

    async with visitor.asks("POST", "/up", data=pieces()) as response:
        assert (await response.json())["digest"] == digest_of(PIECES)


async def test_pyroscope_learns_who_asked_and_how(visitor: Visitor) -> None:
    async with visitor.asks("GET", "/a%2Fb?c", {"X-Forwarded-For": "203.0.113.9"}) as response:
        told = await response.json()
    assert told["path"] == "/a%2Fb?c"
    headers = [(name.lower(), value) for name, value in told["headers"]]
    sent = {name: value for name, value in headers if name.startswith("x-forwarded-")}
    assert len(sent) == sum(name.startswith("x-forwarded-") for name, _ in headers)
    client, nginx, last = sent["x-forwarded-for"].split(", ")
    assert (client, last) == ("203.0.113.9", "127.0.0.1")
    assert nginx.startswith("127.")
    assert sent["x-forwarded-proto"] == "https"
    assert sent["x-forwarded-host"] == visitor.origin.removeprefix("https://")
