"""Reads heads of the plainest form by their lines, since clients repeat lines even where heads differ.

A ``traceparent``, an id or a length of its own makes each head of a client a new one, and its other
lines come again and again. What a line says is a function of its bytes, so it is remembered; a head of such
lines is put together from them. Only lines of a grammar that is much narrower than HTTP's are taken:

- ``GET``, ``POST`` or ``HEAD`` of a path in visible ASCII without ``#``, HTTP/1.1; of answers 200 to 599 but
  those that have no body.
- ``name: value`` with exactly one space, a value of visible ASCII with spaces inside only, CRLF.
- Nothing that says how a message or a connection ends but one ``Content-Length`` of at most fifteen digits
  and ``Connection: keep-alive``; one ``Host``.

Everything else is for llhttp to judge. That both say the same of what is taken here is held by the tests,
which compare the two. A line may hold a cookie: it is kept as heads are (``proxy.door.reading``), no longer.
"""

from __future__ import annotations

import re
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from proxy.door.heads import FORWARDED, HOP_BY_HOP, Framing, RequestHead, ResponseHead
from proxy.door.reading import END_OF_HEAD, MAX_HEADERS
from proxy.door.rules import HOST
from proxy.known import Known

if TYPE_CHECKING:
    from proxy.door.heads import Headers

_REQUEST_LINE = re.compile(rb"(GET|POST|HEAD) (/[\x21\x22\x24-\x7e]*) HTTP/1\.1")
_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([2-5][0-9][0-9]) ([\x20-\x7e]*)")
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_KEPT = 512
"""Bytes that a line takes beside itself and its pieces."""
_NOT_PLAIN = frozenset({b"upgrade", b"proxy-connection", b"expect", b"te", b"trailer"})
_UNSAID, _CHUNKED = -1, -2
"""In place of a length: nothing says it; there are chunks."""
_NO_BODY = frozenset({_UNSAID, 0})
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class _Role(Enum):
    """What a line does beyond being there."""

    LENGTH = "length"
    HOST = "host"
    FORWARDED = "forwarded"


# A header line, read: name and value; how it goes on in a request to Pyroscope, empty where it does not;
# its role, where it has one. A plain tuple, since that is taken apart at half the cost of a named one.
_Line = tuple[tuple[bytes, bytes], bytes, _Role | None]


class _Block(NamedTuple):
    """All header lines, read.

    Attributes:
        headers: names and values in order.
        passed: the lines that a request to Pyroscope keeps, as they go on.
        length: what ``Content-Length`` says, or ``_UNSAID`` or ``_CHUNKED``.
        host: what ``Host`` says; empty where there is none.
        forwarded: whether a proxy before has said for whom it asks.
        known: whether all lines came before.
    """

    headers: Headers
    passed: list[bytes]
    length: int
    host: bytes
    forwarded: bool
    known: bool


class Lines:
    """Reads plain heads, and remembers their lines."""

    def __init__(self) -> None:
        self._known: Known[_Line] = Known()

    def request(self, head: bytes) -> tuple[RequestHead, bool] | None:
        """Read the head of a request, up to and with the blank line.

        Returns:
            What llhttp would make of it, and whether all of its lines came before; ``None`` where it is
            not plain, which says nothing of whether it is right.
        """
        first, *lines = head[: -len(END_OF_HEAD)].split(b"\r\n")
        start = _REQUEST_LINE.fullmatch(first)
        block = self._block(lines) if start is not None else None
        if start is None or block is None or not block.host or block.length == _CHUNKED:
            return None
        framing, length = (Framing.NONE, 0) if block.length < 0 else (Framing.SIZED, block.length)
        found = RequestHead(start[1], start[2], 1, block.headers, framing, length, keep_alive=True)
        if not block.forwarded:
            found.passed, found.host = b"\r\n".join(block.passed), block.host
        return found, block.known

    def response(self, head: bytes) -> tuple[ResponseHead, bool] | None:
        """Read the head of an answer that has a body, of known length or in chunks; as ``request``."""
        first, *lines = head[: -len(END_OF_HEAD)].split(b"\r\n")
        start = _STATUS_LINE.fullmatch(first)
        block = self._block(lines) if start is not None else None
        if start is None or block is None or block.length in _NO_BODY:
            return None
        status = int(start[1])
        if status in _BODILESS:
            return None
        if block.length == _CHUNKED:
            found = ResponseHead(status, start[2], block.headers, Framing.CHUNKED, 0)
            added, is_usual = [b"Transfer-Encoding: chunked"], True
        else:
            found = ResponseHead(status, start[2], block.headers, Framing.SIZED, block.length)
            added, is_usual = [], b"Content-Length: %d" % block.length in lines
        if is_usual and not block.host:
            found.forwarded = b"\r\n".join((first, *block.passed, *added, b"", b""))
        return found, block.known

    def tick(self, now: float) -> None:
        """Forget lines that have not come for two minutes at most."""
        self._known.tick(now)

    def _block(self, lines: list[bytes]) -> _Block | None:
        """Read header lines; ``None`` where one is not plain, or where they say two things of the length."""
        headers: Headers = []
        passed: list[bytes] = []
        length, host, forwarded, known = _UNSAID, b"", False, True
        young = self._known.young
        for line in lines:
            kept = young.get(line)
            if kept is not None:
                found = kept[0]
            elif (old := self._known.get(line)) is not None:
                found = old
            elif (new := self._learn(line)) is not None:
                found, known = new, False
            else:
                return None
            header, text, role = found
            headers.append(header)
            if text:
                passed.append(text)
            if role is None:
                continue
            if role is _Role.FORWARDED:
                forwarded = True
            elif role is _Role.LENGTH and length == _UNSAID:
                length = _CHUNKED if header[1] == b"chunked" else int(header[1])
            elif role is _Role.HOST and not host:
                host = header[1]
            else:
                return None
        return _Block(headers, passed, length, host, forwarded, known) if len(lines) <= MAX_HEADERS else None

    def _learn(self, line: bytes) -> _Line | None:
        found = _read(line)
        if found is not None:
            self._known.keep(line, found, _KEPT + 4 * len(line))
        return found


def _read(line: bytes) -> _Line | None:
    """What a line says; ``None`` where it is not plain."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    header = name, value = match[1], match[2]
    name = name.lower()
    if name in _NOT_PLAIN or (name == b"connection" and value != b"keep-alive"):
        return None
    if name == b"content-length":
        is_plain = _LENGTH.fullmatch(value)
        return (header, b"Content-Length: %d" % int(value), _Role.LENGTH) if is_plain else None
    if name == b"transfer-encoding":
        return (header, b"", _Role.LENGTH) if value == b"chunked" else None
    if name == b"host":
        return (header, b"", _Role.HOST) if HOST.fullmatch(value) else None
    if name in HOP_BY_HOP:
        return (header, b"", None)
    return (header, line, _Role.FORWARDED if name in FORWARDED else None)
