"""Courses of things for alerts to see, in the notation of promtool's test files: one value a minute.

https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
"""

from __future__ import annotations

from dataclasses import dataclass, field

INSTALLATION = {"cluster": "eu", "namespace": "profiling", "job": "proxy"}
"""The labels of the one installation that most cases have."""
DURATION = "sourceproxy_request_duration_seconds"
GITHUB = "sourceproxy_github_request_duration_seconds"


@dataclass(frozen=True)
class Case:
    """One course of things.

    Attributes:
        alert: which alert is looked at.
        what: what happens, in words.
        series: name with labels, without those that scraping adds, and values.
        at: when it is looked at, after the start.
        firing: of each firing alert, the labels beyond installation and severity, and the summary.
    """

    alert: str
    what: str
    series: dict[str, str]
    at: str = "75m"
    firing: tuple[tuple[dict[str, str], str], ...] = field(default=())


def count(labels: str, each_minute: float, name: str = DURATION) -> dict[str, str]:
    """Requests that go on for four hours."""
    return {f"{name}_count{{{labels}}}": f"0+{each_minute}x240"}


def took(route: str, seconds: int, each_minute: float) -> dict[str, str]:
    """Requests that took so long, as a histogram with two buckets shows them."""
    labels = f'route="{route}",status_code="200"'
    below = "0x240" if seconds > 5 else f"0+{each_minute}x240"
    return {
        f'{DURATION}_bucket{{{labels},le="5"}}': below,
        f'{DURATION}_bucket{{{labels},le="30"}}': f"0+{each_minute}x240",
        f'{DURATION}_bucket{{{labels},le="+Inf"}}': f"0+{each_minute}x240",
        **count(labels, each_minute),
    }


def both(labels: str, good: float, bad: float, status: str, name: str = DURATION) -> dict[str, str]:
    return {**count(f'{labels}"200"', good, name), **count(f'{labels}"{status}"', bad, name)}
