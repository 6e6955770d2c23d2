"""Chunks are read as llhttp reads them or not at all, within limits, the same however their bytes are cut."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.door.chunks import Chunks
from proxy.door.reading import MAX_AROUND
from tests.door.reading import PLACES, cut

HEAD = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\n"
SIZES = st.one_of(
    st.integers(0, 40).map(lambda size: b"%x" % size),
    st.sampled_from(
        [b"0", b"00", b"0005", b"A", b"a", b"", b"7" * 16, b"8" * 16, b"0" * 17, b"5 ", b"+5", b"g"]
    ),
)
EXTENSIONS = st.lists(
    st.sampled_from(
        [b";", b"a", b"=", b'"', b"\\", b" ", b"\t", b"b1", b'"x;y"', b"\r", b"\x00", b"\xe9", b","]
    ),
    max_size=6,
).map(b"".join)
TRAILERS = st.lists(
    st.one_of(
        st.sampled_from(
            [b"X: a\r\n", b"X:\r\n", b"Y:\t\xe9 b \r\n", b": a\r\n", b"X : a\r\n", b" X: a\r\n", b"X\r\n"]
        ),
        st.sampled_from(
            [b"Content-Length: 5\r\n", b"transfer-encoding: chunked\r\n", b"X: a\n", b"X: a\rb\r\n"]
        ),
    ),
    max_size=3,
).map(b"".join)
BREAKS = st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r", b"", b"\r\r\n"])


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A chunked body that is right in most of its parts."""
    coded = b""
    for data in draw(st.lists(st.binary(min_size=1, max_size=20), max_size=4)):
        size = draw(st.one_of(st.just(b"%x" % len(data)), st.just(b"%04X" % len(data)), SIZES))
        extension = draw(st.one_of(st.just(b""), st.just(b""), EXTENSIONS))
        coded += size + extension + draw(BREAKS) + data + draw(BREAKS)
    return coded + b"0" + draw(st.one_of(st.just(b""), EXTENSIONS)) + b"\r\n" + draw(TRAILERS) + b"\r\n"


class Llhttp:
    """What llhttp makes of a chunked body."""

    def __init__(self, coded: bytes) -> None:
        self.body, self.done = b"", False
        self.right = True
        parser = httptools.HttpRequestParser(self)
        try:
            parser.feed_data(HEAD + coded)
        except httptools.HttpParserError:
            self.right = False

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.done = True


def read(*pieces: bytes) -> tuple[bytes, bool, int, bytes]:
    """The body, whether it is complete, the status of its fault, and what is left behind it."""
    chunks, body, rest = Chunks(), b"", b""
    for piece in pieces:
        if chunks.done or chunks.fault is not None:
            rest += piece
        else:
            told, rest = chunks.feed(piece)
            body += told
    return body, chunks.done, int(chunks.fault.status) if chunks.fault else 0, rest if chunks.done else b""


@given(bodies(), PLACES)
@example(b"5\r\nhello\r\n0\r\nX: 1\r\n\r\n", [])
@example(b'5;a=b;c="d\\"e";f\r\nhello\r\n0;g\r\n\r\n', [])
def test_what_is_taken_is_what_llhttp_takes(coded: bytes, places: list[int]) -> None:
    body, done, status, rest = whole = read(coded + NEXT)
    assert read(*cut(coded + NEXT, places)) == whole
    if done:
        judge = Llhttp((coded + NEXT)[: len(coded + NEXT) - len(rest)])
        assert (judge.right, judge.done, judge.body) == (True, True, body)
    else:
        assert status in {0, 400}


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.sampled_from([b"%x", b"%X", b"%08x"]), PLACES
)
def test_what_is_right_is_taken(parts: list[bytes], size: bytes, places: list[int]) -> None:
    coded = b"".join(b"%b\r\n%b\r\n" % (size % len(part), part) for part in parts) + END
    assert read(*cut(coded + NEXT, places))[:3] == (b"".join(parts), True, 0)
    assert read(coded + NEXT) == (b"".join(parts), True, 0, NEXT)


@pytest.mark.parametrize(
    "line",
    [
        b"8000000000000000",
        b"ffffffffffffffff",
        b"00000000000000005",
        b"0" * 17,
        b"10000000000000000",
        b"g",
        b" ",
        b"5 ",
        b"5\t",
        b"-",
        b"5\rx",
        b"x",
        b"5\r\nhellox",
        b"5\r\nhello\rx",
        b"5\r\nhello\r\nx",
    ],
)
def test_what_can_become_no_chunk_is_refused_before_its_line_ends(line: bytes) -> None:
    assert read(line)[2] == 400
    assert read(*cut(line, range(len(line))))[2] == 400
    assert read(line[:-1])[2] == 0


def test_the_largest_chunk_is_waited_for() -> None:
    assert read(b"7fffffffffffffff\r\nhello") == (b"hello", False, 0, b"")


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_flood_of_small_chunks_is_told_as_one_piece(size: int) -> None:
    chunks = Chunks()
    told, rest = chunks.feed((b"%x\r\n%b\r\n" % (size, b"a" * size)) * 10_000)
    assert (told, rest, chunks.done, chunks.fault) == (b"a" * 10_000 * size, b"", False, None)


def padded(around: int, *, extension: bool) -> bytes:
    """A body with so many bytes in the extension of its last chunk, or in trailers."""
    if extension:  # from the 18th byte of the line on
        return b"0" * 16 + b";" + b"a" * (around - 1) + b"\r\n\r\n"
    return b"0\r\n" + b"X:" + b"a" * (around - 4) + b"\r\n\r\n"


@given(
    st.integers(-3, 3),
    st.booleans(),
    st.lists(st.integers(1, MAX_AROUND + 100), max_size=8),
    st.integers(0, 9),
)
def test_extensions_and_trailers_are_bounded_to_the_byte(
    beyond: int, extension: bool, places: list[int], data: int
) -> None:
    coded = padded(MAX_AROUND + beyond, extension=extension)
    before = b"%x\r\n%b\r\n" % (data, b"d" * data) if data else b""
    status = 431 if beyond > 0 else 0
    for pieces in (
        [before + coded],
        cut(before + coded, places),
        [before, coded[:-4], *cut(coded[-4:], range(4))],
    ):
        assert read(*(piece for piece in pieces if piece)) == (b"d" * data, not status, status, b"")


def test_extensions_may_be_as_long_as_the_data_that_they_come_with() -> None:
    line = b"3e8;%b\r\n" % (b"a" * 1000)
    assert read((line + b"d" * 1000 + b"\r\n") * 200 + END)[1:3] == (True, 0)
    line = b"1;%b\r\n" % (b"a" * 1000)
    body, done, status, _ = read((line + b"d\r\n") * 200 + END)
    assert (done, status) == (False, 431)
    assert 60 < len(body) < 70


@given(
    st.lists(st.tuples(st.integers(1, 30_000), st.integers(0, 30_000)), max_size=12),
    st.lists(st.integers(1, 10**5)),
)
def test_a_bound_that_is_reached_little_by_little_is_the_same_however_it_is_cut(
    lines: list[tuple[int, int]], places: list[int]
) -> None:
    coded = (
        b"".join(b"%x;%b\r\n%b\r\n" % (size, b"e" * extra, b"d" * size) for size, extra in lines if extra)
        + END
    )
    whole = read(coded)
    assert read(*cut(coded, places)) == whole
    assert whole[2] in {0, 431}
