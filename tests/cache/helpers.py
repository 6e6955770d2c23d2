"""A cache on a clock that only the test moves, and a look at its metrics as an operator sees them."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry

from proxy.cache import Cache, NamedCache
from proxy.metrics import Metrics

PLENTY = 1 << 30


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class World:
    """A cache with everything that a test wants to look at."""

    def __init__(self, max_size: int = PLENTY) -> None:
        self.clock = Clock()
        self._metrics = Metrics(CollectorRegistry(), version="0", revision="0")
        self.cache = Cache(max_size, self._metrics, self.clock)

    def named(self, name: str = "files") -> NamedCache[str, Any]:
        return self.cache.named(name)

    def metric(self, name: str, **labels: str) -> float:
        family = name.removesuffix("_total").removesuffix("_bytes")
        # Collecting this family alone: a registry collects all, which a long test feels.
        (collected,) = getattr(self._metrics, f"cache_{family}").collect()
        found = [
            sample.value
            for sample in collected.samples
            if sample.name == f"sourceproxy_cache_{name}" and sample.labels == labels
        ]
        assert len(found) == 1, f"no series {name}{labels}"
        return float(found[0])

    def requests(self, cache: str = "files") -> dict[str, int]:
        results = ("hit", "miss", "stale", "coalesced")
        return {result: int(self.metric("requests_total", cache=cache, result=result)) for result in results}

    def evictions(self, cache: str = "files") -> dict[str, int]:
        return {
            reason: int(self.metric("evictions_total", cache=cache, reason=reason))
            for reason in ("size", "ttl")
        }
