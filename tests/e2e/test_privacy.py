"""Who may read what, and what nobody may read: secrets and source in logs, metrics and errors."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from proxy import logs
from proxy.config.model import Cache, Log
from tests.e2e.conftest import GO, Histories, add
from tests.fakes.system import SECRET, running_system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proxy.config.model import Config
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
PRIVATE = "https://github.com/acme/secret"


async def test_what_another_may_read_is_not_shown(
    system: System, ada: str, bob: str, histories: Histories
) -> None:
    for ref in (histories.first, "v1.0.0"):
        assert (await system.get_file(ada, CART, ref=ref, repository=PRIVATE)).content == GO.encode()
        assert (await system.get_commit(ada, ref, PRIVATE)).status == 200
        for answer in (
            await system.get_file(bob, CART, ref=ref, repository=PRIVATE),
            await system.get_commit(bob, ref, PRIVATE),
            await system.get_commits(bob, [ref], PRIVATE),
        ):
            assert answer.refusal == (404, "not_found")
            assert histories.first not in json.dumps(answer.body).replace(ref, "")


async def test_not_even_when_both_ask_at_the_same_time(system: System, ada: str, bob: str) -> None:
    asking = [system.get_file(who, CART, repository=PRIVATE) for who in (ada, bob) * 20]
    answers = await asyncio.gather(*asking)
    assert {answer.status for answer in answers[::2]} == {200}
    assert {answer.refusal for answer in answers[1::2]} == {(404, "not_found")}


async def test_what_is_refused_says_the_same_as_what_is_not_there(system: System, ada: str, bob: str) -> None:
    await system.get_file(ada, CART, repository=PRIVATE)
    secret = await system.get_file(bob, CART, repository=PRIVATE)
    gone = await system.get_file(bob, CART, repository="https://github.com/acme/gone")
    assert secret.message.replace("acme/secret", "X") == gone.message.replace("acme/gone", "X")


async def test_the_same_content_elsewhere_opens_no_door(
    system: System, ada: str, bob: str, histories: Histories
) -> None:
    """The private repository has the public one's blobs: knowing them proves nothing."""
    assert (await system.get_file(bob, CART, ref=histories.first)).content == GO.encode()
    assert (await system.get_file(ada, CART, ref=histories.first, repository=PRIVATE)).status == 200
    answer = await system.get_file(bob, CART, ref=histories.first, repository=PRIVATE)
    assert answer.refusal == (404, "not_found")


async def test_a_repository_that_became_private_is_shown_no_longer_than_access_holds(
    histories: Histories,
) -> None:
    def change(config: Config) -> Config:
        return replace(config, cache=Cache(access_ttl=0))

    async with running_system(change) as system:
        add(system, histories)
        ada, bob = await system.login("ada"), await system.login("bob")
        assert (await system.get_file(bob, CART, ref="v1.0.0")).content == GO.encode()
        system.github.make_private("acme/shop", readers=["ada"])
        assert (await system.get_file(ada, CART, ref="v1.0.0")).content == GO.encode()
        assert (await system.get_file(bob, CART, ref="v1.0.0")).refusal == (404, "not_found")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, whatever its level, as the proxy writes it."""
    stream = io.StringIO()
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    logs.configure(Log(level="debug"), stream)
    yield stream
    root.setLevel(level)
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)


async def test_no_secret_and_no_source_is_told(histories: Histories, log: io.StringIO) -> None:
    async with running_system() as system:
        add(system, histories)
        code = await system.code("ada")
        login = await system.call("GithubLogin", {"authorizationCode": code})
        cookie = str(login.body["cookie"]).partition(";")[0]
        told = [await system.get_file(cookie, "gone.go", root_path="services/checkout")]
        for ref in ("v1.0.0", "main", "gone"):
            await system.get_file(cookie, CART, ref=ref)
            await system.get_commit(cookie, ref)
        told.append(await system.call("GithubLogin", {"authorizationCode": code}))
        told.append(await system.get_file(cookie + "x", CART))
        told.append(await system.get_file(cookie, CART, repository=f"https://x:{code}@example.com/a/b"))
        refreshed = await system.call("GithubRefresh", cookie=cookie)
        told.append(await system.get_file(cookie, "other.go"))
        system.github.fail_next(status=500, body=b"oops " + GO.encode())
        new = str(refreshed.body["cookie"]).partition(";")[0]
        told.append(await system.get_file(new, "another.go", ref="feature/discount"))
        told.append(await system.call("GetFile", b"\xff", new))
        target = f"{system.url}/-/other?code={code}&cookie={quote(cookie)}"
        async with system.http.get(target, headers={"Authorization": f"Bearer {code}"}) as passed:
            await passed.read()
        metrics = await system.metrics()
        async with system.http.get(f"{system.admin_url}/-/config") as response:
            config = await response.text()
        secrets = {
            "code": code,
            "client secret": system.github.client_secret,
            "session secret": SECRET,
            **_parts("first", login.body),
            **_parts("refreshed", refreshed.body),
            **{f"token {token}": token for token in _tokens(system)},
            "source": "func Total()",
            "source in base64": base64.b64encode(GO.encode()).decode()[:24],
        }
    assert all(answer.status >= 400 for answer in told), [answer.status for answer in told]
    lines = log.getvalue()
    assert lines.count("route=vcs.v1.VCSService/GetFile") >= 8
    everything = {
        "log": lines,
        "metrics": metrics,
        "configuration": config,
        "errors": json.dumps([answer.body for answer in told]),
    }
    for where, text in everything.items():
        for name, secret in secrets.items():
            assert secret not in text, f"{name} in {where}"


def _parts(name: str, body: dict[str, str]) -> dict[str, str]:
    """The pieces of a session that would open it."""
    value = body["cookie"].partition(";")[0].partition("=")[2]
    return {f"{name} cookie": value, f"{name} token": body["token"], f"{name} start": body["token"][:24]}


def _tokens(system: System) -> list[str]:
    tokens = system.github._state.tokens
    return [*tokens._by_access, *tokens._by_refresh]


async def test_metrics_name_nobody_and_nothing(system: System, ada: str) -> None:
    await system.get_file(ada, CART, ref="v1.0.0")
    await system.get_commit(ada, "feature/discount")
    metrics = await system.metrics()
    for word in ("ada", "acme", "shop", "cart.go", "v1.0.0", "discount", system.github.web_url):
        assert f'"{word}' not in metrics
        assert f"/{word}" not in metrics
