"""How much of each series happened when, in the steps of a graph. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from proxy.demo.upstream.replay import WHOLE, Window
from proxy.demo.upstream.series import Series, label_pairs
from proxy.errors import Code, RpcError
from proxy.proto import types_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAX_STEPS = 11_000


def step_ms(step: float, start: int, end: int) -> int:
    """The step of a graph in milliseconds, from seconds.

    Raises:
        RpcError: ``invalid_argument`` when it is no positive number, or so small that the graph has too many.
    """
    if not math.isfinite(step) or step <= 0:
        raise RpcError(Code.INVALID_ARGUMENT, "step must be a positive number of seconds.")
    found = max(1, round(step * 1000))
    if (end - start) / found > _MAX_STEPS:
        raise RpcError(
            Code.INVALID_ARGUMENT,
            f"step gives more than {_MAX_STEPS} points; take a larger one or a shorter range.",
        )
    return found


def grouped(
    series: Iterable[Series], names: Sequence[str]
) -> dict[tuple[tuple[str, str], ...], list[Series]]:
    """Series by the values of some labels; a label that a series lacks is left out."""
    groups: dict[tuple[tuple[str, str], ...], list[Series]] = {}
    for each in series:
        key = tuple((name, each.labels[name]) for name in sorted(set(names)) if name in each.labels)
        groups.setdefault(key, []).append(each)
    return groups


def graph(
    labels: Iterable[tuple[str, str]],
    totals: Iterable[tuple[Series, int]],
    window: Window,
    *,
    start: int,
    step: int,
    average: bool = False,
) -> types_pb2.Series:
    """One line of a graph.

    Args:
        labels: of the line.
        totals: the series that are added up to it, with what one profile of each is as it was recorded.
        window: the times that count.
        start: where the first step ends, in milliseconds; each step holds what happened since the one before.
        step: milliseconds.
        average: whether a point is the mean of its profiles instead of their sum.
    """
    sums: dict[int, int] = {}
    counts: dict[int, int] = {}
    for series, total in totals:
        for time, weight in window.weights(series.recording.name, series.recording.duration_ms):
            at = start + -(-(time - start) // step) * step
            sums[at] = sums.get(at, 0) + total * weight
            counts[at] = counts.get(at, 0) + 1
    line = types_pb2.Series(labels=label_pairs(dict(labels)))
    for at, value in sorted(sums.items()):
        line.points.add(timestamp=at, value=value / WHOLE / (counts[at] if average else 1))
    return line


def largest(lines: Iterable[types_pb2.Series], limit: int) -> list[types_pb2.Series]:
    """The lines that add up to the most, at most ``limit`` of them; below 1 all, in their order."""
    if limit < 1:
        return list(lines)
    return sorted(lines, key=lambda line: -sum(point.value for point in line.points))[:limit]
