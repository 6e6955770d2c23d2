"""The rules: well formed, each alert fires when it should and not when it should not, runbooks are there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.deploy.monitoring.cases import CASES
from tests.deploy.monitoring.catalog import known, labels_of
from tests.deploy.monitoring.course import INSTALLATION, Case
from tests.deploy.monitoring.rules import FILE, ROOT, alerts, promtool, records

if TYPE_CHECKING:
    from pathlib import Path

ALERTS = {
    "SourceProxyDown",
    "SourceProxyUpstreamFailing",
    "SourceProxyErrors",
    "SourceProxySlow",
    "SourceProxyGitHubFailing",
    "SourceProxyGitHubBudgetLow",
    "SourceProxyGitHubRateLimited",
    "SourceProxyCacheTooSmall",
    "SourceProxySharedCacheFailing",
    "SourceProxySessionsRejected",
    "SourceProxyResolutionsFailing",
    "SourceProxyConfigReloadFailed",
}
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
RUNBOOKS = OPERATIONS.partition("\n## Alerts\n")[2].partition("\n## ")[0]


def test_prometheus_accepts_the_rules() -> None:
    assert "SUCCESS" in promtool("check", "rules", str(FILE))


def test_the_alerts_are_those_that_are_promised() -> None:
    assert set(alerts()) == ALERTS


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_how_bad_it_is_and_what_to_do(name: str) -> None:
    alert = alerts()[name]
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    annotations = alert["annotations"]
    assert set(annotations) == {"summary", "description", "runbook_url"}
    assert annotations["runbook_url"] == f"docs/operations.md#{name.lower()}"
    assert f"\n### {name}\n" in OPERATIONS
    # What is the same for all that fire is said once, so it has no values in it.
    assert "{{" not in annotations["description"]


def test_the_runbooks_are_of_alerts_that_there_are() -> None:
    assert set(re.findall(r"^### (\w+)$", RUNBOOKS, re.MULTILINE)) == ALERTS


def test_each_runbook_says_all_that_somebody_needs_who_was_woken() -> None:
    for runbook in RUNBOOKS.split("\n### ")[1:]:
        assert re.findall(r"^\*\*(.+?):\*\*", runbook, re.MULTILINE) == [
            "Means",
            "People notice",
            "Check",
            "Do",
        ]


@pytest.mark.parametrize(
    "query", sorted(set(re.findall(r"`([^`]*(?:sourceproxy|process)_[^`]*)`", RUNBOOKS)))
)
def test_the_queries_of_runbooks_ask_only_for_what_there_is(query: str) -> None:
    labels_of(query, known())


@pytest.mark.parametrize("name", sorted(records()))
def test_records_are_named_as_is_usual(name: str) -> None:
    """https://prometheus.io/docs/practices/rules/"""
    assert re.fullmatch(r"job(_\w+)?:sourceproxy_\w+:(rate\d+m|ratio|ratio_rate\d+m|p95_5m)", name)


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_each_alert_is_tried_both_ways(name: str) -> None:
    assert {bool(case.firing) for case in CASES if case.alert == name} == {True, False}


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_fires_when_it_should_and_only_then(name: str, tmp_path: Path) -> None:
    file = tmp_path / "tests.yaml"
    tests = [as_test(case) for case in CASES if case.alert == name]
    settings = {"rule_files": [str(FILE)], "evaluation_interval": "1m", "tests": tests}
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    assert "SUCCESS" in promtool("test", "rules", str(file))


def as_test(case: Case) -> dict[str, Any]:
    """The case as promtool takes it."""
    rule = alerts()[case.alert]
    expected = [
        {
            "exp_labels": INSTALLATION | rule["labels"] | labels,
            "exp_annotations": rule["annotations"] | {"summary": summary},
        }
        for labels, summary in case.firing
    ]
    asked = {"eval_time": case.at, "alertname": case.alert, "exp_alerts": expected}
    series = [{"series": scraped(name), "values": values} for name, values in case.series.items()]
    return {"name": case.what, "interval": "1m", "input_series": series, "alert_rule_test": [asked]}


def scraped(name: str) -> str:
    """A series as it is when it was scraped from the installation, unless it says that it is of another."""
    metric, _, own = name.replace("'", '"').removesuffix("}").partition("{")
    added = [f'{label}="{value}"' for label, value in INSTALLATION.items() if f"{label}=" not in own]
    return f"{metric}{{{','.join([*added, *filter(None, [own])])}}}"
