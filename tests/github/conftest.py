"""A GitHub that answers what a test tells it to: a real server on a free port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.config.model import GitHub as Settings
from proxy.github.client import GitHub, open_client_session
from proxy.metrics import Metrics
from tests.github.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), version="0", revision="0")


@pytest.fixture
def settings(server: Server) -> Settings:
    return Settings(url=URL(server.url), api_url=URL(server.url), request_timeout=5.0)


@pytest.fixture
async def github(settings: Settings, metrics: Metrics) -> AsyncIterator[GitHub]:
    async with open_client_session() as session:
        yield GitHub(session, settings, metrics, clock=lambda: 1_000_000.0)
