"""Bytes in pieces, as a connection brings them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from tests.door.reading import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.door.reading import Event

_SINGLE_BYTES = 512
"""Up to this length each byte comes alone as well."""


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """Some ways to cut the bytes, always the same ones for the same bytes."""
    seed = crc32(data)
    yield cut(data, [seed % (len(data) + 1)])
    yield cut(data, [(seed * factor) % (len(data) + 1) for factor in (3, 7, 11, 13, 17)])
    if len(data) <= _SINGLE_BYTES:
        yield cut(data, range(len(data)))


def assert_same_in_pieces(whole: Sequence[Event], others: Sequence[Sequence[Event]]) -> None:
    """Every way to cut tells what the whole tells; which of several faults is met first may differ."""
    for other in others:
        assert list(map(_comparable, other)) == list(map(_comparable, whole))


def _comparable(event: Event) -> Event:
    return ("fault", None) if event[0] == "fault" else event
