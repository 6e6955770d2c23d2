"""A head is taken or refused to the byte, and the same however its bytes are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.door.reading import LARGEST_BODY, MAX_HEAD_SIZE, MAX_HEADERS
from proxy.door.requests import RequestReader
from proxy.door.responses import ResponseReader
from proxy.known import Known
from tests.door.reading import Told, cut, feed

if TYPE_CHECKING:
    from proxy.door.heads import RequestHead, ResponseHead
    from tests.door.reading import Event

LINE = b"POST /t HTTP/1.1\r\n"
STATUS = b"HTTP/1.1 200 OK\r\n"
REST = b"Host: h\r\nContent-Length: 5\r\n\r\n"
FOLLOWING = b"hello" + LINE + b"Host: i\r\n\r\n"
BEYOND = st.one_of(st.integers(-3, 3), st.integers(-2000, 40_000))
CUTS = st.lists(
    st.one_of(st.integers(1, 120_000), st.integers(MAX_HEAD_SIZE - 9, MAX_HEAD_SIZE + 9)), max_size=9
)
FILLINGS = st.sampled_from(["one header", "many headers", "white space", "small headers and a large one"])


def requests(pieces: list[bytes], *, remembering: bool = False) -> list[Event]:
    told = Told()
    known: Known[RequestHead] | None = Known() if remembering else None
    feed(RequestReader(told, known).feed, pieces, told)
    return told.events


def response(pieces: list[bytes], *, remembering: bool = False) -> list[Event]:
    told = Told()
    known: Known[ResponseHead] | None = Known() if remembering else None
    feed(ResponseReader(told, to_head_request=False, known=known).feed, pieces, told)
    return told.events


def head(first: bytes, size: int, filling: str) -> bytes:
    """A head of exactly so many bytes, with the blank line."""
    room = size - len(first) - len(REST)
    if filling == "white space":
        return first + b"X:" + b" " * (room - 5) + b"y\r\n" + REST
    small = 0 if filling == "one header" else 200 if filling == "many headers" else 20
    each = (room - 50) // 200 - 5 if filling == "many headers" else 20
    lines = (b"H: %b\r\n" % (b"v" * each)) * small
    return first + lines + b"X: " + b"y" * (room - len(lines) - 5) + b"\r\n" + REST


@given(BEYOND, FILLINGS, CUTS, st.booleans())
def test_requests(beyond: int, filling: str, places: list[int], breaks: bool) -> None:
    whole = head(LINE, MAX_HEAD_SIZE + beyond, filling)
    assert len(whole) == MAX_HEAD_SIZE + beyond
    data = b"\r\n" * breaks + whole + FOLLOWING
    for pieces in ([data], cut(data, places), [data[: len(whole) - 1], data[len(whole) - 1 :]]):
        for remembering in (False, True):
            events = requests(pieces, remembering=remembering)
            if beyond > 0:
                assert events == [("fault", 431)]
            else:
                assert [kind for kind, _ in events] == ["head", "body", "end", "head", "end"]
                assert events[1] == ("body", b"hello")


@given(BEYOND, FILLINGS, CUTS, st.sampled_from([b"", b"\r\n", b"HTTP/1.1 103 E\r\nLink: a\r\n\r\n"]))
def test_answers(beyond: int, filling: str, places: list[int], before: bytes) -> None:
    whole = head(STATUS, MAX_HEAD_SIZE + beyond, filling)
    data = before + whole + b"hello"
    for pieces in ([data], cut(data, places), [data[: len(whole) - 1], data[len(whole) - 1 :]]):
        for remembering in (False, True):
            events = response(pieces, remembering=remembering)
            expected = ["head"] * (len(before) > 2)
            expected += ["fault"] if beyond > 0 else ["head", "body", "end"]
            assert [kind for kind, _ in events] == expected


@given(BEYOND, CUTS)
def test_targets(beyond: int, places: list[int]) -> None:
    """What has no end to its first line is a target that is too long."""
    ending = b" HTTP/1.1\r\nHost: h\r\n\r\n"
    size = MAX_HEAD_SIZE + beyond
    data = b"GET /" + b"t" * (size - 5 - len(ending)) + ending
    first_line = size - len(b"Host: h\r\n\r\n")
    expected = 0 if beyond <= 0 else 414 if first_line > MAX_HEAD_SIZE else 431
    for pieces in ([data], cut(data, places)):
        events = requests(pieces)
        assert [kind for kind, _ in events] == (["fault"] if expected else ["head", "end"])
        assert not expected or events[0] == ("fault", expected)


@given(st.integers(MAX_HEAD_SIZE - 20, MAX_HEAD_SIZE + 20), CUTS, st.sampled_from([b"\x00", b"\n", b"\rx"]))
def test_which_fault_comes_first(at: int, places: list[int], noise: bytes) -> None:
    """A fault within the limit is found, one behind it is not looked for."""
    start = LINE + b"X: "
    data = start + b"y" * (at - len(start)) + noise + b"y" * 100
    inside = at + len(noise) <= MAX_HEAD_SIZE
    for pieces in ([data], cut(data, places)):
        assert requests(pieces) == [("fault", 400 if inside else 431)]


@given(st.integers(-2, 2), st.lists(st.integers(1, 6000), max_size=9))
def test_the_number_of_headers(beyond: int, places: list[int]) -> None:
    lines = b"".join(b"X: %d\r\n" % number for number in range(MAX_HEADERS + beyond - 2)) + REST
    for pieces in ([LINE + lines + b"hello"], cut(LINE + lines + b"hello", places)):
        assert (requests(pieces)[0] == ("fault", 431)) is (beyond > 0)
    for pieces in ([STATUS + lines + b"hello"], cut(STATUS + lines + b"hello", places)):
        assert (response(pieces)[0][0] == "fault") is (beyond > 0)


@pytest.mark.parametrize("beyond", [0, 1])
def test_the_largest_length(beyond: int) -> None:
    fields = b"Host: h\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + beyond)
    expected = "fault" if beyond else "head"
    assert requests([LINE + fields])[0][0] == expected
    assert response([STATUS + fields])[0][0] == expected


@pytest.mark.parametrize(
    "fields",
    [
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Transfer-Encoding: chunked\r\ntransfer-encoding: gzip\r\n\r\n",
    ],
)
def test_an_answer_with_two_codings_is_none(fields: bytes) -> None:
    assert [kind for kind, _ in response([STATUS + fields + b"0\r\n\r\n"])] == ["fault"]
    assert [kind for kind, _ in requests([LINE + b"Host: h\r\n" + fields + b"0\r\n\r\n"])] == ["fault"]


@pytest.mark.parametrize("data", [b"PRI * HTTP/2.0\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_a_head_that_does_not_end_where_it_seems_to_is_refused(data: bytes) -> None:
    assert requests([data]) == requests(cut(data, range(len(data)))) == [("fault", 400)]
