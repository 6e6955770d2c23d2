from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from proxy.github.budget import Budget
from proxy.github.limits import Kind, Limited, RateLimit

NOW = 1_000_000.0
RESOURCES = ("core", "graphql")


def told(kind: Kind, seconds: int) -> Limited:
    return Limited(kind, seconds)


def untold(kind: Kind = "secondary") -> Limited:
    return Limited(kind, 60, told=False)


def left(remaining: int, resource: str = "core", reset: int = 1_003_600) -> RateLimit:
    return RateLimit(resource, 5000, remaining, reset)


def test_a_primary_limit_holds_back_one_resource_of_one_token() -> None:
    budget = Budget(100)
    assert budget.refused("a", "core", told("primary", 90), NOW) == told("primary", 90)
    assert budget.held("a", "core", NOW + 0.5) == told("primary", 90)
    assert budget.held("a", "core", NOW + 89) == told("primary", 1)
    assert budget.held("a", "core", NOW + 90) is None
    assert budget.held("a", "graphql", NOW) is None
    assert budget.held("b", "core", NOW) is None


def test_a_secondary_limit_holds_back_all_of_one_token() -> None:
    budget = Budget(100)
    budget.refused("a", "graphql", told("secondary", 30), NOW)
    assert [budget.held("a", resource, NOW) for resource in RESOURCES] == [told("secondary", 30)] * 2
    assert budget.held("b", "core", NOW) is None


def test_a_window_with_nothing_left_holds_back_until_it_ends() -> None:
    budget = Budget(100)
    budget.windows.observe("a", left(0), NOW)
    assert budget.held("a", "core", NOW) == told("primary", 3600)
    assert budget.held("a", "core", NOW + 3600) is None
    assert budget.held("a", "graphql", NOW) is None
    budget.windows.observe("a", left(4999, reset=1_007_200), NOW + 3600)
    assert budget.held("a", "core", NOW + 3601) is None


def test_guessed_waits_double_up_to_a_quarter_of_an_hour_and_begin_anew_after_an_answer() -> None:
    budget, now, waits = Budget(100), NOW, []
    for _ in range(7):
        waits.append(budget.refused("a", "core", untold(), now).retry_after)
        now += waits[-1]
    assert waits == [60, 120, 240, 480, 900, 900, 900]
    budget.accepted("a", "graphql", now)
    assert budget.refused("a", "core", untold(), now).retry_after == 60


def test_many_refusals_of_calls_under_way_are_one() -> None:
    budget = Budget(100)
    for _ in range(30):
        assert budget.refused("a", "core", untold(), NOW).retry_after == 60
    assert budget.refused("a", "core", untold(), NOW + 20).retry_after == 40
    assert budget.refused("a", "core", told("secondary", 5), NOW + 20).retry_after == 40
    assert budget.refused("a", "core", told("secondary", 50), NOW + 20).retry_after == 50
    assert budget.refused("a", "core", untold(), NOW + 70).retry_after == 120


def test_an_answer_to_a_call_sent_before_lifts_nothing() -> None:
    budget = Budget(100)
    budget.refused("a", "core", untold(), NOW)
    budget.accepted("a", "core", NOW + 1)
    assert budget.held("a", "core", NOW + 1) == Limited("secondary", 59)


def test_after_a_secondary_or_guessed_limit_calls_go_one_at_a_time_until_one_is_answered() -> None:
    budget = Budget(100)
    assert not budget.on_probation("a", NOW)
    budget.refused("a", "core", told("primary", 10), NOW)
    assert not budget.on_probation("a", NOW + 10)
    for limit in (told("secondary", 10), untold("primary")):
        budget.refused("a", "core", limit, NOW)
        assert budget.on_probation("a", NOW + 61)
        assert not budget.on_probation("b", NOW + 61)
        budget.accepted("a", "core", NOW + 61)
        assert not budget.on_probation("a", NOW + 61)


def test_what_was_long_ago_is_forgotten() -> None:
    budget = Budget(100)
    budget.refused("a", "core", untold(), NOW)
    assert not budget.on_probation("a", NOW + 60 + 3601)
    assert budget.refused("a", "core", untold(), NOW + 10_000).retry_after == 60
    assert budget.refused("a", "core", untold(), NOW + 20_000).retry_after == 60


def test_a_clock_that_is_set_back_holds_nothing_longer() -> None:
    budget = Budget(100)
    budget.refused("a", "core", told("primary", 10), NOW)
    assert budget.held("a", "core", NOW - 5000) == told("primary", 10)
    assert budget.held("a", "core", NOW - 4990) is None


