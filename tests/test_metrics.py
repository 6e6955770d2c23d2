"""The metrics: their names, their labels, and what is there before anything happened."""

from __future__ import annotations

import platform

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from proxy import oauth
from proxy.config.model import GitHub
from proxy.github import graphql
from proxy.github.api import Api
from proxy.metrics import GITHUB_ROUTES, OTHER_ROUTE, QUERIER_METHODS, ROUTES, VCS_METHODS, Metrics
from proxy.source.model import Repository

# Labels as the contract has them, by the name of the family.
LABELS = {
    "sourceproxy_request_duration_seconds": {"route", "status_code"},
    "sourceproxy_inflight_requests": {"route"},
    "sourceproxy_event_loop_tasks": set(),
    "sourceproxy_upstream_errors": {"reason"},
    "sourceproxy_cache_requests": {"cache", "result"},
    "sourceproxy_cache_evictions": {"cache", "reason"},
    "sourceproxy_cache_entries": {"cache"},
    "sourceproxy_cache_size_bytes": {"cache"},
    "sourceproxy_cache_max_size_bytes": set(),
    "sourceproxy_shared_cache_errors": {"reason"},
    "sourceproxy_github_request_duration_seconds": {"method", "route", "status_code"},
    "sourceproxy_github_rate_limit_limit": {"resource"},
    "sourceproxy_github_rate_limit_remaining": {"resource"},
    "sourceproxy_github_rate_limit_reset_timestamp_seconds": {"resource"},
    "sourceproxy_github_rate_limited": {"resource", "kind"},
    "sourceproxy_github_breaker_open": {"host"},
    "sourceproxy_sessions": {"event"},
    "sourceproxy_source_resolutions": {"language", "rule", "result"},
    "sourceproxy_config_reloads": {"result"},
    "sourceproxy_config_last_reload_successful": set(),
    "sourceproxy_workers": set(),
    "sourceproxy_build_info": {"version", "revision", "python_version"},
}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), version="1.2.3", revision="abc")


def test_the_families_and_their_labels(metrics: Metrics) -> None:
    families = {family.name: family for family in metrics.registry.collect()}
    assert set(families) >= set(LABELS)
    collectors = [value for value in vars(metrics).values() if hasattr(value, "_labelnames")]
    labels = {collector._name: set(collector._labelnames) for collector in collectors}
    assert labels == {name: labels for name, labels in LABELS.items() if name in labels_of(metrics)}


def labels_of(metrics: Metrics) -> set[str]:
    """The families that are attributes; what is set once needs no attribute."""
    return {value._name for value in vars(metrics).values() if hasattr(value, "_labelnames")}


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        *(("sourceproxy_inflight_requests", {"route": route}) for route in ROUTES),
        *(
            ("sourceproxy_request_duration_seconds_count", {"route": route, "status_code": "200"})
            for route in ROUTES
        ),
        *(
            (
                "sourceproxy_github_request_duration_seconds_count",
                {"method": method, "route": route, "status_code": "200"},
            )
            for method, route in GITHUB_ROUTES
        ),
        *(("sourceproxy_upstream_errors_total", {"reason": it}) for it in ("connect", "timeout", "reset")),
        *(("sourceproxy_config_reloads_total", {"result": it}) for it in ("success", "failure")),
        *(
            ("sourceproxy_sessions_total", {"event": it})
            for it in ("login", "refresh", "refresh_coalesced", "rejected")
        ),
        *(
            ("sourceproxy_github_rate_limited_total", {"resource": resource, "kind": kind})
            for resource in ("core", "graphql")
            for kind in ("primary", "secondary")
        ),
    ],
)
def test_known_series_exist_from_the_start(metrics: Metrics, name: str, labels: dict[str, str]) -> None:
    assert metrics.registry.get_sample_value(name, labels) == 0


def test_what_runs_is_said(metrics: Metrics) -> None:
    labels = {"version": "1.2.3", "revision": "abc", "python_version": platform.python_version()}
    assert metrics.registry.get_sample_value("sourceproxy_build_info", labels) == 1


def test_routes_are_all_that_are_known_and_one_for_the_rest() -> None:
    assert len(set(ROUTES)) == len(ROUTES)
    assert set(ROUTES) >= {f"vcs.v1.VCSService/{method}" for method in VCS_METHODS}
    assert set(ROUTES) >= {f"querier.v1.QuerierService/{method}" for method in QUERIER_METHODS}
    assert ROUTES[-1] == OTHER_ROUTE


def test_the_routes_of_github_are_those_that_are_asked() -> None:
    api, repository = Api(URL("https://github.com"), URL("https://api.github.com")), Repository("o", "r")
    asked = (
        oauth.refresh_request(GitHub(), "r"),
        graphql.request("https://api.github.com", "t", "{}"),
        api.repository("t", repository),
        api.commit("t", repository, "main"),
        api.contents("t", repository, "main", "a.go"),
        api.blob("t", repository, "0" * 40),
        api.tree("t", repository, "0" * 40),
    )
    assert tuple((request.method, request.route) for request in asked) == GITHUB_ROUTES


def test_two_proxies_in_one_process_do_not_share_their_metrics(metrics: Metrics) -> None:
    other = Metrics(CollectorRegistry(), version="2", revision="")
    other.sessions.labels("login").inc()
    assert metrics.registry.get_sample_value("sourceproxy_sessions_total", {"event": "login"}) == 0


def test_the_exposition_is_parsed_by_prometheus_own_parser(metrics: Metrics) -> None:
    text = generate_latest(metrics.registry).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert all(family.documentation.endswith(".") for family in families.values())
    # What promtool check metrics asks: counters end in _total, nothing else does, base units are used.
    for family in families.values():
        for sample in family.samples:
            assert sample.name.endswith("_total") is (family.type == "counter")
    assert not any(name.endswith(("_ms", "_milliseconds", "_kilobytes")) for name in families)
