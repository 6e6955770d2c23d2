"""Small profiles in a thread, large ones in a process that comes and goes."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from proxy.errors import Code, RpcError
from proxy.joining import Answer, Joiner
from proxy.joining.joiner import LARGEST_HERE
from proxy.profile import Value
from proxy.proto import querier_pb2
from tests.joining.large import QUESTION, large
from tests.profile.building import Builder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

MANY = 100_000
LARGE = large(MANY)


def small() -> bytes:
    builder = Builder()
    builder.sample(10, builder.at("f", 3))
    return builder.encoded()


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 65536):
        yield data[start : start + 65536]


def answer(data: bytes, encoding: str = "", *, wrapped: bool = False) -> Answer:
    return Answer(chunks(data), encoding, wrapped)


def in_response(profile: bytes) -> bytes:
    response = querier_pb2.SelectMergeStacktracesResponse()
    response.pprof.profile.ParseFromString(profile)
    return response.SerializeToString()


@asynccontextmanager
async def joining(joiner: Joiner) -> AsyncIterator[Joiner]:
    try:
        yield joiner
    finally:
        await joiner.close()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("encoding", ["", "gzip", "identity"])
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(("profile", "total"), [(small, 10), (lambda: LARGE, 10 * MANY)])
async def test_a_profile_is_joined_wherever_it_is_done(
    profile: Callable[[], bytes], total: int, wrapped: bool, encoding: str
) -> None:
    data = in_response(profile()) if wrapped else profile()
    data = gzip.compress(data) if encoding == "gzip" else data
    async with joining(Joiner()) as joiner:
        joined = await joiner.join(QUESTION, answer(data, encoding, wrapped=wrapped))
        assert joined is not None
        (use,) = joined.uses
        assert use.lines == {3: Value(total, total)}
        # A large profile leaves the process, also when it is small while it is compressed.
        assert (joiner.worker_pid is not None) == (total > 10)


async def test_one_worker_does_all_that_is_large() -> None:
    async with joining(Joiner()) as joiner:
        results = await asyncio.gather(*(joiner.join(QUESTION, answer(LARGE)) for _ in range(3)))
        pid = joiner.worker_pid
        await joiner.join(QUESTION, answer(LARGE))
        assert joiner.worker_pid == pid
    assert [joined.samples for joined in results if joined] == [MANY] * 3


async def test_the_worker_ends_with_the_joiner() -> None:
    async with joining(Joiner()) as joiner:
        await joiner.join(QUESTION, answer(LARGE))
        pid = joiner.worker_pid
    assert pid is not None
    assert not is_running(pid)


async def test_a_worker_without_work_is_ended_and_the_next_one_started() -> None:
    async with joining(Joiner(idle=0)) as joiner:
        for _ in range(2):
            joined = await joiner.join(QUESTION, answer(LARGE))
            assert joined is not None
            while joiner.worker_pid is not None:  # noqa: ASYNC110 - the end of an idle worker tells nobody
                await asyncio.sleep(0)


async def test_a_worker_that_is_killed_is_told_of_and_replaced() -> None:
    async with joining(Joiner()) as joiner:
        await joiner.join(QUESTION, answer(LARGE))
        pid = joiner.worker_pid
        assert pid is not None

        async def killing() -> AsyncIterator[bytes]:
            yield LARGE
            os.kill(pid, signal.SIGKILL)

        with pytest.raises(RpcError, match="shorter time range") as caught:
            await joiner.join(QUESTION, Answer(killing(), "", wrapped=False))
        assert caught.value.code is Code.RESOURCE_EXHAUSTED
        assert await joiner.join(QUESTION, answer(LARGE)) is not None


async def test_a_worker_that_died_while_idle_is_replaced() -> None:
    async with joining(Joiner()) as joiner:
        await joiner.join(QUESTION, answer(LARGE))
        pid = joiner.worker_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        worker = joiner._worker
        assert worker is not None
        await worker.wait()
        assert await joiner.join(QUESTION, answer(LARGE)) is not None


async def test_nobody_works_for_a_caller_that_has_gone() -> None:
    async with joining(Joiner()) as joiner:
        await joiner.join(QUESTION, answer(LARGE))
        pid = joiner.worker_pid
        assert pid is not None
        reached = asyncio.Event()

        async def endless() -> AsyncIterator[bytes]:
            yield LARGE
            reached.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(joiner.join(QUESTION, Answer(endless(), "", wrapped=False)))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert joiner.worker_pid is None
        assert await joiner.join(QUESTION, answer(LARGE)) is not None
    assert not is_running(pid)


async def test_a_worker_that_takes_too_long_is_ended() -> None:
    async with joining(Joiner(patience=0)) as joiner:
        with pytest.raises(RpcError, match="within 0 seconds") as caught:
            await joiner.join(QUESTION, answer(LARGE))
        assert caught.value.code is Code.RESOURCE_EXHAUSTED
        assert joiner.worker_pid is None


async def test_what_reading_raises_is_raised() -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield LARGE
        raise RpcError(Code.UNAVAILABLE, "Pyroscope broke off")

    async with joining(Joiner()) as joiner:
        with pytest.raises(RpcError, match="broke off"):
            await joiner.join(QUESTION, Answer(breaking(), "", wrapped=False))
        assert joiner.worker_pid is None


@pytest.mark.parametrize(
    ("data", "encoding", "code"),
    [
        (LARGE, "", Code.RESOURCE_EXHAUSTED),
        (gzip.compress(LARGE, 1), "gzip", Code.RESOURCE_EXHAUSTED),
        (gzip.compress(bytes(64 * LARGEST_HERE)), "gzip", Code.RESOURCE_EXHAUSTED),
        (b"not gzip", "gzip", Code.INTERNAL),
        (b"not gzip" * LARGEST_HERE, "gzip", Code.INTERNAL),
        (gzip.compress(small())[:-5], "gzip", Code.INTERNAL),
        (gzip.compress(small()) + b"more", "gzip", Code.INTERNAL),
        (small(), "zstd", Code.INTERNAL),
        (b"<html>" * 10, "", Code.INTERNAL),
        (b"<html>" * (LARGEST_HERE // 4), "", Code.INTERNAL),
    ],
    # Named, since the bytes of gzip hold the time: every worker has to find the same tests.
    ids=[
        "large",
        "large-gzip",
        "bomb",
        "no-gzip",
        "much-that-is-no-gzip",
        "cut",
        "trailing",
        "zstd",
        "html",
        "large-html",
    ],
)
async def test_what_cannot_be_joined_is_refused_and_the_next_one_is_not(
    data: bytes, encoding: str, code: Code
) -> None:
    async with joining(
        Joiner(limit=LARGEST_HERE + 1024 if code is Code.RESOURCE_EXHAUSTED else 2**28)
    ) as joiner:
        with pytest.raises(RpcError) as caught:
            await joiner.join(QUESTION, answer(data, encoding))
        assert caught.value.code is code
        assert await joiner.join(QUESTION, answer(small())) is not None


async def test_an_answer_without_a_profile_is_told_apart() -> None:
    graph = querier_pb2.SelectMergeStacktracesResponse(flamegraph=querier_pb2.FlameGraph(names=["f" * 2**21]))
    async with joining(Joiner()) as joiner:
        assert await joiner.join(QUESTION, answer(graph.SerializeToString(), wrapped=True)) is None
        assert await joiner.join(QUESTION, answer(b"", wrapped=True)) is None


async def test_the_worker_knows_no_secret_of_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_CLIENT_SECRET", "the-secret")
    async with joining(Joiner()) as joiner:
        await joiner.join(QUESTION, answer(LARGE))
        environment = await asyncio.to_thread(_environment_of, joiner.worker_pid)
    assert b"PYTHONPATH" in environment
    assert b"the-secret" not in environment


def _environment_of(pid: int | None) -> bytes:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 - no path of a file but of a process
            return file.read()
    except FileNotFoundError:
        pytest.skip("this system does not show the environment of a process")


async def test_other_work_goes_on_while_a_million_samples_are_joined() -> None:
    """Event-based: as long as the join is not done, the loop answers, again and again, on another socket."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    data = large(1_000_000)
    async with joining(Joiner()) as joiner, await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        all_sent = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            async for chunk in chunks(data):
                yield chunk
            all_sent.set()

        task = asyncio.create_task(joiner.join(QUESTION, Answer(body(), "", wrapped=False)))
        await all_sent.wait()
        answered = 0
        while not task.done():
            writer.write(b"still there?\n")
            assert await reader.readline() == b"still there?\n"
            answered += 1
        writer.close()
        await writer.wait_closed()
        joined = await task
    assert joined is not None
    assert joined.samples == 1_000_000
    # Had the join held the loop, it would have been done before the second answer.
    assert answered > 10
