"""Reads requests from a client's connection, one after the other."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

import httptools

from proxy.door.chunks import Chunks
from proxy.door.heads import SIZED, UNFRAMED, Framing, RequestHead
from proxy.door.reading import END_OF_HEAD, LONGEST_KNOWN, BadMessage
from proxy.door.remembering import Remembering
from proxy.door.rules import head_fault

if TYPE_CHECKING:
    from collections.abc import Hashable

    from proxy.door.lines import Lines
    from proxy.known import Known


class RequestSink(Protocol):
    """Who is told what a request reader reads."""

    @property
    def busy(self) -> bool:
        """Whether the next request is to be left where it is."""

    def request_head(self, head: RequestHead) -> None:
        """A head is complete."""

    def request_body(self, data: bytes) -> None:
        """A piece of the body came."""

    def request_end(self) -> None:
        """The request is complete."""

    def request_whole(self, head: RequestHead, body: bytes) -> None:
        """A request came all at once, from its head to its end."""


class RequestReader(Remembering[RequestHead]):
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
        self._chunks: Chunks | None = None
        self.origin: Hashable = None
        """What else than its bytes the meaning of a head depends on for the sink."""
        self._sink = sink
        self._known = known
        self._lines = lines
        self._target = b""
        self._framing = Framing.NONE
        self._keep_alive = True
        self._last = False
        self._parser = httptools.HttpRequestParser(self)

    @property
    def in_message(self) -> bool:
        """Whether a request has begun and is not complete."""
        return self._in_head or self._framing is not UNFRAMED

    def feed(self, data: bytes) -> bytes:
        """Read on.

        Returns:
            The requests that were not read, since the sink is busy with the one before: as bytes they take
            a tenth of the memory that they would take read.

        Raises:
            BadMessage: when the bytes are not HTTP/1.x; the connection is of no more use.
        """
        while data and not self._last:
            if self._left:
                data = self._count(data)
            elif self._chunks is not None:
                data = self._unchunk(data, self._chunks)
            elif self._in_head or self._known is None:
                data = self._parse(data)
            else:
                data = self._begin(data, self._known)
            if data and not self.in_message and self._sink.busy:
                return data
        return b""

    def _begin(self, data: bytes, known: Known[RequestHead]) -> bytes:
        """Read the first bytes of a request: of a head that is known, all of it; what is left of them."""
        found = self._repeated()
        if found is not None and data.startswith(found.read_from):
            end = len(found.read_from)
        else:
            end = data.find(END_OF_HEAD, 0, LONGEST_KNOWN) + len(END_OF_HEAD)
            if end < len(END_OF_HEAD):
                return self._parse(data)
            found = self._find(data[:end], known)
            if found is None:
                return data[end:]
        length = found.length
        if len(data) - end < length:
            self._sink.request_head(found)
            self._framing, self._left, self._keep_alive = SIZED, length, True
            return data[end:]
        self._sink.request_whole(found, data[end : end + length])
        return data[end + length :]

    def _key(self, head: bytes) -> Hashable:
        return self.origin, head

    def _by_lines(self, head: bytes) -> tuple[RequestHead, bool] | None:
        return self._lines.request(head) if self._lines is not None else None

    def _learn(self, head: bytes, known: Known[RequestHead]) -> None:
        rest, last = self._parse(head[:-1]), head[-1:]
        is_open = self._in_head and not rest
        found = self._completed_by(rest + last)
        if is_open and found is not None and found.keep_alive and found.framing is not Framing.CHUNKED:
            self._keep(head, found, known)

    def _count(self, data: bytes) -> bytes:
        piece, rest = data[: self._left], data[self._left :]
        self._left -= len(piece)
        self._sink.request_body(piece)
        if not self._left:
            self._finish()
        return rest

    def _unchunk(self, data: bytes, chunks: Chunks) -> bytes:
        piece, rest = chunks.feed(data)
        if piece:
            self._sink.request_body(bytes(piece))
        if chunks.fault is not None:
            raise chunks.fault
        if chunks.done:
            self._chunks = None
            self._finish()
        return rest

    def _parse(self, data: bytes) -> bytes:
        """Read a head, or the part of it that is there; what is behind it."""
        head, rest = self._head_part(data)
        try:
            self._parser.feed_data(head)
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserUpgrade:
            # Not made, which a server may always do: https://www.rfc-editor.org/rfc/rfc9110#section-7.8
            self._parser = httptools.HttpRequestParser(self)
        except httptools.HttpParserInvalidMethodError as error:
            self._raise_fault()
            raise BadMessage(HTTPStatus.NOT_IMPLEMENTED, "an unknown method") from error
        except httptools.HttpParserError as error:
            self._raise_fault()
            raise BadMessage(HTTPStatus.BAD_REQUEST, str(error) or "not HTTP") from error
        if head:
            self._check_end()
        if head and not self._in_head:
            self._head_complete()
        return rest

    def _head_complete(self) -> None:
        """Go on with the body, which llhttp is not given."""
        if self._framing is Framing.NONE:
            self._finish()
            return
        self._parser = httptools.HttpRequestParser(self)
        if self._framing is Framing.CHUNKED:
            self._chunks = Chunks()

    def on_url(self, url: bytes) -> None:
        """Called by llhttp, perhaps several times for one target."""
        self._target += url

    def on_headers_complete(self) -> None:
        """Called by llhttp."""
        self._in_head = False
        self._check_head()
        framing, length = self._body_framing()
        self._framing = (framing or Framing.NONE) if length or framing is Framing.CHUNKED else Framing.NONE
        self._left = length
        self._keep_alive = self._parser.should_keep_alive()
        version = self._parser.get_http_version()
        target, self._target = self._target, b""
        head = RequestHead(
            method=self._parser.get_method(),
            target=target,
            minor=0 if version == "1.0" else 1,
            headers=self._headers,
            framing=framing or Framing.NONE,
            length=length,
            keep_alive=self._keep_alive,
        )
        self._check(head, version)
        if self._fault is None:
            self._latest = head
            self._sink.request_head(head)

    def _check(self, head: RequestHead, version: str) -> None:
        if version not in {"1.0", "1.1"}:
            self._refuse(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "an HTTP version other than 1.0 and 1.1")
        fault = head_fault(head)
        if fault is not None:
            self._refuse(*fault)

    def _finish(self) -> None:
        self._framing = Framing.NONE
        self._last = not self._keep_alive
        self._sink.request_end()
