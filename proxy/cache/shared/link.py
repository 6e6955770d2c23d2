"""One connection to Redis that is kept up in the background, and answers asked for over it.

Rules:

- Nobody ever waits for a connection: while there is none, asking fails at once.
- Commands of all callers go over the one connection one after the other, without waiting for each
  other's answers (https://redis.io/docs/latest/develop/use/pipelining/); a caller that stops waiting
  leaves the connection as it is.
- When answers fail to come, the connection is given up and Redis is left alone for a pause, which
  doubles from failure to failure and ends only with an answer in time. Only the link itself tries
  whether Redis is back, never a caller.
- What waits to be sent is bounded in number and size; beyond that the oldest is given up.
- A command that was sent when the connection broke may or may not have been carried out; it is not
  repeated.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from proxy.cache.shared.limits import Reason
from proxy.cache.shared.wire import Command, LinkError, RefusedError, Reply, Wire
from proxy.logs import log_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from proxy.cache.shared.limits import Limits

_logger = logging.getLogger("proxy.cache")
_PROBE: Command = (b"PING",)


class _StruckOutError(LinkError):
    """Too many look-ups had no answer in time; each of them was counted by itself."""


class _Question:
    """A command and whoever waits for its answer."""

    __slots__ = ("answer", "command", "era", "size")

    def __init__(self, command: Command, era: int) -> None:
        self.command = command
        self.size = sum(map(len, command))
        self.era = era
        self.answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        # Looked at, so that asyncio does not complain of failures that nobody waits for.
        self.answer.add_done_callback(lambda answer: answer.cancelled() or answer.exception())

    def succeed(self, reply: Reply) -> bool:
        """Give the answer; whether somebody still wanted it."""
        if self.answer.done():
            return False
        self.answer.set_result(reply)
        return True

    def fail(self, error: LinkError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Link:
    """A connection that comes and goes.

    Args:
        dial: opens a connection; raises ``LinkError``.
        limits: how long and how much.
        jitter: a random number from 0 to 1, so that replicas do not come back all at once.
        failed: told each reason for which the connection was lost or a command given up.
        patient: whether what is told while there is no connection waits a while for one.
    """

    def __init__(
        self,
        dial: Callable[[], Awaitable[Wire]],
        limits: Limits,
        *,
        jitter: Callable[[], float],
        failed: Callable[[Reason], None],
        patient: bool = False,
    ) -> None:
        self._dial = dial
        self._limits = limits
        self._jitter = jitter
        self._failed = failed
        self._patient = patient
        self._queue: deque[_Question] = deque()
        self._queued_bytes = 0
        self._sent: deque[_Question] = deque()
        self._to_send = asyncio.Event()
        self._to_receive = asyncio.Event()
        self._lost: asyncio.Future[LinkError] | None = None
        self._era = 0
        self._strikes = 0
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Whether there is a connection that answers."""
        return self._lost is not None and not self._lost.done()

    @property
    def accepts(self) -> bool:
        """Whether what is told now may ever be sent."""
        return self.up or (self._patient and self._failures <= self._limits.patience)

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._task = asyncio.create_task(self._keep_up(), name="shared cache link")

    async def ask(self, command: Command, within: float) -> Reply:
        """The answer to a command.

        Args:
            command: its words.
            within: seconds to wait for the answer.

        Raises:
            LinkError: there is no connection, or no answer in time, or a refusal.
        """
        if not self.up:
            raise LinkError(Reason.CONNECTION)
        question = self._enqueue(command)
        try:
            async with asyncio.timeout(within):
                reply = await question.answer
        except TimeoutError:
            self._failed(Reason.TIMEOUT)
            self._strike(question)
            raise LinkError(Reason.TIMEOUT) from None
        self._strikes = 0
        return reply

    def tell(self, command: Command) -> None:
        """Have a command carried out some time soon, or never."""
        if self.accepts:
            self._enqueue(command)

    async def aclose(self) -> None:
        """Send what waits to be sent, for a short while, and close the connection."""
        if self._task is None:
            return
        if self.up and (waiting := [question.answer for question in (*self._queue, *self._sent)]):
            await asyncio.wait(waiting, timeout=self._limits.closing)
        self._task.cancel()
        await asyncio.wait((self._task,))
        self._patient = False
        self._give_up()

    def _enqueue(self, command: Command) -> _Question:
        question = _Question(command, self._era)
        self._queue.append(question)
        self._queued_bytes += question.size
        while len(self._queue) > self._limits.queued or self._queued_bytes > self._limits.queued_bytes:
            self._take().fail(LinkError(Reason.DROPPED))
            self._failed(Reason.DROPPED)
        self._to_send.set()
        return question

    def _take(self) -> _Question:
        question = self._queue.popleft()
        self._queued_bytes -= question.size
        return question

    def _strike(self, question: _Question) -> None:
        """Count look-ups without an answer in time; those that were asked at the same time count once."""
        if question.era != self._era:
            return
        self._era += 1
        self._strikes += 1
        if self._strikes >= self._limits.strikes:
            self._lose(_StruckOutError(Reason.TIMEOUT))

    # The connection

    async def _keep_up(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._limits.connect):
                    wire = await self._open()
                self._note(await self._converse(wire))
            except TimeoutError:
                self._note(LinkError(Reason.TIMEOUT))
            except LinkError as error:
                self._note(error)
            self._give_up()
            await asyncio.sleep(self._pause())

    async def _open(self) -> Wire:
        """A connection over which Redis has answered."""
        wire = await self._dial()
        try:
            await wire.send((_PROBE,))
            await wire.receive()
        except BaseException:
            await wire.close()
            raise
        return wire

    async def _converse(self, wire: Wire) -> LinkError:
        """Ask and answer over a connection until it is lost; the reason."""
        self._lost = asyncio.get_running_loop().create_future()
        self._strikes = 0
        # Neither ends by itself; should one, nobody must wait for it.
        tasks = [asyncio.create_task(self._send(wire)), asyncio.create_task(self._receive(wire))]
        for task in tasks:
            task.add_done_callback(lambda _: self._lose(LinkError(Reason.CONNECTION)))
        try:
            return await self._lost
        finally:
            self._lost = None
            # Before anything is waited for: closing the link may interrupt that.
            await wire.close()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _send(self, wire: Wire) -> None:
        while self.up:
            batch = self._batch()
            if not batch:
                self._to_send.clear()
                await self._to_send.wait()
                continue
            self._sent.extend(batch)
            self._to_receive.set()
            try:
                await wire.send([question.command for question in batch])
            except LinkError as error:
                self._lose(error)

    def _batch(self) -> list[_Question]:
        """What to send next; what nobody waits for any more is left out."""
        batch: list[_Question] = []
        while self._queue and len(self._sent) + len(batch) < self._limits.in_flight:
            question = self._take()
            if not question.answer.done():
                batch.append(question)
        return batch

    async def _receive(self, wire: Wire) -> None:
        while self.up:
            if not self._sent:
                self._to_receive.clear()
                await self._to_receive.wait()
                continue
            try:
                async with asyncio.timeout(self._limits.stall):
                    reply = await wire.receive()
            except TimeoutError:
                self._lose(LinkError(Reason.TIMEOUT))
            except RefusedError as error:
                self._failed(error.reason)
                self._sent.popleft().fail(error)
            except LinkError as error:
                self._lose(error)
            else:
                if self._sent.popleft().succeed(reply):
                    self._recovered()
            self._to_send.set()

    def _lose(self, error: LinkError) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(error)

    def _give_up(self) -> None:
        """Fail what was sent, and what was not sent either unless it can wait for the next connection."""
        error = LinkError(Reason.CONNECTION)
        while self._sent:
            self._sent.popleft().fail(error)
        while self._queue and not self.accepts:
            self._take().fail(error)

    def _note(self, error: LinkError) -> None:
        if not isinstance(error, _StruckOutError):
            self._failed(error.reason)
        if not self._failures:
            log_line(
                _logger,
                logging.WARNING,
                "shared cache is left alone",
                reason=error.reason.value,
                redis=error.word,
            )
        self._failures += 1

    def _recovered(self) -> None:
        if self._failures:
            self._failures = 0
            log_line(_logger, logging.INFO, "shared cache is in use again")

    def _pause(self) -> float:
        pause = self._limits.first_pause * 2.0 ** min(self._failures - 1, 32)
        return min(pause, self._limits.longest_pause) * (1 + self._jitter()) / 2
