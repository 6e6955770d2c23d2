"""What reading requests and reading answers have in common.

llhttp (through httptools) parses heads, and is given no byte more: a body of known length is counted and
handed on, a chunked one is taken apart by ``proxy.door.chunks``. Trailers are dropped, as a proxy may
(https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1).

What a head means is a function of its bytes. Most clients repeat theirs byte for byte, and an upstream its
answers' heads within a second, so what was read is remembered (``proxy.known``). Rules:

- Only what llhttp has read, and checked, is remembered, and only where the head's last byte was shown to
  be the one with which llhttp took it for complete. So nothing is ever understood in another way than
  llhttp would: whoever sends other bytes is read by llhttp.
- A head that is not remembered may still be plain (``proxy.door.lines``); then its lines are. What is plain
  is so narrow that llhttp has nothing to add, which the tests hold by comparing.
- A head may hold a cookie: it is in memory alone, bounded in number and bytes, for two minutes after it
  came last, and never in a log.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.door.heads import Framing
from proxy.errors import Code

if TYPE_CHECKING:
    from proxy.door.heads import Headers

MAX_HEAD_SIZE = 64 * 1024
"""Bytes that the head of a message may have, as much as a large cookie collection needs; line breaks before
it are not counted, the blank line that ends it is."""
MAX_AROUND = MAX_HEAD_SIZE
"""Bytes by which chunk extensions and trailers of one body may be longer than the data before them."""
LARGEST_BODY = 2**63 - 1
"""Bytes that a length may say, as many as servers behind can count."""
END_OF_HEAD = b"\r\n\r\n"
LONGEST_KNOWN = 4096
"""Bytes of a head that is remembered."""
VIEWED = 16 * 1024
"""Bytes from which looking at a part of what was read costs less than copying it."""
MAX_HEADERS = 256
_KEPT, _KEPT_TIMES, _KEPT_LINE = 2560, 4, 400


class BadMessage(Exception):  # noqa: N818 - it is the message that is bad
    """A message that breaks the rules of HTTP; ``status`` is what a client is told.

    The text names the rule, never the bytes.
    """

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text

    @property
    def code(self) -> Code:
        """What it is in the words of Connect."""
        is_unknown = self.status is HTTPStatus.NOT_IMPLEMENTED
        return Code.UNIMPLEMENTED if is_unknown else Code.INVALID_ARGUMENT


class Untimely(BadMessage):
    """A server's word that it had waited too long for a request, as ours was on its way: it was not read."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.BAD_GATEWAY, "a connection closed for waiting too long")


class Reader:
    """What reading requests and answers has in common: the head's parts, its limits, the counted body."""

    def __init__(self) -> None:
        self._headers: Headers = []
        self._in_head = False
        self._in_first_line = False
        self._at_end = False
        self._head_size = 0
        self._tail = b""
        self._left = 0
        self._fault: BadMessage | None = None

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by llhttp."""
        self._headers.append((name, value))

    def _head_part(self, data: bytes) -> tuple[bytes, bytes]:
        """What of these bytes belongs to the head and is for llhttp, and the rest.

        A head ends with its first blank line. llhttp says so too, or finds a fault (``_check_end``). So where
        a head ends, and which byte is one too many, depends on the bytes alone, not on how they were cut.
        """
        if not self._in_head:
            data = data.lstrip(b"\r\n")  # as llhttp does before a head
            if not data:
                return b"", b""
            self._headers, self._head_size, self._tail = [], 0, b""
            self._in_head = self._in_first_line = True
        room = MAX_HEAD_SIZE - self._head_size
        if not room:
            self._refuse_size()
        seen = self._tail + data[:room]
        end = seen.find(END_OF_HEAD)
        self._at_end = end >= 0
        if self._at_end:
            seen = seen[: end + len(END_OF_HEAD)]
        size = len(seen) - len(self._tail)
        self._head_size += size
        self._tail = seen[1 - len(END_OF_HEAD) :]
        self._in_first_line = self._in_first_line and b"\n" not in seen
        return data[:size], data[size:]

    def _refuse_size(self) -> None:
        size = f"{MAX_HEAD_SIZE // 1024} KiB"
        if self._in_first_line:
            raise BadMessage(HTTPStatus.REQUEST_URI_TOO_LONG, f"the first line is longer than {size}")
        raise BadMessage(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"the head is larger than {size}")

    def _check_end(self) -> None:
        """Hold llhttp to the end of the head, where what is behind it begins."""
        self._raise_fault()
        if self._in_head is self._at_end:
            raise BadMessage(HTTPStatus.BAD_REQUEST, "a head that does not end with a blank line")

    def _check_head(self) -> None:
        if len(self._headers) > MAX_HEADERS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"more than {MAX_HEADERS} headers")

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        if self._fault is None:
            self._fault = BadMessage(status, text)

    def _raise_fault(self) -> None:
        if self._fault is not None:
            raise self._fault

    def _body_framing(self) -> tuple[Framing | None, int]:
        """What the headers, which llhttp has checked, say of the body; ``None`` where they say nothing."""
        found: tuple[Framing | None, int] = None, 0
        for name, value in self._headers:
            size = len(name)
            if size == 14 and name.lower() == b"content-length":  # noqa: PLR2004 - the word's length
                # Zeros before it may be more than ``int`` takes of digits.
                told = Framing.SIZED, int(value.strip(b" \t").lstrip(b"0") or b"0")
            elif size == 17 and name.lower() == b"transfer-encoding":  # noqa: PLR2004 - the word's length
                if found[0] is Framing.CHUNKED or value.strip().lower() != b"chunked":
                    self._refuse(HTTPStatus.NOT_IMPLEMENTED, "a transfer coding other than chunked")
                told = Framing.CHUNKED, 0
            else:
                continue
            if found[0] is not None:
                self._refuse(HTTPStatus.BAD_REQUEST, "more than one word of how long the body is")
            if told[1] > LARGEST_BODY:
                self._refuse(HTTPStatus.BAD_REQUEST, "a length above 2^63")
            found = told
        return found


def nothing() -> None:
    """What a reference to a head that nobody remembers any more tells."""


def size_kept(head: bytes, headers: Headers) -> int:
    """What remembering a head costs at most, in bytes: it, its pieces, and what is decided of it.

    A short line costs many times its length: the names and values of a request to ourselves are kept as
    bytes and as text. A test measures it.

    Args:
        head: its bytes.
        headers: as they were read.
    """
    return _KEPT + _KEPT_TIMES * len(head) + _KEPT_LINE * len(headers)
