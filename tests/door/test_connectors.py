"""Connections behind the door: TLS with a private CA, a forward proxy, IPv6, names with several addresses."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import web
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.config.model import HostPort, Upstream
from proxy.door.connectors import to_upstream
from proxy.door.door import Door
from proxy.door.record import Recorder
from proxy.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

GET = b"GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")


@asynccontextmanager
async def saying_hello(host: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on a free port that says hello."""

    async def hello(_: web.BaseRequest) -> web.Response:
        return web.Response(text="hello")

    runner = web.ServerRunner(web.Server(hello))
    await runner.setup()
    await web.TCPSite(runner, host, 0, ssl_context=tls).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def door_to(
    url: URL,
    *,
    tls: ssl.SSLContext | None = None,
    forward_proxy: URL | None = None,
    listen: str = "127.0.0.1",
) -> AsyncIterator[list[tuple[str, int]]]:
    """A door in front of a URL; the addresses that it listens on."""
    upstream = Upstream(url, 5, 10)
    door = Door(
        upstream_host=b"pyroscope",
        upstream_prefix=b"",
        response_timeout=10,
        connect_upstream=to_upstream(upstream, tls, forward_proxy),
        connect_own=to_upstream(upstream, tls, forward_proxy),
        recorder=Recorder(Metrics(CollectorRegistry(), version="0", revision="")),
        clock=time.monotonic,
    )
    try:
        yield await door.listen(HostPort(listen, 0))
    finally:
        await door.close()


async def ask(address: tuple[str, int]) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(GET)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return answer


async def status_of(url: URL, **others: object) -> bytes:
    async with door_to(url, **others) as (address, *_):  # type: ignore[arg-type]  # handed through
        return (await ask(address))[9:12]


def server_context(ca: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return context


def trusting(ca: trustme.CA, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A context as the proxy makes it, with the CA in the file that SSL_CERT_FILE names."""
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
    return ssl.create_default_context()


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", b"200"), ("localhost", b"200")])
async def test_an_upstream_with_a_private_ca(
    host: str, status: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = trustme.CA()
    tls = trusting(ca, tmp_path, monkeypatch)
    async with saying_hello("127.0.0.1", server_context(ca, "127.0.0.1", "localhost")) as port:
        assert await status_of(URL(f"https://{host}:{port}"), tls=tls) == status


async def test_a_certificate_for_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = trustme.CA()
    tls = trusting(ca, tmp_path, monkeypatch)
    async with saying_hello("127.0.0.1", server_context(ca, "other.example")) as port:
        assert await status_of(URL(f"https://127.0.0.1:{port}"), tls=tls) == b"502"


async def test_a_ca_that_nobody_trusts() -> None:
    async with saying_hello("127.0.0.1", server_context(trustme.CA(), "127.0.0.1")) as port:
        assert await status_of(URL(f"https://127.0.0.1:{port}"), tls=ssl.create_default_context()) == b"502"


async def test_tls_to_a_server_without_it() -> None:
    async with saying_hello("127.0.0.1") as port:
        assert await status_of(URL(f"https://127.0.0.1:{port}"), tls=ssl.create_default_context()) == b"502"


class ForwardProxy:
    """An HTTP proxy that opens tunnels to one place (RFC 9110, section 9.3.6)."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n", port: int = 0) -> None:
        self.heads: list[bytes] = []
        self._answer = answer
        self._port = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self._answer)
        if self._port:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
            await asyncio.gather(self._copy(reader, there_writer), self._copy(there_reader, writer))
        writer.close()

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            writer.close()


