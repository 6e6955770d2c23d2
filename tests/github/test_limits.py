from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.github import limits
from proxy.github.limits import Limited, RateLimit, Windows

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_000_000.0


def untold(kind: limits.Kind) -> Limited:
    return Limited(kind, 60, told=False)


def spent(reset: str = "1000090") -> dict[str, str]:
    return {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}


@pytest.mark.parametrize(
    ("status", "headers", "message", "expected"),
    [
        (429, {}, "", untold("secondary")),
        (429, {"retry-after": "7"}, "", Limited("secondary", 7)),
        (429, {"retry-after": "soon"}, "", untold("secondary")),
        (429, {"retry-after": "Mon, 12 Jan 1970 13:47:10 GMT"}, "", Limited("secondary", 30)),
        (429, {"retry-after": "Mon, 12 Jan 1970 13:47:10 -0000"}, "", Limited("secondary", 30)),
        (429, {"retry-after": "Mon, 12 Jan 1970 13:00:00 GMT"}, "", untold("secondary")),
        (429, {"retry-after": "Mon, 12 Jan 9999 13:00:00 GMT"}, "", Limited("secondary", 86400)),
        (429, {"retry-after": "Mon, 99 Jan 1970 13:00:00 GMT"}, "", untold("secondary")),
        (429, {"retry-after": "Mon, 12 Jan 1970 13:47:10 +9999999"}, "", untold("secondary")),
        (429, {"retry-after": "-5"}, "", untold("secondary")),
        (429, {"retry-after": "1" * 5000}, "", untold("secondary")),
        (403, spent(), "API rate limit exceeded", Limited("primary", 90)),
        (429, spent(), "API rate limit exceeded", Limited("primary", 90)),
        (403, spent("999000"), "API rate limit exceeded", untold("primary")),
        (403, spent("nonsense"), "API rate limit exceeded", untold("primary")),
        (403, {**spent(), "retry-after": "30"}, "", Limited("primary", 30)),
        (403, {"retry-after": "30"}, "You have exceeded a secondary rate limit", Limited("secondary", 30)),
        (403, spent(), "You have exceeded a secondary rate limit", Limited("secondary", 90)),
        (403, {}, "You have triggered an abuse detection mechanism", untold("secondary")),
        (403, {"retry-after": "999999999"}, "", Limited("secondary", 86400)),
        (403, {"retry-after": "0"}, "", Limited("secondary", 1)),
        (403, {"x-ratelimit-remaining": "12"}, "Forbidden", None),
        (403, {}, "Resource not accessible by integration", None),
        (404, spent(), "Not Found", None),
        (200, spent(), "", None),
        (500, {"retry-after": "5"}, "", None),
    ],
)
def test_what_limited_means(
    status: int, headers: Mapping[str, str], message: str, expected: Limited | None
) -> None:
    assert limits.read_limited(status, headers, message, NOW) == expected


HEADERS = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "4999",
    "x-ratelimit-reset": "1000090",
    "x-ratelimit-resource": "core",
}


@pytest.mark.parametrize(
    ("changed", "route", "expected"),
    [
        ({}, "r", RateLimit("core", 5000, 4999, 1000090)),
        ({"x-ratelimit-resource": "made-up"}, "r", RateLimit("other", 5000, 4999, 1000090)),
        ({"x-ratelimit-resource": ""}, "graphql", RateLimit("graphql", 5000, 4999, 1000090)),
        ({"x-ratelimit-resource": ""}, "r", RateLimit("core", 5000, 4999, 1000090)),
        ({"x-ratelimit-limit": "-1"}, "r", None),
        ({"x-ratelimit-remaining": "1.5"}, "r", None),
        ({"x-ratelimit-remaining": "²"}, "r", None),
        ({"x-ratelimit-reset": "9" * 5000}, "r", None),
    ],
)
def test_the_budget_that_an_answer_reports(
    changed: dict[str, str], route: str, expected: RateLimit | None
) -> None:
    assert limits.read_rate_limit({**HEADERS, **changed}, route) == expected


@given(
    st.dictionaries(st.sampled_from(["retry-after", *HEADERS]), st.text()), st.integers(100, 599), st.text()
)
def test_hostile_headers_never_raise_and_never_wait_for_ever(
    headers: dict[str, str], status: int, message: str
) -> None:
    limits.read_rate_limit(headers, "r")
    found = limits.read_limited(status, headers, message, NOW)
    assert found is None or 1 <= found.retry_after <= 86400


def core(remaining: int, reset: int = 1_003_600) -> RateLimit:
    return RateLimit("core", 5000, remaining, reset)


def test_the_token_with_the_fewest_calls_left_is_shown() -> None:
    windows = Windows()
    windows.observe("a", core(4000), NOW)
    windows.observe("b", core(70), NOW)
    windows.observe("a", core(3999), NOW)
    assert windows.lowest("core", NOW) == core(70)
    assert windows.of("a", "core", NOW) == core(3999)
    assert windows.lowest("graphql", NOW) is None
    assert windows.of("c", "core", NOW) is None


def test_answers_out_of_order_do_not_raise_the_count() -> None:
    windows = Windows()
    windows.observe("a", core(10), NOW)
    windows.observe("a", core(11, 1_003_601), NOW)
    assert windows.of("a", "core", NOW) == core(10)


def test_a_new_window_replaces_the_old_one_and_a_straggler_does_not() -> None:
    windows = Windows()
    windows.observe("a", core(1, 1_000_100), NOW)
    windows.observe("a", core(5000, 1_003_700), NOW + 101)
    windows.observe("a", core(0, 1_000_100), NOW + 102)
    assert windows.lowest("core", NOW + 102) == core(5000, 1_003_700)


def test_a_window_that_has_passed_counts_as_full_again() -> None:
    windows = Windows()
    windows.observe("a", core(1), NOW)
    assert windows.lowest("core", NOW + 3600) == core(5000)
    assert windows.of("a", "core", NOW + 3600) is None


def test_memory_is_bounded_and_the_lowest_is_kept() -> None:
    windows = Windows(1000)
    windows.observe("old", core(0, 1_000_001), NOW)
    for number in range(3000):
        windows.observe(f"t{number}", core(number + 5), NOW + 10)
    assert windows.lowest("core", NOW + 10) == core(5)
    assert len(windows._seen["core"]) <= 1000
    assert "old" not in windows._seen["core"]


def test_windows_that_have_passed_are_forgotten_when_the_metrics_are_asked_for() -> None:
    windows = Windows()
    for number in range(100):
        windows.observe(f"t{number}", core(number), NOW)
    windows.observe("late", core(7, 1_007_200), NOW + 3599)
    assert windows.lowest("core", NOW + 3600) == core(7, 1_007_200)
    assert list(windows._seen["core"]) == ["late"]


def test_a_window_that_ends_in_years_is_not_believed() -> None:
    windows = Windows()
    windows.observe("a", core(0, 9_999_999), NOW)
    assert windows.of("a", "core", NOW) is None


def test_a_token_is_not_kept_in_clear() -> None:
    assert "ghu_secret" not in limits.token_key("ghu_secret")
    assert limits.token_key("a") != limits.token_key("b")
    assert limits.token_key("a", b"one") != limits.token_key("a", b"another")


@pytest.mark.parametrize(
    ("route", "resource"),
    [("graphql", "graphql"), ("/repos/{owner}/{repo}", "core"), ("/login/oauth/access_token", "oauth")],
)
def test_what_a_route_draws_on(route: str, resource: str) -> None:
    assert limits.resource_of(route) == resource
    assert limits.resource_label("", route) == resource
