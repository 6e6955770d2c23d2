"""A counter that costs next to nothing to count: a request counts a dozen look-ups.

``prometheus_client.Counter`` takes a lock for each, for programs with threads. This one is counted by the
event loop alone and read when the metrics are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prometheus_client import CollectorRegistry


class Count:
    """The count that one set of labels has; made by ``Counts.labels``."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self) -> None:
        """Count one more."""
        self.value += 1


class Counts(Collector):
    """A counter with labels, to be counted on one thread.

    Args:
        name: of the metric, without ``_total``.
        documentation: what it tells.
        labelnames: its labels.
        registry: where it is registered.
    """

    def __init__(
        self, name: str, documentation: str, labelnames: Sequence[str], *, registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._labelnames = tuple(labelnames)
        self._children: dict[tuple[str, ...], Count] = {}
        registry.register(self)

    def labels(self, *values: str) -> Count:
        """What is counted for these values of the labels; it stays the same."""
        found = self._children.get(values)
        if found is None:
            found = self._children[values] = Count()
        return found

    def describe(self) -> Iterable[CounterMetricFamily]:
        """The metric without samples, so that registering asks for none."""
        return [self._family()]

    def collect(self) -> Iterable[CounterMetricFamily]:
        """The samples of now."""
        family = self._family()
        for values, child in self._children.items():
            family.add_metric(values, child.value)
        return [family]

    def _family(self) -> CounterMetricFamily:
        return CounterMetricFamily(self._name, self._documentation, labels=self._labelnames)
