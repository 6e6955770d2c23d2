"""Connections to Pyroscope that fail, break off, were closed, are secured or lead through a proxy."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from multidict import CIMultiDict
from yarl import URL

from proxy.config.model import Upstream
from proxy.errors import Code, RpcError
from proxy.querier import open_querier
from tests.egress.sites import ConnectProxy
from tests.querier.server import ASKED, STACKTRACES, in_response, metrics, profile, running, spent

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web

HEADERS: CIMultiDict[str] = CIMultiDict()


async def test_an_upstream_that_is_not_there_is_unavailable_and_counted() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    counted = metrics()
    async with open_querier(Upstream(URL(f"http://127.0.0.1:{port}")), counted) as querier:
        with pytest.raises(RpcError, match="cannot be reached") as caught:
            await querier.join(ASKED, HEADERS)
    assert caught.value.code is Code.UNAVAILABLE
    assert counted.registry.get_sample_value("sourceproxy_upstream_errors_total", {"reason": "connect"}) == 1


async def test_an_upstream_that_never_answers_is_too_slow() -> None:
    async with running() as pyroscope:

        async def never(_: web.Request) -> web.StreamResponse:
            await asyncio.Event().wait()
            raise AssertionError

        pyroscope.answers[STACKTRACES] = never
        counted = metrics()
        upstream = Upstream(pyroscope.url, response_timeout=0.01)
        async with open_querier(upstream, counted) as querier:
            with pytest.raises(RpcError, match="in time") as caught:
                await querier.join(ASKED, HEADERS)
    assert caught.value.code is Code.DEADLINE_EXCEEDED
    assert counted.registry.get_sample_value("sourceproxy_upstream_errors_total", {"reason": "timeout"}) == 1


@pytest.mark.parametrize(
    "told", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc", b"nonsense\r\n\r\n"]
)
async def test_an_upstream_that_breaks_off_is_unavailable(told: bytes) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(told)
        writer.close()

    counted = metrics()
    async with await asyncio.start_server(break_off, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with open_querier(Upstream(URL(f"http://{host}:{port}")), counted) as querier:
            with pytest.raises(RpcError, match="try again") as caught:
                await querier.join(ASKED, HEADERS)
    assert caught.value.code is Code.UNAVAILABLE
    assert counted.registry.get_sample_value("sourceproxy_upstream_errors_total", {"reason": "reset"}) == 1


async def test_a_connection_that_pyroscope_had_closed_is_replaced() -> None:
    """The second question goes out on the first one's connection, which ends without an answer to it."""
    answer = in_response(profile())
    connections = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await _read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))
        await writer.drain()
        if await reader.read(1):
            writer.transport.abort()
        writer.close()

    async with await asyncio.start_server(once, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with open_querier(Upstream(URL(f"http://{host}:{port}")), metrics()) as querier:
            for _ in range(3):
                assert spent(await querier.join(ASKED, HEADERS)) == 10
    assert connections == 3


async def _read_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))


async def test_https_with_a_private_ca_and_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    async with running(context) as pyroscope:
        pyroscope.on(STACKTRACES, in_response(profile()))
        async with open_querier(Upstream(pyroscope.url), metrics()) as querier:
            with pytest.raises(RpcError, match="SSL_CERT_FILE"):
                await querier.join(ASKED, HEADERS)
        ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        async with open_querier(Upstream(pyroscope.url), metrics()) as querier:
            assert spent(await querier.join(ASKED, HEADERS)) == 10
        async with ConnectProxy(pyroscope.url.port or 0) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            async with open_querier(Upstream(pyroscope.url), metrics()) as querier:
                assert spent(await querier.join(ASKED, HEADERS)) == 10
            assert proxy.targets == [pyroscope.url.authority]
