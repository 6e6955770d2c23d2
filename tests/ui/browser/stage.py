"""The system with the demo's profiles and histories, and a browser's window to look at it with."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from playwright.async_api import expect

from proxy.app import Proxy
from proxy.demo.github import StandIn
from proxy.demo.upstream import Upstream
from tests.fakes.system import System, config_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

    from proxy.config.model import Config
    from proxy.demo.upstream.recordings import Recording

DATA = Path(__file__).parents[3] / "proxy" / "demo" / "data"
LOGIN = "mara-lindqvist"
FIND = "github.com/acme/shop/services/checkout/internal/pricing.(*Catalogue).Find"
OLD, NEW = "52f61f74", "336c4053"
"""The commits of the two versions of checkout that were recorded."""
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What a server answers is told on the console as well; that it may refuse is no fault of the page.
_ANSWERS = "Failed to load resource"
_WATCH_POLICY = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"""


def chromium() -> str:
    """The browser; without one the test is skipped, but never where everything has to run."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("CI has to run the page's tests, but has no chromium")
    if found is None:
        pytest.skip("chromium not found; install it (apt-get install chromium) to run the page's tests")
    return found


@asynccontextmanager
async def running_demo(
    change: Callable[[Config], Config] = lambda config: config,
    recordings: Sequence[Recording] | None = None,
) -> AsyncIterator[System]:
    """What the demo runs, on free ports.

    Args:
        change: makes another configuration out of the usual one.
        recordings: what was recorded, in place of the demo's own.
    """
    async with StandIn() as github, Upstream(recordings) as upstream:
        for person in json.loads((DATA / "people.json").read_text("utf-8")):
            if person["login"]:
                github.add_user(person["login"], name=person["name"], email=person["email"])
        for path in sorted((DATA / "repositories").iterdir()):
            owner, _, name = path.name.removesuffix(".git").partition("--")
            github.add_repository(owner, name, path)
        async with Proxy(change(config_of(github, upstream))) as proxy, aiohttp.ClientSession() as http:
            yield System(github, upstream, proxy, http)


@dataclass(slots=True)
class Visit:
    """A person at the page.

    Attributes:
        system: what runs.
        page: the window.
        problems: what the browser complained of: violated policies and errors of the page's scripts.
    """

    system: System
    page: Page
    problems: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.system.url}/-/source/"

    async def open(self, query: str = "") -> None:
        """Go to the page and wait for the functions."""
        await self.page.goto(self.url + query)
        await expect(self.functions.first).to_be_visible()

    async def connect(self) -> None:
        """Log in by the link at the top."""
        await self.page.locator("#session").get_by_role("link", name="Connect to GitHub").click()
        await self.agree()

    async def agree(self) -> None:
        """Say yes on GitHub's page."""
        await self.page.get_by_role("button", name=f"Authorize as {LOGIN}").click()
        await expect(self.page.locator("#session")).to_contain_text("Connected")

    async def pick(self, name: str) -> None:
        """Open a function by its row; the table is filtered to reach those far down."""
        await self.page.get_by_label("Filter functions by name").fill(name)
        await self.functions.filter(has_text=name).first.click()

    async def override(self, **fields: str) -> None:
        """Set repository, ref or root path."""
        await self.page.get_by_role("button", name="Edit repository").click()
        for name, value in fields.items():
            await self.page.locator(f"#override-{name}").fill(value)
        await self.page.get_by_role("button", name="Use these").click()

    @property
    def functions(self) -> Locator:
        return self.page.locator("button.function")

    @property
    def details(self) -> Locator:
        return self.page.locator("#details")

    @property
    def lines(self) -> Locator:
        return self.page.locator("table.source tbody tr")

    async def cookie(self, name: str = "pyroscope_git_session") -> dict[str, Any] | None:
        """A cookie of the browser's."""
        cookies = await self.page.context.cookies()
        return next((dict(cookie) for cookie in cookies if cookie.get("name") == name), None)


@asynccontextmanager
async def visiting(browser: Browser, system: System, **window: Any) -> AsyncIterator[Visit]:
    """Open a window of a new person; in the end, the browser must have had nothing to complain of.

    Args:
        browser: the browser.
        system: what runs.
        window: what ``Browser.new_context`` takes.
    """
    usual = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "timezone_id": "Europe/Berlin"}
    context: BrowserContext = await browser.new_context(**{**usual, **window})
    try:
        await context.add_init_script(_WATCH_POLICY)
        visit = Visit(system, await context.new_page())

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and _ANSWERS not in message.text:
                visit.problems.append(message.text)

        visit.page.on("console", said)
        visit.page.on("pageerror", lambda error: visit.problems.append(str(error)))
        yield visit
        assert visit.problems == []
    finally:
        await context.close()
