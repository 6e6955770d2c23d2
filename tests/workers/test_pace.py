"""How soon a worker that ended is started again."""

from __future__ import annotations

from proxy.workers.pace import FIRST_PAUSE, LONGEST_PAUSE, Pace


def test_pauses_double_up_to_a_limit() -> None:
    pace = Pace()
    pauses = [pace.pause(0.5) for _ in range(12)]
    assert pauses[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pauses[-2:] == [LONGEST_PAUSE, LONGEST_PAUSE]


def test_one_that_ran_well_is_started_at_once_again() -> None:
    pace = Pace()
    for _ in range(5):
        pace.pause(1.0)
    assert [pace.pause(3600.0), pace.pause(1.0)] == [FIRST_PAUSE, 2 * FIRST_PAUSE]
