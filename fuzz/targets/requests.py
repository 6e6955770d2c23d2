"""Requests as they come to the door, and what it sends on of them."""

from __future__ import annotations

from fuzz.targets.wire import assert_same_in_pieces, cuts
from proxy.door.heads import (
    LAST_CHUNK,
    Framing,
    Hop,
    RequestHead,
    chunk,
    forwarded_request,
    header,
    origin_form,
)
from proxy.door.routes import route
from proxy.tracing import parse
from tests.door.reading import read_requests

_HOP = Hop(b"upstream:4040", b"/prefix", b"10.0.0.1", b"http")
_OWN = Hop(b"source-proxy", b"", b"10.0.0.1", b"https", b"request-1")
_HOP_BY_HOP = {b"connection", b"keep-alive", b"te", b"trailer", b"upgrade", b"proxy-authorization"}


def check(data: bytes) -> None:
    """Any cut of the bytes tells the same, and what is sent on reads as the same one request."""
    events = read_requests(data)
    assert_same_in_pieces(events, [read_requests(*pieces) for pieces in cuts(data)])
    for number, (kind, head) in enumerate(events):
        if kind == "head":
            assert isinstance(head, RequestHead)
            body = events[number + 1][1] if len(events) > number + 1 else None
            for hop in (_HOP, _OWN):
                _check_forwarded(head, hop, body if isinstance(body, bytes) else b"")
            assert route(origin_form(head.target)[0]).label
            parent = parse((header(head.headers, b"traceparent") or b"").decode("latin-1"))
            assert parent is None or 0 < parent.trace_id < 2**128


def _check_forwarded(head: RequestHead, hop: Hop, body: bytes) -> None:
    sent = forwarded_request(head, hop)
    if head.framing is Framing.CHUNKED:
        sent += (chunk(body) if body else b"") + LAST_CHUNK
    else:
        body = body[: head.length].ljust(head.length, b".") if head.length <= len(body) + 4096 else b""
        sent += body
    events = read_requests(sent)
    kind, again = events[0]
    assert kind == "head", events
    assert isinstance(again, RequestHead)
    path = origin_form(head.target)[0]
    assert again.target == (path if path == b"*" else hop.path_prefix + path)
    assert (again.method, again.framing, again.length) == (head.method, head.framing, head.length)
    assert header(again.headers, b"host") == hop.host
    assert not _HOP_BY_HOP & {name.lower() for name, _ in again.headers}
    assert [kind for kind, _ in events].count("head") == 1
    if body or head.framing is Framing.CHUNKED or not head.length:
        assert events[1:] == [*([("body", body)] if body else []), ("end", None)]
    _check_kept(head, again, hop)


def _check_kept(head: RequestHead, again: RequestHead, hop: Hop) -> None:
    """End-to-end headers stay in their order; only what the hop adds is new."""
    added = {b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"host", b"transfer-encoding"}
    added |= {b"content-length"} | ({b"x-request-id"} if hop.request_id else set())
    sent = [(name, value) for name, value in again.headers if name.lower() not in added]
    came = iter(head.headers)
    assert all(pair in came for pair in sent)
    if hop.request_id:
        assert header(again.headers, b"x-request-id") == hop.request_id
