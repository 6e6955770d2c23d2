"""The client of the suite: it says what really came, and asks once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from faults.client import Client, DroppedError, GoneError, Question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ASKED = Question("GET", "/a", "localhost")
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[Client, list[bytes]]]:
    """A server that gives these answers one by one on each connection, then closes it."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        client = Client(server.sockets[0].getsockname()[1])
        yield client, asked
        await client.close()


async def test_a_connection_is_kept_and_a_body_read_whole() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    async with answering(WHOLE, chunked, WHOLE) as (client, asked):
        answers = [await client.ask(ASKED) for _ in range(3)]
    assert [(answer.status, answer.body, answer.whole) for answer in answers] == [
        (200, b"hello", True),
        (200, b"abc", True),
        (200, b"hello", True),
    ]
    assert len(asked) == 3


@pytest.mark.parametrize(
    "cut", [WHOLE[:-1], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"]
)
async def test_what_breaks_off_is_not_whole(cut: bytes) -> None:
    async with answering(cut) as (client, _):
        answer = await client.ask(ASKED)
    assert (answer.status, answer.whole) == (200, False)


async def test_a_head_alone_answers_head() -> None:
    async with answering(WHOLE[:-5]) as (client, _):
        answer = await client.ask(Question("HEAD", "/a", "localhost"))
    assert (answer.status, answer.whole) == (200, True)


async def test_noise_is_told_apart_from_a_break() -> None:
    async with answering(b"\x00\x01\x02 noise\r\n\r\n") as (client, _):
        answer = await client.ask(ASKED)
    assert answer.garbled
    assert not answer.whole


async def test_nothing_is_asked_twice() -> None:
    async with answering(b"") as (client, asked):
        with pytest.raises(DroppedError):
            await client.ask(ASKED)
        assert len(asked) == 1


async def test_nobody_listens() -> None:
    async with answering(WHOLE) as (client, _):
        pass
    with pytest.raises(GoneError):
        await client.ask(ASKED)
