"""Figures as text: the median of the rounds with the lowest and the highest, and ratios round by round."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one target.

    Attributes:
        p50: median latency at one connection, microseconds.
        p99: the same, 99th percentile.
        p50_many: median latency at many connections, microseconds.
        p99_many: the same, 99th percentile.
        throughput: requests a second at many connections.
        cpu: processor time of a request at many connections, microseconds; children included.
        memory: the most that was resident in this round, MiB.
        errors: requests that failed in this round.
    """

    p50: float
    p99: float
    p50_many: float
    p99_many: float
    throughput: float
    cpu: float
    memory: float
    errors: int


FIGURES = (
    ("p50", "p50 µs, 1 connection"),
    ("p99", "p99 µs, 1 connection"),
    ("p50_many", "p50 µs, 32 connections"),
    ("p99_many", "p99 µs, 32 connections"),
    ("throughput", "requests/s"),
    ("cpu", "CPU µs/request"),
    ("memory", "peak memory MiB"),
    ("errors", "errors, all rounds"),
)


def figure(values: Sequence[float]) -> str:
    """Median, and between which values it lies."""
    return _spread([_number(value) for value in (median(values), min(values), max(values))])


def ratio(values: Sequence[float], baseline: Sequence[float]) -> str:
    """How often the baseline goes into the other: what is measured in one round is compared with its like."""
    ratios = [value / below for value, below in zip(values, baseline, strict=True) if below]
    if not ratios:
        return "-"
    return _spread([f"{ratio:.2f}x" for ratio in (median(ratios), min(ratios), max(ratios))])


def table(samples: Mapping[str, Sequence[Sample]], baseline: str) -> list[str]:
    """The lines of one comparison: a column for each target, and for each its ratio.

    Args:
        samples: for each target its rounds.
        baseline: the target that ratios are made with; without it there are none.
    """
    others = [target for target in samples if baseline in samples and target != baseline]
    rows = [["", *samples, *(f"{target} / {baseline}" for target in others)]]
    for name, title in FIGURES:
        values = {target: [getattr(sample, name) for sample in samples[target]] for target in samples}
        if name == "errors":
            rows.append([title, *(str(sum(all_)) for all_ in values.values()), *("" for _ in others)])
            continue
        figures = [figure(rounds) for rounds in values.values()]
        rows.append([title, *figures, *(ratio(values[target], values[baseline]) for target in others)])
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of equal width: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        ).rstrip()
        for row in rows
    ]


def _spread(told: Sequence[str]) -> str:
    middle, low, high = told
    return f"{middle} ({low}-{high})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
