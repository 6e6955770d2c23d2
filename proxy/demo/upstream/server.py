"""The HTTP around the sample upstream: RPCs, readiness, metrics, a page, and a door for pushed profiles."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

from aiohttp import web
from google.protobuf.message import Message
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from yarl import URL

from proxy.connect.edge import SERVER_OPTIONS, Call, Method, routes
from proxy.demo.upstream.page import page
from proxy.demo.upstream.querier import Querier
from proxy.demo.upstream.recordings import Recording, load
from proxy.proto import querier_pb2, types_pb2

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from types import TracebackType

    from aiohttp.typedefs import Middleware
    from multidict import CIMultiDictProxy

SERVICE = "querier.v1.QuerierService"
KEPT_REQUESTS = 1000
"""How many requests ``Upstream.requests`` remembers."""
MAX_PUSHED_SIZE = 32 * 1024 * 1024
"""Bytes that a pushed profile may have."""

Req = TypeVar("Req", bound=Message)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that arrived: what a test may want to know of it.

    Attributes:
        method: the HTTP method.
        raw_path: path and query as they were sent.
        headers: as they were sent; they may hold cookies, so they are not part of ``repr``.
    """

    method: str
    raw_path: str
    headers: CIMultiDictProxy[str] = field(repr=False)


class Upstream:
    """A server in Pyroscope's place; use it in an ``async with`` block, or ``start`` and ``stop`` it.

    Attributes:
        requests: the last requests that arrived, oldest first.
    """

    def __init__(
        self, recordings: Sequence[Recording] | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.requests: deque[Seen] = deque(maxlen=KEPT_REQUESTS)
        self._recordings = load() if recordings is None else tuple(recordings)
        self._querier = Querier(self._recordings, clock)
        self._metrics = CollectorRegistry()
        self._counted = Counter(
            "sample_upstream_requests_total",
            "Requests by status code.",
            ("status_code",),
            registry=self._metrics,
        )
        Gauge("sample_upstream_recordings", "Recorded profiles.", registry=self._metrics).set(
            len(self._recordings)
        )
        self._runner: web.AppRunner | None = None
        self._address = URL()

    @property
    def url(self) -> URL:
        """Where it listens, such as ``http://127.0.0.1:4040``; known once it was started."""
        return self._address

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one.

        Raises:
            OSError: the port is taken, or there is no such host.
        """
        runner = web.AppRunner(self._application(), access_log=None, **SERVER_OPTIONS)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._address = URL.build(scheme="http", host=host, port=runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening; without effect when it does not listen."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._watch()], client_max_size=MAX_PUSHED_SIZE)
        application.add_routes(routes(SERVICE, self._methods()))
        application.add_routes(
            [
                web.get("/ready", _ready),
                web.get("/metrics", self._show_metrics),
                web.post("/ingest", _ingest),
                web.get("/", self._show_page),
            ]
        )
        return application

    def _methods(self) -> list[Method[Any]]:
        querier = self._querier
        return [
            Method("ProfileTypes", querier_pb2.ProfileTypesRequest, _aside(querier.profile_types)),
            Method("LabelNames", types_pb2.LabelNamesRequest, _aside(querier.label_names)),
            Method("LabelValues", types_pb2.LabelValuesRequest, _aside(querier.label_values)),
            Method("Series", querier_pb2.SeriesRequest, _aside(querier.series)),
            Method("SelectSeries", querier_pb2.SelectSeriesRequest, _aside(querier.select_series)),
            Method(
                "SelectMergeStacktraces",
                querier_pb2.SelectMergeStacktracesRequest,
                _aside(querier.select_merge_stacktraces),
            ),
            Method(
                "SelectMergeProfile",
                querier_pb2.SelectMergeProfileRequest,
                _aside(querier.select_merge_profile),
            ),
            Method(
                "SelectMergeSpanProfile",
                querier_pb2.SelectMergeSpanProfileRequest,
                _aside(querier.select_merge_span_profile),
            ),
            Method("SelectHeatmap", querier_pb2.SelectHeatmapRequest, _aside(querier.select_heatmap)),
            Method("GetProfileStats", types_pb2.GetProfileStatsRequest, _aside(querier.get_profile_stats)),
            Method("AnalyzeQuery", querier_pb2.AnalyzeQueryRequest, _aside(querier.analyze_query)),
        ]

    def _watch(self) -> Middleware:
        @web.middleware
        async def watch(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            self.requests.append(Seen(request.method, request.raw_path, request.headers))
            status = web.HTTPInternalServerError.status_code
            try:
                response = await handler(request)
                status = response.status
            except web.HTTPException as error:
                status = error.status
                raise
            finally:
                self._counted.labels(str(status)).inc()
            return response

        return watch

    async def _show_metrics(self, _: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(self._metrics),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    async def _show_page(self, _: web.Request) -> web.Response:
        return web.Response(text=page(self._recordings), content_type="text/html")


def _aside(answer: Callable[[Req], Message]) -> Callable[[Req, Call], Awaitable[Message]]:
    """Answer beside the event loop: merging takes tens of milliseconds."""

    async def handler(request: Req, _: Call) -> Message:
        return await asyncio.to_thread(answer, request)

    return handler


async def _ready(_: web.Request) -> web.Response:
    return web.Response(text="ready\n")


async def _ingest(request: web.Request) -> web.Response:
    """Take a pushed profile and forget it: what is shown here was recorded before."""
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > MAX_PUSHED_SIZE:
            raise web.HTTPRequestEntityTooLarge(max_size=MAX_PUSHED_SIZE, actual_size=size)
    return web.Response()
