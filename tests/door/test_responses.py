"""Answers are read the same however their bytes arrive, and only when they can be read in one way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.door.heads import Framing, ResponseHead
from proxy.door.reading import MAX_HEAD_SIZE
from proxy.door.responses import ResponseReader
from tests.door.reading import PLACES, SMALL_BODIES, Event, Told, chunked, cut, read_response

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def final(events: list[Event]) -> ResponseHead:
    return [told for _, told in events if isinstance(told, ResponseHead)][-1]


def body(events: list[Event]) -> bytes:
    return b"".join(told for _, told in events if isinstance(told, bytes))


@pytest.mark.parametrize(
    ("data", "framing", "expected", "kept"),
    [
        (OK + b"Content-Length: 0\r\n\r\n", Framing.SIZED, b"", True),
        (OK + b"Content-Length: 5\r\n\r\nhello", Framing.SIZED, b"hello", True),
        (OK + b"Content-Length: 005\t\r\n\r\nhello", Framing.SIZED, b"hello", True),
        (OK + b"Content-Length: " + b"0" * 5000 + b"5 \r\n\r\nhello", Framing.SIZED, b"hello", True),
        (OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", Framing.SIZED, b"hello", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", Framing.SIZED, b"hello", False),
        (
            b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
            Framing.SIZED,
            b"hello",
            True,
        ),
        (CHUNKED + b"0\r\n\r\n", Framing.CHUNKED, b"", True),
        (CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", Framing.CHUNKED, b"hello", True),
        (CHUNKED + b'5;a="b"\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n', Framing.CHUNKED, b"hello", True),
        (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", Framing.SIZED, b"x", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Framing.NONE, b"", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", Framing.NONE, b"", True),
        (b"HTTP/1.1 599 What\r\nContent-Length: 0\r\n\r\n", Framing.SIZED, b"", True),
    ],
)
def test_framing(data: bytes, framing: Framing, expected: bytes, kept: bool) -> None:
    for pieces in ([data], cut(data, range(len(data)))):
        events, reader = read_response(*pieces)
        assert final(events).framing is framing
        assert body(events) == expected
        assert events[-1] == ("end", None)
        assert reader.complete
        assert reader.keep_alive is kept


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 5\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n",
        OK + b"\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_an_answer_to_head_ends_with_its_head(answer: bytes) -> None:
    for pieces in ([answer], cut(answer, range(len(answer)))):
        events, reader = read_response(*pieces, head_request=True)
        assert [kind for kind, _ in events] == ["head", "end"]
        assert reader.complete


@pytest.mark.parametrize(
    ("data", "head_request"),
    [
        (OK + b"Content-Length: 5\r\n\r\nhello", True),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", False),
        (b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", False),
        (OK + b"Content-Length: 0\r\n\r\nhello", False),
        (OK + b"Content-Length: 0\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nevil!", False),
        (CHUNKED + b"0\r\n\r\nhello", False),
        (CHUNKED + b"0\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nevil!", False),
    ],
)
def test_what_comes_after_the_end_is_not_told_and_not_forgiven(data: bytes, head_request: bool) -> None:
    for pieces in ([data], cut(data, range(len(data)))):
        events, reader = read_response(*pieces, head_request=head_request)
        assert [kind for kind, _ in events] == ["head", "end"]
        assert not reader.keep_alive


def test_what_comes_after_a_body_is_not_told_and_not_forgiven() -> None:
    data = OK + b"Content-Length: 5\r\n\r\nhello" + OK + b"Content-Length: 5\r\n\r\nevil!"
    for at in range(1, len(data)):
        events, reader = read_response(*cut(data, [at]))
        assert body(events) == b"hello"
        assert [kind for kind, _ in events] == ["head", "body", "end"]
        assert not reader.keep_alive


@pytest.mark.parametrize(
    ("head", "framing"),
    [(OK + b"\r\n", Framing.UNTIL_CLOSE), (b"HTTP/1.0 200 OK\r\n\r\n", Framing.UNTIL_CLOSE)],
)
def test_an_answer_may_end_with_its_connection(head: bytes, framing: Framing) -> None:
    events, reader = read_response(head, b"hel", b"lo", eof=True)
    assert final(events).framing is framing
    assert body(events) == b"hello"
    assert events[-2:] == [("end", None), ("whole", True)]
    assert not reader.keep_alive


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        OK + b"Content-Length: 6\r\n\r\nhello",
        CHUNKED + b"5\r\nhello\r\n",
        CHUNKED + b"5\r\nhello\r\n0\r\n",
        CHUNKED,
    ],
)
def test_an_answer_that_is_cut_off_is_not_whole(data: bytes) -> None:
    events, reader = read_response(*([data] if data else []), eof=True)
    assert events[-1] == ("whole", False)
    assert ("end", None) not in events
    assert not reader.complete


def test_interim_answers_come_before_the_answer() -> None:
    data = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 E\r\n\r\n"
        + OK
        + b"Content-Length: 2\r\n\r\nok"
    )
    for pieces in ([data], cut(data, range(len(data)))):
        events, reader = read_response(*pieces)
        heads = [told for _, told in events if isinstance(told, ResponseHead)]
        assert [head.status for head in heads] == [100, 103, 103, 200]
        assert heads[1].headers == [(b"Link", b"</a>")]
        assert heads[3].headers == [(b"Content-Length", b"2")]
        assert [kind for kind, _ in events][4:] == ["body", "end"]
        assert reader.keep_alive


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x50",
        b"hello",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"HTTP/1.1 200 OK\rX\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nabc",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        OK + b"Content-Length: 5, 5\r\n\r\nhello",
        OK + b"Content-Length: +5\r\n\r\nhello",
        OK + b"Content-Length: \r\n\r\nhello",
        OK + b"Content-Length: 99999999999999999999999\r\n\r\nhello",
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: identity\r\n\r\nhello",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"X: a\r\n folded\r\n\r\n",
        OK + b"X: a\rb\r\n\r\n",
        OK + b"X: a\x00b\r\n\r\n",
        OK + b"X : a\r\n\r\n",
        OK + b"X\r\n\r\n",
    ],
)
def test_what_is_not_an_answer_is_refused(data: bytes) -> None:
    for pieces in ([data], cut(data, range(len(data)))):
        events, _ = read_response(*pieces)
        assert [kind for kind, _ in events] == ["fault"]


@pytest.mark.parametrize(
    "chunks",
    [
        b"5\r\nhelloo\r\n0\r\n\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"zz\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"10000000000000005\r\nhello",
        b"0\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_chunks_that_can_be_read_in_two_ways_are_refused(chunks: bytes) -> None:
    for pieces in ([CHUNKED + chunks], cut(CHUNKED + chunks, range(len(CHUNKED + chunks)))):
        events, reader = read_response(*pieces)
        assert events[-1][0] == "fault"
        assert not reader.complete


@pytest.mark.parametrize(
    "endless",
    [
        b"HTTP/1.1 200 ",
        OK + b"X: ",
        OK + b"X",
        CHUNKED + b"5;",
        CHUNKED + b"0\r\nX: ",
    ],
)
@pytest.mark.parametrize("piece", [1000, 4 * MAX_HEAD_SIZE])
def test_a_line_without_end_is_refused_before_it_fills_the_memory(endless: bytes, piece: int) -> None:
    events, _ = read_response(endless, *[b"a" * piece] * (4 * MAX_HEAD_SIZE // piece + 2))
    assert events[-1][0] == "fault"


def test_trailers_without_end_are_refused() -> None:
    events, _ = read_response(CHUNKED + b"0\r\n", *[b"X-Header: 0123456789\r\n" * 10] * 1000)
    assert events[-1][0] == "fault"


@st.composite
def answers(draw: st.DrawFn) -> tuple[bytes, bytes, bool]:
    """An answer of any framing, its body, and whether it ends with the connection."""
    sent = draw(SMALL_BODIES)
    start = draw(
        st.sampled_from([b"", b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n", b"HTTP/1.1 100 C\r\n\r\n"])
    )
    start += OK + draw(st.sampled_from([b"", b"X: \xe9 y\r\n", b"Connection: close\r\n"]))
    match draw(st.integers(0, 2)):
        case 0:
            return start + b"\r\n" + sent, sent, True
        case 1:
            return start + b"Content-Length: %d\r\n\r\n" % len(sent) + sent, sent, False
        case _:
            ending = draw(st.sampled_from([b"", b"Trailer-Field: 1\r\n"]))
            coded = chunked(sent, draw(st.integers(1, 20)), trailer=ending)
            return start + b"Transfer-Encoding: chunked\r\n\r\n" + coded, sent, False


@given(answers(), st.binary(max_size=8), PLACES)
def test_however_the_bytes_arrive_the_same_is_read(
    answer: tuple[bytes, bytes, bool], after: bytes, places: list[int]
) -> None:
    data, sent, until_close = answer
    data += b"" if until_close else after
    whole, reader = read_response(data, eof=True)
    assert body(whole) == sent
    assert whole[-1] == ("whole", True)
    in_pieces, cut_reader = read_response(*cut(data, places), eof=True)
    assert in_pieces == whole
    assert cut_reader.keep_alive is reader.keep_alive


@given(
    answers(), st.lists(st.tuples(st.integers(0, 200), st.binary(min_size=1, max_size=3)), max_size=3), PLACES
)
def test_nor_does_it_matter_when_they_are_damaged(
    answer: tuple[bytes, bytes, bool], damage: list[tuple[int, bytes]], places: list[int]
) -> None:
    data, _, _ = answer
    for at, noise in damage:
        data = data[:at] + noise + data[at + len(noise) :]
    assert read_response(*cut(data, places))[0] == read_response(data)[0]


@given(st.lists(st.tuples(answers(), PLACES, st.booleans()), min_size=1, max_size=5))
def test_a_reader_that_reads_on_reads_as_a_new_one_would(
    sent: list[tuple[tuple[bytes, bytes, bool], list[int], bool]],
) -> None:
    kept: ResponseReader | None = None
    for answer, places, head_request in sent:
        data, _, until_close = (OK + b"Content-Length: 5\r\n\r\n", b"", False) if head_request else answer
        expected, fresh = read_response(*cut(data, places), head_request=head_request, eof=until_close)
        told = Told()
        if kept is None:
            kept = ResponseReader(told, to_head_request=head_request)
        else:
            kept.again(told, to_head_request=head_request)
        for piece in cut(data, places):
            kept.feed(piece)
        if until_close:
            told.events.append(("whole", kept.eof()))
        assert told.events == expected
        assert (kept.complete, kept.keep_alive) == (fresh.complete, fresh.keep_alive)
        if not kept.keep_alive:
            kept = None
