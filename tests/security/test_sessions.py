"""Cookies that are forged, changed, replayed or sent by somebody else's page."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from proxy.config.model import Secret, Session
from proxy.session import COOKIE_NAME, Token, current_cookie_value, derive_key, seal
from tests.e2e.conftest import add
from tests.fakes.system import SHOP, running_system
from tests.security.conftest import CART, PRIVATE, warm

if TYPE_CHECKING:
    from proxy.config.model import Config
    from tests.e2e.conftest import Histories
    from tests.fakes.system import System

BODY = json.dumps({"repositoryURL": SHOP, "localPath": CART})


def _sealed(secret: str, token: str) -> str:
    sealed = seal(Token(token, "bearer", "", None), derive_key(secret, "anonymous"), b"0123456789ab")
    return f"{COOKIE_NAME}={current_cookie_value(sealed)}"


async def test_a_forged_cookie_opens_nothing(system: System, ada: str, histories: Histories) -> None:
    await warm(system, ada, histories)
    token = system.github.token_for("ada")
    plain = base64.b64encode(json.dumps({"token": base64.b64encode(token.encode()).decode()}).encode())
    forged = [
        "",
        f"{COOKIE_NAME}=",
        f"{COOKIE_NAME}={plain.decode()}",
        f"{COOKIE_NAME}={token}",
        _sealed("a guessed secret", token),
    ]
    for cookie in forged:
        for answer in (
            await system.get_file(cookie, CART, repository=PRIVATE),
            await system.get_commit(cookie, "main", PRIVATE),
        ):
            assert answer.refusal == (401, "unauthenticated")
    assert system.asked() == []


async def test_a_changed_cookie_opens_nothing_though_the_real_one_was_just_seen(
    system: System, ada: str, histories: Histories
) -> None:
    """What is remembered of a cookie is remembered of exactly those bytes."""
    await warm(system, ada, histories)
    name, _, value = ada.partition("=")
    inner = json.loads(base64.b64decode(value))
    sealed = bytearray(base64.b64decode(inner["metadata"]))
    for at in (0, 11, 12, len(sealed) // 2, len(sealed) - 1):
        broken = bytes(byte ^ (1 if place == at else 0) for place, byte in enumerate(sealed))
        changed = {**inner, "metadata": base64.b64encode(broken).decode()}
        cookie = f"{name}={base64.b64encode(json.dumps(changed).encode()).decode()}"
        assert (await system.get_file(cookie, CART, repository=PRIVATE)).status == 401
    assert (await system.get_file(ada, CART, repository=PRIVATE)).status == 200


async def test_a_replayed_cookie_is_worth_no_more_than_its_token(histories: Histories) -> None:
    """Who has stolen a cookie can do what its token can, until GitHub ends it: at a log-out, at a refresh."""
    async with running_system(
        lambda config: replace(config, cache=replace(config.cache, access_ttl=0))
    ) as system:
        add(system, histories)
        stolen = await system.login("ada")
        assert (await system.get_file(stolen, CART, repository=PRIVATE)).status == 200
        refreshed = await system.call("GithubRefresh", cookie=stolen)
        assert refreshed.status == 200
        # GitHub has ended the old token with the refresh.
        assert (await system.get_file(stolen, CART, repository=PRIVATE)).refusal == (401, "unauthenticated")
        assert (await system.get_commit(stolen, histories.first, PRIVATE)).status == 401


async def test_a_secret_that_was_taken_away_opens_nothing(histories: Histories) -> None:
    async with running_system() as system:
        add(system, histories)
        cookie = await system.login("ada")

    def change(config: Config) -> Config:
        return replace(config, session=Session((Secret("another-secret-of-32-characters!!"),)))

    async with running_system(change) as system:
        add(system, histories)
        assert (await system.get_file(cookie, CART)).refusal == (401, "unauthenticated")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_a_page_elsewhere_cannot_have_a_browser_call(system: System, ada: str, kind: str) -> None:
    """What a form or a script can send across sites without being asked has none of the accepted kinds.

    The others need a preflight (https://fetch.spec.whatwg.org/#cors-safelisted-request-header), which
    is not answered with leave.
    """
    headers = {"Cookie": ada, "Origin": "https://evil.example"} | ({"Content-Type": kind} if kind else {})
    url = f"{system.url}/vcs.v1.VCSService/GetFile"
    skip = () if kind else ("Content-Type",)
    async with system.http.post(url, data=BODY.encode(), headers=headers, skip_auto_headers=skip) as response:
        assert response.status == 415
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    async with system.http.options(url, headers=preflight) as response:
        assert response.status == 405
        assert not [name for name in response.headers if name.startswith("Access-Control-Allow")]
    async with system.http.get(url, headers={"Cookie": ada}) as response:
        assert response.status == 405
    assert system.asked() == []


async def test_the_cookie_is_not_sent_by_pages_elsewhere(system: System) -> None:
    login = await system.call("GithubLogin", {"authorizationCode": await system.code("ada")})
    attributes = str(login.body["cookie"]).split("; ")[1:]
    assert "SameSite=Lax" in attributes
    assert "Secure" in attributes


async def test_an_answer_is_kept_by_nobody_on_the_way(system: System, ada: str) -> None:
    for answer in (await system.get_file(ada, CART), await system.get_file(ada, "gone.go")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_two_requests_in_one_are_refused(system: System, ada: str) -> None:
    """Where proxies disagree on where a body ends, one's request is another's: no end may be unclear.

    https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length
    """
    head = b"POST /vcs.v1.VCSService/GetFile HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    hidden = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    unclear = [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Content-Length : 0\r\n\r\n",
    ]
    host, port = system.proxy.address
    for rest in unclear:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(head + f"Cookie: {ada}\r\n".encode() + rest + hidden)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        assert answer[9:12] in (b"400", b"501"), rest
        assert answer.count(b"HTTP/1.1 ") == 1, rest
