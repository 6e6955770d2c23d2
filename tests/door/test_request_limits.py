"""Which heads are refused, and how much of a request is read before it is."""

from __future__ import annotations

import pytest

from proxy.door.reading import MAX_HEAD_SIZE
from tests.door.reading import chunked, read_requests
from tests.door.test_requests import CHUNKED, START, body


@pytest.mark.parametrize("piece", [1, 1000, MAX_HEAD_SIZE, 4 * MAX_HEAD_SIZE])
@pytest.mark.parametrize(
    "endless",
    [
        b"GET /",
        b"GET / HTTP/1.1\r\nHost: h\r\nX: ",
        b"GET / HTTP/1.1\r\nHost: h\r\nX:" + b" " * 100,
        b"GET / HTTP/1.1\r\nHost: h\r\nX",
        CHUNKED + b"5;",
        CHUNKED + b"5\r\nhello\r\n5;a=",
        CHUNKED + b"0\r\nX: ",
        CHUNKED + b"0\r\nX",
    ],
)
def test_a_line_without_end_is_refused_before_it_fills_the_memory(endless: bytes, piece: int) -> None:
    filling = [b"a" * piece] * (4 * MAX_HEAD_SIZE // piece + 2)
    events = read_requests(endless, *filling)
    assert events[-1] == ("fault", 431)


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nHost: h\r\n", CHUNKED + b"5\r\nhello\r\n0\r\n"])
def test_headers_without_end_are_refused(start: bytes) -> None:
    events = read_requests(start, *[b"X-Header: 0123456789\r\n" * 10] * 1000)
    assert events[-1] == ("fault", 431)


def test_a_head_may_be_large_but_not_too_large() -> None:
    fits = b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"y" * (MAX_HEAD_SIZE - 100) + b"\r\n\r\n"
    assert [kind for kind, _ in read_requests(fits)] == ["head", "end"]
    assert read_requests(fits.replace(b"yy", b"y" * 200, 1)) == [("fault", 431)]


def test_a_body_may_be_larger_than_any_head() -> None:
    data = b"x" * (3 * MAX_HEAD_SIZE)
    assert body(read_requests(START + b"Content-Length: %d\r\n\r\n" % len(data), data)) == data
    assert body(read_requests(CHUNKED, chunked(data, 2 * MAX_HEAD_SIZE))) == data


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"get / HTTP/1.1", 501),
        (b"BREW / HTTP/1.1", 501),
        (b"G\x00ET / HTTP/1.1", 501),
        (b"CONNECT h:1 HTTP/1.1", 405),
        (b"GET / HTTP/1.2", 400),
        (b"GET / HTTP/2.0", 505),
        (b"GET / HTTP/0.9", 505),
        (b"GET /", 505),
        (b"GET / http/1.1", 400),
        (b"GET / HTTP/1.1 ", 400),
        (b"GET /a b HTTP/1.1", 400),
        (b"GET /\x00 HTTP/1.1", 400),
        (b"GET /\x80 HTTP/1.1", 400),
        (b"GET /\t HTTP/1.1", 400),
        (b"GET a HTTP/1.1", 400),
        (b"PRI * HTTP/2.0", 400),
        (b"GET / ICE/1.0", 400),
    ],
)
def test_request_lines_that_are_refused(line: bytes, status: int) -> None:
    assert read_requests(line + b"\r\nHost: h\r\n\r\n") == [("fault", status)]


@pytest.mark.parametrize(
    "data",
    [
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    ],
)
def test_heads_that_are_refused(data: bytes) -> None:
    assert read_requests(data) == [("fault", 400)]
