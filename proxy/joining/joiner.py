"""Joins profiles in a thread or in the worker, and looks after the worker."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy import tracing
from proxy.errors import Code, RpcError
from proxy.joining.body import Body, too_large
from proxy.joining.frames import END, LENGTH, Job, do, frame, job_frame, read_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from proxy.profile import Joined, Question
    from proxy.tracing import Span

LARGEST_HERE = 1024 * 1024
"""Bytes of a profile, uncompressed, that are joined in a thread: less than a tenth of a second of work."""
LARGEST = 256 * 1024 * 1024
"""Bytes of a profile, uncompressed, that are joined at all."""
_PACKED_HERE = LARGEST_HERE // 4
IDLE = 60.0
PATIENCE = 120.0
_INHERITED = ("PATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of Pyroscope on its way.

    Attributes:
        body: its bytes as they come.
        encoding: its ``Content-Encoding``.
        wrapped: whether it is one of ``SelectMergeStacktraces``, else it is a profile.
    """

    body: AsyncIterator[bytes]
    encoding: str
    wrapped: bool


class Joiner:
    """Joins answers of Pyroscope to functions.

    Args:
        limit: bytes that a profile may have, compressed or not.
        idle: seconds without work after which the worker is ended.
        patience: seconds that the worker may take once it has everything.
    """

    def __init__(self, *, limit: int = LARGEST, idle: float = IDLE, patience: float = PATIENCE) -> None:
        self._limit = limit
        self._idle = idle
        self._patience = patience
        self._turn = asyncio.Lock()
        self._worker: asyncio.subprocess.Process | None = None
        self._end_idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def worker_pid(self) -> int | None:
        """The process id of the worker while there is one."""
        return None if self._worker is None else self._worker.pid

    async def join(self, question: Question, answer: Answer) -> Joined | None:
        """Read an answer and join it; ``None`` when it holds no profile, because the format is not known.

        Args:
            question: which function.
            answer: read as far as it is needed; what reading raises is raised here.

        Raises:
            RpcError: ``resource_exhausted`` for a profile that is too large, ``internal`` for what is none.
        """
        with tracing.span("join profile") as span:
            return await self._join(Job(question, answer.wrapped, answer.encoding, self._limit), answer, span)

    async def _join(self, job: Job, answer: Answer, span: Span) -> Joined | None:
        begun = bytearray()
        here = _PACKED_HERE if answer.encoding else LARGEST_HERE
        async for chunk in answer.body:
            begun += chunk
            if len(begun) > here:
                span.set("sourceproxy.joined_in", "worker")
                return await self._join_there(job, begun, answer.body)
        body = _unpacked(job, begun)
        span.set("sourceproxy.joined_in", "worker" if body is None else "thread")
        if body is None:
            return await self._join_there(job, begun, answer.body)
        return await asyncio.to_thread(do, job, body)

    async def close(self) -> None:
        """End the worker."""
        self._end()
        if self._ending:
            await asyncio.wait(self._ending)

    async def _join_there(self, job: Job, begun: bytearray, rest: AsyncIterator[bytes]) -> Joined | None:
        async with self._turn:
            worker = await self._started()
            done = False
            try:
                content = await self._talk(worker, job, begun, rest)
                done = True
            except (ConnectionError, asyncio.IncompleteReadError):
                raise await self._broken(worker) from None
            except TimeoutError:
                raise RpcError(
                    Code.RESOURCE_EXHAUSTED,
                    f"The profile could not be joined within {self._patience:g} seconds; "
                    "choose a shorter time range or a narrower label selector.",
                ) from None
            finally:
                # Whatever it is at, nobody waits for it any more.
                if not done:
                    self._end()
            self._end_idle = asyncio.get_running_loop().call_later(self._idle, self._end)
        return read_answer(content)

    async def _talk(
        self, worker: asyncio.subprocess.Process, job: Job, begun: bytearray, rest: AsyncIterator[bytes]
    ) -> bytes:
        sink, source = worker.stdin, worker.stdout
        if sink is None or source is None:
            raise ConnectionResetError
        sink.write(job_frame(job) + frame(begun))
        size = len(begun)
        begun.clear()
        async for chunk in rest:
            size += len(chunk)
            if size > job.limit:
                raise too_large(job.limit)
            sink.write(frame(chunk))
            await sink.drain()
        sink.write(END)
        async with asyncio.timeout(self._patience):
            await sink.drain()
            (length,) = LENGTH.unpack(await source.readexactly(LENGTH.size))
            return await source.readexactly(length)

    async def _started(self) -> asyncio.subprocess.Process:
        if self._end_idle is not None:
            self._end_idle.cancel()
            self._end_idle = None
        if self._worker is not None and self._worker.returncode is not None:
            self._worker = None
        if self._worker is None:
            self._worker = await _start()
        return self._worker

    async def _broken(self, worker: asyncio.subprocess.Process) -> RpcError:
        """What it means that the worker ended: most likely the system took it to get its memory back."""
        self._end()
        await worker.wait()
        return RpcError(
            Code.RESOURCE_EXHAUSTED,
            f"The process that joins large profiles ended (exit code {worker.returncode}), as it does when "
            "memory runs out; choose a shorter time range or a narrower label selector.",
        )

    def _end(self) -> None:
        if self._end_idle is not None:
            self._end_idle.cancel()
            self._end_idle = None
        worker, self._worker = self._worker, None
        if worker is not None:
            task = asyncio.get_running_loop().create_task(_ended(worker))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


async def _start() -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "proxy.joining.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            # Ctrl-C in a terminal is for the proxy, which then ends its worker.
            start_new_session=True,
        )
    except OSError as error:
        raise RpcError(
            Code.UNAVAILABLE,
            f"The process that joins large profiles cannot be started ({error.strerror}): try again, or "
            "choose a shorter time range or a narrower label selector.",
        ) from error


async def _ended(worker: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        worker.kill()
    # Its pipes are drained and closed with it.
    await worker.communicate()


def _environment() -> dict[str, str]:
    """What Python needs to start; the secrets in ours are none of the worker's business."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _unpacked(job: Job, packed: bytearray) -> bytearray | None:
    """A body that came whole, uncompressed; ``None`` when that is too large for here.

    Raises:
        RpcError: ``internal`` when it cannot be unpacked.
    """
    try:
        body = Body(job.encoding, min(job.limit, LARGEST_HERE))
        body.feed(packed)
    except RpcError as error:
        if error.code is Code.RESOURCE_EXHAUSTED:
            return None
        raise
    return body.finish()
