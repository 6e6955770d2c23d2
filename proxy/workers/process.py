"""One worker as the process that started it sees it."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from proxy.workers import families
from proxy.workers.channel import Channel, Kind
from proxy.workers.start import dump

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from proxy.settings import Settings
    from proxy.workers.adding import Family
    from proxy.workers.channel import Handlers
    from proxy.workers.start import Start

    MakeHandlers = Callable[["WorkerProcess"], Handlers]

ANSWER_SECONDS: Final = 2.0
"""How long metrics are waited for; a worker that has not told them by then counts with what it told last."""
SETTINGS_SECONDS: Final = 10.0


class WorkerProcess:
    """A worker that was started.

    Attributes:
        listening: done once it serves; fails with ``OSError`` when it ends before that.
        counted: its metrics as it told them last.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handlers: MakeHandlers,
    ) -> None:
        self._process = process
        self.listening: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.counted: Sequence[Family] = ()
        own = {
            Kind.LISTENING: self._is_listening,
            Kind.FAILED: self._has_failed,
            Kind.LAST_METRICS: self._has_told,
        }
        self.channel = Channel(reader, writer, {**own, **handlers(self)})
        self._run = asyncio.create_task(self.channel.run())

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def serves(self) -> bool:
        """Whether it listens."""
        return self.listening.done() and not self.listening.exception() and not self._run.done()

    def start(self, start: Start) -> None:
        """Tell it what to do."""
        self.channel.tell(Kind.START, dump(start))

    async def replace(self, settings: Settings) -> None:
        """Have it put settings in force.

        Raises:
            RefusedError: it does not; the old ones stay in force there.
            ChannelClosedError: it has gone.
            TimeoutError: it does not answer.
        """
        async with asyncio.timeout(SETTINGS_SECONDS):
            await self.channel.call(Kind.SETTINGS, dump(settings))

    async def count(self) -> None:
        """Bring ``counted`` up to date, as far as the worker answers."""
        if not self.serves:
            return
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                self.counted = families.decode(await self.channel.call(Kind.METRICS))

    def terminate(self) -> None:
        """Have it finish what is under way, and end."""
        with suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> int:
        """Wait for its end and for all that it had to say; the exit code, negative for a signal."""
        code = await self._process.wait()
        # Nobody else has the other end, so this ends as well.
        await self._run
        await self.channel.close()
        if not self.listening.done():
            self.listening.set_exception(
                OSError(f"a worker ended before it could serve (exit code {code}); the log says why")
            )
            # Asked for or not, it has been told.
            self.listening.exception()
        return code

    async def _is_listening(self, _: bytes) -> bytes:
        if not self.listening.done():
            self.listening.set_result(None)
        return b""

    async def _has_failed(self, body: bytes) -> bytes:
        if not self.listening.done():
            self.listening.set_exception(OSError(body.decode("utf-8", "replace")))
            self.listening.exception()
        return b""

    async def _has_told(self, body: bytes) -> bytes:
        self.counted = families.decode(body)
        return b""


async def start_process(handlers: MakeHandlers) -> WorkerProcess:
    """Start a worker, which waits to be told what to do.

    Args:
        handlers: makes those for what it asks, besides what ``WorkerProcess`` sees to itself.

    Raises:
        OSError: it cannot be started.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "proxy.workers.worker", str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
                pass_fds=(theirs.fileno(),),
            )
        except OSError:
            ours.close()
            raise
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    return WorkerProcess(process, reader, writer, handlers)
