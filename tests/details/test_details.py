"""How sources and commits are put together: at once, in time, and none at the cost of another."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict, CIMultiDictProxy

from proxy.connect.edge import Call
from proxy.connect.headers import Format
from proxy.details import Details
from proxy.details.details import MOST_WITH_SOURCE
from proxy.errors import Code, RpcError
from proxy.github.model import Commit
from proxy.library import Outcome, Viewer
from proxy.library.commits import Commits
from proxy.profile import FunctionUse, Joined, Value, Version
from proxy.proto import source_pb2
from proxy.source.address import parse_repository
from proxy.source.model import File, Found, Language, Repository, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from proxy.querier import Asked
    from proxy.source.model import Frame, Service

REQUEST = source_pb2.GetFunctionDetailsRequest(functionName="f", profileTypeID="a:b:c:d:e", start=1, end=2)
CALL = Call(CIMultiDictProxy(CIMultiDict()), Format.JSON)


class Everything:
    """Callers, querier, library and resolver in one, over a profile with some versions."""

    def __init__(self, refs: Sequence[str]) -> None:
        self.uses = tuple(
            FunctionUse(
                "main.py",
                1,
                Version("github.com/acme/shop", ref),
                Value(1, 1000 - at),
                {1: Value(1, 1000 - at)},
            )
            for at, ref in enumerate(refs)
        )
        self.asked_commits: list[list[str]] = []
        self.resolving = self.most_resolving = 0
        self.trouble: dict[str, Exception] = {}
        self.never = asyncio.Event()

    def details(self) -> Details:
        parts: Any = self
        return Details(parts, parts, parts, parts)

    def tenant(self, _: Call) -> str:
        return "anonymous"

    def viewer(self, _: Call) -> Viewer:
        return Viewer("token", b"key")

    def repository(self, url: str) -> Repository:
        return parse_repository(url)

    def page(self, file: File) -> str:
        return f"https://github.com/{file.path}"

    async def join(self, _: Asked, headers: object, remaining: float | None) -> Joined:
        assert headers is CALL.headers
        assert remaining is None or remaining > 0
        return Joined(self.uses, "nanoseconds", 5)

    async def commits(self, _: Viewer, repository: Repository, refs: Sequence[str]) -> Commits:
        assert repository == Repository("acme", "shop")
        self.asked_commits.append(list(refs))
        return Commits(
            {ref: Commit(f"sha of {ref}", "m", "2026-01-01T00:00:00Z", "ada", "", "") for ref in refs}
        )

    async def resolve(self, _: Viewer, __: Frame, service: Service) -> Outcome:
        self.resolving += 1
        self.most_resolving = max(self.most_resolving, self.resolving)
        await asyncio.sleep(0)
        self.resolving -= 1
        if service.ref == "never":
            await self.never.wait()
        if service.ref in self.trouble:
            raise self.trouble[service.ref]
        file = File(Snapshot(service.repository, service.ref, "c" * 40), "main.py", "0", b"def f(): ...\n")
        return Outcome(Found(Language.PYTHON, "rule", file), (), 0.0, 0)


def lacking(version: source_pb2.FunctionVersion) -> dict[str, str]:
    return {missing.what: missing.code for missing in version.missing}


async def test_all_commits_of_a_repository_are_asked_for_at_once_and_each_once() -> None:
    parts = Everything(["v1", "v2", "v1", "v3"])
    response = await parts.details().get(REQUEST, CALL)
    assert parts.asked_commits == [["v1", "v2", "v3"]]
    assert [version.commit.sha for version in response.versions] == [
        "sha of v1",
        "sha of v2",
        "sha of v1",
        "sha of v3",
    ]


async def test_some_sources_are_looked_for_at_the_same_time_but_not_all() -> None:
    parts = Everything([f"v{number}" for number in range(15)])
    response = await parts.details().get(REQUEST, CALL)
    assert all(list(version.text) == ["def f(): ..."] for version in response.versions)
    assert 1 < parts.most_resolving < 10


async def test_what_goes_wrong_with_one_version_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    parts = Everything(["v1", "bug", "refused", "v4"])
    parts.trouble = {
        "bug": ZeroDivisionError("a secret"),
        "refused": RpcError(Code.PERMISSION_DENIED, "single sign-on is needed"),
    }
    response = await parts.details().get(REQUEST, CALL)
    assert [lacking(version) for version in response.versions] == [
        {},
        {"source": "internal"},
        {"source": "permission_denied"},
        {},
    ]
    assert "ZeroDivisionError" in caplog.text
    assert "a secret" not in caplog.text + str(response)


async def test_a_caller_in_a_hurry_gets_what_is_there_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.details.details.PATIENCE", 1e9)
    parts = Everything(["v1", "never"])
    call = replace(CALL, deadline=asyncio.get_running_loop().time() + 0.2)
    response = await parts.details().get(REQUEST, call)
    assert [lacking(version) for version in response.versions] == [{}, {"source": "deadline_exceeded"}]


async def test_github_does_not_hold_up_the_values_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.details.details.PATIENCE", 0.01)
    response = await Everything(["never"]).details().get(REQUEST, CALL)
    (version,) = response.versions
    assert lacking(version) == {"source": "deadline_exceeded"}
    assert version.total == 1000


async def test_the_sources_of_the_largest_versions_alone_are_looked_for() -> None:
    parts = Everything([f"v{number}" for number in range(150)])
    response = await parts.details().get(REQUEST, CALL)
    assert len(response.versions) == 100
    assert [missing.what for missing in response.missing] == ["versions"]
    with_source = [version.ref for version in response.versions if version.text]
    assert with_source == [f"v{number}" for number in range(MOST_WITH_SOURCE)]
    assert lacking(response.versions[-1]) == {"source": "resource_exhausted", "commit": "resource_exhausted"}


async def test_what_may_be_old_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = Everything(["v1"])
    commits = parts.commits

    async def stale(*asked: Any) -> Commits:
        return replace(await commits(*asked), stale=True)

    monkeypatch.setattr(parts, "commits", stale)
    call = replace(CALL, response_headers=CIMultiDict())
    response = await parts.details().get(REQUEST, call)
    assert response.versions[0].stale
    assert "true" in call.response_headers.values()
