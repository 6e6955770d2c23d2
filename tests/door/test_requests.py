"""Requests are read the same however their bytes arrive, and only when they can be read in one way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.door.heads import Framing, RequestHead
from tests.door.reading import PLACES, SMALL_BODIES, Event, chunked, cut, read_requests

START = b"POST / HTTP/1.1\r\nHost: h\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"


def heads(events: list[Event]) -> list[RequestHead]:
    return [told for _, told in events if isinstance(told, RequestHead)]


def body(events: list[Event]) -> bytes:
    return b"".join(told for _, told in events if isinstance(told, bytes))


@pytest.mark.parametrize(
    ("data", "framing", "length", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", Framing.NONE, 0, b""),
        (START + b"Content-Length: 0\r\n\r\n", Framing.SIZED, 0, b""),
        (START + b"Content-Length: 5\r\n\r\nhello", Framing.SIZED, 5, b"hello"),
        (START + b"Content-Length: \t 005 \t\r\n\r\nhello", Framing.SIZED, 5, b"hello"),
        (CHUNKED + b"0\r\n\r\n", Framing.CHUNKED, 0, b""),
        (CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", Framing.CHUNKED, 0, b"hello"),
        (CHUNKED + b"0005\r\nhello\r\n000\r\n\r\n", Framing.CHUNKED, 0, b"hello"),
        (CHUNKED + b'5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n', Framing.CHUNKED, 0, b"hello"),
        (
            CHUNKED + b"A\r\n0123456789\r\n0\r\nX-Sum: 1\r\nHost: evil\r\n\r\n",
            Framing.CHUNKED,
            0,
            b"0123456789",
        ),
        (START + b"Transfer-Encoding:\tCHUNKED\r\n\r\n0\r\n\r\n", Framing.CHUNKED, 0, b""),
        (START + b"Content-Length: " + b"0" * 5000 + b"5 \r\n\r\nhello", Framing.SIZED, 5, b"hello"),
        (START + b"Content-Length: " + b"0" * 5000 + b"\t\r\n\r\n", Framing.SIZED, 0, b""),
    ],
)
def test_framing(data: bytes, framing: Framing, length: int, expected: bytes) -> None:
    for events in (read_requests(data), read_requests(*cut(data, range(len(data))))):
        (head,) = heads(events)
        assert (head.framing, head.length) == (framing, length)
        assert body(events) == expected
        assert events[-1] == ("end", None)


def test_a_head_is_told_as_it_was_sent() -> None:
    (head,) = heads(
        read_requests(
            b"PUT /a%2Fb//c?d=%zz#f HTTP/1.0\r\nhOST: h\r\n"
            b"X: \xff\x80\r\nX:  spaces around \t\r\nEmpty:\r\n\r\n"
        )
    )
    assert (head.method, head.target, head.minor) == (b"PUT", b"/a%2Fb//c?d=%zz#f", 0)
    assert [(name, value.rstrip()) for name, value in head.headers] == [
        (b"hOST", b"h"),
        (b"X", b"\xff\x80"),
        (b"X", b"spaces around"),
        (b"Empty", b""),
    ]


@pytest.mark.parametrize(
    ("version", "connection", "kept"),
    [
        (b"1.1", [], True),
        (b"1.1", [b"keep-alive"], True),
        (b"1.1", [b"close"], False),
        (b"1.1", [b"Close"], False),
        (b"1.1", [b"x, close"], False),
        (b"1.1", [b"keep-alive, close"], False),
        (b"1.1", [b"x", b"close"], False),
        (b"1.0", [], False),
        (b"1.0", [b"Keep-Alive"], True),
        (b"1.0", [b"close"], False),
    ],
)
def test_whether_the_connection_is_kept(version: bytes, connection: list[bytes], kept: bool) -> None:
    lines = b"".join(b"Connection: " + value + b"\r\n" for value in connection)
    (head,) = heads(read_requests(b"GET / HTTP/" + version + b"\r\nHost: h\r\n" + lines + b"\r\n"))
    assert head.keep_alive is kept


@pytest.mark.parametrize(
    "fields",
    [
        # Both a length and chunks, in either order, however spelled: CL.TE and TE.CL.
        b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
        b"content-length: 6\r\ntransfer-encoding: CHUNKED\r\n",
        b"Content-Length: 6\r\nTransfer-Encoding: identity\r\n",
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        # Several or strange codings: TE.TE.
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: chunked, gzip\r\n",
        b"Transfer-Encoding: chunked,\r\n",
        b"Transfer-Encoding: ,chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunkedx\r\n",
        b"Transfer-Encoding: chunked;q=1\r\n",
        b'Transfer-Encoding: "chunked"\r\n',
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Transfer-Encoding: chunked\x00\r\n",
        b"Transfer-Encoding: \xffchunked\r\n",
        b"Transfer-Encoding:\r\n chunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding\t: chunked\r\n",
        b" Transfer-Encoding: chunked\r\n",
        b"X: y\rTransfer-Encoding: chunked\r\n",
        b"X: y\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\n",
        # Lengths that one server may read as another does not.
        b"Content-Length: 6\r\nContent-Length: 6\r\n",
        b"Content-Length: 6\r\nContent-Length: 0\r\n",
        b"Content-Length: 6, 6\r\n",
        b"Content-Length: +6\r\n",
        b"Content-Length: -6\r\n",
        b"Content-Length: 0x6\r\n",
        b"Content-Length: 6_0\r\n",
        b"Content-Length: 6 0\r\n",
        b"Content-Length: 6.0\r\n",
        b"Content-Length: six\r\n",
        b"Content-Length: \xd9\xa6\r\n",
        b"Content-Length:\r\n",
        b"Content-Length: 99999999999999999999999999\r\n",
        b"Content-Length : 6\r\n",
        b" Content-Length: 6\r\n",
        b"Content-Length: 6\r\n folded\r\n",
        b"Content-Length:\r\n 6\r\n",
        # Heads that are no heads.
        b"X: a\r\n\tfolded\r\n",
        b"X: a\rb\r\n",
        b"X: a\x00b\r\n",
        b"X: a\x1fb\r\n",
        b"X\x00: a\r\n",
        b"X y: a\r\n",
        b"X(y): a\r\n",
        b"X\xc3\xa9: a\r\n",
        b"X\r\n",
        b": a\r\n",
        b"Host: again\r\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(fields: bytes) -> None:
    data = START + fields + b"\r\n0\r\n\r\n" + SMUGGLED
    for events in (read_requests(data), read_requests(*cut(data, range(len(data))))):
        assert [kind for kind, _ in events] == ["fault"]
        assert events[0][1] in {400, 501}


@pytest.mark.parametrize(
    "chunks",
    [
        b"5\r\nhelloo\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5 ;a\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"5h\r\nhello\r\n0\r\n\r\n",
        b"\r\nhello\r\n0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n0\r\n\r\n",
        b"5;a\rb\r\nhello\r\n0\r\n\r\n",
        b"10000000000000005\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"0\r\nX y\r\n\r\n",
        b"0\r\nX: y\n\r\n",
        b"0\r\nContent-Length: 5\r\n\r\nhello",
        b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"0\r\nX: a\r\n folded\r\n\r\n",
    ],
)
def test_chunks_that_can_be_read_in_two_ways_are_not_read(chunks: bytes) -> None:
    data = CHUNKED + chunks + SMUGGLED
    for events in (read_requests(data), read_requests(*cut(data, range(len(data))))):
        assert events[-1] == ("fault", 400)
        assert len(heads(events)) == 1
        assert ("end", None) not in events


def test_nothing_is_read_after_a_request_that_closes() -> None:
    closing = b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
    for pieces in ([closing + SMUGGLED], [closing[:-2], closing[-2:] + SMUGGLED], [closing, SMUGGLED]):
        assert [kind for kind, _ in read_requests(*pieces)] == ["head", "body", "end"]
    assert [kind for kind, _ in read_requests(closing, b"\x00\xff")] == ["head", "body", "end"]


UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (b"\r\n", b""),
        (b"Content-Length: 3\r\n\r\nabc", b"abc"),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n", b"abc"),
    ],
)
@pytest.mark.parametrize("closing", [False, True])
def test_a_request_that_asks_for_an_upgrade_is_an_ordinary_one(
    rest: bytes, expected: bytes, closing: bool
) -> None:
    upgrade = UPGRADE.replace(b"Upgrade\r\n", b"Upgrade, close\r\n", 1) if closing else UPGRADE
    data = START + upgrade + rest + SMUGGLED
    for events in (read_requests(data), read_requests(*cut(data, range(len(data))))):
        first, *others = heads(events)
        assert first.method == b"POST"
        assert body(events) == expected
        assert [head.target for head in others] == ([] if closing else [b"/smuggled"])


def test_chunks_after_an_upgrade_are_checked_as_well() -> None:
    data = START + UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"
    assert read_requests(data)[-1] == ("fault", 400)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request of any framing, perhaps asking for an upgrade or for the connection to close."""
    sent = draw(SMALL_BODIES)
    head = (
        draw(st.sampled_from([b"GET /g", b"POST /p?q", b"DELETE http://h/d"])) + b" HTTP/1.1\r\nHost: h\r\n"
    )
    head += draw(st.sampled_from([b"", b"", b"", UPGRADE, b"Connection: close\r\n", b"X: \xe9 y\r\n"]))
    match draw(st.integers(0, 2)):
        case 0:
            return head + b"\r\n"
        case 1:
            return head + b"Content-Length: %d\r\n\r\n" % len(sent) + sent
        case _:
            ending = draw(st.sampled_from([b"", b"Trailer-Field: 1\r\n"]))
            size = draw(st.integers(1, 20))
            extension = draw(st.sampled_from([b"", b";a=b"]))
            coded = chunked(sent, size, extension=extension, trailer=ending)
            return head + b"Transfer-Encoding: chunked\r\n\r\n" + coded


@given(st.lists(requests(), min_size=1, max_size=5), PLACES)
def test_however_the_bytes_arrive_the_same_is_read(sent: list[bytes], places: list[int]) -> None:
    data = b"".join(sent)
    whole = read_requests(data)
    assert whole[0][0] == "head"
    assert whole[-1] == ("end", None)
    assert read_requests(*cut(data, places)) == whole
    assert read_requests(*sent) == whole


@given(
    st.lists(requests(), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=3)), max_size=3),
    PLACES,
)
def test_nor_does_it_matter_when_they_are_damaged(
    sent: list[bytes], damage: list[tuple[int, bytes]], places: list[int]
) -> None:
    data = b"".join(sent)
    for at, noise in damage:
        data = data[:at] + noise + data[at + len(noise) :]
    assert read_requests(*cut(data, places)) == read_requests(data)


@given(st.binary(max_size=300), PLACES)
def test_noise_is_refused_or_waited_for(noise: bytes, places: list[int]) -> None:
    for kind, told in read_requests(*cut(noise, places)) if noise else []:
        assert kind == "fault"
        assert told in {400, 501, 505}
