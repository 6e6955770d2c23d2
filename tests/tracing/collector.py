"""A collector in threads of its own: takes OTLP over HTTP and keeps every span and byte that came."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.proto.common.v1.common_pb2 import KeyValue

WAIT_SECONDS = 30.0
SERVER, CLIENT, INTERNAL = 2, 3, 1
ERROR = 2


@dataclass(frozen=True)
class Kept:
    """One span as it was exported: ids in hexadecimal digits, times in nanoseconds."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    status: int
    started: int
    ended: int
    attributes: Mapping[str, Any] = field(repr=False)
    resource: Mapping[str, Any] = field(repr=False)


class Collector(ThreadingHTTPServer):
    """Takes spans; answers ``status``, and not at all while ``held`` is not set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.held = threading.Event()
        self.held.set()
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        self.arrived = threading.Semaphore(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def spans(self) -> list[Kept]:
        """Every span that came, in the order of their beginnings."""
        return sorted((span for body in list(self.bodies) for span in _spans(body)), key=lambda s: s.started)

    def named(self, name: str) -> Kept:
        """The one span of this name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def children(self, parent: Kept) -> list[str]:
        """The names of the spans right below one."""
        return [span.name for span in self.spans if span.parent_id == parent.span_id]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A proxy that goes away is what some tests want."""


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.paths.append(self.path)
        self.server.bodies.append(body)
        self.server.arrived.release()
        self.server.held.wait(WAIT_SECONDS)
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


@contextmanager
def running_collector() -> Iterator[Collector]:
    """A collector on a free port."""
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield collector
        finally:
            collector.held.set()
            collector.shutdown()
            thread.join()


def _spans(body: bytes) -> Iterator[Kept]:
    for group in ExportTraceServiceRequest.FromString(body).resource_spans:
        resource = _values(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                yield Kept(
                    span.name,
                    span.kind,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.status.code,
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                    _values(span.attributes),
                    resource,
                )


def _values(attributes: Any) -> dict[str, Any]:
    def value(attribute: KeyValue) -> Any:
        kind = attribute.value.WhichOneof("value")
        return getattr(attribute.value, kind) if kind else None

    return {attribute.key: value(attribute) for attribute in attributes}
