"""Figures as text: the median of the rounds with the lowest and the highest, and ratios of medians."""

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
        throughput: requests a second at many connections.
        cpu: processor time of a request at many connections, microseconds; children included.
        errors: requests that failed in this round.
    """

    p50: float
    p99: float
    throughput: float
    cpu: float
    errors: int


FIGURES = (
    ("p50", "p50 µs, 1 conn."),
    ("p99", "p99 µs, 1 conn."),
    ("throughput", "requests/s"),
    ("cpu", "CPU µs/request"),
)


def figure(values: Sequence[float]) -> str:
    """Median, and between which values it lies."""
    low, middle, high = min(values), median(values), max(values)
    return f"{_number(middle)} ({_number(low)}-{_number(high)})"


def ratio(values: Sequence[float], baseline: Sequence[float]) -> str:
    """How often the baseline's median goes into the other's."""
    below = median(baseline)
    return f"{median(values) / below:.2f}x" if below else "-"


def table(samples: Mapping[str, Sequence[Sample]], baseline: str) -> list[str]:
    """The lines of one comparison.

    Args:
        samples: for each target its rounds.
        baseline: the target that ratios are made with; without it there are none.
    """
    rows = [["", *(title for _, title in FIGURES), "errors"]]
    for target, rounds in samples.items():
        figures = [figure([getattr(sample, name) for sample in rounds]) for name, _ in FIGURES]
        rows.append([target, *figures, str(sum(sample.errors for sample in rounds))])
    for target in samples:
        if baseline in samples and target != baseline:
            ratios = [
                ratio(
                    [getattr(sample, name) for sample in samples[target]],
                    [getattr(sample, name) for sample in samples[baseline]],
                )
                for name, _ in FIGURES
            ]
            rows.append([f"{target} / {baseline}", *ratios, ""])
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
        )
        for row in rows
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
