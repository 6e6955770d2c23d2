"""A GitHub that answers what a test tells it to: a real server on a free port."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.config.model import GitHub as Settings
from proxy.github.client import GitHub, open_client_session
from proxy.metrics import Metrics
from tests.fakes.github import Clock, GitRepository, running_github
from tests.github.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from proxy.demo.github import StandIn

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


@pytest.fixture
def git(tmp_path: Path) -> GitRepository:
    """What the stand-in serves as ``acme/shop``."""
    repository = GitRepository(tmp_path / "shop")
    repository.commit({"main.go": "package main\n", "go.mod": "module shop\n"})
    return repository


@pytest.fixture
async def hub(git: GitRepository, clock: Clock) -> AsyncIterator[StandIn]:
    """The stand-in, whose tokens do not expire however far the clock is moved."""
    async with running_github(clock=clock, expiring_tokens=False) as running:
        running.add_user("ada")
        running.add_user("bob")
        running.add_repository("acme", "shop", git.path)
        yield running


@pytest.fixture
async def shop(hub: StandIn, metrics: Metrics, clock: Clock, pauses: list[float]) -> AsyncIterator[GitHub]:
    """A client of the stand-in."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    settings = Settings(url=URL(hub.web_url), api_url=URL(hub.api_url), request_timeout=5.0)
    async with open_client_session() as session:
        yield GitHub(session, settings, metrics, clock=clock, chance=lambda: 0.5, sleep=sleep)
