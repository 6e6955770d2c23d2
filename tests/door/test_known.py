"""Heads that were read before: that nothing is understood in another way, and that little is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.door.reading import LONGEST_KNOWN
from proxy.door.requests import RequestReader
from proxy.door.responses import ResponseReader
from proxy.known import Known
from tests.door.conftest import Connection, running_door
from tests.door.reading import PLACES, SMALL_BODIES, Told, cut, feed, read_requests, read_response
from tests.door.test_requests import requests
from tests.door.test_responses import answers

if TYPE_CHECKING:
    from proxy.door.heads import RequestHead, ResponseHead
    from tests.door.reading import Event

NOISE = st.lists(
    st.tuples(st.integers(0, 120), st.sampled_from([b"\n", b"\r", b"\r\n", b":", b" ", b"\0"])), max_size=2
)
GET = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
OTHER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd"

ANSWERS = (OK, OTHER, CHUNKED, OK[:-1], OK + b"d", CHUNKED[:-2], CHUNKED[:-6] + b"\n", CHUNKED + b"\r\n")


def damaged(data: bytes, damage: list[tuple[int, bytes]]) -> bytes:
    for at, noise in damage:
        data = data[:at] + noise + data[at + len(noise) :]
    return data


def again_requests(known: Known[RequestHead], *pieces: bytes) -> list[Event]:
    told = Told()
    feed(RequestReader(told, known).feed, pieces, told)
    return told.events


def again_response(
    known: Known[ResponseHead], *pieces: bytes, head_request: bool
) -> tuple[list[Event], bool, bool]:
    told = Told()
    reader = ResponseReader(told, to_head_request=head_request, known=known)
    feed(reader.feed, pieces, told)
    return told.events, reader.complete, reader.keep_alive


@given(st.lists(requests(), min_size=1, max_size=3), NOISE, st.lists(PLACES, min_size=2, max_size=4))
def test_requests_are_read_as_without_a_memory(
    sent: list[bytes], damage: list[tuple[int, bytes]], cuts: list[list[int]]
) -> None:
    known: Known[RequestHead] = Known()
    data = damaged(b"".join(sent), damage)
    expected = read_requests(data)
    for places in (*cuts, []):
        assert again_requests(known, *cut(data, places)) == expected
    # Each request first in what is read, so that its head is looked for.
    for one in sent:
        assert again_requests(known, one) == again_requests(known, one) == read_requests(one)


@given(answers(), SMALL_BODIES, NOISE, st.lists(st.tuples(PLACES, st.booleans()), min_size=2, max_size=4))
def test_answers_are_read_as_without_a_memory(
    answer: tuple[bytes, bytes, bool],
    after: bytes,
    damage: list[tuple[int, bytes]],
    cuts: list[tuple[list[int], bool]],
) -> None:
    known: Known[ResponseHead] = Known()
    data = damaged(answer[0] + after, damage)
    for places, head_request in (*cuts, ([], False), ([], True), ([], False)):
        events, reader = read_response(*cut(data, places), head_request=head_request)
        told = again_response(known, *cut(data, places), head_request=head_request)
        assert told == (events, reader.complete, reader.keep_alive)


@given(st.lists(requests(), min_size=1, max_size=3), st.lists(st.integers(0, 2), max_size=8), NOISE)
def test_requests_that_repeat_on_one_connection_are_read_as_without_a_memory(
    sent: list[bytes], order: list[int], damage: list[tuple[int, bytes]]
) -> None:
    known: Known[RequestHead] = Known()
    for one in sent:
        again_requests(known, one)
    pieces = [*(sent[number % len(sent)] for number in order), damaged(sent[0], damage), sent[0]]
    assert again_requests(known, *pieces) == read_requests(*pieces)


@given(st.lists(st.tuples(st.sampled_from(ANSWERS), st.booleans()), max_size=8))
def test_answers_that_repeat_on_one_connection_are_read_as_without_a_memory(
    sent: list[tuple[bytes, bool]],
) -> None:
    known: Known[ResponseHead] = Known()
    told = Told()
    reader = ResponseReader(told, to_head_request=False, known=known)
    for answer, head_request in sent:
        told.events.clear()
        reader.again(told, to_head_request=head_request)
        feed(reader.feed, [answer], told)
        events, fresh = read_response(answer, head_request=head_request)
        assert (told.events, reader.complete, reader.keep_alive) == (events, fresh.complete, fresh.keep_alive)
        if not (reader.complete and reader.keep_alive):
            reader = ResponseReader(told, to_head_request=False, known=known)


@pytest.mark.parametrize(
    "head",
    [
        GET,
        b"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n",
        b"HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ],
)
def test_a_head_that_ends_where_it_seems_to_end_is_known(head: bytes) -> None:
    known: Known[RequestHead] = Known()
    again_requests(known, head)
    assert len(known) == 1
    assert again_requests(known, head) == again_requests(Known(), head)


@pytest.mark.parametrize(
    "data",
    [
        b"GET /a HTTP/1.1\nHost: h\n\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n",
        b"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * LONGEST_KNOWN + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
    ],
)
def test_what_is_refused_or_unusual_is_not_remembered(data: bytes) -> None:
    known: Known[RequestHead] = Known()
    assert again_requests(known, data) == again_requests(known, data) == read_requests(data)
    assert len(known) <= 1
    assert data not in [key[1] for key in known._young if isinstance(key, tuple)]


def test_the_answer_to_a_head_request_is_not_one_with_a_body() -> None:
    known: Known[ResponseHead] = Known()
    for head_request in (False, True, False):
        expected = read_response(OK if not head_request else OK[:-3], head_request=head_request)[0]
        told = again_response(known, OK if not head_request else OK[:-3], head_request=head_request)[0]
        assert told == expected


async def test_equal_heads_from_different_addresses_are_different_requests() -> None:
    heads: list[bytes] = []

    async def script(connection: Connection) -> None:
        while True:
            heads.append(await connection.head())
            await connection.send(OK)

    async with running_door(script) as setup:
        for address in ("127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2"):
            client = await setup.connect(address)
            for _ in range(2):
                await client.send(GET)
                await client.reader.readexactly(len(OK))
    told = [head.partition(b"X-Forwarded-For: ")[2].partition(b"\r\n")[0] for head in heads]
    assert told == [b"127.0.0.1"] * 2 + [b"127.0.0.2"] * 2 + [b"127.0.0.1"] * 2 + [b"127.0.0.2"] * 2


async def test_a_known_answer_goes_to_a_client_as_that_client_needs_it() -> None:
    async def script(connection: Connection) -> None:
        while True:
            await connection.head()
            await connection.send(OK)

    old = b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    closing = b"GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    async with running_door(script) as setup:
        for _ in range(3):
            for request, told in (
                (GET, b""),
                (old, b"\r\nConnection: keep-alive"),
                (closing, b"\r\nConnection: close"),
            ):
                client = await setup.connect()
                await client.send(request)
                head = await client.head()
                assert head == OK[:-7] + told + b"\r\n\r\n"
                assert await client.reader.readexactly(3) == b"abc"
                client.close()


class Busy(Told):
    """A sink that is busy with each request until it is asked for the next."""

    def request_end(self) -> None:
        super().request_end()
        self.busy = True


@given(st.lists(requests(), min_size=1, max_size=5))
def test_a_busy_sink_is_told_of_one_request_at_a_time(sent: list[bytes]) -> None:
    told, data = Busy(), b"".join(sent)
    reader = RequestReader(told, Known())
    whole, rounds = read_requests(data), 0
    while data:
        rounds += 1
        data = reader.feed(data)
        assert told.events.count(("end", None)) == min(rounds, whole.count(("end", None)))
        told.busy = False
    assert told.events == whole
