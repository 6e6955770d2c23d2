"""A histogram that costs next to nothing to observe: the door observes one for every request.

``prometheus_client.Histogram`` takes locks, for programs with threads, and walks the buckets one by one.
This one is observed by the event loop alone and added up when the metrics are asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prometheus_client import CollectorRegistry


class Duration:
    """The durations that have one set of labels; made by ``Durations.labels``."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """How many fell into each bucket, not added up; the last is for what is above all bounds."""
        self.total = 0.0
        """Seconds, all together."""

    def observe(self, seconds: float) -> None:
        """Count one more."""
        self.counts[bisect_left(self._bounds, seconds)] += 1
        self.total += seconds


class Durations(Collector):
    """A histogram with labels, to be observed on one thread.

    Args:
        name: of the metric.
        documentation: what it tells.
        labelnames: its labels.
        buckets: the upper bounds in seconds, rising, without infinity.
        registry: where it is registered.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labelnames: Sequence[str],
        *,
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._labelnames = tuple(labelnames)
        self._bounds = tuple(buckets)
        self._children: dict[tuple[str, ...], Duration] = {}
        registry.register(self)

    def labels(self, *values: str) -> Duration:
        """What is observed for these values of the labels; keep it, it stays the same."""
        return self._children.setdefault(values, Duration(self._bounds))

    def describe(self) -> Iterable[HistogramMetricFamily]:
        """The metric without samples, so that registering asks for none."""
        return [self._family()]

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """The samples of now."""
        family = self._family()
        bounds = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        for values, child in self._children.items():
            buckets = list(zip(bounds, accumulate(child.counts), strict=True))
            family.add_metric(values, buckets, child.total)
        return [family]

    def _family(self) -> HistogramMetricFamily:
        return HistogramMetricFamily(self._name, self._documentation, labels=self._labelnames)