async def test_through_a_forward_proxy_with_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = trustme.CA()
    tls = trusting(ca, tmp_path, monkeypatch)
    async with saying_hello("127.0.0.1", server_context(ca, "pyroscope.example")) as port:
        proxy = ForwardProxy(port=port)
        async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as listening:
            address = listening.sockets[0].getsockname()
            forward_proxy = URL(f"http://us%40er:se%3Acret@127.0.0.1:{address[1]}")
            url = URL("https://pyroscope.example:4040")
            assert await status_of(url, tls=tls, forward_proxy=forward_proxy) == b"200"
    (head,) = proxy.heads
    credentials = base64.b64encode(b"us@er:se:cret")
    assert head.split(b"\r\n") == [
        b"CONNECT pyroscope.example:4040 HTTP/1.1",
        b"Host: pyroscope.example:4040",
        b"Proxy-Authorization: Basic " + credentials,
        b"",
        b"",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 200 Bad\r\n\r\n",
        b"HTTP/1.1 200 OK",
        b"",
        b"x" * 100_000,
    ],
)
async def test_a_forward_proxy_that_refuses(answer: bytes) -> None:
    proxy = ForwardProxy(answer)
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as listening:
        forward_proxy = URL(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
        url = URL("https://[2001:db8::1]:4040")
        tls = ssl.create_default_context()
        assert await status_of(url, tls=tls, forward_proxy=forward_proxy) == b"502"
    assert proxy.heads == [b"CONNECT [2001:db8::1]:4040 HTTP/1.1\r\nHost: [2001:db8::1]:4040\r\n\r\n"]


async def test_a_forward_proxy_that_is_not_there() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        forward_proxy = URL(f"http://127.0.0.1:{bound.getsockname()[1]}")
        tls = ssl.create_default_context()
        assert await status_of(URL("https://h:1"), tls=tls, forward_proxy=forward_proxy) == b"502"


async def test_a_plain_upstream_is_reached_without_the_forward_proxy() -> None:
    async with saying_hello("127.0.0.1") as port:
        forward_proxy = URL("http://proxy.invalid:1")
        assert await status_of(URL(f"http://127.0.0.1:{port}"), forward_proxy=forward_proxy) == b"200"


@needs_ipv6
async def test_ipv6_on_both_sides() -> None:
    async with (
        saying_hello("::1") as port,
        door_to(URL(f"http://[::1]:{port}"), listen="::1") as (address,),
    ):
        assert address[0] == "::1"
        assert (await ask(address)).endswith(b"\r\n\r\nhello")


class Addresses:
    """What a name stands for, given to the event loop in place of the system's answer."""

    def __init__(self, *hosts: str) -> None:
        self._hosts = hosts

    async def __call__(self, _: str, port: int) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
        return [
            (
                socket.AF_INET6 if ":" in host else socket.AF_INET,
                socket.SOCK_STREAM,
                socket.IPPROTO_TCP,
                "",
                (host, port, 0, 0) if ":" in host else (host, port),
            )
            for host in self._hosts
        ]


async def test_every_address_of_a_name_is_listened_on_at_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = ("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1", "127.0.0.2")
    async with saying_hello("127.0.0.1") as port:
        with monkeypatch.context() as patch:
            patch.setattr("proxy.door.listening.addresses_of", Addresses(*hosts))
            door = door_to(URL(f"http://127.0.0.1:{port}"), listen="several")
            addresses = await door.__aenter__()
        assert [host for host, _ in addresses] == list(hosts)
        assert len({port for _, port in addresses}) == 1
        for address in addresses:
            assert (await ask(address)).startswith(b"HTTP/1.1 200")
        await door.__aexit__(None, None, None)


async def test_an_address_that_the_machine_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.door.listening.addresses_of", Addresses("2001:db8::1", "127.0.0.1"))
    async with door_to(URL("http://127.0.0.1:1"), listen="several") as addresses:
        assert [host for host, _ in addresses] == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["2001:db8::1", "192.0.2.1"])
async def test_nothing_to_listen_on_is_an_error(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr("proxy.door.listening.addresses_of", Addresses(host))
    with pytest.raises(OSError, match=r".") as caught:
        async with door_to(URL("http://127.0.0.1:1"), listen="none"):
            pass
    assert caught.value.strerror


async def test_a_port_that_is_taken_on_one_address_frees_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("proxy.door.listening.addresses_of", Addresses("127.0.0.1", "127.0.0.2"))
        from proxy.door.listening import listening_sockets

        with pytest.raises(OSError, match="in use"):
            await listening_sockets(HostPort("several", port))
        with socket.create_server(("127.0.0.1", port)):  # free again
            pass


async def test_localhost_is_reached_on_whichever_address_answers() -> None:
    async with saying_hello("127.0.0.1") as port:
        assert await status_of(URL(f"http://localhost:{port}")) == b"200"
