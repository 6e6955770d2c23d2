"""A GitHub that answers what a test tells it to: a real server on a free port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.config.model import GitHub as Settings
from proxy.github.client import GitHub, open_client_session
from proxy.metrics import Metrics
from tests.fakes.github import Clock
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
def clock() -> Clock:
    return Clock(1_000_000.0)


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that were made before repetitions; none of them takes any time."""
    return []


@pytest.fixture
async def github(
    settings: Settings, metrics: Metrics, clock: Clock, pauses: list[float]
) -> AsyncIterator[GitHub]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with open_client_session() as session:
        yield GitHub(session, settings, metrics, clock=clock, chance=lambda: 0.5, sleep=sleep)
