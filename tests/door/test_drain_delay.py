"""Draining with a delay: whoever asks seldom whether this is still there is answered until it has learned."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.door.conftest import Setup

REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


async def test_what_comes_after_a_quiet_while_is_answered_and_told_to_go(echoing: Setup) -> None:
    draining = asyncio.create_task(echoing.door.drain(10, delay=3600))
    # Without a delay it would have closed by now: nothing has come for as long as it waits for.
    done, _ = await asyncio.wait([draining], timeout=0.6)
    assert not done
    head, _ = await echoing.ask(REQUEST)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nConnection: close" in head
    draining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await draining


async def test_after_the_delay_it_ends_as_ever(echoing: Setup) -> None:
    await asyncio.wait_for(echoing.door.drain(10, delay=0.01), 10)
    with pytest.raises(ConnectionRefusedError):
        await echoing.connect()
