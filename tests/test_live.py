"""A value that is replaced while others read it: all that follows from it at once, or nothing."""

from __future__ import annotations

import pytest

from proxy.live import Live


def length(text: str) -> int:
    if text == "refused":
        raise ValueError(text)
    return len(text)


def test_what_is_derived_keeps_step() -> None:
    text = Live("one")
    size = text.derive(length)
    twice = size.derive(lambda size: 2 * size)
    assert (size.value, twice.value) == (3, 6)
    text.replace("seven")
    assert (text.value, size.value, twice.value) == ("seven", 5, 10)


def test_what_is_refused_below_changes_nothing_anywhere() -> None:
    text = Live("one")
    upper, size = text.derive(str.upper), text.derive(length)
    with pytest.raises(ValueError, match="refused"):
        text.replace("refused")
    assert (text.value, upper.value, size.value, text.edition) == ("one", "ONE", 3, 0)


def test_nothing_is_made_anew_of_what_did_not_change() -> None:
    made: list[int] = []
    text = Live("one")
    text.derive(length).derive(made.append)
    text.replace("two")
    assert (made, text.edition) == ([3], 1)
    text.replace("two")
    text.replace("three")
    assert (made, text.edition) == ([3, 5], 2)


def test_followers_hear_of_each_new_value_once_all_of_it_is_in_force() -> None:
    text = Live("one")
    size = text.derive(length)
    heard: list[tuple[str, int]] = []
    text.follow(lambda text: heard.append((text, size.value)))
    text.replace("one")
    text.replace("seven")
    assert heard == [("seven", 5)]


def test_what_is_prepared_is_in_force_only_when_it_is_carried_out() -> None:
    text = Live("one")
    size = text.derive(length)
    commit = text.prepare("seven")
    assert (text.value, size.value) == ("one", 3)
    commit()
    assert (text.value, size.value) == ("seven", 5)
