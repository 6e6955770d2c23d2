from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.processes import (
    DidNotStartError,
    Program,
    cpu_seconds,
    cpu_seconds_in,
    free_port,
    parent_in,
    peak_memory,
    peak_memory_in,
    tree_of,
)

TICKS = os.sysconf("SC_CLK_TCK")
STAT = (
    f"42 (a (b) c) S 7 42 42 0 -1 4194304 100 0 0 0 {TICKS} {2 * TICKS} {3 * TICKS} {4 * TICKS} 20 0 1 0 999"
)
CPUS = frozenset(os.sched_getaffinity(0))


def test_reads_stat_with_brackets_and_spaces_in_the_name() -> None:
    assert parent_in(STAT) == 7
    assert cpu_seconds_in(STAT) == 10


def test_a_process_that_has_gone_costs_nothing() -> None:
    assert cpu_seconds_in("") == 0
    assert peak_memory_in("") == 0


def test_reads_the_peak_of_memory() -> None:
    assert peak_memory_in("Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t   123 kB\n") == 123 * 1024


def test_this_process_has_cost_something() -> None:
    assert cpu_seconds(os.getpid()) > 0
    assert peak_memory(os.getpid()) > 1 << 20


def test_children_belong_to_the_tree() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert {os.getpid(), child.pid} <= set(tree_of(os.getpid()))
    finally:
        child.communicate()


def test_a_program_is_reached_and_ended(tmp_path: Path) -> None:
    port = free_port()
    files = tmp_path / "files"
    files.mkdir()
    command = [sys.executable, "-m", "bench.upstream", str(port), str(files)]
    with Program("upstream", command, port, tmp_path / "log", CPUS) as program:
        (pid,) = set(tree_of(os.getpid())) & {program.pid}
        assert program.url == f"http://127.0.0.1:{port}"
        assert program.peak_memory() > 1 << 20
        assert program.cpu_seconds() > 0
    assert not Path(f"/proc/{pid}").exists()


def test_a_program_that_ends_at_once_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('port is taken')"]
    with pytest.raises(DidNotStartError, match="port is taken"):
        Program("broken", command, free_port(), tmp_path / "log", CPUS).__enter__()
