"""What all workers have counted, those that have ended as well."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from proxy.workers.adding import add_up, remember
from proxy.workers.families import Shown, families_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from prometheus_client import CollectorRegistry

    from proxy.workers.adding import Family
    from proxy.workers.process import WorkerProcess

PARENT = "parent"


class Tally:
    """Adds metrics up.

    Args:
        registry: that of the process that minds the workers.
        workers: those that run, by the number of their place; looked at each time.
    """

    def __init__(self, registry: CollectorRegistry, workers: Mapping[int, WorkerProcess]) -> None:
        self._registry = registry
        self._workers = workers
        self._ended: Sequence[Family] = ()

    async def bring_up_to_date(self) -> None:
        """Ask every worker."""
        workers: Collection[WorkerProcess] = list(self._workers.values())
        await asyncio.gather(*(worker.count() for worker in workers))

    async def collect(self) -> Shown:
        """All metrics as of now, for ``/metrics``."""
        await self.bring_up_to_date()
        # From here on nothing is waited for, so that a worker which ends counts once.
        processes = {str(number): worker.counted for number, worker in sorted(self._workers.items())}
        return Shown(add_up({PARENT: families_of(self._registry), **processes}, self._ended, time.time()))

    def ended(self, worker: WorkerProcess) -> None:
        """Keep what a worker had counted that is about to leave ``workers``."""
        self._ended = remember(self._ended, worker.counted)
