"""Reading a body to at most so many bytes, also when it comes packed.

A packed body of a few kilobytes may unpack to gigabytes, so that the unpacked bytes are counted
while they are made. https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4
"""

from __future__ import annotations

import zlib

_GZIP = 16 + zlib.MAX_WBITS


class TooLargeError(Exception):
    """The body is larger than the limit."""


class GarbledError(Exception):
    """The body cannot be unpacked."""


class Unpacker:
    """Collects a body.

    Args:
        encoding: the ``Content-Encoding``; of those that exist, gzip is understood.
        limit: bytes of the body, packed or not.
        announced: bytes that the ``Content-Length`` announces, if there is one.

    Raises:
        GarbledError: the encoding is not understood.
        TooLargeError: the announced body is.
    """

    def __init__(self, encoding: str, limit: int, announced: int | None) -> None:
        if announced is not None and announced > limit:
            raise TooLargeError
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip"):
            raise GarbledError
        self._gzip = zlib.decompressobj(_GZIP) if name.endswith("gzip") else None
        self._limit = limit
        self._size = 0
        self._received = 0
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        """Take what came.

        Raises:
            TooLargeError: that is too much, packed or unpacked.
            GarbledError: it is not gzip, or goes on after its end.
        """
        self._received += len(chunk)
        if self._received > self._limit:
            raise TooLargeError
        if self._gzip is None:
            self._add(chunk)
            return
        if self._gzip.eof and chunk:
            raise GarbledError
        try:
            # One byte more than there is room for tells "full" from "too large".
            self._add(self._gzip.decompress(chunk, self._limit - self._size + 1))
        except zlib.error:
            raise GarbledError from None
        if self._gzip.unused_data:
            raise GarbledError

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            GarbledError: it ends too early.
        """
        if self._gzip is not None and self._received and not self._gzip.eof:
            raise GarbledError
        return b"".join(self._parts)

    def _add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise TooLargeError
        self._parts.append(part)
