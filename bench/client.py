"""A small client for where wrk is not installed: ``python -m bench.client URL CONNECTIONS SECONDS``.

It is slower than wrk, so it measures itself as much as the server; ratios of processor time hold.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from urllib.parse import urlsplit


class Tally:
    """What all connections together saw."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.asked = 0
        self.errors = 0
        self.received = 0

    def report(self, seconds: float) -> dict[str, float]:
        """The same figures as ``report.lua``."""
        ordered = sorted(self.latencies) or [0.0]
        return {
            "requests": len(self.latencies),
            "seconds": seconds,
            "errors": self.errors,
            "received": self.received,
            "p50": ordered[len(ordered) // 2] * 1e6,
            "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1e6,
        }


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[int, int]:
    """Send one request and read its answer, which must say its length; status and bytes."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    length = int(fields[b"content-length"])
    left = length
    while left:
        chunk = await reader.read(min(left, 1 << 18))
        if not chunk:
            raise ConnectionError("the server closed in the middle of a body")
        left -= len(chunk)
    return int(head.split(b" ", 2)[1]), len(head) + length


async def connection(host: str, port: int, request: bytes, until: float, tally: Tally) -> None:
    """Ask over one connection until time is up; a broken one is an error and is opened anew."""
    while time.monotonic() < until:
        writer = None
        try:
            reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
            while (started := time.monotonic()) < until:
                tally.asked += 1
                number = b"%016x" % tally.asked
                status, received = await exchange(reader, writer, request.replace(b"{n}", number))
                tally.latencies.append(time.monotonic() - started)
                tally.received += received
                tally.errors += status >= 400
        except (OSError, asyncio.IncompleteReadError, KeyError, ValueError):
            tally.errors += 1
            await asyncio.sleep(0.01)
        finally:
            if writer is not None:
                writer.close()


async def measure(url: str, connections: int, seconds: float, request: bytes) -> dict[str, float]:
    """Run the load and report."""
    parts = urlsplit(url)
    tally = Tally()
    started = time.monotonic()
    until = started + seconds
    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(connection(parts.hostname or "", parts.port or 80, request, until, tally))
    return tally.report(time.monotonic() - started)


def request_bytes(url: str, method: str, headers: str, body: str) -> bytes:
    """The request as it goes over the wire; ``headers`` are lines of ``Name: value``."""
    parts = urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", *filter(None, headers.split("\n"))]
    payload = body.encode()
    if payload:
        lines.append(f"Content-Length: {len(payload)}")
    return "\r\n".join([*lines, "", ""]).encode() + payload


def main() -> None:
    url, connections, seconds = sys.argv[1:4]
    environ = os.environ
    request = request_bytes(
        url,
        environ.get("BENCH_METHOD", "GET"),
        environ.get("BENCH_HEADERS", ""),
        environ.get("BENCH_BODY", ""),
    )
    print(json.dumps(asyncio.run(measure(url, int(connections), float(seconds), request))))


if __name__ == "__main__":
    main()
