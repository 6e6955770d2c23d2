"""When the recorded profiles happened, and how much of them. Pure.

A recording is one profile. It is replayed: every 15 seconds, at whole multiples of that since the epoch,
as much of it as was recorded in 15 seconds happened again, up to now and back to a week ago. So that a
graph of it lives, each time it is scaled by a weight of its own, which depends on nothing but the
recording's name and the time: a slow wave of a day, a quick one of a quarter of an hour, and some noise.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PERIOD_MS = 15_000
RETENTION_MS = 7 * 24 * 3_600_000
WHOLE = 1000
"""The weight that leaves a profile as it was recorded."""

_DAY_MS = 24 * 3_600_000
_QUARTER_MS = 15 * 60_000
_DAILY, _QUICK, _NOISE = 220, 110, 70


@dataclass(frozen=True, slots=True)
class Window:
    """The times, in milliseconds since the epoch, at which profiles happened within a range."""

    times: range

    def __bool__(self) -> bool:
        return bool(self.times)

    def weights(self, name: str, duration_ms: int) -> Iterator[tuple[int, int]]:
        """Each time of the window, and the weight that a recording has then.

        Args:
            name: of the recording.
            duration_ms: how long it was recorded.
        """
        seed = zlib.crc32(name.encode())
        return ((time, _weight(seed, time) * PERIOD_MS // duration_ms) for time in self.times)

    def weight(self, name: str, duration_ms: int) -> int:
        """The sum of the weights of a recording."""
        return sum(weight for _, weight in self.weights(name, duration_ms))


def window(start: int, end: int, now: int) -> Window:
    """The times from ``start`` to ``end``, both included, that are not in the future and not forgotten."""
    first = max(start, now - RETENTION_MS)
    last = min(end, now)
    return Window(range(-(-first // PERIOD_MS) * PERIOD_MS, last + 1, PERIOD_MS))


def scaled(value: int, weight: int) -> int:
    """A recorded value that happened with some weight."""
    return value * weight // WHOLE


def _weight(seed: int, time: int) -> int:
    phase = seed / 2**32
    daily = math.sin(math.tau * (time / _DAY_MS + phase))
    quick = math.sin(math.tau * (time / _QUARTER_MS + 3 * phase))
    # The high bits of a product with a large odd number look random enough for a graph.
    noise = ((time // PERIOD_MS ^ seed) * 2_654_435_761 % 2**32) / 2**31 - 1
    return WHOLE + round(_DAILY * daily + _QUICK * quick + _NOISE * noise)
