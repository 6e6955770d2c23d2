"""The page's routes as any HTTP client sees them, through the front door."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from yarl import URL

from proxy.ui.assets import load
from tests.fakes.system import running_system

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.system import System

ALL = ("/-/source/", "/-/source/nothing", "/-/source/login", "/-/source/callback", "/-/source/assets/x/y.js")


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with running_system() as system:
        yield system


async def test_the_page_is_at_its_address(system: System) -> None:
    async with system.http.get(f"{system.url}/-/source/") as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        assert response.headers["Cache-Control"] == "no-cache"
        page = await response.text()
    assert "<title>Source</title>" in page
    for name in re.findall(r'(?:src|href)="(/-/source/assets/[^"]+)"', page):
        async with system.http.get(system.url + name) as response:
            assert response.status == 200
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?service=a&fn=b%2Fc"])
async def test_without_its_slash_it_is_found_too(system: System, query: str) -> None:
    address = URL(f"{system.url}/-/source{query}", encoded=True)
    async with system.http.get(address, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, f"/-/source/{query}")


@pytest.mark.parametrize("path", ALL)
async def test_every_answer_forbids_what_the_page_does_not_need(system: System, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT"):
        async with system.http.request(method, system.url + path, allow_redirects=False) as response:
            headers = response.headers
            assert "script-src 'self';" in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert "Server" not in headers


@pytest.mark.parametrize(
    "path", ["nothing", "assets/", "assets/x/nothing.js", "assets/x/..%2Fui.py", "index.html"]
)
async def test_what_is_not_there_is_not_found(system: System, path: str) -> None:
    async with system.http.get(f"{system.url}/-/source/{path}") as response:
        assert response.status == 404
        assert "Not here" in await response.text()


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("", "GET, HEAD"),
        ("login", "GET, HEAD"),
        ("callback", "GET, HEAD"),
        ("assets/x/js/main.js", "GET, HEAD"),
        ("refresh", "POST"),
        ("logout", "POST"),
    ],
)
async def test_other_methods_are_refused(system: System, path: str, methods: str) -> None:
    for method in {"GET", "POST", "PUT", "DELETE", "OPTIONS"} - set(methods.split(", ")):
        async with system.http.request(method, f"{system.url}/-/source/{path}") as response:
            assert (response.status, response.headers["Allow"]) == (405, methods)


async def test_a_head_is_the_answer_without_its_body(system: System) -> None:
    address = f"{system.url}/-/source/"
    async with system.http.get(address) as full, system.http.head(address) as head:
        assert head.status == full.status == 200
        assert head.headers["ETag"] == full.headers["ETag"]
        assert head.headers["Content-Length"] == full.headers["Content-Length"]
        assert await head.read() == b""


async def test_what_a_browser_has_is_not_sent_again(system: System) -> None:
    for path in ("", f"assets/{load().version}/js/main.js"):
        address = f"{system.url}/-/source/{path}"
        async with system.http.get(address) as response:
            etag = response.headers["ETag"]
        async with system.http.get(address, headers={"If-None-Match": f'"x", {etag}'}) as response:
            assert (response.status, await response.read()) == (304, b"")
        async with system.http.get(address, headers={"If-None-Match": '"x"'}) as response:
            assert response.status == 200


async def test_assets_are_compressed_for_those_who_read_it(system: System) -> None:
    address = f"{system.url}/-/source/assets/{load().version}/vendor/highlight.js"
    body = load().files["vendor/highlight.js"].body
    for encoding, expected in (("gzip, br", "gzip"), ("identity", None)):
        async with system.http.get(address, headers={"Accept-Encoding": encoding}) as response:
            assert response.headers.get("Content-Encoding") == expected
            assert response.headers["Vary"] == "Accept-Encoding"
            assert await response.read() == body


async def test_an_asset_of_another_version_is_not_kept(system: System) -> None:
    async with system.http.get(f"{system.url}/-/source/assets/older/js/main.js") as response:
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-cache")


async def test_the_methods_behind_the_page_take_no_forms(system: System) -> None:
    """What another site's form can send without asking first never reaches a method."""
    types = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
    for rpc in ("vcs.v1.VCSService/GithubRefresh", "source.v1.SourceService/GetFunctionDetails"):
        for content_type in types:
            headers = {"Content-Type": content_type}
            async with system.http.post(f"{system.url}/{rpc}", data=b"{}", headers=headers) as response:
                assert response.status == 415
                assert "Access-Control-Allow-Origin" not in response.headers
