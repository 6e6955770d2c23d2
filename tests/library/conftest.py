"""A library over the stand-in for GitHub, with a clock that moves when it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.cache import Cache
from proxy.config.model import Cache as Settings
from proxy.config.model import GitHub as GitHubSettings
from proxy.github.client import GitHub, open_client_session
from proxy.library import Library, Viewers
from proxy.metrics import Metrics
from proxy.source.model import Repository, Snapshot
from tests.fakes.github import Clock, GitRepository, running_github

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiohttp

    from proxy.cache import SharedStore
    from proxy.demo.github import StandIn
    from proxy.library import Viewer
    from proxy.source.model import File

SHOP = Repository("acme", "shop")
SECRET = Repository("acme", "secret")
SETTINGS = Settings()


@dataclass
class Shelf:
    """A library and what is around it."""

    github: StandIn
    session: aiohttp.ClientSession = field(repr=False)
    repository: GitRepository
    clock: Clock
    library: Library = field(init=False)
    cache: Cache = field(init=False)
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        self.build()

    def build(self, *, shared: SharedStore | None = None, **settings: float) -> None:
        """Begin anew with other settings of the cache, knowing nothing but what is shared."""
        chosen = replace(SETTINGS, **settings)  # type: ignore[arg-type]  # the fields are numbers
        self.metrics = Metrics(CollectorRegistry(), version="1", revision="r")
        web = GitHubSettings(url=URL(self.github.web_url), api_url=URL(self.github.api_url))
        client = GitHub(self.session, web, self.metrics, clock=self.clock, sleep=_no_time)
        self.cache = Cache(int(chosen.max_size), self.metrics, self.clock, shared=shared)
        self.library = Library(client, self.cache, chosen, moment=0)

    def viewer(self, login: str, tenant: str = "anonymous") -> Viewer:
        """Somebody with a token of their own."""
        return Viewers(b"secret").viewer(tenant, self.github.token_for(login))

    def counted(self, cache: str, result: str) -> float:
        """Look-ups in a cache that ended so."""
        labels = {"cache": cache, "result": result}
        return self.metrics.registry.get_sample_value("sourceproxy_cache_requests_total", labels) or 0

    def asked(self) -> list[str]:
        """What GitHub was asked since the last time."""
        asked = [call.route for call in self.github.calls]
        self.github.forget_calls()
        return asked

    async def open(self, viewer: Viewer, repository: Repository = SHOP, ref: str = "main") -> Snapshot:
        found = await self.library.open(viewer, repository, ref, [])
        assert isinstance(found, Snapshot)
        return found

    async def read(
        self, viewer: Viewer, path: str, repository: Repository = SHOP, ref: str = "main"
    ) -> File | None:
        opened = await self.library.open(viewer, repository, ref, [path])
        return await self.library.read(viewer, opened, path, []) if isinstance(opened, Snapshot) else None


async def _no_time(_: float) -> None:
    """The pause before a call is repeated."""


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository(tmp_path / "shop")
    made.write(
        {"main.go": "package main\n", "VERSION": "1.0", "big.txt": "x" * 600_000, "deep/er/file.go": "f"}
    )
    made.symlink("deep/link.go", "../main.go")
    made.symlink("folder", "deep")
    made.commit()
    made.tag("v1")
    return made


@pytest.fixture
async def shelf(repository: GitRepository) -> AsyncIterator[Shelf]:
    clock = Clock()
    async with running_github(clock=clock) as github, open_client_session() as session:
        for number in range(20):
            github.add_user(f"person-{number}")
        github.add_user("ada")
        github.add_user("bob")
        github.add_repository("acme", "shop", repository.path)
        github.add_repository("acme", "secret", repository.path, private=True, readers=["ada"])
        shelf = Shelf(github, session, repository, clock)
        yield shelf
        await shelf.library.aclose()
        await shelf.cache.aclose()


@pytest.fixture
def ada(shelf: Shelf) -> Viewer:
    return shelf.viewer("ada")


@pytest.fixture
def bob(shelf: Shelf) -> Viewer:
    return shelf.viewer("bob")
