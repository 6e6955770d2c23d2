"""Reads requests from a client's connection, one after the other."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

import httptools

from proxy.door.heads import Framing, RequestHead
from proxy.door.reading import END_OF_HEAD, LONGEST_KNOWN, MAX_HEAD_SIZE, BadMessage, Reader, size_kept
from proxy.door.rules import head_fault

if TYPE_CHECKING:
    from collections.abc import Hashable

    from proxy.door.lines import Lines
    from proxy.known import Known

_SLICE = 16 * 1024
"""Bytes that llhttp is given at once, so that a line without end is found out however much of it comes."""
_CHUNKED_HEAD = b"POST / HTTP/1.1\r\nConnection: %b\r\nTransfer-Encoding: chunked\r\n\r\n"


class RequestSink(Protocol):
    """Who is told what a request reader reads."""

    def request_head(self, head: RequestHead) -> None:
        """A head is complete."""

    def request_body(self, data: bytes) -> None:
        """A piece of the body came."""

    def request_end(self) -> None:
        """The request is complete."""

    def request_whole(self, head: RequestHead, body: bytes) -> None:
        """A request came all at once, from its head to its end."""


class RequestReader(Reader):
    """Reads one request after the other from a client's connection.

    Args:
        sink: who is told.
        known: heads that were read before, by ``origin`` and their bytes.
        lines: reads plain heads that are not among these.
    """

    def __init__(
        self, sink: RequestSink, known: Known[RequestHead] | None = None, lines: Lines | None = None
    ) -> None:
        super().__init__()
        self.origin: Hashable = None
        """What else than its bytes the meaning of a head depends on for the sink."""
        self._sink = sink
        self._known = known
        self._lines = lines
        self._latest: RequestHead | None = None
        self._target = b""
        self._framing = Framing.NONE
        self._upgrade = False
        self._nested = False
        self._keep_alive = True
        self._last = False
        self._parser = httptools.HttpRequestParser(self)

    @property
    def in_message(self) -> bool:
        """Whether a request has begun and is not complete."""
        return self._in_head or self._framing is not Framing.NONE

    def feed(self, data: bytes) -> None:
        """Read on.

        Raises:
            BadMessage: when the bytes are not HTTP/1.x; the connection is of no more use.
        """
        while data and not self._last:
            if self._left:
                data = self._count(data)
            elif self._in_head or self._framing is not Framing.NONE or self._known is None:
                data = self._parse(data[:_SLICE]) + data[_SLICE:]
            else:
                data = self._begin(data, self._known)

    def _begin(self, data: bytes, known: Known[RequestHead]) -> bytes:
        """Read the first bytes of a request: of a head that is known, all of it; what is left of them."""
        end = data.find(END_OF_HEAD, 0, LONGEST_KNOWN) + len(END_OF_HEAD)
        if end < len(END_OF_HEAD):
            return self._parse(data[:_SLICE]) + data[_SLICE:]
        head = data[:end]
        found = known.get((self.origin, head)) or self._plain(head, known)
        if found is None:
            self._learn(head, known)
            return data[end:]
        length = found.length
        if len(data) - end < length:
            self._sink.request_head(found)
            self._framing, self._left, self._keep_alive = Framing.SIZED, length, True
            return data[end:]
        self._sink.request_whole(found, data[end : end + length])
        return data[end + length :]

    def _plain(self, head: bytes, known: Known[RequestHead]) -> RequestHead | None:
        """Read a plain head; it is likely to come again, and remembered, when all of its lines have."""
        plain = self._lines.request(head) if self._lines is not None else None
        if plain is None:
            return None
        found, has_come = plain
        if has_come:
            known.keep((self.origin, head), found, size_kept(head, found.headers))
        return found

    def _learn(self, head: bytes, known: Known[RequestHead]) -> None:
        """Read a head and remember it if llhttp takes it for complete with its last byte, not before."""
        rest, last = self._parse(head[:-1]), head[-1:]
        is_open = self._in_head and not rest
        found = self._completed_by(rest + last)
        if is_open and found is not None and found.keep_alive and found.framing is not Framing.CHUNKED:
            known.keep((self.origin, head), found, size_kept(head, found.headers))

    def _completed_by(self, data: bytes) -> RequestHead | None:
        self._latest = None
        self.feed(data)
        return self._latest

    def _count(self, data: bytes) -> bytes:
        piece, rest = data[: self._left], data[self._left :]
        self._left -= len(piece)
        self._sink.request_body(piece)
        if not self._left:
            self._finish()
        return rest

    def _parse(self, data: bytes) -> bytes:
        rest = b""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
        except httptools.HttpParserInvalidMethodError as error:
            self._raise_fault()
            raise BadMessage(HTTPStatus.NOT_IMPLEMENTED, "an unknown method") from error
        except httptools.HttpParserError as error:
            self._raise_fault()
            if self._last:
                return b""
            raise BadMessage(HTTPStatus.BAD_REQUEST, str(error) or "not HTTP") from error
        self._raise_fault()
        if self._upgrade:
            self._without_upgrade()
        elif self._framing is Framing.SIZED and self._left:
            self._parser = httptools.HttpRequestParser(self)
        elif self.in_message:
            self._count_untold(len(data))
        return rest

    def _without_upgrade(self) -> None:
        """Go on as if no upgrade had been asked for, which a server may always do.

        llhttp stops at such a head and leaves the body to us: a counted one is counted, a chunked one
        goes through a parser that is told no more than that it is chunked, and perhaps the last.
        https://www.rfc-editor.org/rfc/rfc9110#section-7.8
        """
        self._upgrade = False
        self._parser = httptools.HttpRequestParser(self)
        if self._framing is Framing.CHUNKED:
            self._nested = True
            self._parser.feed_data(_CHUNKED_HEAD % (b"keep-alive" if self._keep_alive else b"close"))
            self._nested = False
        elif not self._left:
            self._finish()

    def on_message_begin(self) -> None:
        """Called by llhttp."""
        if not self._nested:
            super().on_message_begin()
            self._target = b""

    def on_url(self, url: bytes) -> None:
        """Called by llhttp, perhaps several times for one target."""
        if not self._nested:
            self._target += url
            self._told = True
            if len(self._target) > MAX_HEAD_SIZE:
                text = f"the target is longer than {MAX_HEAD_SIZE // 1024} KiB"
                self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG, text)
            self._grow(len(url))

    def on_headers_complete(self) -> None:
        """Called by llhttp."""
        if self._nested:
            return
        self._in_head = False
        self._check_head()
        framing, length = self._body_framing()
        self._framing = (framing or Framing.NONE) if length or framing is Framing.CHUNKED else Framing.NONE
        self._left = length
        self._told = True
        self._upgrade = self._parser.should_upgrade()
        self._keep_alive = self._parser.should_keep_alive()
        version = self._parser.get_http_version()
        head = RequestHead(
            method=self._parser.get_method(),
            target=self._target,
            minor=0 if version == "1.0" else 1,
            headers=self._headers,
            framing=framing or Framing.NONE,
            length=length,
            keep_alive=self._keep_alive,
        )
        self._check(head, version)
        if self._fault is None:
            if not self._upgrade:
                self._latest = head
            self._sink.request_head(head)

    def _check(self, head: RequestHead, version: str) -> None:
        if version not in {"1.0", "1.1"}:
            self._refuse(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "an HTTP version other than 1.0 and 1.1")
        fault = head_fault(head)
        if fault is not None:
            self._refuse(*fault)

    def on_body(self, data: bytes) -> None:
        """Called by llhttp for the part of a body that came with the head, and for chunks."""
        self._told = True
        if self._fault is None:
            self._left = max(self._left - len(data), 0)
            self._sink.request_body(data)

    def on_message_complete(self) -> None:
        """Called by llhttp; after an upgrade it is too early, the body is still to come."""
        if self._fault is None and not self._upgrade:
            self._finish()

    def _finish(self) -> None:
        self._framing = Framing.NONE
        self._last = not self._keep_alive
        self._sink.request_end()
