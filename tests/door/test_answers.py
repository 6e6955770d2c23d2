"""Answers that are odd or meant to be misread: whole, or visibly broken, and never somebody else's.

Each case: one client asks and the upstream answers with these bytes; then another client asks, over the same
connection behind the door where that was kept, and must get its own answer, which names what it asked for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.door.conftest import Connection, Setup, running_door
from tests.door.recording import converse, send_in_pieces, statuses

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CLOSE = b"Host: h\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Length: 2\r\n\r\nok"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BROKEN = b"broken"
FOREIGN = OK + b"Content-Length: 7\r\n\r\nforeign"


def answering(*answer: bytes, end: bool = False) -> Callable[[Connection], Awaitable[None]]:
    """An upstream that answers ``/odd`` with these pieces of bytes and anything else with its own path."""

    async def script(connection: Connection) -> None:
        while True:
            head, _ = await connection.request()
            target = head.split(b" ")[1]
            if target == b"/odd":
                await send_in_pieces(connection.writer, answer)
                if end:
                    connection.close()
                    return
            else:
                await connection.send(OK + b"Content-Length: %d\r\n\r\n%b" % (len(target), target))

    return script


async def own_answer(setup: Setup, number: int) -> None:
    """Another client gets what it asked for."""
    target = b"/mine/%d" % number
    answer = await converse(setup.port, b"POST " + target + b" HTTP/1.1\r\n" + CLOSE)
    assert answer.startswith(OK)
    assert answer.endswith(b"\r\n\r\n" + target)


ANSWERS: list[tuple[bytes, str, bytes | None]] = [
    (SIZED, "200", b"ok"),
    (b"\r\n" + SIZED, "200", b"ok"),
    (SIZED + b"noise", "200", b"ok"),
    (SIZED + b"\r\n", "200", b"ok"),
    (SIZED + FOREIGN, "200", b"ok"),
    (CHUNKED + b"2\r\nok\r\n0\r\n\r\n" + FOREIGN, "200", b"2\r\nok\r\n0\r\n\r\n"),
    (CHUNKED + b"2;a=b\r\nok\r\n0\r\nX: a\r\n\r\n", "200", b"2\r\nok\r\n0\r\n\r\n"),
    (OK + b"Content-Length: 0\r\n\r\n" + FOREIGN, "200", b""),
    (b"HTTP/1.1 204 No Content\r\n\r\n" + FOREIGN, "204", b""),
    (b"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\nforeign", "204", b""),
    (
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nforeign\r\n0\r\n\r\n",
        "204",
        b"",
    ),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\nforeign", "304", b""),
    (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", "200", b"ok"),
    (b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + SIZED, "200", b"ok"),
    (b"HTTP/1.1 103 E\r\nTransfer-Encoding: chunked\r\n\r\n" + SIZED, "103 200", b"ok"),
    (b"HTTP/1.1 103 E\r\nLink: a\r\n\r\n" * 64 + SIZED, "103 " * 64 + "200", b"ok"),
    (OK + b"Connection: content-length, x\r\nX: a\r\nContent-Length: 2\r\n\r\nok", "200", b"ok"),
    (b"HTTP/1.1 426 U\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nok", "426", b"ok"),
    # What is no answer: 502.
    (b"HTTP/1.1 103 E\r\n\r\n" * 65 + SIZED, "103 " * 64 + "502", None),
    (b"HTTP/1.1 100 C\r\n\r\n" * 5000 + SIZED, "502", None),
    (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (OK + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\nok" + FOREIGN, "502", None),
    (OK + b"Content-Length: 2, 2\r\n\r\nok", "502", None),
    (OK + b"Content-Length: +2\r\n\r\nok", "502", None),
    (OK + b"Content-Length : 2\r\n\r\nok", "502", None),
    (OK + b"Content-Length:\r\n\r\nok", "502", None),
    (OK + b"Content-Length: 18446744073709551618\r\n\r\nok", "502", None),
    (OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "502", None),
    (OK + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "502", None),
    (OK + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "502", None),
    (OK + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", "502", None),
    (OK + b"X: a\nContent-Length: 2\r\n\r\nok", "502", None),
    (OK + b"X: a\rContent-Length: 2\r\n\r\nok", "502", None),
    (OK + b"X: a\x00\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (OK + b"X y: a\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (OK + b"X: " + b"a" * 70_000 + b"\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (b"HTTP/1.1 200 O\x00K\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (b"HTTP/1.1 200 O\x1bK\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (b"HTTP/1.1 200 OK\rX\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (b"HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (b"ICY 200 OK\r\nContent-Length: 2\r\n\r\nok", "502", None),
    (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "502", None),
    (b"ok", "502", None),
    # What turns out to be no answer behind its head: visibly broken.
    (CHUNKED + b"2\r\nokay\r\n0\r\n\r\n", "200", BROKEN),
    (CHUNKED + b"2;a\nok\r\n0\r\n\r\n", "200", BROKEN),
    (CHUNKED + b"10000000000000002\r\nok\r\n0\r\n\r\n", "200", BROKEN),
    (CHUNKED + b"2\r\nok\r\n0\r\nContent-Length: 7\r\n\r\nforeign", "200", BROKEN),
]
"""What an upstream sends, the statuses that a client gets, and the body behind the last head: ``None`` where
it is ours, ``BROKEN`` where it must not look whole."""


def check(got: bytes, expected: str, body: bytes | None) -> None:
    """Hold what a client got to what it should get."""
    assert b"foreign" not in got
    assert statuses(got) == expected
    end = got.split(b"\r\n\r\n", expected.count(" ") + 1)[-1]
    if body == BROKEN:
        assert not end.endswith(b"0\r\n\r\n")
    elif body is not None:
        assert end == body


@pytest.mark.parametrize(("answer", "expected", "body"), ANSWERS)
async def test_what_becomes_of_odd_answers(answer: bytes, expected: str, body: bytes | None) -> None:
    async with running_door(answering(answer)) as setup:
        for number in range(2):  # what was read before may be remembered
            check(await converse(setup.port, b"POST /odd HTTP/1.1\r\n" + CLOSE), expected, body)
            await own_answer(setup, number)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (SIZED, True),
        (CHUNKED + b"2\r\nok\r\n0\r\n\r\n", True),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", True),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", False),
        (SIZED + b"x", False),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\nx", False),
        (OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nok", False),
    ],
)
async def test_which_connections_are_trusted_with_another_request(answer: bytes, kept: bool) -> None:
    async with running_door(answering(answer)) as setup:
        for number in range(2):
            await converse(setup.port, b"GET /odd HTTP/1.1\r\n" + CLOSE)
            await own_answer(setup, number)
        assert (len(setup.connections) == 1) is kept


@pytest.mark.parametrize("how", ["reads nothing", "goes away in the middle", "asks for heads only"])
async def test_one_clients_answer_never_reaches_another(how: str) -> None:
    body = b"foreign" * 100_000
    answer = OK + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    async with running_door(answering(answer)) as setup:
        for number in range(5):
            client = await setup.connect()
            method = b"HEAD" if how == "asks for heads only" else b"GET"
            await client.send(method + b" /odd HTTP/1.1\r\nHost: h\r\n\r\n")
            if how != "reads nothing":
                await client.head()
            if how == "goes away in the middle":
                client.reset()
            await asyncio.gather(*(own_answer(setup, 10 * number + more) for more in range(3)))


async def test_an_answer_without_length_ends_with_the_connection() -> None:
    async with running_door(answering(OK + b"\r\n" + FOREIGN, end=True)) as setup:
        got = await converse(setup.port, b"GET /odd HTTP/1.1\r\n" + CLOSE)
        coded = b"%x\r\n%b\r\n0\r\n\r\n" % (len(FOREIGN), FOREIGN)
        assert got == OK + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + coded
        got = await converse(setup.port, b"GET /odd HTTP/1.0\r\nHost: h\r\n\r\n")
        assert got == OK + b"Connection: close\r\n\r\n" + FOREIGN
        await own_answer(setup, 1)


async def test_answers_to_pipelined_requests_stay_with_them() -> None:
    """Two clients send many requests at once, in turn, over connections that both use."""

    async def many(setup: Setup, name: bytes) -> None:
        client = await setup.connect()
        targets = [b"/%b/%d" % (name, number) for number in range(50)]
        await client.send(b"".join(b"GET " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n" for target in targets))
        for target in targets:
            await client.head()
            assert await client.reader.readexactly(len(target)) == target

    async with running_door(answering(b"")) as setup:
        await asyncio.gather(*(many(setup, name) for name in (b"one", b"two", b"three")))
        assert len(setup.connections) <= 3
