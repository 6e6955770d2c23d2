"""A profile of very many samples joined to a function: time, memory, and what others notice of it.

The profile is a call graph made up at random, as deep as those of a service. It is joined as the proxy
joins it, in the worker, while somebody else asks a small question of the same event loop again and again.

    python -m bench.join [--samples 1000000]
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import random
import resource
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from bench.processes import peak_memory
from proxy.joining import Answer, Joiner
from proxy.profile import Question
from proxy.proto import profile_pb2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FUNCTIONS, LOCATIONS, DEPTH, CHUNK = 20_000, 60_000, 25, 64 * 1024
MIB = 2**20
QUESTION = Question("example.com/pkg7.Function307", "process_cpu:cpu:nanoseconds:cpu:nanoseconds")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.join", description=__doc__)
    parser.add_argument("--samples", type=int, default=1_000_000)
    run(parser.parse_args().samples)
    return 0


def run(samples: int) -> None:
    """Make a profile of so many samples, join it and print."""
    print(f"making a profile of {samples:,} samples", flush=True)
    data = profile(samples)
    packed = gzip.compress(data, 1)
    print(f"{len(data) / MIB:.1f} MiB, {len(packed) / MIB:.1f} MiB compressed\n")
    asyncio.run(measure(data, packed))


def profile(samples: int) -> bytes:
    """An encoded profile of so many samples."""
    chance = random.Random(1)  # noqa: S311 - the same profile every time
    made = profile_pb2.Profile(string_table=["", "cpu", "nanoseconds", '{"git_ref":"v1"}'])
    made.sample_type.add(type=1, unit=2)
    made.mapping.add(id=1, build_id=3)
    for number in range(1, FUNCTIONS + 1):
        index = len(made.string_table)
        made.string_table.extend(
            (f"example.com/pkg{number % 300}.Function{number}", f"/src/{number % 3000}.go")
        )
        made.function.add(id=number, name=index, filename=index + 1, start_line=number % 1000 + 1)
    for number in range(1, LOCATIONS + 1):
        location = made.location.add(id=number, mapping_id=1, address=16 * number)
        location.line.add(function_id=number % FUNCTIONS + 1, line=number % 1000 + 5)
    parts = [made.SerializeToString()]
    for start in range(0, samples, 1000):
        some = profile_pb2.Profile()
        for _ in range(min(1000, samples - start)):
            depth = chance.randint(DEPTH // 2, DEPTH * 3 // 2)
            stack = chance.choices(range(1, LOCATIONS + 1), k=depth)
            some.sample.add(location_id=stack, value=[chance.randint(1, 10**8)])
        parts.append(some.SerializeToString())
    return b"".join(parts)


async def measure(data: bytes, packed: bytes) -> None:
    joiner = Joiner()
    try:
        await joiner.join(QUESTION, Answer(chunks(data), "", wrapped=False))
        await idle()
        for name, body, encoding in (("as it is", data, ""), ("compressed", packed, "gzip")):
            await one(joiner, name, body, encoding)
    finally:
        await joiner.close()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"this process, the profile itself included: {own:.0f} MiB at most")


async def one(joiner: Joiner, name: str, body: bytes, encoding: str) -> None:
    latencies: list[float] = []
    asking = asyncio.create_task(others(latencies))
    started, cpu = time.perf_counter(), time.process_time()
    joined = await joiner.join(QUESTION, Answer(chunks(body), encoding, wrapped=False))
    took, spent = time.perf_counter() - started, time.process_time() - cpu
    asking.cancel()
    assert joined is not None
    memory = peak_memory(joiner.worker_pid or 0) / MIB
    print(f"{name}: {joined.samples:,} samples joined in {took:.2f} s")
    print(f"    the worker had {memory:.0f} MiB at most; the event loop's process spent {spent:.2f} s")
    print(f"    others meanwhile: {told(latencies)}")


async def idle() -> None:
    latencies: list[float] = []
    asking = asyncio.create_task(others(latencies))
    await asyncio.sleep(2)
    asking.cancel()
    print(f"others, nothing being joined: {told(latencies)}")


async def others(latencies: list[float]) -> None:
    """Ask over a connection to this event loop, every 2 ms, and note how long the answer takes."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(line)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        while True:
            asked = time.perf_counter()
            writer.write(b"\n")
            await reader.readline()
            latencies.append(time.perf_counter() - asked)
            await asyncio.sleep(0.002)
    finally:
        writer.close()
        server.close()


def told(latencies: list[float]) -> str:
    ordered = sorted(latencies) or [0.0]
    median, last = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return (
        f"{len(latencies):,} answers, median {median * 1000:.2f} ms, "
        f"99% {last * 1000:.2f} ms, longest {ordered[-1] * 1000:.1f} ms"
    )


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]
        await asyncio.sleep(0)


if __name__ == "__main__":
    sys.exit(main())
