"""Turns: one at a time for each key, and what was settled is told to the others."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from proxy.workers.turns import Turns

KEY = b"key"


class Line:
    """Turns, and what each of those who claimed was given."""

    def __init__(self, **options: Any) -> None:
        self.now = 0.0
        self.given: list[tuple[str, bytes | None]] = []
        self.turns = Turns(lambda: self.now, **{"replay_seconds": 60.0, **options})

    def claim(self, who: str, key: bytes = KEY) -> None:
        self.turns.claim(key, who, lambda outcome: self.given.append((who, outcome)))


def test_the_first_has_the_turn_and_the_others_are_told_what_came_of_it() -> None:
    line = Line()
    for who in ("a", "b", "c"):
        line.claim(who)
    assert line.given == [("a", None)]
    line.turns.settle(KEY, "a", b"done")
    assert line.given == [("a", None), ("b", b"done"), ("c", b"done")]


def test_keys_are_apart() -> None:
    line = Line()
    line.claim("a")
    line.claim("b", b"other")
    assert line.given == [("a", None), ("b", None)]


def test_who_comes_late_is_told_for_a_minute() -> None:
    line = Line()
    line.claim("a")
    line.turns.settle(KEY, "a", b"done")
    line.now = 59.9
    line.claim("b")
    line.now = 60.0
    line.claim("c")
    assert line.given[1:] == [("b", b"done"), ("c", None)]


def test_after_what_does_not_last_the_next_one_has_the_turn() -> None:
    line = Line()
    for who in ("a", "b", "c"):
        line.claim(who)
    line.turns.settle(KEY, "a", None)
    line.turns.settle(KEY, "b", b"done")
    assert line.given == [("a", None), ("b", None), ("c", b"done")]
    assert len(line.turns) == 1


def test_the_turn_of_one_that_is_gone_passes_on_and_who_waited_is_forgotten() -> None:
    line = Line()
    for who in ("a", "b", "c"):
        line.claim(who)
    line.turns.gone("b")
    line.turns.gone("a")
    assert line.given == [("a", None), ("c", None)]
    line.turns.gone("c")
    assert len(line.turns) == 0
    line.claim("d")
    assert line.given[-1] == ("d", None)


def test_one_that_did_not_wait_may_settle_for_all() -> None:
    line = Line()
    for who in ("a", "b", "c"):
        line.claim(who)
    line.turns.settle(KEY, "b", b"done")
    assert line.given[1:] == [("b", b"done"), ("c", b"done")]
    line.turns.settle(KEY, "a", None)
    line.claim("d")
    assert line.given[-1] == ("d", b"done")


def test_one_that_stopped_waiting_is_given_no_turn() -> None:
    line = Line()
    for who in ("a", "b", "c"):
        line.claim(who)
    line.turns.settle(KEY, "b", None)
    line.turns.settle(KEY, "a", None)
    assert line.given == [("a", None), ("c", None)]


def test_settling_what_nobody_claimed_does_no_harm() -> None:
    line = Line()
    line.turns.settle(KEY, "a", None)
    assert len(line.turns) == 0
    line.turns.settle(KEY, "a", b"done")
    line.claim("b")
    assert line.given == [("b", b"done")]


def test_what_is_kept_is_bounded() -> None:
    line = Line(max_kept=3)
    for number in range(5):
        line.turns.settle(b"%d" % number, "a", b"done")
    assert len(line.turns) == 3
    line.claim("b", b"4")
    line.claim("b", b"0")
    assert line.given == [("b", b"done"), ("b", None)]


class Machine(RuleBasedStateMachine):
    """Whatever happens: one holder a key, everybody is given something once, nothing is left behind."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line()
        self.waiting: set[str] = set()
        self.holder: str | None = None
        self.count = 0

    def _see(self) -> None:
        for who, outcome in self.line.given:
            self.waiting.remove(who)
            if outcome is None:
                assert self.holder is None
                self.holder = who
        self.line.given.clear()

    @rule()
    def claims(self) -> None:
        self.count += 1
        self.waiting.add(f"{self.count}")
        self.line.claim(f"{self.count}")
        self._see()

    @rule(lasting=st.booleans())
    def settles(self, lasting: bool) -> None:
        if self.holder is not None:
            who, self.holder = self.holder, None
            self.line.turns.settle(KEY, who, b"done" if lasting else None)
            self._see()

    @rule()
    def holder_dies(self) -> None:
        if self.holder is not None:
            who, self.holder = self.holder, None
            self.line.turns.gone(who)
            self._see()

    @rule()
    def waiter_dies(self) -> None:
        if self.waiting:
            who = min(self.waiting)
            self.waiting.remove(who)
            self.line.turns.gone(who)
            self._see()

    @rule()
    def time_passes(self) -> None:
        self.line.now += 61

    @invariant()
    def somebody_has_the_turn_if_anybody_waits(self) -> None:
        assert self.holder is not None or not self.waiting


TestMachine = Machine.TestCase
