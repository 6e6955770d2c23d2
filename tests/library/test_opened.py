"""A cookie that was opened is known again, exactly it, for as long as its token lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from proxy.library import Opened, Viewers
from proxy.session import Token
from tests.fakes.github import START, Clock

VIEWER = Viewers(b"s").viewer("t", "token")
START_TIME = datetime.fromtimestamp(START, UTC)
COOKIES = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3)


def token(seconds: float | None) -> Token:
    return Token("token", "bearer", "", None if seconds is None else START_TIME + timedelta(seconds=seconds))


def test_it_is_known_until_its_token_ends() -> None:
    clock = Clock()
    opened = Opened(clock)
    key = opened.key("t", ["cookie"])
    assert opened.get(key) is None
    opened.keep(key, VIEWER, token(10))
    clock.advance(9)
    assert opened.get(key) is VIEWER
    clock.advance(1)
    assert opened.get(key) is None
    clock.advance(-5)
    assert opened.get(key) is None


def test_what_does_not_expire_stays() -> None:
    clock = Clock()
    opened = Opened(clock)
    opened.keep(opened.key("t", []), VIEWER, token(None))
    clock.advance(1e9)
    assert opened.get(opened.key("t", [])) is VIEWER


def test_so_many_and_no_more_those_asked_for_last() -> None:
    opened = Opened(Clock(), most=3)
    keys = [opened.key("t", [str(number)]) for number in range(4)]
    for key in keys[:3]:
        opened.keep(key, VIEWER, token(10))
    assert opened.get(keys[0]) is VIEWER
    opened.keep(keys[3], VIEWER, token(10))
    assert [opened.get(key) is VIEWER for key in keys] == [True, False, True, True]


def test_sessions_that_have_ended_make_room_though_nobody_asks_for_them() -> None:
    clock = Clock()
    opened = Opened(clock)
    for number in range(50):
        opened.keep(opened.key("t", [str(number)]), VIEWER, token(10))
    clock.advance(10)
    opened.keep(opened.key("t", ["new"]), VIEWER, token(20))
    assert len(opened) == 1


@given(st.tuples(st.text(), COOKIES), st.tuples(st.text(), COOKIES))
def test_only_the_same_cookies_of_the_same_tenant_are_the_same(
    one: tuple[str, list[str]], other: tuple[str, list[str]]
) -> None:
    opened = Opened(Clock())
    try:
        keys = opened.key(*one), opened.key(*other)
    except UnicodeEncodeError:
        return
    assert (keys[0] == keys[1]) is (one == other)


def test_two_processes_have_no_key_in_common() -> None:
    assert Opened(Clock()).key("t", ["c"]) != Opened(Clock()).key("t", ["c"])


def test_headers_that_are_no_utf8_have_keys_as_well() -> None:
    opened = Opened(Clock())
    assert opened.key("t", ["\udcff"]) != opened.key("t", ["\udcfe"])
