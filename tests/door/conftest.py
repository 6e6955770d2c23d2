"""A door on a free port, in front of an upstream whose every byte a test decides."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.config.model import HostPort, Upstream
from proxy.door.connectors import to_application, to_upstream
from proxy.door.door import Door
from proxy.door.record import Recorder
from proxy.metrics import Metrics

if TYPE_CHECKING:
    import ssl

    from proxy.door.faces import AtOnce

Script = Callable[["Connection"], Awaitable[None]]


@dataclass
class Connection:
    """One connection that the upstream accepted; ``number`` counts from 1."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int

    async def head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def request(self) -> tuple[bytes, bytes]:
        """A head and the body that belongs to it, chunks as they stand on the wire."""
        head = await self.head()
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            body = b""
            while not body.endswith(b"0\r\n\r\n"):
                body += await self.reader.readuntil(b"\r\n")
            return head, body
        for line in lower.split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return head, await self.reader.readexactly(int(line.split(b":")[1]))
        return head, b""

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        self.writer.transport.abort()


@dataclass
class Setup:
    """What a test has at hand."""

    door: Door
    port: int
    upstream_port: int
    metrics: Metrics
    connections: list[Connection] = field(default_factory=list)
    clients: list[Connection] = field(default_factory=list)

    async def connect(
        self, address: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None, limit: int = 2**22
    ) -> Connection:
        """A new connection, from an address of loopback."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=limit, ssl=tls, local_addr=(address, 0)
        )
        client = Connection(reader, writer, len(self.clients) + 1)
        self.clients.append(client)
        return client

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send one request that asks for the connection to close; the answer's head and the rest."""
        client = await self.connect()
        await client.send(request)
        answer = await asyncio.wait_for(client.reader.read(), 10)
        client.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return head, body

    def sample(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def running_door(
    script: Script,
    *,
    response_timeout: float = 300.0,
    path_prefix: str = "",
    connect_timeout: float = 5.0,
    upstream_url: str | None = None,
    tls: ssl.SSLContext | None = None,
    behind: tuple[ssl.SSLContext, ssl.SSLContext] | None = None,
    most_clients: float = math.inf,
    clock: Callable[[], float] = time.monotonic,
    at_once: Mapping[str, AtOnce] = MappingProxyType({}),
) -> AsyncIterator[Setup]:
    connections: list[Connection] = []
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, len(connections) + 1)
        connections.append(connection)
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await script(connection)

    serving, asking = behind or (None, None)
    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**22, ssl=serving)
    upstream_port = server.sockets[0].getsockname()[1]
    metrics = Metrics(CollectorRegistry(), version="0", revision="")
    scheme = "https" if behind else "http"
    url = URL(upstream_url or f"{scheme}://127.0.0.1:{upstream_port}{path_prefix}")
    upstream = Upstream(url, connect_timeout, response_timeout)
    runner = await _own_application()
    assert runner.server is not None
    door = Door(
        upstream_host=f"{url.host}:{url.port}".encode(),
        upstream_prefix=path_prefix.encode(),
        response_timeout=response_timeout,
        connect_upstream=to_upstream(upstream, asking, None),
        connect_own=to_application(runner.server),
        recorder=Recorder(metrics),
        clock=clock,
        at_once=at_once,
        most_clients=most_clients,
    )
    ((_, port),) = await door.listen(HostPort("127.0.0.1", 0), tls=tls)
    setup = Setup(door, port, upstream_port, metrics, connections)
    try:
        yield setup
    finally:
        await door.close()
        await runner.cleanup()
        server.close()
        for connection in (*connections, *setup.clients):
            connection.reset()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _own_application() -> web.AppRunner:
    async def echo(request: web.Request) -> web.Response:
        if request.path.endswith("/hang"):
            await asyncio.Event().wait()
        return web.json_response(
            {
                "path": request.raw_path,
                "headers": list(map(list, request.headers.items())),
                "size": len(await request.read()),
            }
        )

    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{tail:.*}", echo)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    return runner


async def say_ok(connection: Connection) -> None:
    """An upstream that answers every request with 200 and the head that it got."""
    while True:
        head, body = await connection.request()
        answer = head + body
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))


@pytest.fixture
async def echoing() -> AsyncIterator[Setup]:
    async with running_door(say_ok) as setup:
        yield setup
