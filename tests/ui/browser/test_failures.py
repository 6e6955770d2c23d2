"""What goes wrong around the page is told where it shows, with what to do, and passes when it passes."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from proxy.config.model import GitHub, Tenancy
from tests.ui.browser.stage import running_demo, visiting

if TYPE_CHECKING:
    from playwright.async_api import Browser, Route

    from tests.ui.browser.stage import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")
PROFILE = "**/querier.v1.QuerierService/SelectMergeStacktraces"


async def test_an_upstream_that_is_down(visit: Visit) -> None:
    port = visit.system.upstream.url.port or 0
    await visit.system.upstream.stop()
    await visit.page.goto(visit.url)
    alert = visit.page.locator("#flame").get_by_role("alert")
    await expect(alert).to_contain_text("The profile could not be loaded")
    await expect(visit.page.locator("#table")).to_contain_text("They appear with a profile")
    await visit.system.upstream.start("127.0.0.1", port)
    await alert.get_by_role("button", name="Try again").click()
    await expect(visit.functions.first).to_be_visible()
    await visit.system.upstream.stop()
    await visit.functions.first.click()
    await expect(visit.details.get_by_role("alert")).to_contain_text("The function could not be loaded")


async def test_an_upstream_that_is_slow(visit: Visit) -> None:
    go_on = asyncio.Event()

    async def late(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await visit.page.clock.install()
    await visit.page.route(PROFILE, late)
    async with visit.page.expect_request(PROFILE):
        await visit.page.goto(visit.url)
    region = visit.page.locator("#flame")
    await expect(region).to_have_attribute("aria-busy", "true")
    await expect(region.get_by_role("status")).to_have_count(0)
    await visit.page.clock.fast_forward(4001)
    await expect(region.get_by_role("status")).to_contain_text("takes longer than usual")
    await visit.page.clock.resume()
    go_on.set()
    await expect(region).to_have_attribute("aria-busy", "false")
    await expect(visit.functions.first).to_be_visible()
    await expect(region.get_by_role("status")).to_have_count(0)


async def test_what_is_asked_last_is_what_is_shown(visit: Visit) -> None:
    await visit.open()
    waiting = asyncio.Event()

    async def late(route: Route) -> None:
        if "memory" in (route.request.post_data or ""):
            await waiting.wait()
        await route.continue_()

    await visit.page.route(PROFILE, late)
    await visit.page.get_by_label("Profile type").select_option(label="memory · alloc_space")
    await visit.page.get_by_label("Profile type").select_option(label="process_cpu · cpu")
    await expect(visit.page.locator("#flame")).to_have_attribute("aria-busy", "false")
    waiting.set()
    await expect(visit.page.locator("#total")).to_contain_text(re.compile("(s|min|h) in total"))


async def test_no_profiles_at_all(browser: Browser) -> None:
    async with running_demo(recordings=[]) as system, visiting(browser, system) as visit:
        await visit.page.goto(visit.url)
        await expect(visit.page.locator("#flame")).to_contain_text("No profiles in this time range")
        await expect(visit.page.get_by_label("Service")).to_be_disabled()


async def test_nothing_sampled(visit: Visit) -> None:
    await visit.page.goto(f"{visit.url}?service=gone&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds")
    await expect(visit.page.locator("#flame")).to_contain_text("Nothing was sampled")


async def test_a_function_that_is_not_in_the_profile(visit: Visit) -> None:
    await visit.page.goto(f"{visit.url}?service=checkout&fn=nobody.Knows")
    await expect(visit.details).to_contain_text("Not in this profile")
    await expect(visit.details).to_contain_text("was not sampled")


async def test_github_is_down(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    visit.system.github.fail_next(status=503, times=1000)
    await visit.pick("Find")
    notice = visit.details.locator(".notice.bad").first
    await expect(notice).to_contain_text("GitHub")
    await expect(visit.lines.first.locator("td.number").first).not_to_be_empty()
    visit.system.github.clear_faults()


async def test_github_shows_the_repository_to_others_only(visit: Visit) -> None:
    visit.system.github.make_private("acme/shop")
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    await expect(visit.details.locator(".notice.bad").first).to_contain_text("acme/shop")
    await expect(visit.page.locator("table.source .t-keyword")).to_have_count(0)
    await visit.page.get_by_role("button", name="How this file was found").click()
    await expect(visit.page.locator("#explanation")).to_contain_text("acme/shop")


async def test_a_version_that_is_not_on_github(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    await visit.override(ref="v99")
    notice = visit.details.locator(".notice.bad")
    await expect(notice.first).to_contain_text("v99")
    await expect(notice.get_by_role("button", name=re.compile("Set"))).not_to_have_count(0)


async def test_a_version_whose_lines_are_others(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    await visit.pick("Find")
    await visit.override(ref="decimal-prices")
    warning = visit.details.locator(".notice.warn")
    await expect(warning).to_contain_text("This may not be the source that ran")
    await warning.get_by_role("button").click()
    await expect(visit.page.locator("#override")).to_be_visible()


async def test_a_session_that_github_ended(visit: Visit) -> None:
    await visit.open()
    await visit.connect()
    visit.system.github.revoke_user("mara-lindqvist")
    await visit.pick("Find")
    await expect(visit.details.locator(".connect-notice").get_by_role("link")).to_be_visible()


async def test_a_person_who_says_no(visit: Visit) -> None:
    await visit.open()
    await visit.page.locator("#session").get_by_role("link", name="Connect to GitHub").click()
    query = await visit.page.evaluate("location.search")
    state = re.search(r"state=([^&]+)", query)
    assert state is not None
    await visit.page.goto(f"{visit.url}callback?error=access_denied&state={state[1]}")
    await expect(visit.page.get_by_role("main")).to_contain_text("Access was declined", ignore_case=True)
    await visit.page.get_by_role("link", name="Back to the page").click()
    await expect(visit.functions.first).to_be_visible()


async def test_without_a_github_app_nobody_is_asked_to_connect(browser: Browser) -> None:
    async with (
        running_demo(lambda config: replace(config, github=GitHub())) as system,
        visiting(browser, system) as visit,
    ):
        await visit.open()
        await expect(visit.page.locator("#session")).to_have_text("GitHub is not set up here")
        await visit.pick("Find")
        await expect(visit.details).to_contain_text("The operator has not set up GitHub here")


async def test_a_tenant_is_asked_for_where_there_are_several(browser: Browser) -> None:
    tenancy = Tenancy(multitenancy_enabled=True)
    async with (
        running_demo(lambda config: replace(config, tenancy=tenancy)) as system,
        visiting(browser, system) as visit,
    ):
        # The sample upstream has one tenant only, so that the question comes from the proxy itself.
        await visit.page.goto(f"{visit.url}?service=checkout")
        await visit.pick("Find")
        await expect(visit.page.get_by_label("Tenant")).to_be_visible()
        await visit.page.get_by_label("Tenant").fill("team-a")
        await visit.page.get_by_label("Tenant").press("Enter")
        await visit.pick("Find")
        await visit.connect()
        await expect(visit.page.locator("table.source .t-keyword").first).to_be_visible()
        await visit.page.reload()
        await expect(visit.page.get_by_label("Tenant")).to_have_value("team-a")
        await expect(visit.page.locator("table.source .t-keyword").first).to_be_visible()
