"""A Pyroscope that answers what a test tells it to: a real server on a free port."""

from __future__ import annotations

import gzip
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.metrics import Metrics
from proxy.profile import Joined, Question, Value
from proxy.proto import querier_pb2
from proxy.querier import Asked
from tests.profile.building import CPU, Builder

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STACKTRACES, PROFILE = (
    f"/querier.v1.QuerierService/{name}" for name in ("SelectMergeStacktraces", "SelectMergeProfile")
)
ASKED = Asked('{service_name="checkout"}', 1000, 2000, Question("f", CPU))


def profile() -> bytes:
    builder = Builder()
    builder.sample(10, builder.at("f", 3))
    return builder.encoded()


def in_response(data: bytes) -> bytes:
    response = querier_pb2.SelectMergeStacktracesResponse()
    response.pprof.profile.ParseFromString(data)
    return response.SerializeToString()


def flame_graph() -> bytes:
    graph = querier_pb2.FlameGraph(names=["total"], total=10)
    return querier_pb2.SelectMergeStacktracesResponse(flamegraph=graph).SerializeToString()


def error(code: str, status: int, message: str = "told by Pyroscope") -> web.Response:
    return web.json_response({"code": code, "message": message}, status=status)


def spent(joined: Joined) -> int:
    (use,) = joined.uses
    assert use.lines == {3: Value(10, 10)}
    return use.value.total


@dataclass
class Pyroscope:
    """Answers by path; what it has no answer for is not there.

    Attributes:
        requests: path, headers and body of each request.
        answers: what to answer at a path.
    """

    url: URL = field(default_factory=URL)
    requests: list[tuple[str, Any, bytes]] = field(default_factory=list)
    answers: dict[str, Handler] = field(default_factory=dict)

    def on(self, path: str, answer: Callable[[], web.StreamResponse] | bytes) -> None:
        async def handle(request: web.Request) -> web.StreamResponse:
            if not isinstance(answer, bytes):
                return answer()
            accepts_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
            headers = {"Content-Type": "application/proto"}
            if not accepts_gzip:
                return web.Response(body=answer, headers=headers)
            return web.Response(body=gzip.compress(answer), headers=headers | {"Content-Encoding": "gzip"})

        self.answers[path] = handle

    @property
    def asked(self) -> list[str]:
        return [path.rpartition("/")[2] for path, _, _ in self.requests]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.raw_path, request.headers, await request.read()))
        answer = self.answers.get(request.raw_path)
        return (
            web.Response(status=404, text="404 page not found") if answer is None else await answer(request)
        )


@asynccontextmanager
async def running(tls: ssl.SSLContext | None = None) -> AsyncIterator[Pyroscope]:
    pyroscope = Pyroscope()
    application = web.Application(client_max_size=2**26)
    application.router.add_route("*", "/{path:.*}", pyroscope.handle)
    runner = web.AppRunner(application, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    scheme = "http" if tls is None else "https"
    pyroscope.url = URL(f"{scheme}://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield pyroscope
    finally:
        await runner.cleanup()


def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), version="1", revision="")
