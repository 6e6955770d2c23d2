"""docs/metrics.md names every metric there is, with its type and labels, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import CollectorRegistry

from proxy.metrics import Metrics

DOCS = (Path(__file__).parent.parent / "docs" / "metrics.md").read_text("utf-8")
ROW = re.compile(r"^\| (`sourceproxy_[^|]*) \| (\w+) \| ([^|]*) \| (.+) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, frozenset[str]]]:
    found = {}
    for names, kind, labels, _ in ROW.findall(DOCS):
        for name in re.findall(r"`(\w+)`", names):
            found[name] = (kind, frozenset(re.findall(r"`(\w+)`", labels)))
    return found


def existing() -> dict[str, tuple[str, frozenset[str]]]:
    metrics = Metrics(CollectorRegistry(), version="1", revision="2")
    found = {}
    for collector in metrics.registry._collector_to_names:
        (family,) = collector.describe()  # type: ignore[attr-defined] # every collector of ours has it
        name = family.name + ("_total" if family.type == "counter" else "")
        found[name] = (family.type, frozenset(getattr(collector, "_labelnames", ())))
    return found


def test_every_metric_is_documented_as_it_is() -> None:
    assert documented() == existing()


def test_every_metric_says_what_to_do() -> None:
    assert all(len(text) > 10 for *_, text in ROW.findall(DOCS))
