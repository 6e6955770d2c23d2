from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.demo.github.conftest import Caller
    from tests.fakes.github import GitRepository

_COMMITS = "/repos/acme/shop/commits"


@pytest.mark.parametrize(
    "ref",
    ["main", "HEAD", "v1", "v2", "feature/a-b", "heads/main", "heads%2Fmain", "tags/v2", "refs/tags/v2"],
)
async def test_ref(nobody: Caller, repository: GitRepository, ref: str) -> None:
    got = await nobody.get(f"{_COMMITS}/{ref}")
    sha = repository.sha(f"{ref.replace('%2F', '/')}^{{commit}}")
    assert (got.status, got.json["sha"]) == (200, sha)
    assert got.json["html_url"] == f"{nobody.github.web_url}/acme/shop/commit/{sha}"
    for short in (sha, sha[:7]):
        assert (await nobody.get(f"{_COMMITS}/{short}")).json["sha"] == sha
    plain = await nobody.get(f"{_COMMITS}/{ref}", accept="application/vnd.github.sha")
    assert plain.body == sha.encode()


async def test_commit(nobody: Caller, repository: GitRepository) -> None:
    body = (await nobody.get(f"{_COMMITS}/v1")).json
    person = {"name": "Ada Lovelace", "email": "ada@example.com", "date": "2023-11-14T22:13:20Z"}
    assert body["commit"]["author"] == person
    assert body["commit"]["committer"] == person
    assert body["commit"]["message"] == "Start\n\nThe body."
    assert body["commit"]["tree"]["sha"] == repository.sha("v1^{tree}")
    assert body["author"]["login"] == "ada"
    assert body["author"]["avatar_url"].startswith(nobody.github.web_url)
    assert body["parents"] == []
    page = await nobody.get(body["html_url"])
    assert (page.status, b"Start" in page.body) == (200, True)


async def test_commit_of_someone_without_an_account(nobody: Caller, repository: GitRepository) -> None:
    body = (await nobody.get(f"{_COMMITS}/feature/a-b")).json
    assert body["author"] is None
    assert body["committer"]["login"] == "ada"
    assert body["commit"]["author"]["name"] == "Nobody"
    assert [parent["sha"] for parent in body["parents"]] == [repository.sha("main")]


@pytest.mark.parametrize("ref", ["nothing", "0" * 40, "main~99", "main:README.md", "%00", "..%2Fmain"])
async def test_no_commit(nobody: Caller, ref: str) -> None:
    got = await nobody.get(f"{_COMMITS}/{ref}")
    assert got.status == 422
    assert got.json["message"].startswith("No commit found for SHA: ")


async def test_a_tree_is_no_commit(nobody: Caller, repository: GitRepository) -> None:
    assert (await nobody.get(f"{_COMMITS}/{repository.sha('main^{tree}')}")).status == 422


async def test_no_repository(nobody: Caller) -> None:
    got = await nobody.get("/repos/acme/nothing/commits/main")
    assert (got.status, got.json["message"]) == (404, "Not Found")


async def test_avatars_are_pictures(ada: Caller) -> None:
    rest = (await ada.get(f"{_COMMITS}/v1")).json["author"]["avatar_url"]
    graphql = (await ada.graphql("{ viewer { avatarUrl(size: 40) } }"))["data"]["viewer"]["avatarUrl"]
    pictures = [await ada.get(url) for url in (rest, graphql)]
    assert [got.headers["content-type"] for got in pictures] == ["image/svg+xml; charset=utf-8"] * 2
    assert pictures[0].body == pictures[1].body
    assert pictures[0].body.startswith(b"<svg ")
