"""What reading requests and reading answers have in common.

llhttp (through httptools) parses heads and chunks. A body of known length does not go through it:
its bytes are counted and handed on. Trailers are dropped, as a proxy may
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
from itertools import chain
from typing import TYPE_CHECKING

from proxy.door.heads import Framing
from proxy.errors import Code

if TYPE_CHECKING:
    from proxy.door.heads import Headers

MAX_HEAD_SIZE = 64 * 1024
"""Bytes that the head of a message may have, as much as a large cookie collection needs."""
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


class Reader:
    """What reading requests and answers has in common: the head's parts, its limits, the counted body."""

    def __init__(self) -> None:
        self._headers: Headers = []
        self._head_size = 0
        self._in_head = False
        self._left = 0
        self._told = False
        self._untold = 0
        self._fault: BadMessage | None = None

    def on_message_begin(self) -> None:
        """Called by llhttp."""
        self._headers = []
        self._head_size = 0
        self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by llhttp, for trailers as well."""
        if self._in_head:
            self._headers.append((name, value))
        else:
            self._told = True
            self._grow(len(name) + len(value) + 4)

    def _check_head(self) -> None:
        headers = self._headers
        self._grow(sum(map(len, chain.from_iterable(headers))) + 4 * len(headers))
        if len(headers) > MAX_HEADERS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"more than {MAX_HEADERS} headers")

    def _grow(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD_SIZE:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"the head is larger than {MAX_HEAD_SIZE // 1024} KiB",
            )

    def _count_untold(self, size: int) -> None:
        """Bound what llhttp takes without an end: heads, and lines of trailers and of chunk extensions."""
        self._untold = 0 if self._told else self._untold + size
        self._told = False
        if self._untold > MAX_HEAD_SIZE:
            self._grow(MAX_HEAD_SIZE + 1)
            self._raise_fault()

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        if self._fault is None:
            self._fault = BadMessage(status, text)

    def _raise_fault(self) -> None:
        if self._fault is not None:
            raise self._fault

    def _body_framing(self) -> tuple[Framing | None, int]:
        """What the headers, which llhttp has checked, say of the body; ``None`` where they say nothing."""
        for name, value in self._headers:
            size = len(name)
            if size == 14 and name.lower() == b"content-length":  # noqa: PLR2004 - the word's length
                return Framing.SIZED, int(value)
            if size == 17 and name.lower() == b"transfer-encoding":  # noqa: PLR2004 - the word's length
                if value.strip().lower() != b"chunked":
                    self._refuse(HTTPStatus.NOT_IMPLEMENTED, "a transfer coding other than chunked")
                return Framing.CHUNKED, 0
        return None, 0


def size_kept(head: bytes, headers: Headers) -> int:
    """What remembering a head costs at most, in bytes: it, its pieces, and what is decided of it.

    A short line costs many times its length: the names and values of a request to ourselves are kept as
    bytes and as text. A test measures it.

    Args:
        head: its bytes.
        headers: as they were read.
    """
    return _KEPT + _KEPT_TIMES * len(head) + _KEPT_LINE * len(headers)
