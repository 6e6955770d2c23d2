"""The bounded memory: what stays, what goes."""

from __future__ import annotations

from proxy.known import Known


def test_the_memory_is_bounded_in_number_and_bytes() -> None:
    known: Known[int] = Known(most=10, most_bytes=1000)
    for number in range(100):
        known.keep(number, number, 1)
    assert len(known) <= 20
    assert known.get(99) == 99
    assert known.get(0) is None
    for number in range(100):
        known.keep(number, number, 400)
    assert len(known) <= 4


def test_what_is_asked_for_stays_and_the_rest_is_forgotten() -> None:
    known: Known[str] = Known()
    known.keep("used", "a", 1)
    known.keep("unused", "b", 1)
    for minute in range(1, 4):
        known.tick(minute * 60.0)
        known.tick(minute * 60.0 + 1)
        assert known.get("used") == "a"
    assert known.get("unused") is None
    assert len(known) == 1
