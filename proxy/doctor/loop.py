"""An event loop that does not wait, when it ends, for what hangs in a thread.

Names are looked up in threads, and a name server that does not answer keeps one for half a minute and more.
``asyncio``'s own threads are waited for when the program ends; these are not.
https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.shutdown_default_executor
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class UnwaitingLoop(asyncio.SelectorEventLoop):
    """Runs what would go to the default executor in daemon threads, one each: there are few."""

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run a function in a thread; see ``asyncio.loop.run_in_executor``."""
        if executor is not None:
            return super().run_in_executor(executor, func, *args)
        future: asyncio.Future[T] = self.create_future()

        def settle(do: Callable[[], None]) -> None:
            if not future.done():
                do()

        def work() -> None:
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is for whoever waits
                failed = error
                self._tell(lambda: settle(lambda: future.set_exception(failed)))
            else:
                self._tell(lambda: settle(lambda: future.set_result(result)))

        threading.Thread(target=work, daemon=True).start()
        return future

    def _tell(self, do: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.call_soon_threadsafe(do)
