"""Adding up: what was counted never goes down, and each gauge makes sense of all processes together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    exposition,
    generate_latest,
)
from prometheus_client.parser import text_string_to_metric_families

from proxy.metrics import Metrics
from proxy.workers.adding import add_up, remember
from proxy.workers.families import Shown, decode, encode, families_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.workers.adding import Family

NOW = 1000.0


def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), version="1", revision="r")


def value(families: Sequence[Family], name: str, **labels: str) -> float:
    found = [
        value
        for family in families
        for sample, its, value in family.samples
        if sample == name and dict(its) == labels
    ]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def added(*processes: Metrics, ended: Sequence[Family] = (), now: float = NOW) -> list[Family]:
    running = {f"{number}": families_of(each.registry) for number, each in enumerate(processes, 1)}
    return add_up(running, ended, now)


def test_counters_and_histograms_are_summed() -> None:
    one, two = metrics(), metrics()
    one.sessions.labels("login").inc(2)
    two.sessions.labels("login").inc(3)
    one.request_duration.labels("other", "200").observe(0.003)
    two.request_duration.labels("other", "200").observe(0.2)
    two.request_duration.labels("other", "418").observe(1)
    found = added(one, two)
    name = "sourceproxy_request_duration_seconds"
    assert value(found, "sourceproxy_sessions_total", event="login") == 5
    assert value(found, f"{name}_count", route="other", status_code="200") == 2
    assert value(found, f"{name}_sum", route="other", status_code="200") == pytest.approx(0.203)
    assert value(found, f"{name}_bucket", route="other", status_code="200", le="0.005") == 1
    assert value(found, f"{name}_bucket", route="other", status_code="200", le="+Inf") == 2
    assert value(found, f"{name}_count", route="other", status_code="418") == 1


def test_what_is_held_is_summed_and_what_is_the_same_is_not() -> None:
    one, two = metrics(), metrics()
    for each, entries in ((one, 3), (two, 4)):
        each.cache_entries.labels("blobs").set(entries)
        each.cache_size.labels("blobs").set(entries * 10)
        each.cache_max_size.set(100)
        each.inflight_requests.labels("other").inc()
        each.workers.set(1)
        PlatformCollector(registry=each.registry)
    one.github_breaker_open.labels("api").set(1)
    two.github_breaker_open.labels("api").set(0)
    two.config_last_reload_successful.set(0)
    found = added(one, two)
    assert value(found, "sourceproxy_cache_entries", cache="blobs") == 7
    assert value(found, "sourceproxy_cache_size_bytes", cache="blobs") == 70
    assert value(found, "sourceproxy_cache_max_size_bytes") == 200
    assert value(found, "sourceproxy_inflight_requests", route="other") == 2
    assert value(found, "sourceproxy_workers") == 2
    assert value(found, "sourceproxy_github_breaker_open", host="api") == 1
    assert value(found, "sourceproxy_config_last_reload_successful") == 0
    for family in found:
        if family.name in {"sourceproxy_build_info", "python_info"}:
            ((_, _, one_value),) = family.samples
            assert one_value == 1


@pytest.mark.parametrize(
    ("windows", "shown"),
    [
        ([(5000, 4000, 1500), (5000, 70, 1600)], (5000, 70, 1600)),
        ([(5000, 4000, 1500), (60, 70, 999)], (5000, 4000, 1500)),
        ([(5000, 1, 1000)], (0, 0, 0)),
        ([(0, 0, 0), (15000, 14000, 1001)], (15000, 14000, 1001)),
    ],
)
def test_of_githubs_windows_the_lowest_that_has_not_passed_is_shown_whole(
    windows: list[tuple[int, int, int]], shown: tuple[int, int, int]
) -> None:
    processes = [metrics() for _ in windows]
    for each, (limit, remaining, reset) in zip(processes, windows, strict=True):
        each.github_rate_limit_limit.labels("core").set(limit)
        each.github_rate_limit_remaining.labels("core").set(remaining)
        each.github_rate_limit_reset.labels("core").set(reset)
    found = added(metrics(), *processes)
    names = ("limit", "remaining", "reset_timestamp_seconds")
    assert shown == tuple(
        value(found, f"sourceproxy_github_rate_limit_{it}", resource="core") for it in names
    )


def test_what_a_process_tells_of_itself_is_shown_for_each() -> None:
    one, two = metrics(), metrics()
    for each, memory in ((one, 10), (two, 20)):
        Gauge("process_resident_memory_bytes", "Memory.", registry=each.registry).set(memory)
        GCCollector(registry=each.registry)
    found = added(one, two)
    shown = [value(found, "process_resident_memory_bytes", process=process) for process in ("1", "2")]
    assert shown == [10, 20]
    assert value(found, "python_gc_collections_total", process="1", generation="0") >= 0


def test_what_ended_counts_on_but_holds_nothing() -> None:
    one, two = metrics(), metrics()
    one.sessions.labels("login").inc(2)
    one.cache_entries.labels("blobs").set(3)
    one.workers.set(1)
    GCCollector(registry=one.registry)
    ended = remember(remember((), families_of(one.registry)), families_of(one.registry))
    two.sessions.labels("login").inc(1)
    found = added(two, ended=ended)
    assert value(found, "sourceproxy_sessions_total", event="login") == 5
    names = {family.name for family in found}
    assert "python_gc_collections" not in names
    assert all(not family.samples for family in found if family.name == "sourceproxy_cache_entries")
    assert value(found, "sourceproxy_workers") == 0


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10)), max_size=5), min_size=1, max_size=5
    ),
    st.integers(0, 5),
)
def test_a_total_is_what_all_have_counted_whoever_has_ended(
    counted: list[list[tuple[str, int]]], gone: int
) -> None:
    expected: dict[str, float] = {}
    lists = []
    for events in counted:
        registry = CollectorRegistry()
        counter = Counter("things", "Things.", ("kind",), registry=registry)
        histogram = Histogram("sizes", "Sizes.", ("kind",), buckets=(1, 5), registry=registry)
        for kind, amount in events:
            counter.labels(kind).inc(amount)
            histogram.labels(kind).observe(amount)
            expected[kind] = expected.get(kind, 0) + amount
        lists.append(families_of(registry))
    ended: Sequence[Family] = ()
    for families in lists[:gone]:
        ended = remember(ended, families)
    running = {f"{number}": families for number, families in enumerate(lists[gone:])}
    found = add_up(running, ended, NOW)
    for kind, total in expected.items():
        assert value(found, "things_total", kind=kind) == total
        assert value(found, "sizes_sum", kind=kind) == total
    # Both forms hold: in OpenMetrics the series of one histogram have to stand together.
    text = generate_latest(Shown(found)).decode()
    assert list(text_string_to_metric_families(text))
    encode_openmetrics, _ = exposition.choose_encoder("application/openmetrics-text;version=1.0.0")
    assert encode_openmetrics(Shown(found)).endswith(b"# EOF\n")


def test_families_survive_the_way_to_another_process() -> None:
    one = metrics()
    one.request_duration.labels("other", "200").observe(0.1)
    one.cache_entries.labels("blobs").set(float("inf"))
    families = families_of(one.registry)
    assert decode(encode(families)) == families


def test_one_process_is_shown_as_it_shows_itself() -> None:
    one = metrics()
    one.request_duration.labels("other", "200").observe(0.1)
    assert generate_latest(Shown(added(one))) == generate_latest(one.registry)
