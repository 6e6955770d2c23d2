"""One browser for all tests of a process; a window and a system for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.ui.browser.stage import ARGUMENTS, chromium, running_demo, visiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from tests.fakes.system import System
    from tests.ui.browser.stage import Visit


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=30_000)  # ms; a machine that has other work to do is no failure
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def system() -> AsyncIterator[System]:
    async with running_demo() as system:
        yield system


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, system: System) -> AsyncIterator[Visit]:
    async with visiting(browser, system) as visit:
        yield visit
