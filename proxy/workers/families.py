"""Metrics between the client library, what can be added up, and bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from prometheus_client import Metric

from proxy.workers.adding import Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prometheus_client import CollectorRegistry


class Shown:
    """Families as a collector, for the client library's encoders."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """The metrics."""
        for family in self._families:
            metric = Metric(family.name, family.documentation, family.type, family.unit)
            for name, labels, value in family.samples:
                metric.add_sample(name, dict(labels), value)
            yield metric


def families_of(registry: CollectorRegistry) -> list[Family]:
    """What a registry holds now."""
    return [
        Family(
            metric.name,
            metric.documentation,
            metric.type,
            metric.unit,
            tuple((sample.name, tuple(sample.labels.items()), sample.value) for sample in metric.samples),
        )
        for metric in registry.collect()
    ]


def encode(families: Sequence[Family]) -> bytes:
    """Families for another process of the same release."""
    return json.dumps(
        [[each.name, each.documentation, each.type, each.unit, each.samples] for each in families],
        separators=(",", ":"),
    ).encode()


def decode(data: bytes) -> list[Family]:
    """What ``encode`` wrote; ``ValueError`` for anything that is no JSON."""
    return [
        Family(
            name,
            documentation,
            kind,
            unit,
            tuple(
                (sample, tuple((key, text) for key, text in labels), value)
                for sample, labels, value in samples
            ),
        )
        for name, documentation, kind, unit, samples in json.loads(data)
    ]
