"""The counter of look-ups: what it tells is what prometheus_client's own would tell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, generate_latest

from proxy.counts import Counts


@given(st.lists(st.sampled_from(["a", "b"]), max_size=20))
def test_the_samples_are_those_of_a_counter(counted: list[str]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    counts = Counts("x", "X.", ("route",), registry=ours)
    counter = Counter("x", "X.", ("route",), registry=theirs)
    for route in counted:
        counts.labels(route).inc()
        counter.labels(route).inc()
    lines = [line for line in generate_latest(theirs).decode().splitlines() if "_created" not in line]
    assert generate_latest(ours).decode().splitlines() == lines


def test_labels_give_the_same_child_again() -> None:
    counts = Counts("x", "X.", ("route",), registry=CollectorRegistry())
    assert counts.labels("a") is counts.labels("a")
    assert counts.labels("a") is not counts.labels("b")
