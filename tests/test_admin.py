"""The admin listener, asked over a real socket."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from proxy.admin import admin_application
from proxy.config.model import Config, GitHub, Secret, Session
from proxy.live import Live
from proxy.metrics import Metrics
from proxy.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    Client = TestClient[web.Request, web.Application]

CONFIG = replace(
    Config(),
    github=GitHub(client_id="Iv1.shown", client_secret=Secret("client-hush")),
    session=Session((Secret("session-hush"), Secret("older-hush"))),
)


class Unready:
    """Why the proxy is not ready, as a test says."""

    now = ""

    def __call__(self) -> str:
        return self.now


@pytest.fixture
def unready() -> Unready:
    return Unready()


@pytest.fixture
def settings() -> Live[Settings]:
    return Live(Settings(CONFIG))


@pytest.fixture
async def admin(unready: Unready, settings: Live[Settings]) -> AsyncIterator[Client]:
    metrics = Metrics(CollectorRegistry(), version="0", revision="")

    async def collect() -> CollectorRegistry:
        return metrics.registry

    async with TestClient(TestServer(admin_application(collect, settings, unready))) as client:
        yield client


async def test_ready_until_it_drains_healthy_all_along(admin: Client, unready: Unready) -> None:
    for now, status in (("", 200), ("draining", 503), ("", 200)):
        unready.now = now
        answer = await admin.get("/-/ready")
        assert (answer.status, await answer.text()) == (status, f"{now or 'ready'}\n")
        assert (await admin.get("/-/healthy")).status == 200


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/plain"),
        ("*/*", "text/plain"),
        ("text/plain;version=0.0.4", "text/plain"),
        ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "application/openmetrics-text"),
        ("nonsense; ;;q=x", "text/plain"),
    ],
)
async def test_metrics_in_the_form_that_is_asked_for(admin: Client, accept: str, content_type: str) -> None:
    answer = await admin.get("/metrics", headers={"Accept": accept})
    text = await answer.text()
    assert (answer.status, answer.content_type) == (200, content_type)
    assert "sourceproxy_build_info{" in text
    assert text.endswith("# EOF\n") is (content_type != "text/plain")


async def test_the_configuration_without_its_secrets(admin: Client) -> None:
    answer = await admin.get("/-/config")
    text = await answer.text()
    assert (answer.status, answer.content_type) == (200, "application/yaml")
    assert "Iv1.shown" in text
    assert "hush" not in text


async def test_the_configuration_is_the_one_in_force(admin: Client, settings: Live[Settings]) -> None:
    settings.replace(Settings(replace(CONFIG, github=GitHub(client_id="Iv1.newer"))))
    assert "Iv1.newer" in await (await admin.get("/-/config")).text()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/-/", 404), ("POST", "/metrics", 405), ("PUT", "/-/config", 405)],
)
async def test_there_is_nothing_else(admin: Client, method: str, path: str, status: int) -> None:
    assert (await admin.request(method, path)).status == status


async def test_head_is_answered_as_get_is(admin: Client) -> None:
    answer = await admin.head("/-/ready")
    assert (answer.status, await answer.read()) == (200, b"")
