"""The page in a real browser, behind a real nginx that ends TLS: policy, origin and cookies hold there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.e2e.nginx import running_nginx
from tests.ui.browser.stage import visiting

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

    from tests.fakes.system import System

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_page_behind_tls(browser: Browser, system: System, tmp_path: Path) -> None:
    async with (
        running_nginx(str(system.proxy.address), tmp_path) as ingress,
        visiting(browser, system, ignore_https_errors=True) as visit,
    ):
        await visit.page.goto(f"{ingress.url}/-/source/")
        await expect(visit.functions.first).to_be_visible()
        await visit.connect()
        assert visit.page.url.startswith(f"{ingress.url}/-/source/")
        cookie = await visit.cookie()
        assert cookie is not None
        assert (cookie["secure"], cookie["domain"]) == (True, ingress.host)
        await visit.pick("Find")
        await expect(visit.lines.first.locator("td.number").first).to_be_visible()
        renewed = await visit.page.evaluate(
            "fetch('/-/source/refresh', {method: 'POST'}).then(it => it.status)"
        )
        assert renewed == 200
