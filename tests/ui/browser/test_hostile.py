"""Whatever a profile holds is text: markup, gigantic names, cycles, control characters, odd numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from proxy.demo.upstream.recordings import recording
from proxy.proto import profile_pb2
from tests.ui.browser.stage import running_demo, visiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Browser

    from proxy.demo.upstream.recordings import Recording

pytestmark = pytest.mark.asyncio(loop_scope="session")

TYPE = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
MARKUP = '<img src=x onerror="document.title=1">'
SCRIPT = "</code></td><script>document.title=2</script>"
LINK = "javascript:document.title=3"
GIANT = "giant." + "x" * 200_000
RIGHT_TO_LEFT = "a\u202egnp.exe\u2066/b.c"
NAMES = [
    MARKUP,
    SCRIPT,
    LINK,
    GIANT,
    RIGHT_TO_LEFT,
    "constructor",
    "__proto__",
    "${1+1}",
    "{{7*7}}",
    "a\x01b",
]


def profile(stacks: Sequence[Sequence[str]], file: str = "/app/a.go") -> bytes:
    """A pprof with one sample for each stack, leaf first."""
    made = profile_pb2.Profile(string_table=["", "cpu", "nanoseconds", file])
    made.sample_type.add(type=1, unit=2)
    names = list(dict.fromkeys(name for stack in stacks for name in stack))
    for number, name in enumerate(names, 1):
        made.string_table.append(name)
        made.function.add(id=number, name=len(made.string_table) - 1, filename=3, start_line=1)
        made.location.add(id=number).line.add(function_id=number, line=2)
    for stack in stacks:
        made.sample.add(location_id=[names.index(name) + 1 for name in stack], value=[1_000_000])
    return made.SerializeToString()


def recorded(stacks: Sequence[Sequence[str]], service: str = "hostile", **more: str) -> Recording:
    labels = {"service_name": service, **more}
    return recording(service, 15_000, [TYPE], labels, profile(stacks, more.get("file", "/app/a.go")))


async def test_names_are_text_and_nothing_else(browser: Browser) -> None:
    stacks = [[name, "main"] for name in NAMES]
    async with running_demo(recordings=[recorded(stacks)]) as system, visiting(browser, system) as visit:
        await visit.open()
        await expect(visit.functions).to_have_count(len(NAMES) + 1)
        await expect(visit.functions.filter(has_text="<img src=x").first).to_be_visible()
        for name in (MARKUP, SCRIPT, LINK, RIGHT_TO_LEFT, "constructor", "__proto__"):
            await visit.page.get_by_label("Filter functions by name").fill(name[:20])
            await visit.functions.first.click()
            await expect(visit.details.locator("dd").first.locator("code")).to_have_text(name)
        assert await visit.page.locator("main img, main script, main a[href^=javascript]").count() == 0
        assert await visit.page.title() not in {"1", "2", "3"}


async def test_a_gigantic_name_is_cut_for_the_eye_and_whole_to_copy(browser: Browser) -> None:
    async with (
        running_demo(recordings=[recorded([[GIANT, "main"]])]) as system,
        visiting(browser, system) as visit,
    ):
        await visit.open()
        row = visit.functions.filter(has_text="giant.")
        assert len(await row.inner_text()) < 1000
        title = await row.get_attribute("title") or ""
        assert 10_000 < len(title) < 30_000
        await row.click()
        # Nobody can ask for such a name; that is told, and the page goes on.
        await expect(visit.details).to_contain_text("more than 16384 characters")
        assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_labels_lead_nowhere_but_to_the_web(browser: Browser) -> None:
    labels = {"service_repository": LINK, "service_git_ref": MARKUP, "service_root_path": SCRIPT}
    async with (
        running_demo(recordings=[recorded([["work", "main"]], file=MARKUP, **labels)]) as system,
        visiting(browser, system) as visit,
    ):
        await visit.open()
        await visit.pick("work")
        await expect(visit.details.locator("dd").nth(2)).to_contain_text(MARKUP)
        assert await visit.details.locator("a[href^=javascript], img, script").count() == 0


async def test_recursion_counts_once_and_deep_stacks_are_drawn(browser: Browser) -> None:
    cycle = ["ping", "pong"] * 700
    stacks = [[*cycle, "main"], ["leaf", "main"]]
    async with running_demo(recordings=[recorded(stacks)]) as system, visiting(browser, system) as visit:
        await visit.open()
        rows = visit.page.locator(".functions-table tbody tr")
        await expect(rows).to_have_count(4)
        for name, share in (("ping", "50.0 %"), ("pong", "50.0 %"), ("leaf", "50.0 %"), ("main", "100 %")):
            row = rows.filter(has=visit.page.get_by_role("button", name=name))
            await expect(row.locator("td").nth(1)).to_contain_text(share)
        await visit.page.locator("#flame .frame", has_text="ping").first.click()
        await expect(visit.page.locator("#details-title")).to_contain_text("ping")


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        '{"flamegraph":{"names":["a"],"levels":[{"values":["0","9","9","7"]}]}}',
        '{"flamegraph":{"names":["total","a"],"levels":[{"values":[0,9,0,0]},{"values":[50,9,9,1]},{}]}}',
        '{"flamegraph":{"names":[1,{}],"levels":[{"values":["x","y"]},{"values":null}]}}',
        "{",
        "<html>",
    ],
)
async def test_an_answer_that_is_none_ends_in_words(browser: Browser, body: str) -> None:
    async with running_demo() as system, visiting(browser, system) as visit:
        await visit.page.route(
            "**/SelectMergeStacktraces",
            lambda route: route.fulfill(status=200, content_type="application/json", body=body),
        )
        await visit.page.goto(visit.url)
        await expect(visit.page.locator("#flame")).to_have_attribute("aria-busy", "false")
        await expect(visit.page.locator("#table")).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize(
    "query",
    [
        "?from=x&until=-1",
        "?from=9&until=5",
        "?type=nonsense",
        "?service=%00%22}",
        "?fn=%ED%A0%80&version=<b>",
    ],
)
async def test_an_address_that_makes_no_sense_shows_a_page(browser: Browser, query: str) -> None:
    async with running_demo() as system, visiting(browser, system) as visit:
        await visit.page.goto(visit.url + query)
        await expect(visit.page.locator("#flame")).to_have_attribute("aria-busy", "false")
        await expect(visit.page.locator("#details-body")).to_have_attribute("aria-busy", "false")
