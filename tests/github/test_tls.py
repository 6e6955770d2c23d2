"""A private CA, an Enterprise Server's addresses and a proxy, each of them real."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import web
from yarl import URL

from proxy.config.model import GitHub as Settings
from proxy.errors import Code, RpcError
from proxy.github.client import GitHub, open_client_session
from proxy.source.model import Repository

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from proxy.metrics import Metrics

REPOSITORY = Repository("o", "n")


@asynccontextmanager
async def enterprise_server(ca: trustme.CA) -> AsyncIterator[tuple[URL, list[web.BaseRequest]]]:
    seen: list[web.BaseRequest] = []

    async def handle(request: web.BaseRequest) -> web.Response:
        seen.append(request)
        if request.raw_path == "/api/graphql":
            return web.json_response(
                {"data": {"repository": {"nameWithOwner": "o/n", "isPrivate": True, "ref": None}}}
            )
        if request.raw_path == "/api/v3/repos/o/n":
            return web.json_response({"full_name": "o/n", "private": True})
        return web.Response(
            status=302, headers={"Location": f"https://localhost:{request.url.port}/api/v3/repos/o/n"}
        )

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    try:
        yield URL(f"https://127.0.0.1:{runner.addresses[0][1]}"), seen
    finally:
        await runner.cleanup()


class ConnectProxy:
    """An HTTP proxy that opens tunnels (RFC 9110, section 9.3.6) and remembers to where."""

    def __init__(self, port_of_all: int | None = None) -> None:
        self.heads: list[str] = []
        self._port = port_of_all
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if "Basic " not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        port = int(head.split()[1].rpartition(":")[2])
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(self._copy(reader, there_writer), self._copy(there_reader, writer))

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


def trust(ca: trustme.CA, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


async def no_pause(_: float) -> None:
    """Before a repetition."""


def client(session: object, web_url: URL, metrics: Metrics) -> GitHub:
    settings = Settings(url=web_url, api_url=web_url / "api/v3")
    return GitHub(session, settings, metrics, clock=lambda: 0.0, sleep=no_pause)  # type: ignore[arg-type]  # any session


async def test_an_enterprise_server_with_a_private_ca(
    metrics: Metrics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = trustme.CA()
    trust(ca, tmp_path, monkeypatch)
    async with enterprise_server(ca) as (url, seen), open_client_session() as session:
        github = client(session, url, metrics)
        look = await github.look("ghu_t", REPOSITORY, "main", [])
        known = await github.repository("ghu_t", REPOSITORY)
    assert look is not None
    assert (look.private, look.commit) == (True, None)
    assert known is not None
    assert known.private
    assert [request.raw_path for request in seen] == ["/api/graphql", "/api/v3/repos/o/n"]


async def test_a_ca_that_nobody_trusts(metrics: Metrics) -> None:
    async with enterprise_server(trustme.CA()) as (url, seen), open_client_session() as session:
        with pytest.raises(RpcError, match="SSL_CERT_FILE") as caught:
            await client(session, url, metrics).repository("ghu_t", REPOSITORY)
    assert caught.value.code is Code.UNAVAILABLE
    assert seen == []


async def test_a_redirect_to_the_other_configured_host_goes_without_the_token(
    metrics: Metrics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = trustme.CA()
    trust(ca, tmp_path, monkeypatch)
    async with enterprise_server(ca) as (url, seen), open_client_session() as session:
        settings = Settings(url=url.with_host("localhost"), api_url=url / "elsewhere")
        github = GitHub(session, settings, metrics, clock=lambda: 0.0)
        assert await github.repository("ghu_t", REPOSITORY) is not None
    assert ["Authorization" in request.headers for request in seen] == [True, False]


@pytest.mark.parametrize("no_proxy", ["", "127.0.0.1"])
async def test_https_proxy_and_no_proxy(
    metrics: Metrics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    ca, proxy = trustme.CA(), ConnectProxy()
    trust(ca, tmp_path, monkeypatch)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{port}")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    async with listening, enterprise_server(ca) as (url, seen), open_client_session() as session:
        assert await client(session, url, metrics).repository("ghu_t", REPOSITORY) is not None
    assert len(seen) == 1
    assert [head.split("\r\n")[0] for head in proxy.heads] == (
        [] if no_proxy else [f"CONNECT 127.0.0.1:{url.port} HTTP/1.1"]
    )
    assert "ghu_t" not in str(proxy.heads)


async def test_a_proxy_that_refuses(metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = ConnectProxy()
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    async with listening, open_client_session() as session:
        with pytest.raises(RpcError, match="HTTPS_PROXY") as caught:
            await client(session, URL("https://github.example"), metrics).repository("ghu_t", REPOSITORY)
    assert caught.value.code is Code.UNAVAILABLE
    assert len(proxy.heads) == 1


async def test_a_proxy_that_is_not_there(metrics: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = await asyncio.start_server(ConnectProxy().serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    async with open_client_session() as session:
        with pytest.raises(RpcError, match="HTTPS_PROXY") as caught:
            await client(session, URL("https://github.example"), metrics).repository("ghu_t", REPOSITORY)
    assert caught.value.code is Code.UNAVAILABLE
