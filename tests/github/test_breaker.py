from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from proxy.github.breaker import Breaker

NOW = 1_000_000.0


def opened() -> Breaker:
    breaker = Breaker()
    for second in range(5):
        assert breaker.refusal(NOW + second - 4) is None
        breaker.failed(NOW + second - 4, trying=breaker.enter())
    return breaker


def test_five_failures_in_a_row_open_it() -> None:
    breaker = opened()
    assert breaker.is_open
    assert breaker.failures == 5
    assert breaker.refusal(NOW + 0.5) == 5
    assert breaker.refusal(NOW + 4.5) == 1


def test_an_answer_between_begins_anew() -> None:
    breaker = Breaker()
    for number in range(20):
        trying = breaker.enter()
        if number % 5 == 4:
            breaker.answered()
        else:
            breaker.failed(NOW, trying=trying)
    assert not breaker.is_open


def test_failures_far_apart_are_not_in_a_row() -> None:
    breaker = Breaker()
    for number in range(20):
        breaker.failed(NOW + 31 * number, trying=breaker.enter())
    assert not breaker.is_open


def test_slow_failures_one_after_the_other_are_in_a_row() -> None:
    breaker = Breaker()
    for number in range(5):
        breaker.failed(NOW + 10 * number, trying=breaker.enter())
    assert breaker.is_open


def test_one_call_tries_when_it_has_cooled_off() -> None:
    breaker = opened()
    assert breaker.refusal(NOW + 5) is None
    assert breaker.enter()
    assert breaker.refusal(NOW + 5) == 1
    breaker.answered()
    assert breaker.refusal(NOW + 5) is None
    assert not breaker.enter()


def test_it_is_open_until_something_is_answered() -> None:
    breaker = opened()
    breaker.enter()
    states = [breaker.is_open]
    breaker.answered()
    assert [*states, breaker.is_open] == [True, False]


def test_each_failed_try_doubles_the_wait_up_to_a_minute() -> None:
    breaker, now, waits = opened(), NOW, []
    for _ in range(6):
        wait = breaker.refusal(now)
        assert wait is not None
        waits.append(wait)
        now += wait
        assert breaker.refusal(now) is None
        breaker.failed(now, trying=breaker.enter())
    assert waits == [5, 10, 20, 40, 60, 60]
    assert breaker.failures == 11


def test_a_try_that_is_given_up_lets_the_next_one_try() -> None:
    breaker = opened()
    breaker.given_up(trying=breaker.enter())
    assert breaker.refusal(NOW + 5) is None


def test_what_becomes_of_calls_sent_before_it_opened() -> None:
    breaker = opened()
    breaker.failed(NOW + 3, trying=False)
    breaker.given_up(trying=False)
    assert breaker.refusal(NOW + 3) == 2
    breaker.answered()
    assert breaker.refusal(NOW + 3) is None


def test_a_clock_that_is_set_back_does_not_keep_it_open() -> None:
    breaker = opened()
    assert breaker.refusal(NOW - 5000) == 5
    assert breaker.refusal(NOW - 4995) is None


def test_after_closing_it_takes_as_many_failures_again() -> None:
    breaker = opened()
    breaker.answered()
    for _ in range(4):
        breaker.failed(NOW, trying=breaker.enter())
    assert not breaker.is_open
    breaker.failed(NOW, trying=breaker.enter())
    assert breaker.refusal(NOW) == 5


class Calling(RuleBasedStateMachine):
    """Calls come and go in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now = NOW
        self.under_way: list[bool] = []

    @rule(seconds=st.floats(-100, 100))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def call(self) -> None:
        seconds = self.breaker.refusal(self.now)
        if seconds is None:
            self.under_way.append(self.breaker.enter())
        else:
            assert 1 <= seconds <= 60

    @precondition(lambda self: self.under_way)
    @rule(how=st.sampled_from(["answered", "failed", "given up"]), data=st.data())
    def end(self, how: str, data: st.DataObject) -> None:
        trying = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
        if how == "answered":
            self.breaker.answered()
        elif how == "failed":
            self.breaker.failed(self.now, trying=trying)
        else:
            self.breaker.given_up(trying=trying)
        if how == "answered":
            assert self.breaker.refusal(self.now) is None

    @invariant()
    def it_never_stays_open_when_nothing_tries(self) -> None:
        if not any(self.under_way):
            self.breaker.refusal(self.now)  # a clock that was set back is noticed
            assert self.breaker.refusal(self.now + 60) is None


TestCalling = Calling.TestCase


@pytest.mark.parametrize("failures", [1, 2, 10])
def test_how_many_failures_it_takes(failures: int) -> None:
    breaker = Breaker(failures=failures)
    for number in range(failures):
        assert not breaker.is_open, number
        breaker.failed(NOW, trying=breaker.enter())
    assert breaker.is_open