@pytest.mark.parametrize(
    ("remaining", "under_way", "low"),
    [(101, 0, False), (100, 0, False), (99, 0, True), (0, 0, True), (110, 10, False), (110, 11, True)],
)
def test_what_is_below_the_reserve(remaining: int, under_way: int, *, low: bool) -> None:
    budget = Budget(100)
    assert not budget.is_low("a", "core", NOW)
    budget.windows.observe("a", left(remaining), NOW)
    assert budget.is_low("a", "core", NOW, under_way) is low
    assert not budget.is_low("a", "core", NOW + 3600, under_way)
    assert not budget.is_low("b", "core", NOW)


@pytest.mark.parametrize(("remaining", "nearly"), [(30, False), (29, True), (0, True)])
def test_what_is_nearly_spent(remaining: int, *, nearly: bool) -> None:
    budget = Budget(100)
    assert not budget.is_nearly_spent("a", "core", NOW)
    budget.windows.observe("a", left(remaining), NOW)
    assert budget.is_nearly_spent("a", "core", NOW) is nearly


def test_memory_is_bounded_and_what_ends_soonest_goes_first() -> None:
    budget = Budget(100, most=100)
    budget.refused("longest", "core", told("primary", 3600), NOW)
    for number in range(1000):
        budget.refused(f"t{number}", "core", told("primary", 10 + number), NOW)
        assert len(budget._pauses) <= 100
    assert budget.held("longest", "core", NOW) is not None
    assert budget.held("t999", "core", NOW) is not None
    assert budget.held("t0", "core", NOW) is None


def test_what_has_ended_goes_before_what_holds() -> None:
    budget = Budget(100, most=10)
    for number in range(10):
        budget.refused(f"old{number}", "core", told("primary", 1), NOW)
    budget.refused("new", "core", told("primary", 1000), NOW + 5)
    assert list(budget._pauses) == [("new", "core")]


class Limiting(RuleBasedStateMachine):
    """A GitHub that limits for sure until certain moments, against what the budget makes of it."""

    @initialize()
    def begin(self) -> None:
        self.budget = Budget(100)
        self.now = NOW
        self.least: dict[tuple[str, str], float] = {}
        """The earliest moment at which each may be asked again, by GitHub's own words."""

    @rule(seconds=st.integers(0, 2000))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(
        key=st.sampled_from("ab"),
        resource=st.sampled_from(RESOURCES),
        kind=st.sampled_from(["primary", "secondary"]),
        seconds=st.none() | st.integers(1, 3600),
    )
    def refuse(self, key: str, resource: str, kind: Kind, seconds: int | None) -> None:
        limit = untold(kind) if seconds is None else told(kind, seconds)
        found = self.budget.refused(key, resource, limit, self.now)
        assert found.retry_after >= (60 if seconds is None else seconds) or self.was_held(key, resource)
        assert found.kind == kind
        for each in RESOURCES if kind == "secondary" else (resource,):
            if seconds is not None:
                self.least[key, each] = max(self.least.get((key, each), 0), self.now + seconds)

    def was_held(self, key: str, resource: str) -> bool:
        return self.budget.held(key, resource, self.now) is not None

    @rule(key=st.sampled_from("ab"), resource=st.sampled_from(RESOURCES))
    def accept(self, key: str, resource: str) -> None:
        before = self.budget.held(key, resource, self.now)
        self.budget.accepted(key, resource, self.now)
        assert self.budget.held(key, resource, self.now) == before

    @rule(key=st.sampled_from("ab"), resource=st.sampled_from(RESOURCES), remaining=st.integers(0, 5000))
    def report(self, key: str, resource: str, remaining: int) -> None:
        reset = (int(self.now) // 3600 + 1) * 3600
        self.budget.windows.observe(key, left(remaining, resource, reset), self.now)
        if remaining == 0:
            assert self.was_held(key, resource)
            self.least[key, resource] = max(self.least.get((key, resource), 0), reset)

    @invariant()
    def nothing_is_sent_too_soon_and_nothing_waits_for_ever(self) -> None:
        for key in "ab":
            for resource in RESOURCES:
                held = self.budget.held(key, resource, self.now)
                assert held is None or 1 <= held.retry_after <= 3600
                if self.now < self.least.get((key, resource), 0):
                    assert held is not None
                assert self.budget.held(key, resource, self.now + 3600) is None


TestLimiting = Limiting.TestCase
