"""Which header goes on behind the door, and what the span of a request is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proxy.door.heads import Framing, RequestHead
from proxy.door.routes import route
from proxy.door.traces import Traces, ended
from proxy.tracing import Kind, Parent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.door.heads import Headers
    from proxy.tracing import Span, Value

CALLER = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PARENT = Parent(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7, 1)
OURS = "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01"
STATE = (b"tracestate", b"a=1")
OTHER = (b"X-Other", b"1")


class Noting:
    """A tracer with one span, which notes what it is told."""

    def __init__(self, traceparent: str = OURS) -> None:
        self.traceparent = traceparent
        self.name = ""
        self.parent: Parent | None = None
        self.attributes: dict[str, Value] = {}
        self.told: list[str] = []

    def request(self, name: str, parent: Parent | None, attributes: Mapping[str, Value]) -> Span:
        self.name, self.parent, self.attributes = name, parent, dict(attributes)
        return self

    def joined(self, parent: Parent) -> Span:
        raise AssertionError(parent)

    def child(self, name: str, kind: Kind, attributes: Mapping[str, Value]) -> Span:
        raise AssertionError(name, kind, attributes)

    def set(self, name: str, value: Value) -> None:
        self.told.append(f"{name}={value}")

    def fail(self, kind: str) -> None:
        self.told.append(f"failed {kind}")

    def end(self) -> None:
        self.told.append("ended")


def head(headers: Headers) -> RequestHead:
    target = b"/querier.v1.QuerierService/Series?hush"
    return RequestHead(b"POST", target, 1, headers, Framing.NONE, 0, keep_alive=True)


def began(tracer: Noting, headers: Headers) -> Headers:
    given = head(headers)
    span, sent = Traces(tracer).began(given, route(given.target), b"r-1")
    assert span is tracer
    assert given == head(headers)
    return sent.headers


@pytest.mark.parametrize(
    ("headers", "parent", "kept"),
    [
        ([OTHER], None, [OTHER]),
        ([(b"traceparent", CALLER), OTHER, STATE], PARENT, [OTHER, STATE]),
        ([(b"TraceParent", CALLER)], PARENT, []),
        ([STATE, (b"traceparent", CALLER), STATE], PARENT, [STATE, STATE]),
        ([(b"traceparent", CALLER), (b"Traceparent", CALLER), STATE], None, []),
        ([(b"traceparent", b"00-\xff\xfe"), STATE, OTHER], None, [OTHER]),
        ([(b"traceparent", b""), (b"TraceState", b"a=1")], None, []),
        ([STATE], None, []),
    ],
)
def test_what_goes_on(headers: Headers, parent: Parent | None, kept: Headers) -> None:
    tracer = Noting()
    assert began(tracer, headers) == [*kept, (b"traceparent", OURS.encode())]
    assert tracer.parent == parent
    assert tracer.name == "querier.v1.QuerierService/Series"
    assert tracer.attributes == {
        "http.request.method": "POST",
        "http.route": "querier.v1.QuerierService/Series",
        "sourceproxy.request_id": "r-1",
    }


def test_where_nothing_is_to_go_on_the_head_stays_as_it_came() -> None:
    headers = [(b"traceparent", b"odd"), STATE]
    assert began(Noting(traceparent=""), headers) == headers


@pytest.mark.parametrize(
    ("status", "failed"),
    [(200, []), (404, []), (499, []), (500, ["failed 500"]), (502, ["failed 502"])],
)
def test_how_a_span_ends(status: int, failed: list[str]) -> None:
    span = Noting()
    ended(span, status)
    assert span.told == [f"http.response.status_code={status}", *failed, "ended"]
