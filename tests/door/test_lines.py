"""Plain heads that are read by their lines: nothing is understood in another way than llhttp would."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.door.heads import Framing, Hop, ResponseHead, forwarded_request, forwarded_response
from proxy.door.lines import Lines
from proxy.door.requests import RequestReader
from proxy.door.responses import ResponseReader
from proxy.known import Known
from tests.door.conftest import Connection, running_door
from tests.door.reading import Event, Told, feed, read_requests, read_response
from tests.door.test_known import NOISE, damaged
from tests.door.test_requests import heads

if TYPE_CHECKING:
    from proxy.door.heads import RequestHead

HOP = Hop(b"up:1", b"/prefix", b"192.0.2.1", b"http")
NAMES = (
    b"Host",
    b"hOST",
    b"Content-Length",
    b"content-length",
    b"Connection",
    b"Keep-Alive",
    b"Transfer-Encoding",
    b"Upgrade",
    b"Expect",
    b"TE",
    b"Trailer",
    b"Proxy-Connection",
    b"Proxy-Authorization",
    b"X-Forwarded-For",
    b"X-Forwarded-Host",
    b"X-Forwarded-Proto",
    b"X-Request-Id",
    b"Cookie",
    b"traceparent",
    b"!#$%&'*+-.^_`|~9aZ",
    b"",
    b"a b",
    b"a(b",
    b"a\xff",
)
VALUES = (
    *(
        b"h",
        b"h:1",
        b"[::1]:1",
        b"a b",
        b"a/b",
        b"",
        b" ",
        b"\t",
        b"x ",
        b" x",
        b"x\t",
        b"\xc3\xa9",
        b"\x7f",
        b"\x01",
    ),
    *(
        b"0",
        b"3",
        b"03",
        b"+3",
        b"3,3",
        b"3 3",
        b"-1",
        b"9" * 15,
        b"9" * 16,
        b"99999999999999999999",
        b"0x3",
        b"3.",
    ),
    *(b"keep-alive", b"Keep-Alive", b"close", b"upgrade", b"close, x", b"keep-alive, x", b"chunked", b"gzip"),
    *(b"100-continue", b"trailers", b"websocket", b"a: b", b"a\rb", b"a\nb", b"a\0b", b"!~ \x21\x7e"),
)
TARGETS = (
    b"/",
    b"/a?b=c",
    b"/a#b",
    b"//a",
    b"/%zz",
    b"*",
    b"a",
    b"http://h/",
    b"/\x7f",
    b"/\xff",
    b"/a b",
    b"/a\tb",
)
METHODS = (b"GET", b"POST", b"HEAD", b"PUT", b"get", b"CONNECT", b"OPTIONS", b"PRI", b"")
STATUSES = (
    b"200 OK",
    b"200 ",
    b"200",
    b"204 No",
    b"304 Not",
    b"100 C",
    b"101 S",
    b"199 X",
    b"206 P",
    b"599 W",
    b"600 X",
)
VERSIONS = (b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.2", b"http/1.1", b"HTTP/1.1 ")
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12).map(str.encode)
values = st.one_of(st.sampled_from(VALUES), visible)
header_lines = st.one_of(
    st.builds(b"%b: %b".__mod__, st.tuples(st.sampled_from(NAMES), values)),
    st.builds(b"%b:%b".__mod__, st.tuples(st.sampled_from(NAMES), values)),
    st.binary(max_size=6),
)
targets = st.one_of(st.sampled_from(TARGETS), visible.map(lambda text: b"/" + text))
bodies = st.sampled_from(
    (b"", b"abc", b"abcGET / HTTP/1.1\r\nHost: h\r\n\r\n", b"\n", b"3\r\nabc\r\n0\r\n\r\n", b"0\r\n\r\n")
)


def head(first: bytes, lines: list[bytes]) -> bytes:
    return b"\r\n".join((first, *lines, b"", b""))


@st.composite
def sent_requests(draw: st.DrawFn) -> bytes:
    words = (draw(st.sampled_from(METHODS)), draw(targets), draw(st.sampled_from(VERSIONS)))
    lines = draw(st.lists(header_lines, max_size=4))
    if draw(st.booleans()):
        words, lines = (b"POST", words[1], b"HTTP/1.1"), [b"Host: h", *lines]
    return head(b" ".join(words), lines)


@st.composite
def sent_answers(draw: st.DrawFn) -> bytes:
    first = draw(st.sampled_from(VERSIONS)) + b" " + draw(st.sampled_from(STATUSES))
    lines = draw(st.lists(header_lines, max_size=4))
    if draw(st.booleans()):
        framing = draw(st.sampled_from((b"Content-Length: 3", b"Transfer-Encoding: chunked")))
        first, lines = b"HTTP/1.1 200 " + draw(visible), [*lines, framing]
    return head(first, lines)


def by_lines(lines: Lines, data: bytes) -> list[Event]:
    told = Told()
    feed(RequestReader(told, Known(), lines).feed, [data], told)
    return told.events


def answer_by_lines(lines: Lines, data: bytes) -> tuple[list[Event], bool, bool]:
    told = Told()
    reader = ResponseReader(told, to_head_request=False, known=Known(), lines=lines)
    feed(reader.feed, [data], told)
    return told.events, reader.complete, reader.keep_alive


def forwarded(events: list[Event]) -> list[bytes]:
    return [forwarded_request(one, HOP) for one in heads(events)]


@given(sent_requests(), bodies, NOISE)
@example(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", b"abc", [])
@example(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", b"abc", [])
@example(b"GET / HTTP/1.1\r\nHost: h\r\n" + b"a: b\r\n" * 256 + b"\r\n", b"", [])
def test_a_request_is_read_as_llhttp_reads_it(
    sent: bytes, body: bytes, damage: list[tuple[int, bytes]]
) -> None:
    data = damaged(sent + body, damage)
    expected = read_requests(data)
    lines = Lines()
    for _ in range(2):  # with lines that are new, and with lines that are known
        events = by_lines(lines, data)
        assert events == expected
        assert forwarded(events) == forwarded(expected)


@given(sent_answers(), bodies, NOISE)
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", b"abc", [])
@example(b"HTTP/1.1 200 OK\r\ncontent-length: 03\r\n\r\n", b"abc", [])
def test_an_answer_is_read_as_llhttp_reads_it(
    sent: bytes, body: bytes, damage: list[tuple[int, bytes]]
) -> None:
    data = damaged(sent, damage) + body
    expected, reader = read_response(data)
    lines = Lines()
    for _ in range(2):
        events, complete, keep_alive = answer_by_lines(lines, data)
        assert events == expected
        assert complete == reader.complete
        # Line breaks after an answer: see test_known.
        assert keep_alive == reader.keep_alive or (not keep_alive and data[-1:] in b"\r\n")
        assert rewritten(events) == rewritten(expected)


def rewritten(events: list[Event]) -> list[bytes]:
    found = [told for _, told in events if isinstance(told, ResponseHead)]
    return [forwarded_response(one, one.framing, 1, keep_alive=True) for one in found]


@pytest.mark.parametrize(
    "lines",
    [
        [b"Host: h"],
        [b"Host: h", b"Content-Length: 12", b"Connection: keep-alive", b"traceparent: 00-0af7-b7ad-01"],
        [b"Host: h", b"Cookie: a=b; c=d", b"X-Forwarded-For: 192.0.2.9"],
    ],
)
def test_what_clients_send_is_plain(lines: list[bytes]) -> None:
    plain = Lines()
    data = head(b"POST /a?b HTTP/1.1", lines)
    found = plain.request(data)
    assert found is not None
    assert not found[1]
    again = plain.request(data)
    assert again == (found[0], True)


@pytest.mark.parametrize(
    "line",
    [
        b"Transfer-Encoding: chunked",
        b"Connection: close",
        b"Connection: traceparent",
        b"Upgrade: x",
        b"Expect: 100-continue",
        b"Content-Length: 3, 3",
        b"Content-Length: 9999999999999999",
        b"Content-Length:3",
        b"Host: h",
        b"Host: a b",
        b"X: \xff",
        b"X : y",
        b" folded",
    ],
)
def test_what_says_more_is_left_to_llhttp(line: bytes) -> None:
    assert Lines().request(head(b"POST / HTTP/1.1", [b"Host: h", line])) is None
    assert Lines().request(head(b"POST / HTTP/1.1", [line])) is None or line == b"Host: h"


def test_a_head_made_from_a_plain_one_goes_on_with_its_own_headers() -> None:
    found = Lines().request(head(b"GET / HTTP/1.1", [b"Host: h", b"traceparent: old"]))
    assert found is not None
    assert found[0].passed
    made = replace(found[0], headers=[(b"Host", b"h"), (b"traceparent", b"new")])
    assert b"traceparent: new\r\n" in forwarded_request(made, HOP)
    assert b"old" not in forwarded_request(made, HOP)


def test_heads_are_remembered_only_when_their_lines_come_again() -> None:
    known: Known[RequestHead] = Known()
    lines = Lines()
    told = Told()
    sent = [head(b"GET / HTTP/1.1", [b"Host: h", b"X-Request-Id: %d" % number]) for number in range(3)]
    for data in sent:
        feed(RequestReader(told, known, lines).feed, [data], told)
    assert len(known) == 0
    feed(RequestReader(told, known, lines).feed, [sent[0]], told)
    assert len(known) == 1
    assert heads(told.events)[-1].framing is Framing.NONE


def test_lines_are_forgotten() -> None:
    lines = Lines()
    data = head(b"GET / HTTP/1.1", [b"Host: h", b"Cookie: secret"])
    lines.request(data)
    for now in (100.0, 200.0):
        lines.tick(now)
    again = lines.request(data)
    assert again is not None
    assert not again[1]


async def test_each_request_and_answer_arrives_with_its_own_lines() -> None:
    async def script(connection: Connection) -> None:
        while True:
            asked = await connection.head()
            number = asked.partition(b"X-Request-Id: ")[2].partition(b"\r\n")[0]
            answer = b"HTTP/1.1 200 OK\r\nEtag: %b\r\nContent-Length: %d\r\n\r\n%b" % (
                number,
                len(number),
                number,
            )
            await connection.send(answer)

    async with running_door(script) as setup:
        client = await setup.connect()
        for number in (1, 22, 333, 1, 22, 1, 1):
            await client.send(head(b"GET /a HTTP/1.1", [b"Host: h", b"X-Request-Id: %d" % number]))
            assert b"Etag: %d\r\n" % number in await client.head()
            assert await client.reader.readexactly(len(str(number))) == b"%d" % number
