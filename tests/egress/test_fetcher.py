"""What a fetch brings from a host that behaves, and what it sends there."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from proxy.egress import Fetcher
from proxy.egress.fetcher import USER_AGENT
from proxy.source.model import Fetched, Unreachable
from tests.egress.sites import LoopbackIsPublic, Names, Site, answer, errand, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

URL = "https://go.example/x?go-get=1"
PATH = "/x?go-get=1"


async def test_what_is_there(site: Site, names: Names) -> None:
    site.on(PATH, answer(b'{"a": 1}'))
    assert await fetch(URL, names) == Fetched(b'{"a": 1}', URL)
    assert names.closed


@pytest.mark.parametrize("status", [404, 410])
async def test_what_is_not_there(site: Site, names: Names, status: int) -> None:
    site.on(PATH, answer(b"no such page", status, "text/html"))
    assert await fetch(URL, names) is None


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 401, 403, 429, 451, 500, 503])
async def test_other_answers_are_neither(site: Site, names: Names, status: int) -> None:
    site.on(PATH, answer(b"", status))
    assert await fetch(URL, names) == Unreachable(f"go.example answered with status {status}")


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/html", False),
        ("application/jsonp", False),
        ("application/octet-stream", False),
        ("", False),
        (";", False),
    ],
)
async def test_the_kind_of_content(site: Site, names: Names, kind: str, taken: bool) -> None:
    site.on(PATH, answer(kind=kind))
    found = await fetch(URL, names)
    assert isinstance(found, Fetched if taken else Unreachable)
    if isinstance(found, Unreachable):
        assert found.reason == "go.example answered with another kind of content than application/json"


async def test_what_is_sent(
    site: Site, names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine go.example login operator password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    site.on(PATH, answer(headers={"Set-Cookie": "session=1; Path=/", "WWW-Authenticate": "Basic"}))
    async with Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        await fetcher.fetch(errand(URL))
        await fetcher.fetch(errand(URL))
    for request in site.seen:
        assert request.method == "GET"
        assert dict(request.headers) == {
            "Host": "go.example",
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }
    assert USER_AGENT.startswith("pyroscope-source-proxy/")


@pytest.mark.parametrize(
    "path", ["/a%2Fb/%C3%A9?x=%26", "/@scope%2fname/1.0.0", "/a//b/;p=1/'", "/%0d%0aX-Evil:%201"]
)
async def test_paths_arrive_as_they_are(site: Site, names: Names, path: str) -> None:
    site.on(path, answer())
    assert await fetch(f"https://go.example{path}", names) == Fetched(b"{}", f"https://go.example{path}")
    assert "X-Evil" not in site.seen[0].headers


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"Content-Encoding": "gzip"}, gzip.compress(b"packed", mtime=0), b"packed"),
        ({"Content-Encoding": "identity"}, b"plain", b"plain"),
        ({"Content-Encoding": "gzip"}, b"not packed", None),
        ({"Content-Encoding": "gzip"}, gzip.compress(b"cut short", mtime=0)[:-3], None),
        ({"Content-Encoding": "br"}, b"not asked for", None),
        ({"Content-Encoding": "gzip, gzip"}, gzip.compress(gzip.compress(b"twice", mtime=0), mtime=0), None),
    ],
)
async def test_encodings(
    site: Site, names: Names, headers: Mapping[str, str], body: bytes, expected: bytes | None
) -> None:
    site.on(PATH, answer(body, headers=headers))
    found = await fetch(URL, names)
    if expected is None:
        assert found == Unreachable("go.example answered in an encoding that cannot be unpacked")
    else:
        assert found == Fetched(expected, URL)


async def test_an_operators_address_may_be_plain_and_private(names: Names) -> None:
    async with Site() as registry, Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        registry.on("/npm/x", answer(b"[]"))
        url = f"http://127.0.0.1:{registry.port}/npm/x"
        asked = errand(url, configured="resolver.npm_registry")
        assert await fetcher.fetch(asked) == Fetched(b"[]", url)
        assert await fetcher.fetch(errand(url)) == Unreachable("127.0.0.1 is not asked over plain http")
    assert len(registry.seen) == 1


async def test_an_operators_host_is_not_shown(names: Names) -> None:
    async with Site() as gone:
        pass
    async with Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        asked = errand(f"http://127.0.0.1:{gone.port}/npm/x", configured="resolver.npm_registry")
        found = await fetcher.fetch(asked)
    assert found == Unreachable("the address of resolver.npm_registry cannot be reached")
