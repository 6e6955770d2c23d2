"""Answers of the server behind the door, and what is sent on of them."""

from __future__ import annotations

from fuzz.targets.target import split
from fuzz.targets.wire import assert_same_in_pieces, cuts
from proxy.door.heads import LAST_CHUNK, Framing, ResponseHead, chunk, forwarded_response, outgoing_framing
from tests.door.reading import Event, read_response

_KINDS = (b"GET", b"HEAD")
_HOP_BY_HOP = {b"keep-alive", b"te", b"trailer", b"upgrade", b"proxy-authenticate"}
_FINAL = 200


def check(data: bytes) -> None:
    """Any cut of the bytes tells the same, and what is sent on reads as the same answer."""
    method, rest = split(data, _KINDS)
    to_head = method == b"HEAD"
    events, _ = read_response(rest, head_request=to_head, eof=True)
    others = [read_response(*pieces, head_request=to_head, eof=True)[0] for pieces in cuts(rest)]
    assert_same_in_pieces(events, others)
    final = next((h for _, h in events if isinstance(h, ResponseHead) and h.status >= _FINAL), None)
    if final is not None:
        body = next((b for kind, b in events if kind == "body" and isinstance(b, bytes)), b"")
        complete = ("end", None) in events
        for minor in (0, 1):
            _check_forwarded(final, body, minor, to_head=to_head, complete=complete)


def _check_forwarded(head: ResponseHead, body: bytes, minor: int, *, to_head: bool, complete: bool) -> None:
    framing = outgoing_framing(head, minor)
    sent = forwarded_response(head, framing, minor, keep_alive=framing is not Framing.UNTIL_CLOSE)
    if framing is Framing.CHUNKED:
        sent += (chunk(body) if body else b"") + (LAST_CHUNK if complete else b"")
    else:
        sent += body
    events, reader = read_response(sent, head_request=to_head, eof=True)
    kind, again = events[0]
    assert kind == "head", events
    assert isinstance(again, ResponseHead)
    assert (again.status, again.framing) == (head.status, framing)
    assert not _HOP_BY_HOP & {name.lower() for name, _ in again.headers}
    assert reader.complete is (complete or framing is Framing.UNTIL_CLOSE)
    _check_body(events, body)


def _check_body(events: list[Event], body: bytes) -> None:
    assert [b for kind, b in events if kind == "body"] == ([body] if body else [])
