"""The page's pure functions, called in the browser that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.ui.browser.stage import running_demo, visiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Browser

pytestmark = pytest.mark.asyncio(loop_scope="session")
_CALL = """async ([path, name, given]) => {
  const assets = document.querySelector('script[type=module]').src.replace(/main.js$/, '');
  return (await import(assets + path))[name](...given);
}"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def call(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    async with running_demo() as system, visiting(browser, system) as visit:
        await visit.open()

        async def called(path: str, name: str, *given: Any) -> Any:
            return await visit.page.evaluate(_CALL, [path, name, list(given)])

        yield called


async def test_values_have_units_that_fit(call: Callable[..., Awaitable[Any]]) -> None:
    table = [
        (0, "nanoseconds", "0"),
        (1, "nanoseconds", "1 ns"),
        (999, "nanoseconds", "999 ns"),
        (1500, "nanoseconds", "1.50 µs"),
        (1_234_567, "nanoseconds", "1.23 ms"),
        (999_600_000, "nanoseconds", "1.00 s"),
        (12_340_000_000, "nanoseconds", "12.3 s"),
        (59_000_000_000, "nanoseconds", "59.0 s"),
        (60_000_000_000, "nanoseconds", "1.00 min"),
        (7_200_000_000_000, "nanoseconds", "2.00 h"),
        (10 * 86_400_000_000_000, "nanoseconds", "10.0 d"),
        (-1_500_000, "nanoseconds", "\u22121.50 ms"),
        (2, "milliseconds", "2.00 ms"),
        (512, "bytes", "512 B"),
        (1024, "bytes", "1.00 KiB"),
        (1_572_864, "bytes", "1.50 MiB"),
        (2**41, "bytes", "2.00 TiB"),
        (7, "count", "7"),
        (12_345, "count", "12.3 k"),
        (2_000_000, "", "2.00 M"),
        (5, "constructor", "5"),
    ]
    assert [await call("units.js", "formatValue", value, unit) for value, unit, _ in table] == [
        text for *_, text in table
    ]


async def test_shares_are_percentages(call: Callable[..., Awaitable[Any]]) -> None:
    table = [
        (0, 10, "0.0 %"),
        (1, 3, "33.3 %"),
        (10, 10, "100 %"),
        (1, 100_000, "<0.1 %"),
        (-1, 100_000, ">\u22120.1 %"),
        (-1, 4, "\u221225.0 %"),
        (1, 0, ""),
    ]
    assert [await call("units.js", "formatShare", value, whole) for value, whole, _ in table] == [
        text for *_, text in table
    ]


async def test_states_are_addresses_and_back(call: Callable[..., Awaitable[Any]]) -> None:
    usual = {"service": "", "type": "", "from": "now-1h", "until": "now", "fn": "", "version": "", "file": ""}
    for change in (
        {},
        {"service": "a&b=c#d", "fn": "x/y.(*Z[int]).f+g %20 \u00e4"},
        {"from": "1700000000000", "until": "1700000060000", "version": "v1.0.0", "file": "/a b.go"},
        {"from": "now-7d", "type": "process_cpu:cpu:nanoseconds:cpu:nanoseconds"},
    ):
        state = usual | change
        assert await call("state.js", "readState", await call("state.js", "writeState", state)) == state
    for broken in ("?from=x", "?from=now&until=now-1h", "?from=1e3", "?until=99999999999999999999"):
        assert await call("state.js", "readState", broken) == usual


async def test_selectors_hold_any_name(call: Callable[..., Awaitable[Any]]) -> None:
    for name, selector in (("a", '{service_name="a"}'), ('a"}b\\', '{service_name="a\\"}b\\\\"}')):
        assert await call("state.js", "selectorOf", name) == selector


async def test_names_are_split_where_their_path_ends(call: Callable[..., Awaitable[Any]]) -> None:
    for name, where, what in (
        ("github.com/a/b.(*T).f", "github.com/a/", "b.(*T).f"),
        ("main.main", "", "main.main"),
        ("a/b.Map[go.shape/int].Get", "a/", "b.Map[go.shape/int].Get"),
        ("org/example/App.run", "org/example/", "App.run"),
        ("std::vector<a/b>::push", "", "std::vector<a/b>::push"),
        ("", "", ""),
    ):
        assert await call("profile.js", "splitName", name) == {"where": where, "what": what}


async def test_a_flame_graph_becomes_functions(call: Callable[..., Awaitable[Any]]) -> None:
    graph = {
        "names": ["total", "main", "f", "other"],
        "levels": [
            {"values": ["0", "10", "0", "0"]},
            {"values": ["0", "8", "1", "1", "0", "2", "2", "3"]},
            {"values": ["1", "7", "2", "2"]},
            {"values": ["2", "5", "5", "2"]},
        ],
    }
    found = await call("profile.js", "readFlameGraph", graph)
    assert found["total"] == 10
    assert sorted(found["functions"], key=lambda each: str(each["name"])) == [
        {"name": "f", "self": 7, "total": 7},
        {"name": "main", "self": 1, "total": 8},
    ]
