"""What readers tell, written down, and bytes cut into pieces."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from proxy.door.reading import BadMessage
from proxy.door.requests import RequestReader
from proxy.door.responses import ResponseReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from proxy.door.heads import RequestHead, ResponseHead

Event = tuple[str, object]


class Told:
    """A sink that writes down what it is told, the pieces of one body joined."""

    busy = False

    def __init__(self) -> None:
        self.events: list[Event] = []

    def _body(self, data: bytes) -> None:
        before = self.events[-1][1] if self.events else None
        if isinstance(before, bytes):
            self.events[-1] = ("body", before + data)
        else:
            self.events.append(("body", data))

    def request_head(self, head: RequestHead) -> None:
        self.events.append(("head", head))

    def request_body(self, data: bytes) -> None:
        self._body(data)

    def request_end(self) -> None:
        self.events.append(("end", None))

    def request_whole(self, head: RequestHead, body: bytes) -> None:
        self.request_head(head)
        if body:
            self.request_body(body)
        self.request_end()

    def response_whole(self, head: ResponseHead, data: bytes, start: int) -> None:
        self.response_head(head)
        self.response_body(data[start:])
        self.response_end()

    def response_head(self, head: ResponseHead) -> None:
        self.events.append(("head", head))

    def response_body(self, data: bytes | memoryview) -> None:
        self._body(bytes(data))

    def response_end(self) -> None:
        self.events.append(("end", None))


def feed(feed: Callable[[bytes], object], pieces: Iterable[bytes], told: Told) -> None:
    try:
        for piece in pieces:
            feed(piece)
    except BadMessage as fault:
        told.events.append(("fault", int(fault.status)))


def read_requests(*pieces: bytes) -> list[Event]:
    told = Told()
    feed(RequestReader(told).feed, pieces, told)
    return told.events


def read_response(
    *pieces: bytes, head_request: bool = False, eof: bool = False
) -> tuple[list[Event], ResponseReader]:
    """What is told of one answer; ``eof``: the server closes after it."""
    told = Told()
    reader = ResponseReader(told, to_head_request=head_request)
    feed(reader.feed, pieces, told)
    if eof:
        told.events.append(("whole", reader.eof()))
    return told.events, reader


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """Cut at these places; no piece is empty, since no socket reads nothing."""
    edges = [0, *sorted({place for place in places if 0 < place < len(data)}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


PLACES = st.lists(st.integers(1, 600), max_size=40)
SMALL_BODIES = st.binary(max_size=60)


def chunked(body: bytes, size: int, *, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    """A body in chunks of a size."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    lines = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
    return lines + b"0" + extension + b"\r\n" + trailer + b"\r\n"
