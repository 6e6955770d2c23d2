"""Keeps workers running, and speaks for them: one admin listener, one set of metrics, one reload, one end."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from proxy import __version__
from proxy.admin import admin_application, admin_listener
from proxy.live import Live
from proxy.login.refreshes import REPLAY_SECONDS
from proxy.logs import log_line
from proxy.metrics import Metrics
from proxy.reloading import bridge
from proxy.workers.channel import SETTLED, TURN, ChannelClosedError, Kind
from proxy.workers.pace import Pace
from proxy.workers.port import hold
from proxy.workers.process import start_process
from proxy.workers.start import Start
from proxy.workers.tally import Tally
from proxy.workers.turns import Turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from proxy.settings import Settings
    from proxy.workers.channel import Handlers
    from proxy.workers.port import Port
    from proxy.workers.process import WorkerProcess

COUNT_SECONDS: Final = 5.0
"""Between two looks at what workers have counted: what one that is killed has counted since is lost."""
_BESIDES_THE_GRACE: Final = 5.0
_logger = logging.getLogger("proxy.workers")


@asynccontextmanager
async def open_team(settings: Settings, *, revision: str) -> AsyncIterator[Team]:
    """Start as many workers as configured; all listen when this is open, none is left when it is closed.

    Raises:
        OSError: an address cannot be listened on, or a worker cannot be started; the text says what to do.
    """
    async with AsyncExitStack() as stack:
        port = await hold(settings.config.listen, stack)
        team = Team(settings, port, revision)
        application = admin_application(team.tally.collect, team.live, team.unready)
        listener = admin_listener(settings.config.admin_listen, application)
        team.admin_address = await stack.enter_async_context(listener)
        stack.push_async_callback(team.close)
        await team.start()
        yield team


class Team:
    """The workers.

    Attributes:
        live: what is in force.
        metrics: those of the process that minds the workers.
        tally: those of all.
        address: where the workers listen.
        admin_address: where this process does.
        workers: those that run, by the number of their place.
    """

    def __init__(self, settings: Settings, port: Port, revision: str) -> None:
        self.live = Live(settings)
        registry = CollectorRegistry()
        self.metrics = Metrics(registry, version=__version__, revision=revision)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self.address = port.address
        self.admin_address = settings.config.admin_listen
        self.workers: dict[int, WorkerProcess] = {}
        self.tally = Tally(registry, self.workers)
        self._where = port.where
        self._told = settings
        self._revision = revision
        self._secret = secrets.token_bytes(32)
        self._turns = Turns(time.monotonic, replay_seconds=REPLAY_SECONDS)
        self._complete = False
        self._ending = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start all workers and wait until they listen.

        Raises:
            OSError: one of them cannot.
        """
        for number in range(1, self.live.value.config.workers + 1):
            worker = await self._begin(number)
            self._tasks.append(asyncio.create_task(self._keep(number, worker)))
        await asyncio.gather(*(asyncio.shield(worker.listening) for worker in list(self.workers.values())))
        self._complete = True
        self._tasks.append(asyncio.create_task(self._count()))

    def unready(self) -> str:
        """Why no requests should be sent here; empty when they may, as long as any worker serves."""
        if self._ending.is_set():
            return "draining"
        if not self._complete:
            return "starting"
        return "" if any(worker.serves for worker in self.workers.values()) else "no worker serves"

    async def replace(self, settings: Settings) -> None:
        """Have all workers put other settings in force; when one refuses, all go back to the old ones.

        Raises:
            OSError: a worker refuses; the text says why.
        """
        before = self.live.value
        try:
            # One after the other gets there, so first all learn to open what the first ones will seal.
            await self._tell(replace(settings, config=bridge(before.config, settings.config)))
            await self._tell(settings)
        except OSError:
            with suppress(OSError):
                await self._tell(before)
            raise
        self.live.replace(settings)

    async def drain(self) -> None:
        """Have all workers go on for ``shutdown_delay``, finish within ``shutdown_grace``, and end."""
        self._ending.set()
        for worker in self.workers.values():
            worker.terminate()
        config = self.live.value.config
        patience = config.shutdown_delay + config.shutdown_grace + _BESIDES_THE_GRACE
        _, running = await asyncio.wait(self._tasks, timeout=patience)
        if running:
            log_line(_logger, logging.WARNING, "workers are ended by force", workers=len(self.workers))

    async def close(self) -> None:
        """End whatever still runs, at once."""
        self._ending.set()
        for worker in self.workers.values():
            worker.kill()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _begin(self, number: int) -> WorkerProcess:
        worker = await start_process(self._handlers)
        # Nothing is waited for in between: what is told from here on is told to this one as well.
        settings = replace(self._told, config=replace(self._told.config, listen=self._where))
        worker.start(Start(settings, self._revision, self._secret))
        self.workers[number] = worker
        if self._ending.is_set():
            worker.terminate()
        return worker

    async def _keep(self, number: int, worker: WorkerProcess | None) -> None:
        """Start a worker again whenever it has ended."""
        pace, loop = Pace(), asyncio.get_running_loop()
        while True:
            started = loop.time()
            code = await self._end(number, worker) if worker is not None else None
            failure = worker.listening.exception() if worker is not None else None
            if self._ending.is_set() or (failure is not None and not self._complete):
                return
            pause = pace.pause(loop.time() - started)
            fields: dict[str, Any] = {"worker": number, "exit_code": code, "again_in": f"{pause:g}s"}
            if failure is not None:
                fields["error"] = failure
            log_line(_logger, logging.ERROR, "a worker has ended", **fields)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._ending.wait()
                return
            worker = await self._begin_again(number)

    async def _begin_again(self, number: int) -> WorkerProcess | None:
        try:
            return await self._begin(number)
        except OSError as error:
            log_line(_logger, logging.ERROR, "a worker cannot be started", worker=number, error=error)
            return None

    async def _end(self, number: int, worker: WorkerProcess) -> int:
        code = await worker.ended()
        self.tally.ended(worker)
        del self.workers[number]
        self._turns.gone(worker)
        return code

    async def _count(self) -> None:
        """Look at what workers have counted, so that little is lost when one is killed."""
        while not self._ending.is_set():
            await self.tally.bring_up_to_date()
            with suppress(TimeoutError):
                async with asyncio.timeout(COUNT_SECONDS):
                    await self._ending.wait()

    async def _tell(self, settings: Settings) -> None:
        self._told = settings
        told = replace(settings, config=replace(settings.config, listen=self._where))
        telling = (self._tell_one(worker, told) for worker in list(self.workers.values()))
        for refusal in await asyncio.gather(*telling, return_exceptions=True):
            if refusal is not None:
                raise refusal

    async def _tell_one(self, worker: WorkerProcess, settings: Settings) -> None:
        try:
            await worker.replace(settings)
        except ChannelClosedError:
            pass  # the one that takes its place starts with them
        except TimeoutError:
            log_line(_logger, logging.ERROR, "a worker does not answer and is ended", pid=worker.pid)
            worker.kill()

    def _handlers(self, worker: WorkerProcess) -> Handlers:
        return {Kind.CLAIM: partial(self._claim, worker), Kind.SETTLE: partial(self._settle, worker)}

    async def _claim(self, worker: WorkerProcess, key: bytes) -> bytes:
        given: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()

        def give(outcome: bytes | None) -> None:
            if not given.done():
                given.set_result(outcome)

        self._turns.claim(key, worker, give)
        outcome = await given
        return TURN if outcome is None else SETTLED + outcome

    async def _settle(self, worker: WorkerProcess, body: bytes) -> bytes:
        end = 2 + int.from_bytes(body[:2])
        self._turns.settle(body[2:end], worker, body[end:] or None)
        return b""
