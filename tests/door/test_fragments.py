"""However bytes are cut, the same becomes of them: each case of the corpora at each place, and on sockets."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.door.conftest import running_door
from tests.door.corpus import GROUPS, LAST, Case, cases
from tests.door.reading import cut, read_requests, read_response
from tests.door.recording import converse
from tests.door.test_answers import ANSWERS, CLOSE, OK, answering, check, own_answer
from tests.door.test_smuggling import become, recorded_door

SHORT = 1500
"""Bytes of a case that is cut at each place; a longer one is cut at some."""
CASES = [case for group in GROUPS for case in cases(group)]
BRIEF = [case for case in CASES if len(case.data) < SHORT]
CUTS = st.lists(st.integers(1, 400), max_size=12)


def places(data: bytes) -> range:
    return range(1, len(data), 1 if len(data) < SHORT else len(data) // 15)


@pytest.mark.parametrize("group", GROUPS)
def test_each_request_of_the_corpus_cut_at_each_place(group: str) -> None:
    for case in cases(group):
        data = case.data + LAST
        whole = read_requests(data)
        for place in places(data):
            assert read_requests(data[:place], data[place:]) == whole, (case.name, place)


def test_each_answer_cut_at_each_place() -> None:
    for data, _, _ in ANSWERS:
        for head_request in (False, True):
            whole, reader = read_response(data, head_request=head_request)
            for place in places(data):
                pieces = data[:place], data[place:]
                told, other = read_response(*pieces, head_request=head_request)
                assert told == whole, (data[:200], place)
                assert other.complete == reader.complete
                assert other.keep_alive == reader.keep_alive, (data[:200], place)


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(BRIEF), min_size=1, max_size=4), st.lists(st.integers(1, 2000), max_size=60))
def test_any_requests_in_any_pieces(chosen: list[Case], at: list[int]) -> None:
    data = b"".join(case.data for case in chosen) + LAST
    assert read_requests(*cut(data, at)) == read_requests(data)


@settings(max_examples=25)
@given(st.sampled_from(BRIEF), CUTS)
# What comes behind a last request must not make a reset of the end, which would take the answer away.
@example(next(case for case in BRIEF if case.name == "a request that closes, then another"), [47, 48, 49])
async def test_requests_in_pieces_over_sockets(case: Case, at: list[int]) -> None:
    async with recorded_door() as (upstream, port):
        for pieces in (cut(case.data + LAST, at), [case.data + LAST], cut(case.data + LAST, at)):
            assert await become(upstream, port, *pieces) == case.outcomes["door"]


@settings(max_examples=25)
@given(st.sampled_from([case for case in ANSWERS if len(case[0]) < SHORT]), CUTS)
async def test_answers_in_pieces_over_sockets(case: tuple[bytes, str, bytes | None], at: list[int]) -> None:
    data, expected, body = case
    async with running_door(answering(*cut(data, at))) as setup:
        for number in range(2):
            check(await converse(setup.port, b"POST /odd HTTP/1.1\r\n" + CLOSE), expected, body)
            await own_answer(setup, number)


@settings(max_examples=25)
@given(st.lists(st.integers(1, 3000), max_size=12), st.lists(st.integers(1, 3000), max_size=12))
async def test_pipelined_requests_and_their_answers_in_pieces(sent: list[int], answered: list[int]) -> None:
    """Bodies of all framings both ways, cut in any way on both sides at once."""
    body = bytes(range(256)) * 4
    answer = OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + body + b"\r\n0\r\n\r\n"
    request = b"POST /odd HTTP/1.1\r\nHost: h\r\nContent-Length: 1024\r\n\r\n" + body
    last = b"POST /odd HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + CLOSE + b"2\r\n01\r\n0\r\n\r\n"
    async with running_door(answering(*cut(answer, answered))) as setup:
        got = await converse(setup.port, *cut(request * 2 + last, sent))
        first, second, third = got.split(OK)[1:]
        assert first == second == third.replace(b"Connection: close\r\n", b"")
        assert _joined(first.partition(b"\r\n\r\n")[2]) == body


def _joined(chunks: bytes) -> bytes:
    body = b""
    while not chunks.startswith(b"0\r\n\r\n"):
        size, _, rest = chunks.partition(b"\r\n")
        body += rest[: int(size, 16)]
        chunks = rest[int(size, 16) + 2 :]
    return body
