"""The command as a process of its own: exit codes, signals, ports that are taken."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = str(Path(__file__).parent.parent / "config.example.yaml")
MODULE = [sys.executable, "-m", "proxy"]
SCRIPT = [str(Path(sys.executable).with_name("pyroscope-source-proxy"))]


@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
def test_it_exits_with_the_code(command: list[str], tmp_path: Path) -> None:
    fine = subprocess.run([*command, "check-config", EXAMPLE], capture_output=True, check=False)
    assert (fine.returncode, fine.stderr) == (0, b"")
    missing = [*command, "check-config", str(tmp_path / "none.yaml")]
    assert subprocess.run(missing, capture_output=True, check=False).returncode == 2


def test_a_reader_that_goes_away_makes_no_noise() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [*MODULE, "check-config", EXAMPLE], stdout=write_end, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("flag", ["--listen", "--admin-listen"])
def test_a_port_that_is_taken_ends_in_one_line(flag: str) -> None:
    free = {"--listen": "127.0.0.1:0", "--admin-listen": "127.0.0.1:0"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        flags = free | {flag: f"127.0.0.1:{taken.getsockname()[1]}"}
        command = [*MODULE, "serve", *(part for pair in flags.items() for part in pair)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("pyroscope-source-proxy: could not run: ")
    assert flags[flag] in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(number: signal.Signals) -> None:
    command = [*MODULE, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        started = process.stderr.readline()
        process.send_signal(number)
        rest = process.stderr.read()
    assert "msg=listening" in started
    assert process.returncode == 0
    assert all(line.startswith("ts=") for line in rest.splitlines())
