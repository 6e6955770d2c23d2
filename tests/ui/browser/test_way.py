"""The whole way in a real browser: from the first visit over GitHub to a coloured line."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from tests.ui.browser.stage import FIND, NEW, OLD, visiting

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.fakes.system import System
    from tests.ui.browser.stage import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_from_the_first_visit_to_a_coloured_line(visit: Visit) -> None:
    await visit.open()
    page = visit.page
    await expect(page.get_by_label("Service")).to_have_value("checkout")
    await expect(page.get_by_label("Profile type")).to_have_value(re.compile("^process_cpu:cpu:"))
    await expect(page.locator("#total")).to_have_text(re.compile(r"^[\d.]+ (min|h|d) in total$"))
    await expect(page.locator("#flame .frame").first).to_be_visible()
    await expect(visit.details).to_contain_text("Choose a function")

    # Without a session: the values, and the way to more.
    await visit.pick("Find")
    await expect(visit.details).to_contain_text("Connect to GitHub to see the source")
    await expect(visit.lines.first.locator("td.number").first).to_have_text(re.compile(r"^[\d.]+ \w+$"))
    await expect(page.locator("table.source [class^=t-]")).to_have_count(0)
    assert not [call for call in visit.system.github.calls if "login" not in call.route]

    await visit.details.get_by_role("link", name="Connect to GitHub").click()
    await visit.agree()
    assert parse_qs(urlsplit(page.url).query)["fn"] == [FIND]
    sampled = page.locator("table.source tr.sampled", has_text="for _, article := range")
    await expect(sampled.locator("td.number").first).to_have_text(re.compile(r"^[\d.]+ \w+$"))
    await expect(sampled.locator(".t-keyword").first).to_have_text("for")
    share = await sampled.evaluate("row => Number(row.style.getPropertyValue('--heat-total'))")
    assert 0 < share <= 1
    colour = (
        await sampled.locator("td.number").nth(1).evaluate("cell => getComputedStyle(cell).backgroundColor")
    )
    assert colour not in {"rgba(0, 0, 0, 0)", "transparent"}

    line = sampled.get_by_role("link")
    address = await line.get_attribute("href") or ""
    assert re.search(
        r"/acme/shop/blob/[0-9a-f]{40}/services/checkout/internal/pricing/catalogue\.go#L\d+$", address
    )
    async with visit.system.http.get(address) as response:
        number = int(address.rpartition("#L")[2])
        assert "range c.articles" in (await response.text()).splitlines()[number - 1]


async def test_function_details_say_what_the_documents_promise(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    details = visit.details
    await expect(details.locator("dt")).to_have_text(
        ["Function", "Start line", "File", "Repository", "Commit"]
    )
    await expect(details.locator("dd").nth(0)).to_contain_text(FIND)
    await expect(details.locator("dd").nth(1).get_by_role("link")).to_have_attribute(
        "href", re.compile(r"#L\d+$")
    )
    await expect(details.locator("dd").nth(2)).to_contain_text("pricing/catalogue.go")
    await expect(details.locator("dd").nth(3)).to_contain_text("acme/shop")
    await expect(details.locator("dd").nth(4).get_by_role("link")).to_have_attribute(
        "href", re.compile("/commit/")
    )
    await visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await details.get_by_role("button", name="Copy file path").click()
    await expect(visit.page.locator("#announce")).to_have_text("Copied file path")
    copied = await visit.page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/services/checkout/internal/pricing/catalogue.go")


async def test_each_version_has_its_own_lines(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    versions = visit.page.get_by_label("Version", exact=True)
    await expect(versions.locator("option")).to_have_text([re.compile(NEW), re.compile(OLD)])
    first = await visit.details.locator(".figure strong").all_inner_texts()
    await versions.select_option(index=1)
    await expect(visit.page).to_have_url(re.compile(f"version={OLD}"))
    await expect(visit.details.locator(".figure strong").first).not_to_have_text(first[0])
    await expect(visit.details.locator("dd").nth(4)).to_contain_text(OLD)
    await expect(versions).to_be_focused()
    await visit.page.go_back()
    await expect(visit.details.locator(".figure strong")).to_have_text(first)


async def test_an_address_shows_the_same_to_another_person(
    visit: Visit, browser: Browser, system: System
) -> None:
    await visit.open()
    await visit.connect()
    await visit.page.get_by_label("Profile type").select_option(label="memory · alloc_space")
    await visit.page.get_by_label("Time range").select_option(label="Last 6 hours")
    await visit.pick("Find" if await visit.functions.filter(has_text="Find").count() else "Decode")
    await visit.page.get_by_label("Version", exact=True).select_option(index=1)
    shown = await visit.page.locator("#details-title").inner_text()
    async with visiting(browser, system) as other:
        await other.page.goto(visit.page.url)
        await expect(other.page.locator("#details-title .what")).to_have_text(shown.splitlines()[0])
        await expect(other.page.get_by_label("Profile type")).to_have_value(re.compile("^memory:alloc_space"))
        await expect(other.page.get_by_label("Time range")).to_have_value("now-6h")
        await expect(other.page.get_by_label("Version", exact=True)).to_have_value("1")


async def test_an_override_is_used_shown_remembered_and_reset(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    await visit.override(ref="main")
    await expect(visit.details.locator(".chip", has_text="overridden")).to_be_visible()
    await expect(visit.details.locator("dd").nth(4)).to_contain_text("Say where the time went")
    await visit.page.reload()
    await expect(visit.details.locator(".chip", has_text="overridden")).to_be_visible()
    assert "override" not in visit.page.url
    await visit.page.get_by_role("button", name="Edit repository").click()
    await expect(visit.page.locator("#override-ref")).to_have_value("main")
    await visit.page.get_by_role("button", name="Reset to labels").click()
    await expect(visit.details.locator(".chip", has_text="overridden")).to_have_count(0)
    await expect(visit.page.locator("#override")).not_to_be_visible()


async def test_the_explanation_is_one_click_away(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    toggle = visit.page.get_by_role("button", name="How this file was found")
    await expect(toggle).to_have_attribute("aria-expanded", "false")
    await toggle.click()
    explanation = visit.page.locator("#explanation")
    await expect(explanation).to_contain_text("Found by the rule")
    assert await explanation.locator(".step").count() >= 2
    await expect(explanation.locator(".step.found").last).to_contain_text("catalogue.go")
    await toggle.click()
    await expect(explanation).not_to_be_visible()


async def test_the_whole_file_is_one_click_away(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    await expect(visit.lines.first.locator("th")).not_to_have_text("1")
    whole = visit.page.get_by_role("button", name="Whole file")
    await whole.click()
    await expect(visit.lines.first).to_contain_text("package pricing")
    await expect(whole).to_have_attribute("aria-pressed", "true")
    await whole.click()
    await expect(visit.lines.first).not_to_contain_text("package pricing")


async def test_disconnecting_ends_the_session_and_hides_the_source(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    await expect(visit.page.locator("table.source .t-keyword").first).to_be_visible()
    assert await visit.cookie() is not None
    await visit.page.get_by_role("button", name="Disconnect").click()
    await expect(visit.page.locator("#session").get_by_role("link", name="Connect to GitHub")).to_be_visible()
    await expect(visit.page.locator("table.source .t-keyword")).to_have_count(0)
    await expect(visit.details).to_contain_text("Connect to GitHub to see the source")
    assert await visit.cookie() is None


async def test_a_session_is_renewed_before_it_ends(visit: Visit) -> None:
    now = int(time.time() * 1000)
    await visit.open(f"?from={now - 3_600_000}&until={now}")
    await visit.connect()
    before = await visit.cookie()
    assert before is not None
    # Six minutes before its end a session is good as it is, four minutes before it is renewed.
    await visit.page.clock.set_fixed_time((now + 28_800_000 - 360_000) / 1000)
    await visit.pick("Find")
    await expect(visit.page.locator("table.source .t-keyword").first).to_be_visible()
    assert await visit.cookie() == before
    await visit.page.clock.set_fixed_time((now + 28_800_000 - 240_000) / 1000)
    async with visit.page.expect_response("**/-/source/refresh") as refreshed:
        await visit.pick("coupon.Parse")
    assert (await refreshed.value).status == 200
    await expect(visit.page.locator("#details-title")).to_contain_text("coupon.Parse")
    after = await visit.cookie()
    assert after is not None
    assert after["value"] != before["value"]


async def test_the_flame_graph_zooms_and_opens(visit: Visit) -> None:
    await visit.open()
    frame = visit.page.locator("#flame .frame", has_text="(*Catalogue).Find").first
    await frame.hover()
    await expect(visit.page.locator("#readout")).to_contain_text(f"{FIND} — total")
    await frame.click()
    await expect(visit.page.locator("#details-title")).to_contain_text("(*Catalogue).Find")
    await visit.page.get_by_role("button", name="Reset zoom").click()
    await expect(visit.page.get_by_role("button", name="Reset zoom")).not_to_be_visible()


async def test_the_table_sorts_and_filters(visit: Visit) -> None:
    await visit.open()
    page = visit.page
    await page.get_by_role("button", name="Total").click()
    head = page.get_by_role("columnheader", name="Total").first
    await expect(head).to_have_attribute("aria-sort", "descending")
    await expect(visit.functions.first).to_contain_text("(*conn).serve")
    await page.get_by_role("button", name="Total").click()
    await expect(head).to_have_attribute("aria-sort", "ascending")
    await page.get_by_label("Filter functions by name").fill("no function has this")
    await expect(page.locator("#table")).to_contain_text("No function has this in its name")
    await page.get_by_label("Filter functions by name").fill("CATALOGUE")
    await expect(visit.functions).to_have_count(await visit.functions.filter(has_text="Catalogue").count())
