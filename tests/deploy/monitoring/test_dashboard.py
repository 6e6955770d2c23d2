"""The dashboard: whole, explained, and asking Prometheus only for what the proxy exports."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.deploy.monitoring.catalog import INSTALLATION, UnknownError, exported, known, labels_of, selectors
from tests.deploy.monitoring.dashboard import DASHBOARD, PANELS, TEXT, chosen, expressions, targets
from tests.test_metrics_docs import documented

# Metrics that nobody needs to look at over time, and why.
LEFT_OUT: dict[str, str] = {}
CHOSEN = ("instance", "job", "namespace")
# What Grafana writes and reads, though its own description of dashboards leaves it to plugins.
OF_PLUGINS = {"definition", "titleFormat", "step"}


def test_it_is_written_as_grafana_exports_it() -> None:
    """So that a change made in Grafana shows as that change."""
    assert json.dumps(DASHBOARD, indent=2, ensure_ascii=False) + "\n" == TEXT


def test_grafana_knows_all_that_is_in_it() -> None:
    """Read into Grafana's own description of dashboards and panels and written again, nothing is lost."""
    register_default_plugins()
    written = json.loads(JSONEncoder().encode(Dashboard.from_json(DASHBOARD)))
    assert set(lost(DASHBOARD, written)) <= OF_PLUGINS


def lost(value: Any, written: Any, key: str = "") -> list[str]:
    """The keys of what is not there any more, or not the same."""
    if isinstance(value, dict) and isinstance(written, dict):
        return [it for name, item in value.items() for it in lost(item, written.get(name), name)]
    if isinstance(value, list) and isinstance(written, list) and len(value) == len(written):
        return [it for items in zip(value, written, strict=True) for it in lost(*items, key)]
    return [] if value == written else [key]


def test_grafana_can_import_it_anywhere() -> None:
    assert "id" not in DASHBOARD
    assert re.fullmatch(r"[a-z-]{1,40}", DASHBOARD["uid"])
    assert DASHBOARD["schemaVersion"] >= 39
    sources = {json.dumps(source) for source in found(DASHBOARD["panels"], "datasource")}
    assert sources == {json.dumps({"type": "prometheus", "uid": "${datasource}"})}


def found(value: Any, key: str) -> list[Any]:
    """What stands under a key anywhere."""
    if isinstance(value, list):
        return list(itertools.chain.from_iterable(found(item, key) for item in value))
    if not isinstance(value, dict):
        return []
    here = [value[key]] if key in value else []
    return here + [it for name, item in value.items() if name != key for it in found(item, key)]


def test_panels_are_told_apart() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    titles = [panel["title"] for panel in DASHBOARD["panels"]]
    assert len(set(titles)) == len(titles)


def test_panels_do_not_cover_each_other() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        columns = range(place["x"], place["x"] + place["w"])
        for cell in itertools.product(columns, range(place["y"], place["y"] + place["h"])):
            assert taken.setdefault(cell, panel["title"]) == panel["title"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_is_explained(panel: dict[str, Any]) -> None:
    assert panel["type"] in {"timeseries", "stat", "heatmap", "table"}
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0


@pytest.mark.parametrize("expression", expressions())
def test_a_query_asks_only_for_what_there_is(expression: str) -> None:
    labels_of(expression, known())


@pytest.mark.parametrize("expression", expressions())
def test_a_query_is_of_what_was_chosen(expression: str) -> None:
    for selector in selectors(expression):
        matchers = {matcher.name: matcher.value for matcher in selector.matchers.matchers}
        assert {name: matchers[name] for name in CHOSEN} == dict.fromkeys(CHOSEN, ".*")


@pytest.mark.parametrize(
    ("title", "target"), list(targets()), ids=lambda it: it if isinstance(it, str) else ""
)
def test_a_legend_names_what_the_query_gives(title: str, target: dict[str, str]) -> None:
    named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
    assert named <= labels_of(chosen(target["expr"]), known()), title


def test_what_can_be_chosen() -> None:
    names = [variable["name"] for variable in DASHBOARD["templating"]["list"]]
    assert sorted(names) == sorted(["datasource", *CHOSEN])
    for variable in DASHBOARD["templating"]["list"][1:]:
        (selector, label) = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"]).groups()  # type: ignore[union-attr] # it fails then
        assert label == variable["name"]
        assert label in labels_of(chosen(selector), known())
        # Also what has no such label: not every Prometheus is in a cluster.
        assert variable["allValue"] == ".*"


def test_every_metric_is_shown_or_left_out_for_a_reason() -> None:
    shown = {selector.name for expression in expressions() for selector in selectors(expression)}
    unseen = {name for name in documented() if not {name, f"{name}_count", f"{name}_bucket"} & shown}
    assert unseen == set(LEFT_OUT)
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize(
    "expression",
    [
        "sourceproxy_nothing_total",
        'sourceproxy_sessions_total{cache="blobs"}',
        "sum by (route) (sourceproxy_sessions_total)",
        "sum by (le) (rate(sourceproxy_request_duration_seconds_count[5m]))",
    ],
)
def test_what_there_is_not_is_noticed(expression: str) -> None:
    with pytest.raises(UnknownError):
        labels_of(expression, exported())


def test_records_tell_installations_apart() -> None:
    for name in known().keys() - exported().keys():
        assert known()[name] >= INSTALLATION, name
