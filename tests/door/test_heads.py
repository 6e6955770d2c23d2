"""What becomes of heads: pure functions, tables and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.door.heads import (
    LAST_CHUNK,
    Framing,
    Headers,
    Hop,
    RequestHead,
    ResponseHead,
    chunk,
    forwarded_request,
    forwarded_response,
    header,
    is_idempotent,
    origin_form,
    outgoing_framing,
    own_response,
)

HOP = Hop(b"pyroscope:4040", b"", b"10.0.0.9", b"http")
HOP_BY_HOP = [
    b"Connection",
    b"keep-alive",
    b"Proxy-Authenticate",
    b"PROXY-AUTHORIZATION",
    b"Proxy-Connection",
    b"TE",
    b"Trailer",
    b"Transfer-Encoding",
    b"Upgrade",
]


def request(headers: Headers, **others: object) -> RequestHead:
    head = RequestHead(b"GET", b"/", 1, headers, Framing.NONE, 0, keep_alive=True)
    for name, value in others.items():
        setattr(head, name, value)
    return head


def response(headers: Headers, status: int = 200, framing: Framing = Framing.NONE) -> ResponseHead:
    return ResponseHead(status, b"OK", headers, framing, 0)


def lines_of(head: bytes) -> list[bytes]:
    assert head.endswith(b"\r\n\r\n")
    return head[:-4].split(b"\r\n")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"/", (b"/", None)),
        (b"/a%2F//b?c=d&c", (b"/a%2F//b?c=d&c", None)),
        (b"//host/path", (b"//host/path", None)),
        (b"/x?u=http://other/", (b"/x?u=http://other/", None)),
        (b"*", (b"*", None)),
        (b"http://h", (b"/", b"h")),
        (b"http://h/", (b"/", b"h")),
        (b"HTTPS://h:1/a//b?x", (b"/a//b?x", b"h:1")),
        (b"http://h?x=1", (b"/?x=1", b"h")),
        (b"http://h#f", (b"/#f", b"h")),
        (b"http://[::1]:80/a", (b"/a", b"[::1]:80")),
        (b"http://user:secret@h:1/a", (b"/a", b"h:1")),
        (b"http:///a", (b"/a", b"")),
        (b"h:443", (b"h:443", None)),
    ],
)
def test_targets_are_split_without_being_changed(target: bytes, expected: tuple[bytes, bytes | None]) -> None:
    assert origin_form(target) == expected


@pytest.mark.parametrize("name", HOP_BY_HOP)
def test_hop_by_hop_headers_end_here_in_both_directions(name: bytes) -> None:
    headers = [(b"A", b"1"), (name, b"x"), (b"B", b"2")]
    assert lines_of(forwarded_request(request(headers), HOP))[2:4] == [b"A: 1", b"B: 2"]
    answer = forwarded_response(response(headers), Framing.NONE, 1, keep_alive=True)
    assert lines_of(answer) == [b"HTTP/1.1 200 OK", b"A: 1", b"B: 2"]


@pytest.mark.parametrize(
    ("connection", "gone"),
    [
        ([b"X-A"], {b"x-a"}),
        ([b"x-a, X-B"], {b"x-a", b"x-b"}),
        ([b"close, X-A ,\tx-b"], {b"x-a", b"x-b"}),
        ([b"X-A", b"X-B"], {b"x-a", b"x-b"}),
        ([b", ,,X-A,"], {b"x-a"}),
        ([b"X-C"], set()),
        ([b'"X-A"'], set()),
        ([b""], set()),
    ],
)
def test_headers_that_connection_names_end_here(connection: list[bytes], gone: set[bytes]) -> None:
    headers = [(b"Connection", value) for value in connection]
    headers += [(b"X-A", b"1"), (b"X-B", b"2"), (b"x-a", b"3")]
    passed = [line for line in (b"X-A: 1", b"X-B: 2", b"x-a: 3") if line[:3].lower() not in gone]
    got = lines_of(forwarded_request(request(headers), HOP))
    assert [line for line in got if line.lower().startswith((b"x-a", b"x-b"))] == passed
    answer = forwarded_response(response(headers), Framing.NONE, 1, keep_alive=True)
    assert lines_of(answer)[1:] == passed


def test_connection_cannot_name_what_frames_and_routes() -> None:
    head = request(
        [
            (b"Host", b"h"),
            (b"Connection", b"host, content-length, close, keep-alive"),
            (b"Content-Length", b"7"),
        ],
        framing=Framing.SIZED,
        length=7,
    )
    got = lines_of(forwarded_request(head, HOP))
    assert b"Content-Length: 7" in got
    assert got[1] == b"Host: pyroscope:4040"


@pytest.mark.parametrize("value", [b"7", b"007", b"7 ", b"7\t"])
def test_a_length_is_written_as_it_was_understood(value: bytes) -> None:
    head = request([(b"content-LENGTH", value)], framing=Framing.SIZED, length=7)
    assert b"Content-Length: 7" in lines_of(forwarded_request(head, HOP))


def test_a_chunked_request_says_so_exactly_once() -> None:
    head = request([(b"transfer-encoding", b" ChUnKeD ")], framing=Framing.CHUNKED)
    lines = lines_of(forwarded_request(head, HOP))
    assert [line for line in lines if b"encoding" in line.lower()] == [b"Transfer-Encoding: chunked"]


@pytest.mark.parametrize(
    ("given_headers", "expected"),
    [
        ([], [b"X-Forwarded-For: 10.0.0.9", b"X-Forwarded-Host: h", b"X-Forwarded-Proto: http"]),
        (
            [(b"X-Forwarded-For", b"1.1.1.1")],
            [b"X-Forwarded-For: 1.1.1.1, 10.0.0.9", b"X-Forwarded-Host: h", b"X-Forwarded-Proto: http"],
        ),
        (
            [(b"x-forwarded-proto", b"https"), (b"X-FORWARDED-HOST", b"outer")],
            [b"x-forwarded-proto: https", b"X-FORWARDED-HOST: outer", b"X-Forwarded-For: 10.0.0.9"],
        ),
    ],
)
def test_forwarding_is_said(given_headers: Headers, expected: list[bytes]) -> None:
    lines = lines_of(forwarded_request(request([(b"Host", b"h"), *given_headers]), HOP))
    assert lines[2:] == expected


def test_an_address_that_is_not_known_is_not_said() -> None:
    lines = lines_of(forwarded_request(request([]), Hop(b"b", b"", b"", b"http")))
    assert lines == [b"GET / HTTP/1.1", b"Host: b", b"X-Forwarded-Proto: http"]


def test_the_authority_of_an_absolute_target_stands_above_the_host() -> None:
    lines = lines_of(forwarded_request(request([(b"Host", b"h")], target=b"http://u:p@other/x"), HOP))
    assert lines[0] == b"GET /x HTTP/1.1"
    assert b"X-Forwarded-Host: other" in lines


@pytest.mark.parametrize(
    ("target", "expected"),
    [(b"/a", b"/pre%2F/a"), (b"//a", b"/pre%2F//a"), (b"http://h", b"/pre%2F/"), (b"*", b"*")],
)
def test_a_prefix_goes_before_the_path(target: bytes, expected: bytes) -> None:
    hop = Hop(b"b", b"/pre%2F", b"", b"http")
    assert forwarded_request(request([], target=target), hop).startswith(
        b"GET " + expected + b" HTTP/1.1\r\n"
    )


def test_our_request_id_takes_the_place_of_a_clients() -> None:
    hop = Hop(b"b", b"", b"", b"http", b"id-1")
    lines = lines_of(forwarded_request(request([(b"x-request-ID", b"theirs"), (b"X-Request-Id", b"2")]), hop))
    assert [line for line in lines if b"request-id" in line.lower()] == [b"X-Request-Id: id-1"]


@pytest.mark.parametrize(
    ("status", "framing", "minor", "keep_alive", "expected"),
    [
        (200, Framing.SIZED, 1, True, [b"Content-Length: 0"]),
        (200, Framing.SIZED, 1, False, [b"Content-Length: 0", b"Connection: close"]),
        (200, Framing.SIZED, 0, True, [b"Content-Length: 0", b"Connection: keep-alive"]),
        (200, Framing.SIZED, 0, False, [b"Content-Length: 0", b"Connection: close"]),
        (304, Framing.NONE, 1, True, [b"Content-Length: 0"]),
        (204, Framing.NONE, 1, True, []),
        (204, Framing.NONE, 0, True, [b"Connection: keep-alive"]),
        (100, Framing.NONE, 1, True, []),
        (103, Framing.NONE, 1, True, []),
    ],
)
def test_what_is_said_of_length_and_connection(
    status: int, framing: Framing, minor: int, keep_alive: bool, expected: list[bytes]
) -> None:
    head = response([(b"Content-Length", b"0")], status, framing)
    answer = forwarded_response(head, framing, minor, keep_alive=keep_alive)
    assert lines_of(answer) == [b"HTTP/1.1 %d OK" % status, *expected]


@pytest.mark.parametrize(
    ("framing", "minor", "expected"),
    [
        (Framing.NONE, 0, Framing.NONE),
        (Framing.NONE, 1, Framing.NONE),
        (Framing.SIZED, 0, Framing.SIZED),
        (Framing.SIZED, 1, Framing.SIZED),
        (Framing.CHUNKED, 0, Framing.UNTIL_CLOSE),
        (Framing.CHUNKED, 1, Framing.CHUNKED),
        (Framing.UNTIL_CLOSE, 0, Framing.UNTIL_CLOSE),
        (Framing.UNTIL_CLOSE, 1, Framing.CHUNKED),
    ],
)
def test_how_a_body_goes_out(framing: Framing, minor: int, expected: Framing) -> None:
    assert outgoing_framing(response([], framing=framing), minor) is expected


@pytest.mark.parametrize(
    ("status", "keep_alive", "bodiless", "expected"),
    [
        (502, True, False, b"HTTP/1.1 502 Bad Gateway\r\nA: b\r\nContent-Length: 2\r\n\r\n{}"),
        (
            400,
            False,
            False,
            b"HTTP/1.1 400 Bad Request\r\nA: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        ),
        (504, True, True, b"HTTP/1.1 504 Gateway Timeout\r\nA: b\r\nContent-Length: 2\r\n\r\n"),
        (499, True, True, b"HTTP/1.1 499 \r\nA: b\r\nContent-Length: 2\r\n\r\n"),
    ],
)
def test_answers_of_the_door_itself(status: int, keep_alive: bool, bodiless: bool, expected: bytes) -> None:
    assert own_response(status, [(b"A", b"b")], b"{}", keep_alive=keep_alive, bodiless=bodiless) == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [(b"GET", True), (b"HEAD", True), (b"PUT", True), (b"DELETE", True), (b"POST", False), (b"PATCH", False)],
)
def test_which_methods_may_be_repeated(method: bytes, expected: bool) -> None:
    assert is_idempotent(method) is expected


def test_a_header_is_found_by_its_name_whatever_its_case() -> None:
    assert header([(b"B", b"1"), (b"exPect", b"2"), (b"expect", b"3")], b"expect") == b"2"
    assert header([(b"B", b"1")], b"expect") is None


def test_chunks() -> None:
    assert chunk(b"x" * 26) == b"1a\r\n" + b"x" * 26 + b"\r\n"
    assert LAST_CHUNK == b"0\r\n\r\n"


# What a parsed head can hold: tokens, and values without line ends (RFC 9110, sections 5.5 and 5.6.2).
TOKENS = st.text("!#$%&'*+-.^_`|~abcXYZ019", min_size=1, max_size=12).map(str.encode)
KNOWN = st.sampled_from(
    [*HOP_BY_HOP, b"Host", b"X-Forwarded-For", b"X-Request-Id", b"x-forwarded-host", b"Cookie"]
)
VALUES = st.one_of(
    TOKENS, st.binary(max_size=20).map(lambda data: bytes(b for b in data if b > 31 and b != 127))
)
HEADERS = st.lists(st.tuples(st.one_of(TOKENS, KNOWN), VALUES), max_size=8)


@given(HEADERS, st.sampled_from([b"", b"id"]), st.sampled_from([Framing.NONE, Framing.CHUNKED]))
def test_no_value_makes_a_line_of_its_own(headers: Headers, request_id: bytes, framing: Framing) -> None:
    headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    hop = Hop(b"b", b"", b"1.2.3.4", b"http", request_id)
    lines = lines_of(forwarded_request(request(headers, framing=framing), hop))
    ours = 1 + (framing is Framing.CHUNKED) + bool(request_id) + 3
    assert len(lines) <= 1 + len(headers) + ours
    for line in lines[1:]:
        assert line.partition(b":")[1] == b":"
    answer = forwarded_response(response(headers), framing, 1, keep_alive=True)
    assert len(lines_of(answer)) <= 2 + len(headers)


@given(HEADERS)
def test_what_is_neither_ours_nor_named_passes_in_order(headers: Headers) -> None:
    ours = {name.lower() for name in HOP_BY_HOP} | {b"host", b"content-length"}
    named = {
        name.strip().lower()
        for key, value in headers
        if key.lower() == b"connection"
        for name in value.split(b",")
    } - {b"close", b"keep-alive"}
    expected = [
        key + b": " + value for key, value in headers if key.lower() not in ours and key.lower() not in named
    ]
    answer = forwarded_response(response([*headers]), Framing.NONE, 1, keep_alive=True)
    assert [line for line in lines_of(answer)[1:] if not line.lower().startswith(b"host:")] == expected
