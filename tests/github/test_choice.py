"""Which of its two APIs GitHub is asked by, with the stand-in's limits as the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proxy.demo.github import Secondary, StandIn
from proxy.errors import Code, RpcError
from proxy.github import intent
from proxy.github.model import RemoteDirectory, RemoteFile, RemoteLink, RemoteSubmodule, git_blob_oid
from proxy.source.model import Repository
from tests.github.server import fails

if TYPE_CHECKING:
    from proxy.github.client import GitHub
    from tests.fakes.github import Clock, GitRepository

SHOP = Repository("acme", "shop")
CODE = b"package main\n"


def routes(hub: StandIn) -> list[str]:
    asked = [call.route.removeprefix("/repos/{owner}/{repo}") or "repository" for call in hub.calls]
    hub.forget_calls()
    return asked


@pytest.fixture
def many(git: GitRepository) -> str:
    """A commit with all that can be at a path; its SHA."""
    git.write({"folder/x.go": CODE, "data.bin": b"\0\xff", "VERSION": "main.go", "deep/a/y.go": CODE})
    git.symlink("link.go", "main.go")
    git.symlink("deep/a/up.go", "../../link.go")
    git.symlink("dangling", "nowhere")
    git.symlink("outside", "../../etc/passwd")
    git.symlink("loop", "loop")
    git.symlink("to-folder", "folder")
    git.commit(message="Everything")
    git.submodule("third", "https://github.com/acme/third.git", "c" * 40)
    return git.sha()


async def test_a_look_goes_by_rest_while_graphql_is_spent(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    expected = await shop.look(ada, SHOP, "main", ["main.go", "gone.go"])
    commits = await shop.commits(ada, SHOP, ["main", "gone"])
    assert routes(hub) == ["graphql"] * 2
    hub.set_remaining("ada", "graphql", 0)
    assert await shop.look(ada, SHOP, "main", ["main.go", "gone.go"]) == expected
    assert routes(hub) == ["graphql", "repository", "/commits/{ref}", *["/contents/{path}"] * 2]
    assert await shop.commits(ada, SHOP, ["main", "gone"]) == commits
    assert "graphql" not in routes(hub)


async def test_graphql_that_is_nearly_spent_is_left_for_others(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    hub.set_remaining("ada", "graphql", 30)
    await shop.look(ada, SHOP, "main", [])
    await shop.look(ada, SHOP, "main", [])
    assert routes(hub) == ["graphql", "repository", "/commits/{ref}"]
    hub.set_remaining("ada", "core", 20)
    await shop.repository(ada, SHOP)
    routes(hub)
    await shop.look(ada, SHOP, "main", [])
    assert routes(hub) == ["graphql"]  # both are, so the cheaper one


async def test_what_is_at_a_path_is_the_same_by_both_apis(hub: StandIn, shop: GitHub, many: str) -> None:
    ada = hub.token_for("ada")
    paths = [
        "main.go", "VERSION", "folder", "link.go", "deep/a/up.go", "dangling", "outside", "loop", "gone",
        "folder/gone", "main.go/x", "third",
    ]  # fmt: skip
    by_rest = {path: await shop.contents(ada, SHOP, many, path) for path in paths}
    assert "graphql" not in routes(hub)
    hub.set_remaining("ada", "core", 0)
    await fails(shop.tree(ada, SHOP, many), Code.RESOURCE_EXHAUSTED)
    routes(hub)
    by_graphql = {path: await shop.contents(ada, SHOP, many, path) for path in paths}
    assert set(routes(hub)) == {"graphql"}
    same = [path for path in paths if isinstance(by_rest[path], RemoteFile)]
    assert same == ["main.go", "VERSION", "link.go"]
    for path in same:
        file = by_graphql[path]
        assert isinstance(file, RemoteFile)
        assert (file.oid, file.content) == (git_blob_oid(file.content), by_rest[path].content)  # type: ignore[union-attr]  # a file
    assert [by_graphql[path] for path in ("gone", "folder/gone", "main.go/x")] == [None] * 3
    assert by_graphql["folder"] == by_rest["folder"] == RemoteDirectory("folder")
    assert by_graphql["dangling"] == RemoteLink("dangling", "nowhere")
    assert by_graphql["outside"] == RemoteLink("outside", "../../etc/passwd")
    assert by_graphql["loop"] == RemoteLink("loop", "loop")
    assert by_graphql["third"] == by_rest["third"]
    assert isinstance(by_rest["third"], RemoteSubmodule)


async def test_a_link_to_a_link_is_followed(hub: StandIn, shop: GitHub, many: str) -> None:
    hub.set_remaining("ada", "core", 0)
    found = await shop.contents(hub.token_for("ada"), SHOP, many, "deep/a/up.go")
    assert found == RemoteFile(git_blob_oid(CODE), CODE, "main.go")


async def test_a_link_to_a_folder_is_a_link(hub: StandIn, shop: GitHub, many: str) -> None:
    hub.set_remaining("ada", "core", 0)
    found = await shop.contents(hub.token_for("ada"), SHOP, many, "to-folder")
    assert found == RemoteLink("to-folder", "folder")


async def test_blobs_repositories_and_commits_by_graphql(
    hub: StandIn, shop: GitHub, git: GitRepository
) -> None:
    ada = hub.token_for("ada")
    repository, commit = await shop.repository(ada, SHOP), await shop.commit(ada, SHOP, "main")
    hub.make_private("acme/shop", readers=["ada"])
    hub.set_remaining("ada", "core", 0)
    assert await shop.read_blob(ada, SHOP, git_blob_oid(CODE)) == CODE
    assert await shop.read_blob(ada, SHOP, "d" * 40) is None
    assert await shop.commit(ada, SHOP, "main") == commit
    assert await shop.commit(ada, SHOP, "gone") is None
    hidden = await shop.repository(ada, SHOP)
    assert repository is not None
    assert hidden is not None
    assert (repository.private, hidden.private) == (False, True)
    assert hidden.default_branch == repository.default_branch == "main"
    assert await shop.repository(hub.token_for("bob"), SHOP) is None


async def test_what_graphql_cannot_tell_stays_limited_and_is_not_absent(
    hub: StandIn, shop: GitHub, many: str
) -> None:
    ada = hub.token_for("ada")
    hub.set_remaining("ada", "core", 0)
    for _ in range(2):
        error = await fails(shop.contents(ada, SHOP, many, "data.bin"), Code.RESOURCE_EXHAUSTED)
        assert error.retry_after == 3600
        await fails(shop.read_blob(ada, SHOP, git_blob_oid(b"\0\xff")), Code.RESOURCE_EXHAUSTED)
        await fails(shop.read_blob(ada, SHOP, many), Code.RESOURCE_EXHAUSTED)
    assert routes(hub).count("/contents/{path}") == 1


async def test_both_spent_is_refused_without_a_call(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    for resource in ("core", "graphql"):
        hub.set_remaining("ada", resource, 0)
    await fails(shop.look(ada, SHOP, "main", []), Code.RESOURCE_EXHAUSTED)
    assert routes(hub) == ["graphql", "repository"]
    for _ in range(5):
        await fails(shop.look(ada, SHOP, "main", []), Code.RESOURCE_EXHAUSTED)
        await fails(shop.read_file(ada, SHOP, "main", "main.go"), Code.RESOURCE_EXHAUSTED)
    assert routes(hub) == []


async def test_a_secondary_limit_has_no_way_around(hub: StandIn, shop: GitHub) -> None:
    hub.limits.secondary = Secondary(resources=("graphql",))
    await fails(shop.look(hub.token_for("ada"), SHOP, "main", []), Code.RESOURCE_EXHAUSTED)
    assert routes(hub) == ["graphql"]


async def test_what_nobody_waits_for_takes_no_longer_way(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    hub.set_remaining("ada", "graphql", 0)
    with intent.speculative():
        for _ in range(3):
            with pytest.raises(RpcError):
                await shop.look(ada, SHOP, "main", [])
    assert routes(hub) == ["graphql"]


@pytest.mark.parametrize("status", [404, 405])
async def test_that_there_is_no_graphql_is_remembered_for_some_minutes(
    hub: StandIn, shop: GitHub, clock: Clock, status: int
) -> None:
    ada, bob = hub.token_for("ada"), hub.token_for("bob")
    hub.fail_next(route="graphql", status=status)
    assert await shop.look(ada, SHOP, "main", []) is not None
    assert await shop.look(bob, SHOP, "main", []) is not None
    with intent.speculative():
        assert await shop.commits(ada, SHOP, ["main"]) is not None
    assert routes(hub).count("graphql") == 1
    clock.advance(300)
    assert await shop.look(ada, SHOP, "main", []) is not None
    assert routes(hub) == ["graphql"]


async def test_where_there_is_no_graphql_limited_is_limited(hub: StandIn, shop: GitHub) -> None:
    ada = hub.token_for("ada")
    hub.fail_next(route="graphql", status=404)
    assert await shop.look(ada, SHOP, "main", []) is not None
    hub.set_remaining("ada", "core", 0)
    routes(hub)
    for _ in range(3):
        await fails(shop.read_file(ada, SHOP, "main", "main.go"), Code.RESOURCE_EXHAUSTED)
    assert routes(hub) == ["/contents/{path}"]
