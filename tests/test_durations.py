"""The histogram of requests: what it tells is what prometheus_client's own would tell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram

from proxy.durations import Durations

BUCKETS = (0.001, 0.5, 1, 300)
SECONDS = st.one_of(st.sampled_from(BUCKETS), st.floats(0, 1000))
OBSERVED = st.lists(st.tuples(st.sampled_from(["a", "b"]), SECONDS), max_size=20)


def samples(registry: CollectorRegistry) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in registry.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


@given(OBSERVED)
def test_the_samples_are_those_of_a_histogram(observed: list[tuple[str, float]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    durations = Durations("x_seconds", "X.", ("route",), buckets=BUCKETS, registry=ours)
    histogram = Histogram("x_seconds", "X.", ("route",), buckets=BUCKETS, registry=theirs)
    for route, seconds in observed:
        durations.labels(route).observe(seconds)
        histogram.labels(route).observe(seconds)
    assert samples(ours) == samples(theirs)


def test_labels_give_the_same_child_again() -> None:
    durations = Durations("x_seconds", "X.", ("route",), buckets=BUCKETS, registry=CollectorRegistry())
    assert durations.labels("a") is durations.labels("a")
    assert durations.labels("a") is not durations.labels("b")
