from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from yarl import URL

from tests.fakes.github import AUTHOR_EMAIL, Clock, GitRepository, running_github

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from proxy.demo.github import StandIn

ELSEWHERE = "1234567890abcdef1234567890abcdef12345678"


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Caller:
    """A plain HTTP client of the stand-in, with or without a token."""

    session: ClientSession
    github: StandIn
    token: str = ""

    async def get(self, path: str, **headers: str) -> Got:
        return await self.ask("GET", path, headers=headers)

    async def ask(self, method: str, path: str, *, headers: dict[str, str], data: Any = None) -> Got:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("authorization", f"Bearer {self.token}")
        url = path if path.startswith("http") else self.github.web_url + path
        async with self.session.request(
            method, URL(url, encoded=True), headers=sent, data=data, allow_redirects=False
        ) as response:
            got = {name.lower(): value for name, value in response.headers.items()}
            return Got(response.status, got, await response.read())

    async def graphql(self, query: str, path: str = "/graphql", **variables: Any) -> Any:
        body = json.dumps({"query": query, "variables": variables})
        got = await self.ask("POST", path, headers={}, data=body)
        assert got.status == 200
        return got.json


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    made = GitRepository(tmp_path_factory.mktemp("git") / "shop")
    made.commit({"README.md": "Hello, wörld\n", "cmd/main.go": "package main\n"}, "Start\n\nThe body.\n")
    made.tag("v1")
    made.symlink("cmd/link.go", "main.go")
    made.symlink("cmd/up", "../README.md")
    made.symlink("chain", "cmd/link.go")
    made.symlink("dangling", "nowhere")
    made.symlink("outside", "../../etc/passwd")
    made.symlink("folder", "cmd")
    made.commit({"binary": b"\0\1\2", "latin1": b"caf\xe9\n", "ä b/#1?.txt": "odd\n", "long": "é" * 1_000})
    made.submodule("lib", "https://github.com/acme/lib.git", ELSEWHERE)
    made.submodule("unlisted", "", ELSEWHERE, listed=False)
    made.tag("v2", message="Second")
    made.branch("feature/a-b")
    made.commit({"feature": "f\n"}, "Feature", author="Nobody", email="nobody@example.com")
    made.git("checkout", "-q", "main")
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def github(repository: GitRepository, clock: Clock) -> AsyncIterator[StandIn]:
    async with running_github(clock=clock) as running:
        running.add_user("ada", name="Ada Lovelace", email=AUTHOR_EMAIL)
        running.add_user("bob")
        running.add_repository("acme", "shop", repository.path)
        running.add_repository("acme", "secret", repository.path, private=True, readers=["ada"])
        yield running


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as made:
        yield made


@pytest.fixture
def ada(session: ClientSession, github: StandIn) -> Caller:
    return Caller(session, github, github.token_for("ada"))


@pytest.fixture
def bob(session: ClientSession, github: StandIn) -> Caller:
    return Caller(session, github, github.token_for("bob"))


@pytest.fixture
def nobody(session: ClientSession, github: StandIn) -> Caller:
    return Caller(session, github)
