"""A real haproxy in the foreground, and what it thinks of its servers."""

from __future__ import annotations

import csv
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.process import WAIT_SECONDS
from tests.fakes.programs import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_POLL = 0.02


class HaProxy:
    """A running haproxy; ``control`` is its unix socket for operators."""

    def __init__(self, process: subprocess.Popen[bytes], control: Path) -> None:
        self._process = process
        self._control = control

    def states(self) -> dict[str, str]:
        """What it thinks of each server: ``UP``, ``DOWN``, or on the way to one of them."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(self._control))
            asking.sendall(b"show stat\n")
            text = b"".join(iter(lambda: asking.recv(65536), b"")).decode()
        rows = csv.DictReader(text.removeprefix("# ").splitlines())
        return {row["svname"]: row["status"] for row in rows}

    def wait_for(self, server: str, state: str) -> None:
        """Wait until it thinks so."""
        until = time.monotonic() + WAIT_SECONDS
        while not self._control.exists() or self.states()[server] != state:
            assert self._process.poll() is None, "haproxy has ended"
            assert time.monotonic() < until, f"haproxy does not find {server} {state}"
            time.sleep(_POLL)


@contextmanager
def running_haproxy(config: str) -> Iterator[HaProxy]:
    """Run it with a configuration, to which the socket for operators is added."""
    program = path_of("haproxy")
    # Not pytest's folder: a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="haproxy-") as name:
        folder = Path(name)
        control, file = folder / "s", folder / "haproxy.cfg"
        file.write_text(f"global\n    stats socket {control} level admin\n\n{config}")
        with subprocess.Popen([program, "-db", "-q", "-f", str(file)], stderr=subprocess.DEVNULL) as process:
            try:
                yield HaProxy(process, control)
            finally:
                process.kill()
