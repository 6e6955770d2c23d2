"""What Prometheus knows of the proxy, and whether an expression asks for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import promql_parser as promql
from prometheus_client import CollectorRegistry, ProcessCollector

from proxy.metrics import Metrics
from tests.deploy.monitoring.rules import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    Labels = frozenset[str]

INSTALLATION = frozenset({"cluster", "namespace", "job"})
SCRAPED = INSTALLATION | {"instance"}
"""The labels that scraping adds; the first three are those of an installation."""
_SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


class UnknownError(Exception):
    """An expression asks for a series or a label that there is not."""


def exported() -> dict[str, Labels]:
    """Every series that a replica exports, with its labels."""
    metrics = Metrics(CollectorRegistry(), version="1", revision="2")
    found: dict[str, Labels] = {}
    for collector in metrics.registry._collector_to_names:
        (family,) = collector.describe()  # type: ignore[attr-defined] # every collector of ours has it
        labels = SCRAPED | frozenset(getattr(collector, "_labelnames", ()))
        for suffix in _SUFFIXES[family.type]:
            found[family.name + suffix] = labels | {"le"} if suffix == "_bucket" else labels
    for process in ProcessCollector(registry=CollectorRegistry()).collect():
        found |= {sample.name: SCRAPED for sample in process.samples}
    return found


def known() -> dict[str, Labels]:
    """The same and every series that the rules record; each of these only from those before it."""
    found = exported()
    for name, expression in records().items():
        found[name] = labels_of(expression, found)
    return found


def labels_of(expression: str, series: Mapping[str, Labels]) -> Labels:
    """The labels of what an expression gives.

    Raises:
        UnknownError: it uses what there is not.
        ValueError: it is not PromQL.
    """
    return _labels(promql.parse(expression), series)


def selectors(expression: str) -> list[promql.VectorSelector]:
    """All selectors of an expression."""
    found: list[promql.VectorSelector] = []

    def visit(node: promql.Expr) -> None:
        if isinstance(node, promql.MatrixSelector):
            found.append(node.vector_selector)
        elif isinstance(node, promql.VectorSelector):
            found.append(node)

    promql.walk(promql.parse(expression), visit)
    return found


def _labels(node: promql.Expr, series: Mapping[str, Labels]) -> Labels:
    match node:
        case promql.AggregateExpr():
            return _kept(node, _labels(node.expr, series))
        case promql.BinaryExpr():
            return _labels(node.lhs, series) | _labels(node.rhs, series)
        case promql.Call():
            given = frozenset[str]().union(*(_labels(argument, series) for argument in node.args))
            return given - {"le"} if node.func.name == "histogram_quantile" else given
        case promql.ParenExpr() | promql.UnaryExpr():
            return _labels(node.expr, series)
        case promql.MatrixSelector():
            return _selected(node.vector_selector, series)
        case promql.VectorSelector():
            return _selected(node, series)
    return frozenset()


def _kept(node: promql.AggregateExpr, labels: Labels) -> Labels:
    kept = frozenset(node.modifier.labels if node.modifier is not None else ())
    if missing := kept - labels:
        raise UnknownError(f"{node} keeps labels that there are not: {sorted(missing)}")
    return kept


def _selected(node: promql.VectorSelector, series: Mapping[str, Labels]) -> Labels:
    name = node.name or ""
    if name not in series:
        raise UnknownError(f"there is no series {name}")
    if missing := {matcher.name for matcher in node.matchers.matchers} - series[name]:
        raise UnknownError(f"{name} has no label {sorted(missing)}")
    return series[name]
