"""Reads an answer, and the interim ones before it, from a server behind."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

import httptools

from proxy.door.chunks import Chunks
from proxy.door.heads import CHUNKED, SIZED, UNTIL_CLOSE, Framing, ResponseHead
from proxy.door.reading import END_OF_HEAD, LONGEST_KNOWN, VIEWED, BadMessage
from proxy.door.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Hashable

    from proxy.door.lines import Lines
    from proxy.known import Known

_VERSIONS = frozenset({"1.0", "1.1"})
_REASON = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_MAX_INTERIM = 64
"""Interim answers to one request; whoever sends more would keep it waiting for ever."""
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class ResponseSink(Protocol):
    """Who is told what a response reader reads."""

    def response_head(self, head: ResponseHead) -> None:
        """A head is complete; it may be an interim one (1xx), which another head follows."""

    def response_body(self, data: bytes | memoryview) -> None:
        """A piece of the body came."""

    def response_end(self) -> None:
        """The answer is complete."""

    def response_whole(self, head: ResponseHead, data: bytes, start: int) -> None:
        """An answer of known length came all at once; its body is ``data`` from ``start`` on."""


class ResponseReader(Remembering[ResponseHead]):
    """Reads one answer (and the interim ones before it) from the server behind.

    Args:
        sink: who is told.
        to_head_request: whether the answer is one to HEAD, which has no body.
        known: heads of answers that were read before, by their bytes.
        lines: reads plain heads that are not among these.
    """

    def __init__(
        self,
        sink: ResponseSink,
        *,
        to_head_request: bool,
        known: Known[ResponseHead] | None = None,
        lines: Lines | None = None,
    ) -> None:
        super().__init__()
        self._chunks: Chunks | None = None
        self._sink = sink
        self._known = known
        self._lines = lines
        self._to_head_request = to_head_request
        self._reason = b""
        self._framing: Framing | None = None
        self._interim = False
        self._interim_count = 0
        self.complete = False
        self.keep_alive = False
        """After the end: whether the connection can take another request."""
        self._parser: httptools.HttpResponseParser | None = None
        """Made where it is needed: not for an answer whose head is known."""
        self._begun = False

    def again(self, sink: ResponseSink, *, to_head_request: bool) -> None:
        """Read the next answer of the connection, which the one before has left fit for it."""
        self._sink = sink
        self._to_head_request = to_head_request
        self._reason = b""
        self._framing = None
        self._interim = self.complete = self.keep_alive = False
        self._interim_count = 0
        self._begun = False

    def feed(self, data: bytes | memoryview) -> None:
        """Read on; bytes after the end make the connection unfit for another request.

        Raises:
            BadMessage: when the bytes are not an answer that can be passed on.
        """
        if self.complete:
            self.keep_alive = False
        elif self._framing is SIZED:
            self._count(data)
        elif self._framing is CHUNKED and self._chunks is not None:
            self._unchunk(data, self._chunks)
        elif self._framing is UNTIL_CLOSE:
            self._sink.response_body(data)
        elif self._begun or self._known is None or self._to_head_request or isinstance(data, memoryview):
            self._parse(bytes(data))
        else:
            self._begin(data, self._known)

    def _begin(self, data: bytes, known: Known[ResponseHead]) -> None:
        """Read the first bytes of an answer: of a head that is known, all of it."""
        self._begun = True
        found = self._repeated()
        if found is not None and data.startswith(found.read_from):
            end = len(found.read_from)
        else:
            end = data.find(END_OF_HEAD, 0, LONGEST_KNOWN) + len(END_OF_HEAD)
            if end < len(END_OF_HEAD):
                self._parse(data)
                return
            found = self._find(data[:end], known)
        if found is None:
            pass  # it has been told
        elif found.framing is CHUNKED:
            self._framing, self.keep_alive = CHUNKED, True
            self._chunks = Chunks()
            self._sink.response_head(found)
        elif len(data) - end == found.length:
            self.complete = self.keep_alive = True
            self._sink.response_whole(found, data, end)
            return
        else:
            self._framing, self._left, self.keep_alive = SIZED, found.length, True
            self._sink.response_head(found)
        if self._chunks is not None:
            self._unchunk(data, self._chunks, end)
        elif len(data) - end > VIEWED:
            self.feed(memoryview(data)[end:])
        elif len(data) > end:
            self.feed(data[end:])

    def _key(self, head: bytes) -> Hashable:
        return head

    def _by_lines(self, head: bytes) -> tuple[ResponseHead, bool] | None:
        return self._lines.response(head) if self._lines is not None else None

    def _learn(self, head: bytes, known: Known[ResponseHead]) -> None:
        self._parse(head[:-1])
        is_open, found = self._in_head, self._completed_by(head[-1:])
        if is_open and found is not None and self.keep_alive and self._has_body(found):
            self._keep(head, found, known)

    @staticmethod
    def _has_body(head: ResponseHead) -> bool:
        return head.framing is CHUNKED or (head.framing is SIZED and head.length > 0)

    def _count(self, data: bytes | memoryview) -> None:
        left = self._left
        self._left = max(left - len(data), 0)
        self._sink.response_body(data[:left] if len(data) > left else data)
        if not self._left:
            self._finish()
            if len(data) > left:
                self.keep_alive = False

    def _unchunk(self, data: bytes | memoryview, chunks: Chunks, start: int = 0) -> None:
        piece, rest = chunks.feed(bytes(data), start)
        if piece:
            self._sink.response_body(piece)
        if chunks.fault is not None:
            raise chunks.fault
        if chunks.done:
            self._chunks = None
            self._finish()
            if rest:
                self.keep_alive = False

    def _parse(self, data: bytes) -> None:
        """Read heads, of interim answers and of the answer itself, and what is behind them."""
        while data and self._framing is None:
            data = self._parse_head(data)
        if data:
            self.feed(data)

    def _parse_head(self, data: bytes) -> bytes:
        head, rest = self._head_part(data)
        if not head:
            return rest
        if self._parser is None:
            self._parser = httptools.HttpResponseParser(self)
        try:
            self._parser.feed_data(head)
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserUpgrade:
            self._refuse(HTTPStatus.BAD_GATEWAY, "an upgrade that was not asked for")
        except httptools.HttpParserError as error:
            self._raise_fault()
            raise BadMessage(HTTPStatus.BAD_GATEWAY, str(error) or "not HTTP") from error
        self._check_end()
        if self._framing is not None:
            self._head_complete()
        return rest

    def _head_complete(self) -> None:
        """Go on with the body, which llhttp is not given."""
        self._parser = None
        if self._framing is Framing.CHUNKED:
            self._chunks = Chunks()
        elif self._framing is Framing.NONE or (self._framing is Framing.SIZED and not self._left):
            self._finish()

    def eof(self) -> bool:
        """The server has closed in good order; whether that completes the answer."""
        if self._framing is Framing.UNTIL_CLOSE and not self.complete:
            self._finish()
            self.keep_alive = False
        return self.complete

    def on_status(self, reason: bytes) -> None:
        """Called by llhttp."""
        self._reason += reason

    def on_headers_complete(self) -> None:
        """Called by llhttp."""
        self._in_head = False
        if self._parser is None:
            return
        self._check_head()
        status = self._parser.get_status_code()
        self._interim = status < HTTPStatus.OK
        version = self._parser.get_http_version()
        self._check_status_line(version, status)
        framing, length = self._body_framing()
        if self._interim or self._to_head_request or status in _BODILESS:
            framing = Framing.NONE
        elif framing is None:
            framing = Framing.UNTIL_CLOSE
        head = ResponseHead(status, self._reason, self._headers, framing, length)
        self._reason = b""
        if self._fault is not None:
            return
        if not self._interim:
            self._framing, self._left = framing, length
            # HTTP/1.0 knows no chunks: https://www.rfc-editor.org/rfc/rfc9112#section-6.1
            is_marked = framing is not Framing.UNTIL_CLOSE and (framing, version) != (Framing.CHUNKED, "1.0")
            self.keep_alive = is_marked and self._parser.should_keep_alive()
            self._latest = head
        self._sink.response_head(head)

    def _check_status_line(self, version: str, status: int) -> None:
        self._interim_count += self._interim
        for is_wrong, text in (
            (version not in _VERSIONS, "an HTTP version other than 1.0 and 1.1"),
            (status < HTTPStatus.CONTINUE, "a status below 100"),
            (status == HTTPStatus.SWITCHING_PROTOCOLS, "an upgrade that was not asked for"),
            (not _REASON.fullmatch(self._reason), "a control character in the status line"),
            (self._interim_count > _MAX_INTERIM, f"more than {_MAX_INTERIM} interim answers"),
        ):
            if is_wrong:
                self._refuse(HTTPStatus.BAD_GATEWAY, text)

    def _finish(self) -> None:
        self.complete = True
        self._sink.response_end()
