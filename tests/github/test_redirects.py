from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from proxy.errors import Code, RpcError
from proxy.github.wire import Request
from proxy.source.model import Repository
from tests.github.server import Server, answer

if TYPE_CHECKING:
    from proxy.github.client import GitHub

REPOSITORY = Repository("o", "n")
ROOT = "/repos/o/n"


def moved(to: str, status: int = 301) -> Any:
    return answer(b"", status, {"Location": to})


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_renamed_repository_is_followed(github: GitHub, server: Server, status: int) -> None:
    server.on("GET", ROOT, moved(f"{server.url}/repositories/7?a=%2F", status))
    server.on("GET", "/repositories/7?a=%2F", moved("/repositories/8", status))
    server.on("GET", "/repositories/8", answer({"full_name": "new/n", "private": False}))
    found = await github.repository("ghu_token", REPOSITORY)
    assert found is not None
    assert found.repository == Repository("new", "n")
    assert [seen.headers["Authorization"] for seen in server.seen] == ["Bearer ghu_token"] * 3


async def test_redirects_end(github: GitHub, server: Server) -> None:
    server.on("GET", ROOT, moved(ROOT))
    with pytest.raises(RpcError, match="redirects") as caught:
        await github.repository("ghu_token", REPOSITORY)
    assert caught.value.code is Code.UNAVAILABLE
    assert len(server.seen) == 6


@pytest.mark.parametrize(
    "to",
    [
        "http://[",
        "",
        "https://evil.example/x",
        "file:///etc/passwd",
        "/ä b",
        "http://host:99999/",
        "//evil.example/",
    ],
)
async def test_a_redirect_elsewhere_is_not_followed(github: GitHub, server: Server, to: str) -> None:
    server.on("GET", ROOT, moved(to))
    with pytest.raises(RpcError) as caught:
        await github.repository("ghu_token", REPOSITORY)
    assert caught.value.code is Code.UNAVAILABLE
    assert "evil" not in caught.value.message


async def test_another_server_on_this_machine_is_another_host(github: GitHub, server: Server) -> None:
    async with Server() as other:
        server.on("GET", ROOT, moved(f"{other.url}/x"))
        with pytest.raises(RpcError, match="another host"):
            await github.repository("ghu_token", REPOSITORY)
        assert other.seen == []


async def test_a_body_is_never_redirected(github: GitHub, server: Server) -> None:
    server.on("POST", "/login", moved("/elsewhere", 307))
    response = await github.send(Request("POST", f"{server.url}/login", "oauth", body=b"code=secret"))
    assert response.status == 307
    assert server.targets == ["POST /login"]
