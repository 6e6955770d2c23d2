"""A forward proxy in between: it connects and resolves, and what leads inwards is not handed to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from proxy.egress import Anything, Fetcher, PublicOnly
from proxy.source.model import Fetched, Unreachable
from tests.egress.sites import ConnectProxy, LoopbackIsPublic, Names, Site, answer, errand, fetch, moved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

URL = "https://go.example/x"
HINT = "which look-ups reach only with egress.allow_private_addresses"


@pytest.fixture
async def proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ConnectProxy]:
    async with ConnectProxy(site.port) as running:
        monkeypatch.setenv("HTTPS_PROXY", running.url)
        yield running


async def test_what_is_public_goes_through_it(site: Site, proxy: ConnectProxy) -> None:
    site.on("/x", answer())
    public = Names(go=[("140.82.121.3", 443)])
    assert await fetch(URL, public, PublicOnly()) == Fetched(b"{}", URL)
    assert proxy.targets == ["go.example:443"]


async def test_names_that_only_the_proxy_resolves(site: Site, proxy: ConnectProxy) -> None:
    site.on("/x", answer())
    assert await fetch(URL, Names(), PublicOnly()) == Fetched(b"{}", URL)


async def test_a_resolver_that_never_answers_does_not_stop_it(
    site: Site, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def never(host: str, *_: object) -> list[object]:
        if host != "go.example":
            return await asyncio.get_running_loop().run_in_executor(None, list)
        asked.set()
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr("proxy.egress.fetcher._RESOLVING_SECONDS", 0.05)
    names = Names()
    monkeypatch.setattr(names, "resolve", never)
    site.on("/x", answer())
    assert await fetch(URL, names, PublicOnly()) == Fetched(b"{}", URL)
    assert asked.is_set()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://10.0.0.1/x", f"10.0.0.1 is a private address, {HINT}"),
        ("https://[::1]/x", f"::1 is a loopback address, {HINT}"),
        ("https://169.254.169.254/x", f"169.254.169.254 is a link-local address, {HINT}"),
        ("https://2130706433/x", "2130706433 is not the name of a host"),
        ("https://localhost/x", f"localhost is a name of private networks, {HINT}"),
        (
            "https://metadata.google.internal/x",
            f"metadata.google.internal is a name of private networks, {HINT}",
        ),
        ("https://inside.example/x", f"inside.example has a private address, {HINT}"),
        ("http://go.example/x", "go.example is not asked over plain http"),
        ("https://go.example:22/x", "go.example is not asked on another port than 443"),
    ],
)
@pytest.mark.parametrize("redirected", [False, True])
async def test_what_leads_inwards_is_not_handed_to_it(
    site: Site, proxy: ConnectProxy, url: str, reason: str, redirected: bool
) -> None:
    names = Names(inside=[("140.82.121.3", 443), ("10.0.0.1", 443)], first=[("140.82.121.3", 443)])
    names.on("go.example", [("140.82.121.3", 443)])
    site.on("/first", moved(url))
    asked = "https://go.example/first" if redirected else url
    assert await fetch(asked, names, PublicOnly()) == Unreachable(reason)
    assert proxy.targets == (["go.example:443"] if redirected else [])


async def test_what_no_proxy_names_is_guarded_here(
    site: Site, names: Names, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "go.example")
    site.on("/x", answer())
    assert await fetch(URL, names) == Fetched(b"{}", URL)
    assert await fetch(URL, names, PublicOnly()) == Unreachable(f"go.example has a loopback address, {HINT}")
    assert proxy.targets == []


async def test_where_private_addresses_are_allowed_names_are_the_proxys(
    site: Site, proxy: ConnectProxy
) -> None:
    site.on("/x", answer())
    names = Names()
    assert await fetch(URL, names, Anything()) == Fetched(b"{}", URL)
    assert names.asked == []


async def test_a_proxy_that_refuses(site: Site, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ConnectProxy(site.port, refuses=True) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.removeprefix("http://"))
        found = await fetch(URL, names)
    assert found == Unreachable(
        "go.example is not led to by the proxy that the environment names (HTTPS_PROXY)"
    )
    assert (proxy.targets, site.seen) == (["go.example:443"], [])


async def test_a_proxy_that_is_not_there(site: Site, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ConnectProxy(site.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    found = await fetch(URL, names)
    assert isinstance(found, Unreachable)
    assert "HTTPS_PROXY" in found.reason


async def test_an_operators_plain_address_behind_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Site() as forwarding:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{forwarding.port}")
        forwarding.on("http://registry.lan/x", answer())
        async with Fetcher(LoopbackIsPublic(), names=Names()) as fetcher:
            asked = errand("http://registry.lan/x", configured="resolver.npm_registry")
            assert await fetcher.fetch(asked) == Fetched(b"{}", "http://registry.lan/x")
    assert forwarding.paths == ["http://registry.lan/x"]
