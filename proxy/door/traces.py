"""The span of each request that passes the door, and the header that carries it on."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from proxy.tracing.parents import parse

if TYPE_CHECKING:
    from proxy.door.heads import Headers, RequestHead
    from proxy.tracing.spans import Span, Tracer

_TRACEPARENT, _TRACESTATE = b"traceparent", b"tracestate"


class Named(Protocol):
    """What a span is told of where a request goes."""

    @property
    def label(self) -> str:
        """The label of the route in the metrics."""


class Traces:
    """Begins a span for each request."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def began(self, head: RequestHead, route: Named, request_id: bytes) -> tuple[Span, RequestHead]:
        """Begin the span of a request.

        Returns:
            The span, and the head to send on: ``traceparent`` names that span. ``tracestate`` stays as it
            came where it belongs to the trace that goes on, as the standard has it
            (https://www.w3.org/TR/trace-context/#a-traceparent-is-received).
        """
        given = [value for name, value in head.headers if _is(name, _TRACEPARENT)]
        # Several of them are as good as none.
        parent = parse(given[0].decode("latin-1")) if len(given) == 1 else None
        attributes = {
            "http.request.method": head.method.decode("ascii", "replace"),
            "http.route": route.label,
            "sourceproxy.request_id": request_id.decode("ascii", "replace"),
        }
        span = self._tracer.request(route.label, parent, attributes)
        ours = span.traceparent.encode("ascii")
        if not ours:
            return span, head
        left_out = {_TRACEPARENT} if parent is not None else {_TRACEPARENT, _TRACESTATE}
        return span, replace(head, headers=[*_without(head.headers, left_out), (_TRACEPARENT, ours)])


def ended(span: Span, status: int) -> None:
    """End the span of a request that was answered with this status; 499: its client has gone.

    Only what is a server's own fault makes a failed span, as the conventions have it
    (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status).
    """
    span.set("http.response.status_code", status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        span.fail(str(status))
    span.end()


def _is(name: bytes, wanted: bytes) -> bool:
    return len(name) == len(wanted) and name.lower() == wanted


def _without(headers: Headers, names: set[bytes]) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in names]
