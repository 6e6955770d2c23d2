"""Packfiles of version 2 with their index.

Format: https://git-scm.com/docs/pack-format
"""

from __future__ import annotations

import mmap
import struct
import zlib
from bisect import bisect_left
from typing import TYPE_CHECKING

from proxy.demo.github.gitstore.delta import apply_delta
from proxy.demo.github.gitstore.errors import GitError
from proxy.demo.github.gitstore.objects import BLOB, COMMIT, OID_BYTES, OID_LENGTH, TAG, TREE, RawObject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_INDEX_HEAD = b"\xfftOc\x00\x00\x00\x02"
_PACK_HEADS = (b"PACK\x00\x00\x00\x02", b"PACK\x00\x00\x00\x03")
_FANOUT = struct.Struct(">256I")
_WORD = struct.Struct(">I")
_LONG = struct.Struct(">Q")
_NAMES_AT = len(_INDEX_HEAD) + _FANOUT.size
_LARGE = 0x80000000
_OFS_DELTA, _REF_DELTA = 6, 7
_KINDS = {1: COMMIT, 2: TREE, 3: BLOB, 4: TAG}
_CHUNK = 64 * 1024
_MAX_CHAIN = 10_000


class _Names:
    """The sorted object ids of an index, as the sequence that ``bisect`` wants."""

    def __init__(self, index: bytes, count: int) -> None:
        self._index = index
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> bytes:
        at = _NAMES_AT + number * OID_BYTES
        return self._index[at : at + OID_BYTES]


class Pack:
    """One packfile; opened when made, until ``close``.

    Raises:
        GitError: the pack or its index is damaged or of another version.
    """

    def __init__(self, index_path: Path) -> None:
        self._index = index_path.read_bytes()
        if not self._index.startswith(_INDEX_HEAD):
            raise GitError(f"{index_path.name} is not a pack index of version 2")
        self._fanout = _FANOUT.unpack_from(self._index, len(_INDEX_HEAD))
        self._names = _Names(self._index, self._fanout[-1])
        with index_path.with_suffix(".pack").open("rb") as file:
            self._pack = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._pack[: len(_PACK_HEADS[0])] not in _PACK_HEADS:
            raise GitError(f"{index_path.stem}.pack is not a packfile")

    def close(self) -> None:
        """Let go of the file."""
        self._pack.close()

    def find(self, oid: bytes) -> int | None:
        """Where in the pack the object ``oid`` (20 bytes) begins; ``None`` when it is not in it."""
        number = self._first(oid)
        if number < len(self._names) and self._names[number] == oid:
            return self._offset(number)
        return None

    def with_prefix(self, prefix: str) -> Iterator[str]:
        """The ids that begin with ``prefix`` (hexadecimal, at most 40 digits)."""
        number = self._first(bytes.fromhex(prefix.ljust(OID_LENGTH, "0")))
        while number < len(self._names) and self._names[number].hex().startswith(prefix):
            yield self._names[number].hex()
            number += 1

    def read(self, offset: int) -> RawObject:
        """The object that begins at ``offset``, its deltas applied.

        Raises:
            GitError: the pack is damaged.
        """
        deltas: list[bytes] = []
        while len(deltas) < _MAX_CHAIN:
            kind, base, data = self._entry(offset)
            if base is None:
                for delta in reversed(deltas):
                    data = apply_delta(data, delta)
                return RawObject(kind, data)
            deltas.append(data)
            offset = base
        raise GitError("a chain of deltas has no end")

    def _first(self, oid: bytes) -> int:
        low = self._fanout[oid[0] - 1] if oid[0] else 0
        return bisect_left(self._names, oid, low, self._fanout[oid[0]])

    def _offset(self, number: int) -> int:
        count = len(self._names)
        offsets_at = _NAMES_AT + count * (OID_BYTES + _WORD.size)
        (offset,) = _WORD.unpack_from(self._index, offsets_at + number * _WORD.size)
        if offset & _LARGE:
            large_at = offsets_at + count * _WORD.size
            (offset,) = _LONG.unpack_from(self._index, large_at + (offset ^ _LARGE) * _LONG.size)
        return int(offset)

    def _entry(self, offset: int) -> tuple[str, int | None, bytes]:
        """What is stored at ``offset``: kind, where its base begins (a delta), data."""
        try:
            position = offset
            number = self._pack[position] >> 4 & 7
            while self._pack[position] & 0x80:
                position += 1
            position += 1
            base = None
            if number == _OFS_DELTA:
                distance, position = self._distance(position)
                base = offset - distance
            elif number == _REF_DELTA:
                base = self.find(self._pack[position : position + OID_BYTES])
                position += OID_BYTES
            if number not in _KINDS and base is None:
                raise GitError("a pack holds a delta without its base")
            return _KINDS.get(number, "delta"), base, self._inflate(position)
        except (IndexError, zlib.error):
            raise GitError("a pack is damaged") from None

    def _distance(self, position: int) -> tuple[int, int]:
        byte = self._pack[position]
        distance = byte & 0x7F
        while byte & 0x80:
            position += 1
            byte = self._pack[position]
            distance = (distance + 1 << 7) | (byte & 0x7F)
        return distance, position + 1

    def _inflate(self, position: int) -> bytes:
        # In pieces: what follows the object would otherwise be copied whole, up to the pack's end.
        inflater = zlib.decompressobj()
        parts = []
        while not inflater.eof:
            piece = self._pack[position : position + _CHUNK]
            if not piece:
                raise GitError("a pack ends too early")
            parts.append(inflater.decompress(piece))
            position += _CHUNK
        return b"".join(parts)
