"""Encoded profiles cut into pieces that can be decoded one by one. Pure.

A message in protobuf is a sequence of fields, and a part of that sequence is a message as well. So a
profile of any size is read in pieces of a quarter of a mebibyte, each with fields of one kind only.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import Iterator

Bytes = bytes | bytearray | memoryview

PIECE = 256 * 1024
"""Bytes that a piece has at least, unless its kind of field ends before."""
MOST_PIECES = 100_000
"""A profile whose fields are mixed more than this was written by nobody who means well."""

_VARINT, _FIXED64, _SIZED, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED64: 8, _FIXED32: 4}
_MORE = 0x80
_LONGEST_VARINT = 10
_PPROF_IN_ANSWER = 5
_PROFILE_IN_PPROF = 1


class Piece(NamedTuple):
    """Bytes ``start`` to ``end`` of a message: whole fields, all of them of one number."""

    field: int
    start: int
    end: int


class Field(NamedTuple):
    """The content of one field that has a size: bytes ``start`` to ``end`` of the message."""

    number: int
    start: int
    end: int


def pieces(data: Bytes) -> list[Piece]:
    """The pieces of a message, in order.

    Raises:
        RpcError: ``internal`` when the bytes are no message.
    """
    found: list[Piece] = []
    number, start, end = 0, 0, 0
    for field, before, _, after in _fields(data):
        if field != number or before - start >= PIECE:
            if end > start:
                found.append(Piece(number, start, end))
            if len(found) > MOST_PIECES:
                raise not_a_profile()
            number, start = field, before
        end = after
    if end > start:
        found.append(Piece(number, start, end))
    return found


def sized_fields(data: Bytes) -> Iterator[Field]:
    """The fields of a message that have a size: strings, bytes and messages.

    Raises:
        RpcError: ``internal`` when the bytes are no message.
    """
    for number, _, content, after in _fields(data):
        if content >= 0:
            yield Field(number, content, after)


def profile_of(answer: Bytes) -> Bytes | None:
    """The profile in an answer of ``SelectMergeStacktraces``; ``None`` when it came in another format.

    https://github.com/grafana/pyroscope/blob/main/api/querier/v1/querier.proto

    Raises:
        RpcError: ``internal`` when the bytes are no message.
    """
    outer = _contents(answer, _PPROF_IN_ANSWER)
    if not outer:
        return None
    # Several occurrences of a message are one whose bytes follow each other.
    inner = [part for content in outer for part in _contents(content, _PROFILE_IN_PPROF)]
    return inner[0] if len(inner) == 1 else b"".join(inner)


def _contents(data: Bytes, number: int) -> list[memoryview]:
    view = memoryview(data)
    found = [view[field.start : field.end] for field in sized_fields(data) if field.number == number]
    if len(found) > MOST_PIECES:
        raise not_a_profile()
    return found


def _fields(data: Bytes) -> Iterator[tuple[int, int, int, int]]:
    """Each field: number, where it starts, where its content starts (-1: it has no size), where it ends."""
    position, end = 0, len(data)
    try:
        while position < end:
            before = position
            key = data[position]
            position += 1
            if key & _MORE:
                key, position = _varint(data, before)
            kind, content = key & 7, -1
            if kind == _SIZED:
                size = data[position]
                position += 1
                if size & _MORE:
                    size, position = _varint(data, position - 1)
                content = position
                position += size
            elif kind == _VARINT:
                _, position = _varint(data, position)
            else:
                position += _FIXED_SIZES[kind]
            if position > end or key < 1 << 3:
                raise not_a_profile()
            yield key >> 3, before, content, position
    except LookupError:
        raise not_a_profile() from None


def _varint(data: Bytes, position: int) -> tuple[int, int]:
    value = 0
    for index in range(_LONGEST_VARINT):
        byte = data[position + index]
        value |= (byte & 0x7F) << 7 * index
        if byte < _MORE:
            return value, position + index + 1
    raise not_a_profile()


def not_a_profile() -> RpcError:
    """The error for bytes that are no profile."""
    return RpcError(
        Code.INTERNAL,
        "Pyroscope's answer is not a profile in pprof format; does upstream.url lead to Pyroscope?",
    )
