"""Programs under measurement: start them, wait for their port, read what they cost, end them."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_TIMEOUT = 15.0


class DidNotStartError(Exception):
    """A program ended or did not listen in time; the message says which, with the end of its log."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """A running program that listens on a port of loopback; leaving the ``with`` block ends it.

    Args:
        name: how it is called in the output.
        command: what to run.
        port: where it will listen.
        log: the file that takes its output.
        cpus: the processors that it may use.
    """

    def __init__(self, name: str, command: Sequence[str], port: int, log: Path, cpus: frozenset[int]) -> None:
        self.name = name
        self.port = port
        self._command = command
        self._log = log
        self._cpus = cpus

    @property
    def pid(self) -> int:
        """The process, once it was started."""
        return self._process.pid

    @property
    def url(self) -> str:
        """Where it is reached, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.sched_setaffinity(self._process.pid, self._cpus)
        try:
            self._wait_for_port()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def cpu_seconds(self) -> float:
        """Processor time spent so far, by it and its children, user and system."""
        return cpu_seconds(self._process.pid)

    def peak_memory(self) -> int:
        """The most bytes that were resident, its children's peaks added."""
        return peak_memory(self._process.pid)

    def forget_peak(self) -> None:
        """From now on, count the peak of memory anew."""
        forget_peak(self._process.pid)

    def _wait_for_port(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        last_words = self._log.read_text(errors="replace")[-2000:]
        raise DidNotStartError(f"{self.name} does not listen: {' '.join(self._command)}\n{last_words}")


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its children have spent so far, user and system."""
    return sum(cpu_seconds_in(_stat_of(child)) for child in tree_of(pid))


def peak_memory(pid: int) -> int:
    """The most bytes that were resident of a process, its children's peaks added; see ``forget_peak``."""
    return sum(peak_memory_in(_read(f"/proc/{child}/status")) for child in tree_of(pid))


def forget_peak(pid: int) -> None:
    """From now on, count the peak of a process and its children anew (man 5 proc, clear_refs)."""
    for child in tree_of(pid):
        with suppress(OSError):
            Path(f"/proc/{child}/clear_refs").write_text("5")


def tree_of(pid: int) -> Iterator[int]:
    """A process and all its descendants that live now."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            stat = _stat_of(int(entry.name))
            if stat:
                parents.setdefault(parent_in(stat), []).append(int(entry.name))
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(parents.get(current, ()))


def _stat_of(pid: int) -> str:
    """``/proc/PID/stat`` (man 5 proc), empty when the process has gone."""
    return _read(f"/proc/{pid}/stat")


def parent_in(stat: str) -> int:
    """The parent's process id; the program's name, which may hold spaces and brackets, is skipped."""
    return int(stat.rpartition(")")[2].split()[1])


def cpu_seconds_in(stat: str) -> float:
    """User and system time, of the process and of its children that have ended."""
    if not stat:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS_PER_SECOND


def peak_memory_in(status: str) -> int:
    """``VmHWM`` of ``/proc/PID/status`` in bytes, zero when the process has gone."""
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
