from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.demo.upstream.replay import PERIOD_MS, RETENTION_MS, WHOLE, scaled, window

from .profiles import UNHURRIED

NOW = 1_790_000_000_000
MINUTE = 60_000


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (NOW - 60 * MINUTE, NOW, 240),
        (NOW - MINUTE, NOW, 4),
        (NOW - PERIOD_MS, NOW - 1, 1),
        (NOW + 1, NOW + 60 * MINUTE, 0),
        (NOW - 1, NOW + 60 * MINUTE, 0),
        (NOW - RETENTION_MS - 60 * MINUTE, NOW - RETENTION_MS - MINUTE, 0),
        (0, 2**62, RETENTION_MS // PERIOD_MS),
        (NOW, NOW - MINUTE, 0),
    ],
)
def test_profiles_happen_every_fifteen_seconds_up_to_now(start: int, end: int, count: int) -> None:
    found = window(start, end, NOW)
    assert len(found.times) == count
    assert bool(found) is bool(count)


def test_a_time_that_is_a_multiple_counts_at_both_ends() -> None:
    time = NOW // PERIOD_MS * PERIOD_MS
    assert list(window(time, time, NOW).times) == [time]


def test_a_range_is_what_its_parts_are() -> None:
    middle = NOW - 20 * MINUTE
    whole = window(NOW - 60 * MINUTE, NOW, NOW).weight("a", 15_000)
    parts = window(NOW - 60 * MINUTE, middle, NOW), window(middle + 1, NOW, NOW)
    assert whole == sum(part.weight("a", 15_000) for part in parts)


def test_a_graph_of_it_lives_but_not_wildly() -> None:
    weights = [weight for _, weight in window(NOW - 60 * MINUTE, NOW, NOW).weights("a", 15_000)]
    assert len(set(weights)) > len(weights) // 2
    assert all(WHOLE // 2 < weight < WHOLE * 2 for weight in weights)
    assert abs(sum(weights) / len(weights) - WHOLE) < WHOLE * 0.3


def test_recordings_do_not_move_in_step_and_each_always_the_same() -> None:
    hour = window(NOW - 60 * MINUTE, NOW, NOW)
    assert list(hour.weights("a", 15_000)) == list(hour.weights("a", 15_000))
    assert list(hour.weights("a", 15_000)) != list(hour.weights("b", 15_000))


def test_of_a_longer_recording_less_happens_at_a_time() -> None:
    hour = window(NOW - 60 * MINUTE, NOW, NOW)
    assert hour.weight("a", 30_000) == pytest.approx(hour.weight("a", 15_000) / 2, rel=0.01)


@UNHURRIED
@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_no_range_is_too_large(start: int, end: int) -> None:
    assert len(window(start, end, NOW).times) <= RETENTION_MS // PERIOD_MS + 1


def test_a_value_is_scaled_by_thousandths() -> None:
    assert scaled(10, 2500) == 25
