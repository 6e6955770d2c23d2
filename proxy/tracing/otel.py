"""Spans of OpenTelemetry, sent over OTLP by a thread of its own. Imported only where tracing is on.

Rules:

- Nobody waits for the collector: spans go into a queue of bounded length, and what does not fit is lost.
- Nothing is taken from the context of OpenTelemetry and nothing put there: what is around a span is ours.
- The text of an exception is never noted.

https://opentelemetry.io/docs/specs/semconv/http/http-spans/
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from proxy.tracing.address import traces_url
from proxy.tracing.spans import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span as OtelSpan
    from opentelemetry.trace import Tracer as OtelTracer

    from proxy.config.model import Tracing
    from proxy.tracing.parents import Parent
    from proxy.tracing.spans import Span, Value

_QUEUE, _BATCH, _DELAY_MS = 4096, 512, 1000
_EXPORT_SECONDS = 10.0
_KINDS = {Kind.INTERNAL: SpanKind.INTERNAL, Kind.CLIENT: SpanKind.CLIENT}
_EMPTY = Context()


class Spans:
    """The tracer: begins spans and sends what is kept of them.

    Args:
        settings: where spans go, and how many of them.
        version: of the proxy, told as ``service.version``.
    """

    def __init__(self, settings: Tracing, version: str) -> None:
        self._exporter: SpanExporter = OTLPSpanExporter(
            endpoint=traces_url(str(settings.endpoint)),
            # The CAs that SSL_CERT_FILE names count here as for every other call.
            certificate_file=ssl.get_default_verify_paths().cafile,
            timeout=_EXPORT_SECONDS,
        )
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)),
            resource=Resource.create({"service.name": settings.service_name, "service.version": version}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._exporter,
                max_queue_size=_QUEUE,
                schedule_delay_millis=_DELAY_MS,
                max_export_batch_size=_BATCH,
                export_timeout_millis=_EXPORT_SECONDS * 1000,
            )
        )
        self._tracer = self._provider.get_tracer("proxy", version)

    def request(self, name: str, parent: Parent | None, attributes: Mapping[str, Value]) -> Span:
        """Begin the span of a request; see ``Tracer``."""
        around = _EMPTY if parent is None else set_span_in_context(_remote(parent), _EMPTY)
        return _Kept(
            self._tracer,
            self._tracer.start_span(name, around, SpanKind.SERVER, attributes, record_exception=False),
        )

    def joined(self, parent: Parent) -> Span:
        """Take up a span that was begun elsewhere; see ``Tracer``."""
        return _Kept(self._tracer, _remote(parent))

    def close(self) -> None:
        """Send what waits to be sent, however long that takes."""
        self._provider.shutdown()

    def give_up(self) -> None:
        """Try no more to send anything; what is being sent at the moment ends by its own timeout."""
        self._exporter.shutdown()


class _Kept:
    """A span of OpenTelemetry behind our face."""

    __slots__ = ("_span", "_tracer")

    def __init__(self, tracer: OtelTracer, span: OtelSpan) -> None:
        self._tracer = tracer
        self._span = span

    @property
    def traceparent(self) -> str:
        """https://www.w3.org/TR/trace-context/#traceparent-header."""
        context = self._span.get_span_context()
        if not context.is_valid:
            return ""
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def set(self, name: str, value: Value) -> None:
        """Add an attribute, or replace one."""
        self._span.set_attribute(name, value)

    def fail(self, kind: str) -> None:
        """Note that the work failed."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))

    def child(self, name: str, kind: Kind, attributes: Mapping[str, Value]) -> Span:
        """Begin a span below this one."""
        around = set_span_in_context(self._span, _EMPTY)
        return _Kept(
            self._tracer,
            self._tracer.start_span(name, around, _KINDS[kind], attributes, record_exception=False),
        )

    def end(self) -> None:
        """The work is done."""
        self._span.end()


def _remote(parent: Parent) -> OtelSpan:
    context = SpanContext(
        parent.trace_id, parent.span_id, is_remote=True, trace_flags=TraceFlags(parent.flags)
    )
    return NonRecordingSpan(context)
