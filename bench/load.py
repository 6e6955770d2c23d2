"""One run of load: a client in a process of its own, and what it saw."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

INSTALL = "apt-get install wrk"
ROOT = Path(__file__).parent.parent
_LUA = Path(__file__).with_name("report.lua")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked again and again; ``headers`` may hold a session, so they are not part of ``repr``.

    ``{n}`` in the value of a header becomes another number of sixteen digits in each request.
    """

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What a client saw: counts, seconds; latencies in microseconds."""

    requests: int
    seconds: float
    errors: int
    received: int
    p50: float
    p99: float


class LoadFailedError(Exception):
    """The client itself failed; the message is what it said."""


def name() -> str:
    """Which client runs."""
    return "wrk" if shutil.which("wrk") else "the asyncio client of this benchmark"


def run(request: Request, connections: int, seconds: float, cpus: frozenset[int]) -> Run:
    """Ask for one URL over some connections for a while.

    Raises:
        LoadFailedError: the client did not work at all.
    """
    wrk = shutil.which("wrk")
    if wrk:
        duration = f"{max(1, round(seconds))}s"
        command = [
            wrk,
            "-t1",
            f"-c{connections}",
            f"-d{duration}",
            "--timeout",
            "30s",
            "-s",
            str(_LUA),
            request.url,
        ]
    else:
        command = [sys.executable, "-m", "bench.client", request.url, str(connections), str(seconds)]
    # The environment, not the arguments: those are there for everybody on the machine to read.
    asked = {
        "BENCH_METHOD": request.method,
        "BENCH_HEADERS": "\n".join(f"{key}: {value}" for key, value in request.headers.items()),
        "BENCH_BODY": request.body,
    }
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **asked},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, cpus),
    )
    if done.returncode:
        raise LoadFailedError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-500:]}")
    return parse(done.stdout)


def parse(output: str) -> Run:
    """Read the last line, in which both clients report as JSON.

    Raises:
        LoadFailedError: there is no such line.
    """
    try:
        return Run(**json.loads(output.strip().splitlines()[-1]))
    except (IndexError, ValueError, TypeError) as error:
        raise LoadFailedError(f"the client did not report: {output.strip()[-500:]}") from error
