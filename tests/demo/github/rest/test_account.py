from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from proxy.demo.github import StandIn
    from tests.demo.github.conftest import Caller
    from tests.fakes.github import GitRepository


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
async def test_repository(nobody: Caller, prefix: str) -> None:
    body = (await nobody.get(f"{prefix}/repos/ACME/shop")).json
    assert (body["full_name"], body["private"], body["visibility"]) == ("acme/shop", False, "public")
    assert body["default_branch"] == "main"
    assert body["url"] == f"{nobody.github.web_url}{prefix}/repos/acme/shop"
    assert (await nobody.get(body["url"])).json["id"] == body["id"]


async def test_private_repository(ada: Caller, bob: Caller, nobody: Caller) -> None:
    body = (await ada.get("/repos/acme/secret")).json
    assert (body["private"], body["visibility"]) == (True, "private")
    for other in (bob, nobody):
        for end in ("", "/contents/README.md", "/commits/main", "/git/trees/main"):
            got = await other.get(f"/repos/acme/secret{end}")
            assert (got.status, got.json["message"]) == (404, "Not Found")


async def test_visibility_changes(ada: Caller, bob: Caller, nobody: Caller, github: StandIn) -> None:
    callers = (ada, bob, nobody)
    repository = github.world.repository("acme", "secret")
    assert repository is not None
    repository.visibility = "internal"
    assert [(await caller.get("/repos/acme/secret")).status for caller in callers] == [200, 200, 404]
    assert (await bob.get("/repos/acme/secret")).json["visibility"] == "internal"
    repository.visibility = "public"
    assert [(await caller.get("/repos/acme/secret")).status for caller in callers] == [200, 200, 200]
    github.make_private("acme/secret", readers=["Bob"])
    assert [(await caller.get("/repos/acme/secret")).status for caller in callers] == [404, 200, 404]
    with pytest.raises(KeyError):
        github.make_private("acme/nothing")


async def test_owner_reads_what_is_theirs(bob: Caller, github: StandIn, repository: GitRepository) -> None:
    github.add_repository("Bob", "own", repository.path, private=True)
    body = (await bob.get("/repos/bob/own")).json
    assert body["owner"]["login"] == "bob"


async def test_user(ada: Caller, nobody: Caller) -> None:
    body = (await ada.get("/user")).json
    assert (body["login"], body["name"]) == ("ada", "Ada Lovelace")
    got = await nobody.get("/user")
    assert (got.status, got.json["message"]) == (401, "Requires authentication")


@pytest.mark.parametrize("end", ["", "/commits/v2", "/contents/cmd%2Fmain.go?ref=v2", "?x=1"])
@pytest.mark.parametrize("prefix", ["", "/api/v3"])
async def test_renamed(ada: Caller, github: StandIn, prefix: str, end: str) -> None:
    before = await ada.get(f"{prefix}/repos/acme/shop{end}")
    github.rename("acme/shop", "newco/store")
    moved = await ada.get(f"{prefix}/repos/acme/shop{end}")
    assert (moved.status, moved.json["message"]) == (301, "Moved Permanently")
    assert moved.json["url"] == moved.headers["location"]
    assert moved.headers["location"] == f"{github.web_url}{prefix}/repositories/1{end}"
    there = await ada.get(moved.headers["location"])
    assert there.status == 200
    assert set(there.json) == set(before.json)
    direct = await ada.get(f"{prefix}/repos/newco/store{end}")
    assert direct.status == 200


async def test_renamed_private_repository_is_not_betrayed(bob: Caller, ada: Caller, github: StandIn) -> None:
    github.rename("acme/secret", "acme/hidden")
    assert (await bob.get("/repos/acme/secret")).status == 404
    assert (await bob.get("/repositories/2")).status == 404
    assert (await ada.get("/repos/acme/secret")).status == 301


async def test_a_new_repository_takes_the_old_name(
    ada: Caller, github: StandIn, repository: GitRepository
) -> None:
    github.rename("acme/shop", "acme/old")
    github.add_repository("acme", "shop", repository.path)
    assert (await ada.get("/repos/acme/shop")).json["id"] == 3
    assert (await ada.get("/repos/acme/old")).json["id"] == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/repos/acme"),
        ("GET", "/nothing"),
        ("POST", "/repos/acme/shop"),
        ("GET", "/api/v3/x"),
        ("GET", "/"),
    ],
)
async def test_unknown_address(nobody: Caller, method: str, path: str) -> None:
    got = await nobody.ask(method, path, headers={})
    assert (got.status, got.json["message"]) == (404, "Not Found")


async def test_pages_of_private_repositories_are_not_shown(ada: Caller) -> None:
    assert (await ada.get("/acme/secret/blob/main/README.md")).status == 404
    assert (await ada.get("/acme/secret/commit/main")).status == 404
    assert (await ada.get("/acme/shop/blob/main/nothing")).status == 404
    assert (await ada.get("/acme/shop/commit/nothing")).status == 404
