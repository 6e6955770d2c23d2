"""How connections to the two servers behind the door are made."""

from __future__ import annotations

import asyncio
import base64
import socket
from typing import TYPE_CHECKING, Any

from proxy.door.listening import keep_alive

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Sequence

    from aiohttp import web
    from yarl import URL

    from proxy.config.model import Upstream
    from proxy.door.backend import BackendConnection

    Make = Callable[[], BackendConnection]
    Connect = Callable[[Make], Awaitable[BackendConnection]]

_PROXY_ANSWER_SIZE = 16 * 1024


def to_upstream(upstream: Upstream, tls: ssl.SSLContext | None, forward_proxy: URL | None) -> Connect:
    """Connections to Pyroscope over TCP.

    Args:
        upstream: where it is and how long connecting may take.
        tls: for an ``https`` address.
        forward_proxy: a proxy to reach an ``https`` address through, with ``CONNECT``
            (https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6); credentials in it are used.
    """
    host, port = upstream.url.raw_host or "localhost", upstream.url.port or 80
    context = tls if upstream.url.scheme == "https" else None

    async def connect(make: Make) -> BackendConnection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(upstream.connect_timeout):
            if context is not None and forward_proxy is not None:
                sock = await _tunnel(forward_proxy, host, port)
                _, made = await loop.create_connection(make, sock=sock, ssl=context, server_hostname=host)
            else:
                _, made = await loop.create_connection(make, host, port, ssl=context)
        # An answer that has begun has no time limit, so an upstream that vanished must be found out.
        keep_alive(made.transport.get_extra_info("socket"))
        return made

    return connect


def to_application(server: web.Server) -> Connect:
    """Connections to our own aiohttp application: a pair of sockets, which nobody else can reach.

    Args:
        server: makes the protocol of one connection when called, as ``AppRunner.server`` does.
    """

    async def connect(make: Make) -> BackendConnection:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        try:
            await loop.connect_accepted_socket(server, theirs)
        except BaseException:
            ours.close()
            theirs.close()
            raise
        _, made = await loop.create_connection(make, sock=ours)
        return made

    return connect


async def _tunnel(forward_proxy: URL, host: str, port: int) -> socket.socket:
    """A TCP connection to ``host`` through a forward proxy.

    Raises:
        OSError: when the proxy cannot be reached or refuses.
    """
    loop = asyncio.get_running_loop()
    proxy_host, proxy_port = forward_proxy.host or "localhost", forward_proxy.port or 3128
    sock = await _connected(await loop.getaddrinfo(proxy_host, proxy_port, type=socket.SOCK_STREAM))
    try:
        await loop.sock_sendall(sock, _connect_request(forward_proxy, host, port))
        await _read_connect_answer(sock)
    except BaseException:
        sock.close()
        raise
    return sock


async def _connected(infos: Sequence[tuple[int, int, int, str, Any]]) -> socket.socket:
    """Connect to the first address that answers."""
    error: OSError = ConnectionError("the forward proxy has no address")
    for family, kind, protocol, _, address in infos:
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, address)
        except OSError as refused:
            sock.close()
            error = refused
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise error


def _connect_request(forward_proxy: URL, host: str, port: int) -> bytes:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if forward_proxy.user:
        credentials = f"{forward_proxy.user}:{forward_proxy.password or ''}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(credentials).decode()}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _read_connect_answer(sock: socket.socket) -> None:
    """Read byte by byte, so that nothing of the TLS that follows is taken away."""
    loop = asyncio.get_running_loop()
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = await loop.sock_recv(sock, 1)
        answer += data
        if not data or len(answer) > _PROXY_ANSWER_SIZE:
            raise ConnectionError("the forward proxy broke off")
    if answer.split(b" ", 2)[1:2] != [b"200"]:
        raise ConnectionError("the forward proxy refused to connect")
