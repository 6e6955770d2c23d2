"""A body as it comes, packed or not, kept unpacked in one piece and bounded. Pure.

A packed body of a few kilobytes may unpack to gigabytes, so that the unpacked bytes are counted while
they are made. https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4
"""

from __future__ import annotations

import zlib

from proxy.errors import Code, RpcError

_GZIP = 16 + zlib.MAX_WBITS
_ENCODINGS = {"": False, "identity": False, "gzip": True, "x-gzip": True}


class Body:
    """Collects a body.

    Args:
        encoding: the ``Content-Encoding``; of those that exist, gzip is understood.
        limit: bytes that it may have, packed or not.

    Raises:
        RpcError: ``internal`` when the encoding is not understood.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        packed = _ENCODINGS.get(encoding.strip().lower())
        if packed is None:
            raise _garbled()
        self._inflate = zlib.decompressobj(_GZIP) if packed else None
        self._limit = limit
        self._received = 0
        self._bytes = bytearray()

    def feed(self, chunk: bytes | bytearray) -> None:
        """Take what came.

        Raises:
            RpcError: ``resource_exhausted`` when that is too much, ``internal`` when it is not gzip.
        """
        self._received += len(chunk)
        if self._received > self._limit:
            raise too_large(self._limit)
        if self._inflate is None:
            self._bytes += chunk
            return
        try:
            # One byte more than there is room for tells "full" from "too large".
            self._bytes += self._inflate.decompress(chunk, self._limit - len(self._bytes) + 1)
        except zlib.error:
            raise _garbled() from None
        if len(self._bytes) > self._limit:
            raise too_large(self._limit)
        if self._inflate.unused_data:
            raise _garbled()

    def finish(self) -> bytearray:
        """The whole body.

        Raises:
            RpcError: ``internal`` when it ends too early.
        """
        if self._inflate is not None and self._received and not self._inflate.eof:
            raise _garbled()
        return self._bytes


def too_large(limit: int) -> RpcError:
    """The error for a profile above the limit in bytes."""
    return RpcError(
        Code.RESOURCE_EXHAUSTED,
        f"The profile has more than {limit // 2**20} MiB, which is the most that is joined at once; "
        "choose a shorter time range or a narrower label selector.",
    )


def _garbled() -> RpcError:
    return RpcError(Code.INTERNAL, "Pyroscope's answer is compressed in a way that cannot be read.")
