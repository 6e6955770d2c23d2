"""Hosts that a profile might name: real servers on loopback, the names that lead there, and a proxy."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Self

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from proxy.egress import Errand, Fetcher, PublicOnly, targets

if TYPE_CHECKING:
    from types import TracebackType

    import trustme

    from proxy.source.model import Fetched, Unreachable

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
PATIENT = 60.0
"""Seconds for tests in which time plays no part."""


class LoopbackIsPublic(PublicOnly):
    """Judges as in production, but two addresses of this machine stand in for the Internet's."""

    def address(self, address: str) -> str | None:
        return None if address in ("127.0.0.1", "::1") else super().address(address)


class Names(AbstractResolver):
    """DNS as a test has it: each name has a list of answers, given one after the other, the last for ever."""

    def __init__(self, **names: list[tuple[str, int]]) -> None:
        self.asked: list[str] = []
        self.closed = False
        self._answers = {f"{name}.example": [answer] for name, answer in names.items()}

    def on(self, name: str, *answers: list[tuple[str, int]]) -> None:
        self._answers[name] = list(answers)

    async def resolve(  # the answers say the port and the family themselves
        self,
        host: str,
        port: int = 0,  # noqa: ARG002 - part of the interface
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the same
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self._answers.get(host)
        if answers is None:
            raise OSError("no such name")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=at,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address, at in found
        ]

    async def close(self) -> None:
        self.closed = True


class Site:
    """A server that answers by raw path; with a CA it speaks TLS."""

    def __init__(self, ca: trustme.CA | None = None, *, address: str = "127.0.0.1") -> None:
        self.seen: list[web.BaseRequest] = []
        self.address = address
        self.certificate = ("go.example", "other.example", "127.0.0.1")
        self._ca = ca
        self._answers: dict[str, Handler] = {}

    async def __aenter__(self) -> Self:
        context = None
        if self._ca is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._ca.issue_cert(*self.certificate).configure_cert(context)
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.address, 0, ssl_context=context).start()
        self.port: int = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def place(self) -> tuple[str, int]:
        return self.address, self.port

    @property
    def paths(self) -> list[str]:
        return [request.raw_path for request in self.seen]

    def on(self, path: str, handler: Handler) -> None:
        self._answers[path] = handler

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(request)
        handler = self._answers.get(request.raw_path)
        return web.Response(status=599) if handler is None else await handler(request)


class ConnectProxy:
    """A forward proxy that opens tunnels (RFC 9110, section 9.3.6), all of them to one port."""

    def __init__(self, port: int, *, refuses: bool = False) -> None:
        self.targets: list[str] = []
        self._port = port
        self._refuses = refuses

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.targets.append(head.split()[1])
        if self._refuses:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


def answer(
    body: bytes = b"{}",
    status: int = 200,
    kind: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Handler:
    async def handle(_: web.BaseRequest) -> web.Response:
        return web.Response(body=body, status=status, headers={"Content-Type": kind, **(headers or {})})

    return handle


def moved(to: str, status: int = 302) -> Handler:
    return answer(b"", status, headers={"Location": to})


def errand(url: str, *, configured: str = "", size: int = 1024 * 1024) -> Errand:
    kinds = frozenset({"application/json"})
    return Errand(targets.absolute(url), "application/json", kinds, size, configured)


async def fetch(
    url: str, names: Names, judge: PublicOnly | None = None, *, seconds: float = PATIENT
) -> Fetched | Unreachable | None:
    """One fetch of a steered address by a fetcher of its own."""
    async with Fetcher(judge or LoopbackIsPublic(), names=names, seconds=seconds) as fetcher:
        return await fetcher.fetch(errand(url))
