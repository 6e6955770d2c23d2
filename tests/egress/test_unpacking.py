from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.egress.unpacking import GarbledError, TooLargeError, Unpacker

LIMIT = 1000


def unpack(body: bytes, encoding: str = "gzip", limit: int = LIMIT, *, step: int = 7) -> bytes:
    unpacker = Unpacker(encoding, limit, None)
    for start in range(0, len(body), step):
        unpacker.feed(body[start : start + step])
    return unpacker.finish()


@given(st.binary(max_size=LIMIT), st.integers(1, 2000), st.sampled_from(["", "identity", "gzip", "X-GZIP "]))
def test_what_was_sent_comes_out(body: bytes, step: int, encoding: str) -> None:
    sent = gzip.compress(body) if "gzip" in encoding.lower() else body
    limit = max(LIMIT, len(sent))
    assert unpack(sent, encoding, limit, step=step) == body


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("step", [1, 64, 1_000_000])
def test_the_limit_is_exact(encoding: str, step: int) -> None:
    def sent(size: int) -> bytes:
        return gzip.compress(bytes(size)) if encoding else bytes(size)

    assert unpack(sent(LIMIT), encoding, step=step) == bytes(LIMIT)
    with pytest.raises(TooLargeError):
        unpack(sent(LIMIT + 1), encoding, step=step)


def test_a_bomb_is_not_unpacked() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join([*(packer.compress(bytes(1024 * 1024)) for _ in range(200)), packer.flush()])
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            unpack(bomb, limit=1024 * 1024, step=len(bomb))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_empty_members_are_not_unpacked_for_ever() -> None:
    with pytest.raises(GarbledError):
        unpack(gzip.compress(b"") * 40, step=20)


@pytest.mark.parametrize("step", [1, 10_000])
@pytest.mark.parametrize(
    "body",
    [
        b"plain text",
        gzip.compress(b"text", mtime=0)[:-1],
        gzip.compress(b"a", mtime=0) + b"tail",
        zlib.compress(b"text"),
        b"\x1f",
    ],
)
def test_what_is_no_gzip(body: bytes, step: int) -> None:
    with pytest.raises(GarbledError):
        unpack(body, step=step)


@given(st.binary(max_size=200))
def test_any_bytes_end_cleanly(body: bytes) -> None:
    try:
        unpack(b"\x1f\x8b\x08\x00" + body)
    except (GarbledError, TooLargeError):
        return


def test_a_body_of_nothing() -> None:
    assert unpack(b"") == b""


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "gzip, identity", "é"])
def test_encodings_that_nobody_asked_for(encoding: str) -> None:
    with pytest.raises(GarbledError):
        Unpacker(encoding, LIMIT, None)


def test_what_is_announced_too_large_is_not_waited_for() -> None:
    Unpacker("", LIMIT, LIMIT)
    with pytest.raises(TooLargeError):
        Unpacker("", LIMIT, LIMIT + 1)
