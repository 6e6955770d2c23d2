from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.judging.growth import Bound, second_half

TIMES = [float(at) for at in range(0, 100, 5)]
MEMORY = Bound("memory", "MiB", rise=8.0, share=0.1)


def test_a_level_does_not_rise() -> None:
    line = second_half(TIMES, [70.0] * len(TIMES))
    assert (line.level, line.rise) == (70.0, 0.0)
    assert not MEMORY.exceeded(line)


def test_what_rises_at_first_and_then_stays_does_not_grow() -> None:
    assert not MEMORY.exceeded(second_half(TIMES, [min(at, 40.0) for at in TIMES]))


@given(slope=st.floats(-10, 10), start=st.floats(0, 1000))
def test_a_straight_line_is_found(slope: float, start: float) -> None:
    line = second_half(TIMES, [start + slope * at for at in TIMES])
    assert math.isclose(line.rise, slope * 45, abs_tol=1e-6)


def test_noise_hides_no_growth() -> None:
    noisy = [100 + at + (7 if n % 2 else -7) for n, at in enumerate(TIMES)]
    assert MEMORY.exceeded(second_half(TIMES, noisy))
    assert not MEMORY.exceeded(second_half(TIMES, [100 + (7 if n % 2 else -7) for n in range(len(TIMES))]))


def test_the_larger_of_both_bounds_counts() -> None:
    growing = [1000 + at * 2 for at in TIMES]
    assert not MEMORY.exceeded(second_half(TIMES, growing))
    assert Bound("tasks", "", rise=8.0).exceeded(second_half(TIMES, growing))


def test_too_few_samples_make_no_line() -> None:
    with pytest.raises(ValueError, match="too few"):
        second_half([], [])
    with pytest.raises(ValueError, match="too few"):
        second_half(TIMES[:4], [1.0] * 4)
