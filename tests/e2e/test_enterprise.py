"""An Enterprise Server, a GitHub without GraphQL, a private CA: through the whole system."""

from __future__ import annotations

import json
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import web
from yarl import URL

from proxy.demo.github import StandIn
from tests.e2e.conftest import BINARY, GO, LARGE, LATIN, LOCAL, TOKENS, Histories, add
from tests.fakes.system import running_system, session_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from proxy.config.model import Config
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"


async def test_an_enterprise_server_is_asked_at_its_own_addresses(histories: Histories) -> None:
    def change(config: Config) -> Config:
        api = URL(f"{config.github.api_url}/api/v3".replace("//api", "/api"))
        return replace(config, github=replace(config.github, api_url=api))

    async with running_system(change) as system:
        add(system, histories)
        cookie = await system.login("ada")
        system.github.forget_calls()
        repository = f"{system.github.web_url}/acme/shop"
        for path, content in ((CART, GO.encode()), ("odd/large.go", LARGE), ("odd/link.go", GO.encode())):
            answer = await system.get_file(cookie, path, repository=repository, ref="v1.0.0")
            assert answer.content == content
            assert answer.body["URL"].startswith(f"{system.github.web_url}/acme/shop/blob/")
        assert (await system.get_commit(cookie, "v1.0.0", repository)).body["sha"] == histories.first
        for call in system.github.calls:
            assert call.path.startswith(("/api/v3/", "/api/graphql"))
            assert call.status == 200


@pytest.fixture
def without_graphql(system: System) -> System:
    missing = json.dumps({"message": "Not Found"}).encode()
    system.github.fail_next(route="graphql", times=10**9, status=404, body=missing)
    return system


@pytest.mark.parametrize(
    ("path", "root_path", "content"),
    [
        ("internal/cart/cart.go", "services/checkout", GO.encode()),
        ("odd/large.go", "", LARGE),
        ("odd/binary.go", "", BINARY),
        ("odd/latin.py", "", LATIN),
        ("odd/empty.go", "", b""),
        ("odd/link.go", "", GO.encode()),
        ("odd/a b/\u00e4 \u2603.go", "", b"package snowman\n"),
        ("odd/a+b&c=d#e?f.go", "", b"package signs\n"),
        ("VERSION", "", b"1.2.3"),
        ("/opt/app/app.py", "mapped", LOCAL.encode()),
        ("/usr/lib/textkit/tokens.py", "mapped", TOKENS.encode()),
        ("app.py", "broken", LOCAL.encode()),
    ],
)
async def test_without_graphql_every_file_is_found(
    without_graphql: System, ada: str, *, path: str, root_path: str, content: bytes
) -> None:
    for _ in range(2):
        answer = await without_graphql.get_file(ada, path, root_path=root_path, ref="v1.0.0")
        assert answer.content == content


@pytest.mark.parametrize("ref", ["v1.0.0", "tags/v1.0.0"])
async def test_without_graphql_commits_are_found(
    without_graphql: System, ada: str, histories: Histories, ref: str
) -> None:
    assert (await without_graphql.get_commit(ada, ref)).body["sha"] == histories.first
    answer = await without_graphql.get_commits(ada, [ref, "gone", "main"])
    assert [commit["sha"] for commit in answer.body["commits"]] == [histories.first, histories.second]


async def test_without_graphql_what_is_not_there_is_not_there(
    without_graphql: System, ada: str, bob: str
) -> None:
    secret = "https://github.com/acme/secret"
    assert (await without_graphql.get_file(ada, CART, repository=secret)).status == 200
    assert (await without_graphql.get_file(bob, CART, repository=secret)).refusal == (404, "not_found")
    assert (await without_graphql.get_file(ada, CART, ref="gone")).refusal == (404, "not_found")
    assert (await without_graphql.get_file(ada, "gone.rb")).refusal == (404, "not_found")


@asynccontextmanager
async def encrypted(github: StandIn, ca: trustme.CA) -> AsyncIterator[URL]:
    """The stand-in's routes once more, behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    runner = web.AppRunner(github.application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        yield URL(f"https://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_private_ca_is_trusted_when_it_is_named(
    histories: Histories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with StandIn() as github, encrypted(github, ca) as url:
        github.add_user("ada")
        github.add_repository("acme", "shop", histories.shop.path)

        def change(config: Config) -> Config:
            return replace(config, github=replace(config.github, url=url, api_url=url))

        async with running_system(change) as system:
            answer = await system.get_file(session_of(github.token_for("ada")), CART, ref="v1.0.0")
            if trusted:
                assert answer.content == GO.encode()
                assert answer.body["URL"].startswith(str(url / "acme/shop/blob"))
            else:
                assert answer.refusal == (503, "unavailable")
                assert "SSL_CERT_FILE" in answer.message
