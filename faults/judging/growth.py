"""Whether something grows: a straight line through the samples of a run's second half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Line:
    """``level`` is the line's value in the middle of the half, ``rise`` what it gains over the half."""

    level: float
    rise: float


@dataclass(frozen=True, slots=True)
class Bound:
    """What counts as growth.

    Attributes:
        name: of what is measured.
        unit: of its values.
        rise: the most that the line may rise over the second half, in that unit.
        share: or that part of its level, if that is more.
    """

    name: str
    unit: str
    rise: float
    share: float = 0.0

    def exceeded(self, line: Line) -> bool:
        """Whether the line rises more than that."""
        return line.rise > max(self.rise, self.share * abs(line.level))


def second_half(times: Sequence[float], values: Sequence[float]) -> Line:
    """The line of least squares through the samples of the second half of the time.

    Args:
        times: seconds, ascending.
        values: one for each time.

    Raises:
        ValueError: there are too few samples for a line.
    """
    middle = (times[0] + times[-1]) / 2 if times else 0.0
    points = [(at, value) for at, value in zip(times, values, strict=True) if at >= middle]
    if len(points) < _FEWEST:
        raise ValueError(f"{len(points)} samples in the second half are too few for a line")
    mean_time = sum(at for at, _ in points) / len(points)
    mean = sum(value for _, value in points) / len(points)
    spread = sum((at - mean_time) ** 2 for at, _ in points)
    slope = sum((at - mean_time) * (value - mean) for at, value in points) / spread if spread else 0.0
    return Line(mean, slope * (points[-1][0] - points[0][0]))
