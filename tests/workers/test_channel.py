"""Calls both ways over a socket pair; whoever is gone leaves nobody waiting."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from proxy.workers.channel import Channel, ChannelClosedError, Kind, RefusedError, read_frame

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from proxy.workers.channel import Handlers


@asynccontextmanager
async def ends(left: Handlers, right: Handlers) -> AsyncIterator[tuple[Channel, Channel]]:
    one, other = socket.socketpair()
    channels = [
        Channel(*await asyncio.open_unix_connection(sock=sock), handlers)
        for sock, handlers in ((one, left), (other, right))
    ]
    running = [asyncio.create_task(channel.run()) for channel in channels]
    async with asyncio.timeout(30):
        yield channels[0], channels[1]
        for channel in channels:
            await channel.close()
        await asyncio.gather(*running)


async def shout(body: bytes) -> bytes:
    return body.upper()


async def test_both_may_ask() -> None:
    async with ends({Kind.CLAIM: shout}, {Kind.METRICS: shout}) as (left, right):
        large = b"x" * 2**20
        answers = await asyncio.gather(
            left.call(Kind.METRICS, b"a"), right.call(Kind.CLAIM, b"b"), left.call(Kind.METRICS, large)
        )
        assert list(answers) == [b"A", b"B", large.upper()]


async def test_answers_find_who_asked_whatever_their_order() -> None:
    gates = {body: asyncio.Event() for body in (b"a", b"b")}

    async def wait(body: bytes) -> bytes:
        await gates[body].wait()
        return body

    async with ends({}, {Kind.CLAIM: wait}) as (left, _):
        first, second = (asyncio.create_task(left.call(Kind.CLAIM, body)) for body in gates)
        gates[b"b"].set()
        assert await second == b"b"
        assert not first.done()
        gates[b"a"].set()
        assert await first == b"a"


async def test_what_is_told_is_taken_in_its_order() -> None:
    taken: list[bytes] = []

    async def take(body: bytes) -> bytes:
        taken.append(body)
        return b""

    async with ends({}, {Kind.SETTLE: take, Kind.METRICS: take}) as (left, _):
        for number in range(20):
            left.tell(Kind.SETTLE, b"%d" % number)
        await left.call(Kind.METRICS, b"end")
    assert taken == [*(b"%d" % number for number in range(20)), b"end"]


@pytest.mark.parametrize(
    ("error", "shown"),
    [(OSError("no such file"), "no such file"), (ValueError("bad"), "bad"), (KeyError("hush"), "KeyError")],
)
async def test_a_refusal_comes_back_as_one(
    error: Exception, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(_: bytes) -> bytes:
        raise error

    async with ends({}, {Kind.SETTINGS: refuse}) as (left, _):
        with pytest.raises(RefusedError, match=shown) as caught:
            await left.call(Kind.SETTINGS)
    assert "hush" not in str(caught.value) + caplog.text


async def test_who_waits_for_one_that_goes_is_told() -> None:
    asked = asyncio.Event()

    async def never(_: bytes) -> bytes:
        asked.set()
        await asyncio.Event().wait()
        return b""

    async with ends({}, {Kind.CLAIM: never}) as (left, right):
        waiting = asyncio.create_task(left.call(Kind.CLAIM))
        await asked.wait()
        await right.close()
        with pytest.raises(ChannelClosedError):
            await waiting
        with pytest.raises(ChannelClosedError):
            await left.call(Kind.CLAIM)
        left.tell(Kind.SETTLE, b"nobody hears it")


async def test_an_answer_that_nobody_waits_for_any_more_does_no_harm() -> None:
    gate = asyncio.Event()

    async def wait(body: bytes) -> bytes:
        await gate.wait()
        return body

    async with ends({}, {Kind.CLAIM: wait, Kind.METRICS: shout}) as (left, _):
        waiting = asyncio.create_task(left.call(Kind.CLAIM, b"a"))
        assert await left.call(Kind.METRICS, b"b") == b"B"
        waiting.cancel()
        await asyncio.wait((waiting,))
        gate.set()
        assert await left.call(Kind.METRICS, b"c") == b"C"


@pytest.mark.parametrize("data", [b"", b"\0", b"\xff" * 13, b"\0\0\0\x05\0\0\0\0\0\0\0\0\0half"])
async def test_half_a_message_is_the_end(data: bytes) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    assert await read_frame(reader) is None
