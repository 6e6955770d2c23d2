"""What people see: pictures for them to judge, and axe-core's findings; light, dark, wide, narrow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.async_api import expect

from tests.ui.browser import axe
from tests.ui.browser.stage import visiting

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.fakes.system import System
    from tests.ui.browser.stage import Visit

    Scheme = Literal["light", "dark"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[3]
WIDTHS = {1280: 900, 360: 740}
_ENDS = """() => Promise.all(document.getAnimations().filter((each) =>
  each.effect.getComputedTiming().iterations !== Infinity).map((each) => each.finished))"""


@pytest.fixture(scope="module")
def axe_source() -> str:
    return axe.source()


async def looked_at(visit: Visit, name: str, axe_source: str) -> None:
    """Take a picture, and let axe-core look."""
    page = visit.page
    await page.evaluate(_ENDS)
    folder = Path(os.environ.get("PAGE_SCREENSHOTS", ROOT / "build" / "screenshots"))
    await page.screenshot(path=folder / f"{name}.png", full_page=True, animations="disabled")
    assert await axe.serious(page, axe_source) == []
    # Nothing is wider than the window; what has to be wide scrolls in its own place.
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_state_is_readable(
    browser: Browser, system: System, scheme: Scheme, width: int, axe_source: str
) -> None:
    window: dict[str, Any] = {
        "viewport": {"width": width, "height": WIDTHS[width]},
        "color_scheme": scheme,
        "reduced_motion": "reduce",
    }
    async with visiting(browser, system, **window) as visit:
        page = visit.page

        async def look(state: str) -> None:
            await looked_at(visit, f"{width}-{scheme}-{state}", axe_source)

        await visit.open()
        await expect(page.locator("#flame .d3-flame-graph-label").first).to_be_visible()
        await look("1-first-visit")
        await visit.pick("Find")
        await expect(visit.details).to_contain_text("Connect to GitHub to see the source")
        await look("2-not-connected")
        await visit.connect()
        await expect(page.locator("table.source .t-keyword").first).to_be_visible()
        await look("3-line-by-line")
        await page.get_by_role("button", name="How this file was found").click()
        await expect(page.locator("#explanation .step").first).to_be_visible()
        await look("4-explained")
        await page.get_by_role("button", name="Edit repository").click()
        await look("5-override")
        await page.locator("#override-ref").fill("decimal-prices")
        await page.get_by_role("button", name="Use these").click()
        await expect(page.locator(".notice.warn")).to_be_visible()
        await look("6-mismatch")
        await system.upstream.stop()
        await page.get_by_role("button", name="Refresh").click()
        await expect(page.locator("#flame [role=alert]")).to_be_visible()
        await look("7-upstream-down")
        await page.goto(f"{visit.url}callback?error=access_denied")
        await expect(page.get_by_role("heading", name="Not connected to GitHub")).to_be_visible()
        await look("8-not-connected-by-github")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_is_chosen_beats_the_system(browser: Browser, system: System, scheme: Scheme) -> None:
    async with visiting(browser, system, color_scheme=scheme) as visit:
        await visit.open()
        background = "getComputedStyle(document.body).backgroundColor"
        seen = {"": await visit.page.evaluate(background)}
        for name in ("light", "dark"):
            await visit.page.locator("#theme").click()
            await expect(visit.page.locator("#theme")).to_have_attribute("aria-label", f"Colours: {name}")
            seen[name] = await visit.page.evaluate(background)
        assert seen["light"] != seen["dark"]
        assert seen[""] == seen[scheme]
        await visit.page.reload()
        assert await visit.page.evaluate(background) == seen["dark"]


async def test_nothing_jumps_while_the_page_fills(browser: Browser, system: System) -> None:
    """How much of what is seen moves: https://web.dev/articles/cls calls up to 0.1 good."""
    async with visiting(browser, system) as visit:
        await visit.page.add_init_script(
            "window.moved = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => {"
            " if (!entry.hadRecentInput) window.moved += entry.value; }))"
            ".observe({ type: 'layout-shift', buffered: true })"
        )
        await visit.open()
        await expect(visit.page.locator("#flame .d3-flame-graph-label").first).to_be_visible()
        assert await visit.page.evaluate("moved") < 0.1
