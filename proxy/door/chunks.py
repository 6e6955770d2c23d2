"""Takes a chunked body apart: https://www.rfc-editor.org/rfc/rfc9112#section-7.1, and nothing wider.

Not by llhttp, which bounds neither a chunk's size nor what stands around the data, and calls back for each
chunk however small: here all that one read brought is one piece, so that a flood of chunks goes on as few.
What is refused, and at which byte, depends on the bytes alone, not on how they were cut. That nothing is
taken here which llhttp would refuse, or understand otherwise, is held by the tests, which compare the two.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from proxy.door.reading import MAX_AROUND, VIEWED, BadMessage

# A size is below 2**63, which is what servers behind can count to, and has at most 16 digits, zeros included.
_SIZE = rb"([0-7][0-9A-Fa-f]{15}|[0-9A-Fa-f]{1,15})"
_SIZE_BEGUN = re.compile(rb"(?:[0-7][0-9A-Fa-f]{15}|[0-9A-Fa-f]{1,15})(?:;|\r?\n?\Z)")
_LONGEST_BEGUN = 18
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_QUOTED = rb'"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*+"'
_EXTENSIONS = rb"(?:;" + _TOKEN + rb"++(?:=(?:" + _TOKEN + rb"++|" + _QUOTED + rb"))?+)*+"
_SIZE_LINE = re.compile(_SIZE + _EXTENSIONS + rb"\r\n")
_FIRST = re.compile(_SIZE + rb"\r\n")
_FIRST = re.compile(_SIZE + rb"\r\n")
_NEXT = re.compile(rb"\r\n" + _SIZE + rb"\r\n")
"""What stands between the data of one chunk and that of the next, as nearly everybody writes it."""
_TRAILER = re.compile(rb"(" + _TOKEN + rb"++):[\t\x20-\x7e\x80-\xff]*+\r\n")
_OF_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_BLANK = b"\r\n"
_LONGER = "a chunk that is longer than its size"


class Chunks:
    """One chunked body.

    ``done``: the body is complete. ``fault``: it broke the rules and cannot be read on; what came before
    that was right.
    """

    def __init__(self) -> None:
        self.done = False
        self.fault: BadMessage | None = None
        self._left = 0
        self._behind_data = False
        self._in_trailers = False
        self._line = bytearray()
        self._around = 0

    def feed(self, data: bytes, start: int = 0) -> tuple[bytes | memoryview, bytes]:
        """Read on.

        Args:
            data: what came.
            start: where in it to begin.

        Returns:
            The body's bytes in it, and what is left behind the end of the body.
        """
        pieces: list[bytes | memoryview] = []
        at = self._take_usual_size(data, start)
        while at < len(data) and not self.done and self.fault is None:
            at = self._take_data(data, at, pieces) if self._left else self._read_line(data, at)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), data[at:]

    def _take_usual_size(self, data: bytes, at: int) -> int:
        """Take a size as nearly everybody writes it, if it is there whole; where what follows begins."""
        if self._left or self._line or self._in_trailers or self.done:
            return at
        usual = (_NEXT if self._behind_data else _FIRST).match(data, at)
        if usual is None:
            return at
        self._begin(int(usual[1], 16), 0)
        return self._take_usual_end(data, usual.end())

    def _take_usual_end(self, data: bytes, at: int) -> int:
        """Take the end behind the last chunk, where there are no trailers."""
        if self._in_trailers and data.startswith(_BLANK, at):
            self.done = True
            at += len(_BLANK)
        return at

    def _take_data(self, data: bytes, at: int, pieces: list[bytes | memoryview]) -> int:
        """Take chunk after chunk for as long as they are as nearly everybody writes them."""
        left, size = self._left, len(data)
        while left:
            stop = at + left
            piece = data[at:stop] if left < VIEWED else memoryview(data)[at:stop]
            pieces.append(piece)
            if stop > size:
                self._left = stop - size
                return size
            usual = _NEXT.match(data, stop)
            if usual is None:
                self._left, self._behind_data = 0, True
                return stop
            left, at = int(usual[1], 16), usual.end()
            if self._around or not left:
                self._begin(left, 0)
        return self._take_usual_end(data, at)

    def _begin(self, size: int, extra: int) -> None:
        """A chunk begins, or the trailers where it is the last; ``extra`` bytes stood beside its size."""
        self._left = size
        self._around = max(self._around + extra - size, 0)
        self._behind_data = False
        self._in_trailers = not size

    def _read_line(self, data: bytes, at: int) -> int:
        """Read a line, or what is there of it; where the next one begins."""
        if not self._line:
            if self._in_trailers and data.startswith(_BLANK, at):
                self.done = True
                return at + len(_BLANK)
            usual = (
                (_NEXT if self._behind_data else _FIRST).match(data, at) if not self._in_trailers else None
            )
            if usual is not None:
                self._begin(int(usual[1], 16), 0)
                return usual.end()
        end = data.find(b"\n", at) + 1
        self._line += data[at : end or len(data)]
        if not end:
            self._check_begun()
            return len(data)
        line, self._line = bytes(self._line), bytearray()
        if self._behind_data:
            self._take_break(line)
        elif self._in_trailers:
            self._take_trailer(line)
        else:
            self._take_size(line)
        return end

    def _check_begun(self) -> None:
        """Find out early that a line cannot become right, so that nobody waits for its end."""
        if self._behind_data:
            if not _BLANK.startswith(self._line):
                self._refuse(_LONGER)
        elif self._in_trailers:
            if not _BLANK.startswith(self._line):
                self._count(len(self._line))
        else:
            self._check_size(self._line)

    def _check_size(self, line: bytes | bytearray) -> bool:
        if _SIZE_BEGUN.match(line[:_LONGEST_BEGUN]) is None:
            self._refuse("a chunk's size that is none, or above 2^63")
        return self.fault is None and self._count(len(line) - _LONGEST_BEGUN)

    def _take_break(self, line: bytes) -> None:
        self._behind_data = False
        if line != _BLANK:
            self._refuse(_LONGER)

    def _take_size(self, line: bytes) -> None:
        if not self._check_size(line):
            return
        if (match := _SIZE_LINE.fullmatch(line)) is None:
            self._refuse("a chunk's size with something else than extensions behind it")
        else:
            self._begin(int(match[1], 16), max(len(line) - _LONGEST_BEGUN, 0))

    def _take_trailer(self, line: bytes) -> None:
        if line == _BLANK:
            self.done = True
        elif not self._count(len(line)):
            return
        elif (match := _TRAILER.fullmatch(line)) is None:
            self._refuse("a trailer that is no header")
        elif match[1].lower() in _OF_FRAMING:
            self._refuse("a trailer that says how long the message is")
        else:
            self._around += len(line)

    def _count(self, size: int) -> bool:
        """Bound what is read to no purpose; data that came in between makes up for extensions."""
        if self._around + size > MAX_AROUND:
            text = f"chunk extensions and trailers of more than {MAX_AROUND // 1024} KiB"
            self.fault = BadMessage(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)
        return self.fault is None

    def _refuse(self, text: str) -> None:
        self.fault = BadMessage(HTTPStatus.BAD_REQUEST, text)
