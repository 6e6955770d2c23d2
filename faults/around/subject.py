"""The proxy as a process: started as an operator starts it, watched from outside."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import free_port, tree_of
from faults.client import Client, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Several at once start and end slowly on a machine that has other work to do.
START_SECONDS, STOP_SECONDS, ADMIN_SECONDS = 60.0, 30.0, 15.0
_STEP = 0.05


class SubjectError(Exception):
    """The process did not do what it has to; the message says what."""


class Subject:
    """One proxy at fixed ports, which may be ended and started again.

    Args:
        folder: for its configuration and its log.
        config: the file that it reads.
        environ: its environment.
        workers: how many processes serve.
    """

    def __init__(self, folder: Path, config: Path, environ: Mapping[str, str], workers: int = 1) -> None:
        self.config = config
        self.workers = workers
        self.port, self.admin_port = free_port(), free_port()
        self.log = folder / "proxy.log"
        self.lives = 0
        self._environ = dict(environ)
        self._process: subprocess.Popen[bytes] | None = None
        self._admin = Client(self.admin_port)
        self._asking = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Of the process that runs (or ran last)."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    async def start(self, *, workers: int | None = None, log: Path | None = None) -> None:
        """Start it and wait until it is ready.

        Args:
            workers: how many processes are to serve; ``None`` for as many as always.
            log: where its log goes instead of the end of the usual file.

        Raises:
            SubjectError: it does not become ready.
        """
        command = [sys.executable, "-m", "proxy", "serve", "--config", str(self.config)]
        command += ["--listen", f"127.0.0.1:{self.port}", "--admin-listen", f"127.0.0.1:{self.admin_port}"]
        with (log or self.log).open("ab") as stderr:
            self._process = await asyncio.to_thread(
                subprocess.Popen,
                [*command, "--workers", str(workers or self.workers)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=self._environ,
            )
        self.lives += 1
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._until_ready()
        except TimeoutError:
            raise SubjectError(f"the proxy was not ready within {START_SECONDS:g} s") from None

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code.

        Raises:
            SubjectError: it does not end.
        """
        if self._process is None:
            raise SubjectError("the proxy does not run")
        self._process.send_signal(number)
        try:
            code = await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise SubjectError(
                f"the proxy did not end within {STOP_SECONDS:g} s of signal {number}"
            ) from None
        await self._admin.close()
        return code

    def kill(self) -> None:
        """End it at once, whatever it does, and wait until it has gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def signal(self, number: int) -> None:
        """Send a signal and go on."""
        os.kill(self.pid, number)

    async def admin(self, path: str) -> str:
        """What the admin listener answers.

        Raises:
            SubjectError: it does not answer, or not with 200.
        """
        question = Question("GET", path, f"127.0.0.1:{self.admin_port}")
        try:
            async with asyncio.timeout(ADMIN_SECONDS), self._asking:
                answer = await self._admin.ask(question)
        except (OSError, EOFError, TimeoutError) as error:
            raise SubjectError(f"{path} of the admin listener does not answer: {error!r}") from error
        if answer.status != 200 or not answer.whole:
            raise SubjectError(f"{path} of the admin listener answers {answer.status}")
        return answer.body.decode()

    def children(self) -> list[int]:
        """The processes that it has started and that live."""
        return [pid for pid in tree_of(self.pid) if pid != self.pid]

    def memory(self) -> int:
        """Resident bytes now, of the process and its children."""
        return sum(_resident(pid) for pid in tree_of(self.pid))

    def descriptors(self) -> int:
        """Open descriptors, of the process and its children."""
        return sum(map(descriptors_of, tree_of(self.pid)))

    def limit(self, kind: int, used: Callable[[int], int], spare: int = 0) -> None:
        """Leave each of its processes hardly more of a resource than it uses now.

        Args:
            kind: ``resource.RLIMIT_…``.
            used: what a process uses.
            spare: how much more it may.
        """
        for pid in tree_of(self.pid):
            _, hard = resource.prlimit(pid, kind)
            resource.prlimit(pid, kind, (used(pid) + spare, hard))

    def unlimit(self, kind: int) -> None:
        """Let its processes have as much of a resource as they ever may."""
        for pid in tree_of(self.pid):
            _, hard = resource.prlimit(pid, kind)
            resource.prlimit(pid, kind, (hard, hard))

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    async def _until_ready(self) -> None:
        while not await self._ready():
            if not self.running:
                raise SubjectError(f"the proxy did not start: {self.last_words()}")
            await asyncio.sleep(_STEP)

    async def _ready(self) -> bool:
        try:
            await self.admin("/-/ready")
        except SubjectError:
            return False
        return True


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def descriptors_of(pid: int) -> int:
    """Open descriptors of a process, none when it has gone."""
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def address_space_of(pid: int) -> int:
    """Bytes of virtual memory, which ``RLIMIT_AS`` counts."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
