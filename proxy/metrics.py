"""Every metric of the proxy, on a registry that is passed in.

Labels come from fixed lists only, never from a user, token, repository, path, ref or URL.
Known series exist from the start, so that a rate over them works from the first scrape.
"""

from __future__ import annotations

import platform

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from proxy.counts import Counts
from proxy.durations import Durations

VCS_METHODS = ("GithubApp", "GithubLogin", "GithubRefresh", "GetFile", "GetCommit", "GetCommits")
QUERIER_METHODS = (
    "ProfileTypes",
    "LabelValues",
    "LabelNames",
    "Series",
    "SelectMergeStacktraces",
    "SelectMergeSpanProfile",
    "SelectMergeProfile",
    "SelectSeries",
    "SelectHeatmap",
    "Diff",
    "GetProfileStats",
    "AnalyzeQuery",
)
SOURCE_METHODS = ("ExplainFile", "GetFunctionDetails")
OTHER_ROUTE = "other"
ROUTES = (
    *(f"vcs.v1.VCSService/{method}" for method in VCS_METHODS),
    *(f"source.v1.SourceService/{method}" for method in SOURCE_METHODS),
    *(f"querier.v1.QuerierService/{method}" for method in QUERIER_METHODS),
    OTHER_ROUTE,
)
GITHUB_ROUTES = (
    ("POST", "/login/oauth/access_token"),
    ("POST", "graphql"),
    ("GET", "/repos/{owner}/{repo}"),
    ("GET", "/repos/{owner}/{repo}/commits/{ref}"),
    ("GET", "/repos/{owner}/{repo}/contents/{path}"),
    ("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}"),
    ("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}"),
)
_REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_GITHUB_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The metrics, one attribute each; ``registry`` is what the admin listener exposes."""

    def __init__(self, registry: CollectorRegistry, *, version: str, revision: str) -> None:
        self.registry = registry
        self._add_requests(registry)
        self._add_cache(registry)
        self._add_github(registry)
        self._add_sources(registry)
        self._add_process(registry)
        build_info = Gauge(
            "sourceproxy_build_info",
            "Always 1; what runs.",
            ("version", "revision", "python_version"),
            registry=registry,
        )
        build_info.labels(version, revision, platform.python_version()).set(1)
        self._create_known_series()

    def _add_requests(self, registry: CollectorRegistry) -> None:
        self.request_duration = Durations(
            "sourceproxy_request_duration_seconds",
            "Time from the head of a request to the end of its answer.",
            ("route", "status_code"),
            buckets=_REQUEST_BUCKETS,
            registry=registry,
        )
        self.inflight_requests = Gauge(
            "sourceproxy_inflight_requests", "Requests being answered now.", ("route",), registry=registry
        )
        self.event_loop_tasks = Gauge(
            "sourceproxy_event_loop_tasks", "Tasks of the event loop that have not ended.", registry=registry
        )
        self.upstream_errors = Counter(
            "sourceproxy_upstream_errors_total",
            "Requests that Pyroscope did not answer whole, by what went wrong.",
            ("reason",),
            registry=registry,
        )

    def _add_cache(self, registry: CollectorRegistry) -> None:
        self.cache_requests = Counts(
            "sourceproxy_cache_requests",
            "Look-ups in the cache, by what came of them.",
            ("cache", "result"),
            registry=registry,
        )
        self.cache_evictions = Counter(
            "sourceproxy_cache_evictions_total",
            "Entries that left the cache.",
            ("cache", "reason"),
            registry=registry,
        )
        self.cache_entries = Gauge(
            "sourceproxy_cache_entries", "Entries in the cache.", ("cache",), registry=registry
        )
        self.cache_size = Gauge(
            "sourceproxy_cache_size_bytes",
            "Bytes that the cache holds, keys counted.",
            ("cache",),
            registry=registry,
        )
        self.cache_max_size = Gauge(
            "sourceproxy_cache_max_size_bytes", "Bytes that the cache may hold.", registry=registry
        )
        self.shared_cache_errors = Counter(
            "sourceproxy_shared_cache_errors_total",
            "Times that the Redis shared by replicas was of no use, by what went wrong.",
            ("reason",),
            registry=registry,
        )

    def _add_github(self, registry: CollectorRegistry) -> None:
        self.github_request_duration = Histogram(
            "sourceproxy_github_request_duration_seconds",
            "Time of one call to GitHub.",
            ("method", "route", "status_code"),
            buckets=_GITHUB_BUCKETS,
            registry=registry,
        )
        self.github_rate_limit_limit = Gauge(
            "sourceproxy_github_rate_limit_limit",
            "Calls that GitHub allows in a window, of the token with the fewest left.",
            ("resource",),
            registry=registry,
        )
        self.github_rate_limit_remaining = Gauge(
            "sourceproxy_github_rate_limit_remaining",
            "Calls left in the current window, the lowest of the tokens seen in it.",
            ("resource",),
            registry=registry,
        )
        self.github_rate_limit_reset = Gauge(
            "sourceproxy_github_rate_limit_reset_timestamp_seconds",
            "When that window ends.",
            ("resource",),
            registry=registry,
        )
        self.github_rate_limited = Counter(
            "sourceproxy_github_rate_limited_total",
            "Answers in which GitHub refused a call for its rate.",
            ("resource", "kind"),
            registry=registry,
        )
        self.github_breaker_open = Gauge(
            "sourceproxy_github_breaker_open",
            "1 while GitHub has failed so often that calls are not sent, 0 else.",
            ("host",),
            registry=registry,
        )

    def _add_sources(self, registry: CollectorRegistry) -> None:
        self.sessions = Counter(
            "sourceproxy_sessions_total", "What happened to sessions.", ("event",), registry=registry
        )
        self.source_resolutions = Counts(
            "sourceproxy_source_resolutions",
            "Frames that were resolved to a file, or not.",
            ("language", "rule", "result"),
            registry=registry,
        )

    def _add_process(self, registry: CollectorRegistry) -> None:
        self.config_reloads = Counter(
            "sourceproxy_config_reloads_total",
            "Times that the configuration was read anew, by whether it was taken over.",
            ("result",),
            registry=registry,
        )
        self.config_last_reload_successful = Gauge(
            "sourceproxy_config_last_reload_successful",
            "1 while the configuration in force is the one that was read last, 0 when that one was refused.",
            registry=registry,
        )
        self.config_last_reload_successful.set(1)
        self.workers = Gauge("sourceproxy_workers", "Processes that serve requests.", registry=registry)

    def _create_known_series(self) -> None:
        for route in ROUTES:
            self.inflight_requests.labels(route)
            self.request_duration.labels(route, "200")
        for method, route in GITHUB_ROUTES:
            self.github_request_duration.labels(method, route, "200")
        for reason in ("connect", "timeout", "reset"):
            self.upstream_errors.labels(reason)
        for result in ("success", "failure"):
            self.config_reloads.labels(result)
        for event in ("login", "refresh", "refresh_coalesced", "rejected"):
            self.sessions.labels(event)
        for resource in ("core", "graphql"):
            for kind in ("primary", "secondary"):
                self.github_rate_limited.labels(resource, kind)
