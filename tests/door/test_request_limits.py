"""Which heads are refused, and how much of a request is read before it is."""

from __future__ import annotations

import pytest

from proxy.door.reading import MAX_HEAD_SIZE
from tests.door.reading import chunked, cut, read_requests
from tests.door.test_requests import CHUNKED, START, body


@pytest.mark.parametrize("piece", [1, 1000, MAX_HEAD_SIZE, 4 * MAX_HEAD_SIZE])
@pytest.mark.parametrize(
    ("endless", "status"),
    [
        (b"GET /", 414),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: ", 431),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX:" + b" " * 100, 431),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX", 431),
        (CHUNKED + b"5;", 431),
        (CHUNKED + b"5\r\nhello\r\n5;a=", 431),
        (CHUNKED + b"0\r\nX: ", 431),
        (CHUNKED + b"0\r\nX", 431),
    ],
)
def test_a_line_without_end_is_refused_before_it_fills_the_memory(
    endless: bytes, status: int, piece: int
) -> None:
    filling = [b"a" * piece] * (4 * MAX_HEAD_SIZE // piece + 2)
    events = read_requests(endless, *filling)
    assert events[-1] == ("fault", status)


@pytest.mark.parametrize("piece", [1000, 16 * 1024, MAX_HEAD_SIZE, 10**6])
@pytest.mark.parametrize(
    ("line", "filling"),
    [
        (CHUNKED + b"5;%b\r\nhello\r\n0\r\n\r\n", b"a"),
        (CHUNKED + b"5\r\nhello\r\n0\r\nX: %b\r\n\r\n", b" a"),
        (START + b"X:%b\r\n\r\n", b" a"),
        (START + b"X:%b\r\n\r\n", b" "),
    ],
)
def test_a_line_that_is_too_long_is_refused_though_it_ends(line: bytes, filling: bytes, piece: int) -> None:
    data = line % (filling * (2 * MAX_HEAD_SIZE // len(filling)))
    assert read_requests(*cut(data, range(0, len(data), piece)))[-1] == ("fault", 431)


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
        (b"GET * HTTP/1.1", 400),
        (b"GET ftp://h/ HTTP/1.1", 400),
        (b"GET http:///a HTTP/1.1", 400),
        (b"GET http://:80/a HTTP/1.1", 400),
        (b"GET http://h:x/a HTTP/1.1", 400),
        (b"DESCRIBE rtsp://h/a RTSP/1.0", 501),
        (b"SOURCE / ICE/1.0", 501),
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


@pytest.mark.parametrize(
    "host", [b"a b", b"h/x", b"u@h", b"a, b", b"h:x", b"[::1", b"::1", b"\xe9", b"h?x", b"h#x", b"h:80:80"]
)
def test_a_host_that_can_be_none_is_refused(host: bytes) -> None:
    assert read_requests(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n") == [("fault", 400)]
    assert read_requests(b"GET / HTTP/1.0\r\nHost: " + host + b"\r\n\r\n") == [("fault", 400)]


@pytest.mark.parametrize(
    "host", [b"", b"h", b"h:", b"h:80", b"[::1]:80", b"a-b.c_d~e", b"1.2.3.4", b"%68", b"[v1.a:b]", b"h \t"]
)
def test_a_host_that_can_be_one_is_taken(host: bytes) -> None:
    data = b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    assert [kind for kind, _ in read_requests(data)] == ["head", "end"]
    if host.strip(b":"):
        data = b"GET HTTP://" + host.strip() + b"/a HTTP/1.1\r\nHost:\r\n\r\n"
        assert [kind for kind, _ in read_requests(data)] == ["head", "end"]
