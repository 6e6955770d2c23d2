from __future__ import annotations

import pytest

from faults.judging.outcomes import NOT_FOUND, RIGHT, UNAVAILABLE, WRONG, Fault, Group
from faults.judging.verdicts import Verdicts
from faults.judging.weather import Weather


@pytest.fixture
def weather() -> Weather:
    """Fair until 10, then Pyroscope is gone until 20, then fair again."""
    made = Weather()
    made.turn((), 0.0)
    made.turn((Fault.UPSTREAM_GONE,), 10.0)
    made.turn((), 20.0)
    return made


@pytest.mark.parametrize(
    ("begin", "end", "gone"),
    [
        (0, 9, False),
        (0, 10, True),
        (12, 13, True),
        (19, 30, True),
        (20, 30, True),
        (20.1, 30, False),
        (5, 50, True),
    ],
)
def test_an_answer_is_judged_by_all_that_its_request_may_have_met(
    weather: Weather, begin: float, end: float, *, gone: bool
) -> None:
    assert (Fault.UPSTREAM_GONE in weather.between(begin, end)) is gone


def test_the_same_outcome_is_fine_or_not_by_its_time(weather: Weather) -> None:
    verdicts = Verdicts(weather)
    assert verdicts.judge(Group.PASS, UNAVAILABLE, 11, 12, "GET /")
    assert not verdicts.judge(Group.PASS, UNAVAILABLE, 21, 22, "GET /again")
    assert verdicts.broken_rules == 1
    assert "GET /again" in verdicts.violations[0]


def test_a_lie_is_a_violation_in_any_weather(weather: Weather) -> None:
    verdicts = Verdicts(weather)
    assert not verdicts.judge(Group.PASS, WRONG, 11, 12, "GET /")
    assert not verdicts.judge(Group.FILE, NOT_FOUND, 11, 12, "GetFile")
    assert "while Pyroscope refuses connections" in verdicts.violations[0]


def test_it_is_known_when_all_was_well_last(weather: Weather) -> None:
    verdicts = Verdicts(weather)
    verdicts.judge(Group.PASS, UNAVAILABLE, 11, 12, "")
    verdicts.judge(Group.PASS, RIGHT, 13, 14, "")
    assert (verdicts.unusual_at, verdicts.usual_at) == (12, {Group.PASS: 14})


def test_of_many_alike_some_are_told_and_all_are_counted(weather: Weather) -> None:
    verdicts = Verdicts(weather)
    for _ in range(50):
        verdicts.judge(Group.PASS, WRONG, 1, 2, "GET /")
    verdicts.violated("something else")
    assert verdicts.broken_rules == 51
    assert len(verdicts.violations) < 10
    assert verdicts.violations[-1].endswith("something else")
