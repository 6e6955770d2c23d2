"""GetFile answered from what is known: no call to GitHub, nothing fetched, nothing resolved anew.

The proxy is asked once, so that the answer is known, and then again and again as Grafana's browser
path does. Beside it nginx gives out the same bytes as a file: what the transport alone costs.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bench import load, nginx
from bench.processes import Program, cpu_seconds, forget_peak, free_port, peak_memory
from bench.report import Sample, table
from bench.targets import MANY, Places, one_round

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.targets import Spends

METHOD = "/vcs.v1.VCSService/GetFile"
GETFILE, STATIC = "GetFile", "nginx, a file"
_ANSWER = "answer"


class NotAnsweredError(Exception):
    """The first GetFile failed; the message is what the proxy said."""


@dataclass(frozen=True, slots=True)
class Target:
    """A running proxy and a file that a session may read.

    Attributes:
        url: the proxy's main listener, without a path.
        pid: its process; its children count.
        cookie: the value of ``pyroscope_git_session``; a secret.
        question: the fields of GetFileRequest.
    """

    url: str
    pid: int
    cookie: str = field(repr=False)
    question: Mapping[str, str] = field(default_factory=dict)

    def cpu_seconds(self) -> float:
        """Processor time spent so far."""
        return cpu_seconds(self.pid)

    def forget_peak(self) -> None:
        """From now on, count the peak of memory anew."""
        forget_peak(self.pid)

    def peak_memory(self) -> int:
        """The most bytes that were resident since then."""
        return peak_memory(self.pid)

    def request(self) -> load.Request:
        """The call as Grafana's browser path sends it."""
        headers = {"Content-Type": "application/json", "Cookie": f"pyroscope_git_session={self.cookie}"}
        return load.Request(self.url + METHOD, "POST", headers, json.dumps(dict(self.question)))


def warm(target: Target) -> bytes:
    """Ask once, so that everything is known from then on; the answer's body.

    Raises:
        NotAnsweredError: the proxy refused or could not be reached.
    """
    asked = target.request()
    request = urllib.request.Request(  # noqa: S310 - the address is the operator's own argument
        asked.url, asked.body.encode(), asked.headers, method=asked.method
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as error:
        raise NotAnsweredError(
            f"GetFile: HTTP {error.code}: {error.read(500).decode(errors='replace')}"
        ) from error
    except OSError as error:
        raise NotAnsweredError(f"GetFile: {error}") from error


def run(target: Target, folder: Path, rounds: int, seconds: float, where: Places) -> None:
    """Measure and print.

    Args:
        target: what to ask.
        folder: for files that end with the run.
        rounds: how often each is measured, taking turns.
        seconds: how long each of a round's two runs of load takes.
        where: the processors to use.

    Raises:
        NotAnsweredError: the first GetFile failed.
        bench.processes.DidNotStartError: nginx did not start.
        bench.load.LoadFailedError: the client did not work.
    """
    body = warm(target)
    print(f"\nGetFile, everything known; an answer of {len(body):,} bytes")
    print(f"requests/s and CPU at {MANY} connections")
    with ExitStack() as stack:
        measured: dict[str, tuple[Spends, load.Request]] = {}
        if found := nginx.find():
            static = stack.enter_context(_static(found, folder / "static", body, where))
            measured[STATIC] = (static, load.Request(f"{static.url}/{_ANSWER}"))
        else:
            print(f"nginx is not installed, so there is nothing to compare with: {nginx.INSTALL}")
        measured[GETFILE] = (target, target.request())
        samples: dict[str, list[Sample]] = {name: [] for name in measured}
        for _ in range(rounds):
            for name, (program, request) in measured.items():
                samples[name].append(one_round(program, request, seconds, where))
        print("\n".join(table(samples, STATIC)), flush=True)


def run_cold(target: Target, questions: Sequence[Mapping[str, str]]) -> None:
    """Ask once for each of many files that nobody asked for before, one after the other, and print.

    Args:
        target: what to ask.
        questions: the first is about a repository of which nothing is known yet.

    Raises:
        NotAnsweredError: a GetFile failed.
    """
    latencies: list[float] = []
    first, *others = (replace(target, question=question) for question in questions)
    started = time.perf_counter()
    warm(first)
    whole_first = time.perf_counter() - started
    spent = target.cpu_seconds()
    for one in others:
        started = time.perf_counter()
        warm(one)
        latencies.append(time.perf_counter() - started)
    spent = (target.cpu_seconds() - spent) / len(latencies)
    ordered = sorted(latencies)
    middle, last = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    print(f"\nGetFile, {len(questions)} files that nobody asked for before, one after the other")
    print(f"the first of its repository: {whole_first * 1e3:.0f} ms; each of the others:")
    told = f"p50 {middle * 1e3:.1f} ms, p99 {last * 1e3:.1f} ms, CPU {spent * 1e3:.1f} ms"
    print(told, flush=True)


def _static(found: str, folder: Path, body: bytes, where: Places) -> Program:
    """Nginx giving out the same bytes as a file."""
    files = folder / "files"
    files.mkdir(parents=True)
    (files / _ANSWER).write_bytes(body)
    port = free_port()
    (folder / "nginx.conf").write_text(nginx.upstream_config(port, files))
    command = nginx.command(found, folder / "nginx.conf")
    return Program(STATIC, command, port, folder / "nginx.log", where.measured)
