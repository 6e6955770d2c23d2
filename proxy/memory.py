"""Gives the memory that a burst took back to the operating system.

What was freed stays with the C library: after some giant answers at once the process would keep its
highest level for good, and be the first that a full machine kills. So the resident memory is looked at
every few seconds, and when it has risen and rises no more, what is garbage is collected (errors and their
frames hold on to each other, and to the answers that they are about) and glibc is asked to give back
what is free: https://man7.org/linux/man-pages/man3/malloc_trim.3.html

Each thread would take memory from a pool of its own, whose end glibc never gives back, though threads take
turns here anyway: they share the one of the main thread (``M_ARENA_MAX``,
https://man7.org/linux/man-pages/man3/mallopt.3.html). Fixed thresholds for giving back or for ``mmap`` would
keep less in between, but double the processor time of passing answers of a megabyte.

Elsewhere than on Linux with glibc nothing is done.
"""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

LOOK_SECONDS = 5.0
WORTH = 16 * 1024 * 1024
"""Bytes above the last low level from which it is worth the milliseconds that it takes."""
_STILL = 1024 * 1024
_FIRST_WAIT, _LONGEST_WAIT = 1, 64
"""Looks, half of those before it is tried again."""
_ARENA_MAX = -8
"""``M_ARENA_MAX`` of ``malloc.h``."""
_STATM = Path("/proc/self/statm")


class Levels:
    """Decides by the levels of resident memory, in bytes; no I/O."""

    def __init__(self, now: int) -> None:
        self._low = self._last = self._before = now
        self._wait = self._left = 0

    def worth_trimming(self, now: int) -> bool:
        """Whether memory has risen by much and rises no more, or it is time to try again."""
        rises = now > self._last + _STILL
        self._last = now
        self._low = min(self._low, now)
        if rises:
            return False
        if now >= self._low + WORTH:
            self._before, self._wait = self._low, _FIRST_WAIT
            return True
        self._left = max(self._left - 1, 0)
        return bool(self._wait) and not self._left

    def trimmed(self, now: int) -> None:
        """This is what is held now.

        If that is still much more than before, it may be needed, or be let go of only now, as by a request
        that ends later: it is tried again a few times, after longer and longer; then not until it rises.
        """
        self._low = self._last = now
        is_high = now >= self._before + WORTH and self._wait <= _LONGEST_WAIT
        self._left = self._wait = 2 * self._wait if is_high else 0


def keep_low(loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    """Look every few seconds from now on; to be called before there are threads.

    Returns:
        what ends it.
    """
    trim = _trim()
    if trim is None:
        return lambda: None
    _share_one_arena()
    return Keeper(loop, trim, _resident).stop


class Keeper:
    """Looks, and trims.

    Args:
        loop: that calls it.
        trim: gives back what is free.
        resident: tells the bytes of resident memory.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, trim: Callable[[], object], resident: Callable[[], int]
    ) -> None:
        self._loop = loop
        self._trim = trim
        self._resident = resident
        self._levels = Levels(resident())
        self._next = loop.call_later(LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Look now, trim where that is worth it, and look again later."""
        with suppress(OSError):  # no descriptor is left, so there are other worries
            if self._levels.worth_trimming(self._resident()):
                self._trim()
                self._levels.trimmed(self._resident())
        self._next = self._loop.call_later(LOOK_SECONDS, self.look)

    def stop(self) -> None:
        """Look no more."""
        self._next.cancel()


def _trim() -> Callable[[], object] | None:
    """What gives back, where this C library has it."""
    found = getattr(ctypes.CDLL(None), "malloc_trim", None) if _STATM.exists() else None
    return None if found is None else lambda: (gc.collect(), found(0))


def _share_one_arena() -> None:
    found = getattr(ctypes.CDLL(None), "mallopt", None)
    if found is not None:
        found(_ARENA_MAX, 1)


def _resident() -> int:
    """Bytes: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html."""
    return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
