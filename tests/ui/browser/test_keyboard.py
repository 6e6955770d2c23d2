"""The page without a pointer, and for who does not see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.ui.browser.stage import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_from_the_first_key_to_a_line_without_a_pointer(visit: Visit) -> None:
    await visit.open()
    page = visit.page
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the functions")).to_be_focused()
    await expect(page.get_by_role("link", name="Skip to the functions")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Filter functions by name")).to_be_focused()
    await page.keyboard.type("Find")
    for _ in range(5):
        await page.keyboard.press("Tab")
    await expect(visit.functions.first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(visit.details).to_be_focused()
    await expect(page.locator("#announce")).to_have_text(re.compile(r"Find: total [\d.]+ \w+"))
    await expect(visit.functions.first).to_have_attribute("aria-current", "true")
    await page.locator("#session a").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name=re.compile("mara")).press("Enter")
    await expect(page.locator("table.source .t-keyword").first).to_be_visible()


async def test_the_dialog_holds_the_focus_and_gives_it_back(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    edit = visit.page.get_by_role("button", name="Edit repository")
    await edit.focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.locator("#override-repositoryURL")).to_be_focused()
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.locator("#override")).not_to_be_visible()
    await expect(edit).to_be_focused()


async def test_what_has_the_focus_shows_it(visit: Visit) -> None:
    await visit.open()
    for _ in range(12):
        await visit.page.keyboard.press("Tab")
        width = await visit.page.evaluate(
            "(() => { const style = getComputedStyle(document.activeElement);"
            " return style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth); })()"
        )
        assert width >= 1, await visit.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


async def test_tables_are_tables_to_a_screen_reader(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    await expect(visit.page.get_by_role("table", name="Functions with self and total")).to_be_visible()
    lines = visit.page.get_by_role("table", name=re.compile("Breakdown per line"))
    await expect(lines.get_by_role("columnheader")).to_have_text(["Line", "Self", "Total", "Source"])
    await expect(lines.get_by_role("rowheader").first).to_have_text(re.compile(r"^\d+$"))
    await expect(
        visit.page.get_by_role("img", name=re.compile("^Flame graph of .* table of functions"))
    ).to_be_visible()
