"""Nothing that can be read in two ways gets through: the corpus against a real door, its upstream recorded.

Every case comes twice, since what was read before may be remembered.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.door.conftest import running_door, say_ok
from tests.door.corpus import GROUPS, LAST, cases, outcome
from tests.door.recording import Recording, converse, recording, statuses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_LINE = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n"
_HEAD = re.compile(rb"[A-Z-]+ [\x21-\x7e]+ HTTP/1\.1\r\nHost: [0-9.:]+\r\n(?:" + _LINE + rb")*\r\n")
_FRAMING = re.compile(rb"\r\n(?:(transfer-encoding)|(content-length)): ([^\r\n]*)(?=\r\n)", re.IGNORECASE)
_CHUNK = re.compile(rb"([1-9a-f][0-9a-f]*)\r\n")


def read_strictly(raw: bytes) -> int:
    """How many whole requests there are in what the upstream was sent; the last may be cut off anywhere.

    Raises:
        AssertionError: when anything could be read in another way.
    """
    count = 0
    while raw:
        if b"\r\n\r\n" not in raw:
            return count
        head = _HEAD.match(raw)
        assert head, raw[:500]
        framings = _FRAMING.findall(head[0])
        assert len(framings) <= 1, head[0]
        raw = raw[head.end() :]
        if framings and framings[0][0]:
            assert framings[0][2] == b"chunked"
            raw, whole = _without_chunks(raw)
        else:
            size = int(framings[0][2]) if framings else 0
            whole = len(raw) >= size
            raw = raw[size:]
        count += whole
    return count


def _without_chunks(raw: bytes) -> tuple[bytes, bool]:
    while raw and not raw.startswith(b"0\r\n\r\n"):
        size = _CHUNK.match(raw)
        assert size or b"0\r\n\r\n".startswith(raw), raw[:50]
        if not size:
            return b"", False
        end = size.end() + int(size[1], 16)
        assert raw[end : end + 2] in {b"\r\n", b"\r", b""}
        raw = raw[end + 2 :]
    return raw[5:], bool(raw)


@asynccontextmanager
async def recorded_door() -> AsyncIterator[tuple[Recording, int]]:
    """A door in front of a recording upstream; its port."""
    async with recording() as upstream:
        url = f"http://127.0.0.1:{upstream.port}"
        async with running_door(say_ok, upstream_url=url) as setup:
            yield upstream, setup.port
        for stream in upstream.streams:
            assert stream.fault == ""
            read_strictly(stream.raw)


async def become(upstream: Recording, port: int, *pieces: bytes) -> str:
    """What becomes of a client's bytes, in the words of the corpus."""
    upstream.requests.clear()
    answer = await converse(port, *pieces)
    return outcome(statuses(answer), upstream.requests)


@pytest.mark.parametrize("group", GROUPS)
async def test_what_becomes_of_odd_requests(group: str) -> None:
    expected = {case.name: case.outcomes["door"] for case in cases(group)}
    async with recorded_door() as (upstream, port):
        for _ in range(2):
            got = {case.name: await become(upstream, port, case.data + LAST) for case in cases(group)}
            assert got == expected


async def test_what_is_refused_leaves_nothing_behind() -> None:
    """Of a case that is refused, nothing whole reaches the upstream, whatever honest requests go around."""
    async with recorded_door() as (upstream, port):
        for group in GROUPS:
            for case in cases(group):
                if case.outcomes["door"][0] in "45":
                    await converse(port, case.data + LAST)
                    assert upstream.requests == [], case.name


async def test_no_head_of_the_corpus_reaches_the_upstream_as_it_came() -> None:
    """Heads are written anew: spelling stays, framing and hops do not."""
    async with recorded_door() as (upstream, port):
        sent = (
            b"POST http://u:p@h/a HTTP/1.1\r\nHost: h\r\nConnection: x, keep-alive\r\nX: 1\r\n"
            b"TE: trailers\r\nProxy-Connection: keep-alive\r\nKeep-Alive: 5\r\n"
            b"cOnTeNt-LeNgTh:\t005 \r\nyY:  z\r\n\r\nhello"
        )
        assert await become(upstream, port, sent + LAST) == "200 200 → POST /a=hello, GET /last"
        head = upstream.streams[0].raw.partition(b"\r\n\r\n")[0]
        assert head.split(b"\r\n")[0] == b"POST /a HTTP/1.1"
        assert set(head.split(b"\r\n")[1:]) == {
            b"Host: 127.0.0.1:%d" % upstream.port,
            b"Content-Length: 5",
            b"yY: z",
            b"X-Forwarded-For: 127.0.0.1",
            b"X-Forwarded-Host: h",
            b"X-Forwarded-Proto: http",
        }
