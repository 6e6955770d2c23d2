"""What is known is told without asking again, for as long as it holds, and to nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proxy.errors import Code, RpcError
from proxy.library import Library
from proxy.source.model import Absent, File, Repository, Snapshot
from tests.library.conftest import SECRET, SETTINGS, SHOP, Shelf

if TYPE_CHECKING:
    from proxy.library import Viewer

GRAPHQL = "graphql"
REPOSITORY = "/repos/{owner}/{repo}"
COMMIT = "/repos/{owner}/{repo}/commits/{ref}"
TREE = "/repos/{owner}/{repo}/git/trees/{tree_sha}"
BLOB = "/repos/{owner}/{repo}/git/blobs/{file_sha}"
CONTENTS = "/repos/{owner}/{repo}/contents/{path}"
REF_TTL, ACCESS_TTL, MISSING_TTL = SETTINGS.ref_ttl, SETTINGS.access_ttl, SETTINGS.missing_ttl


async def test_opening_brings_the_wishes_along(shelf: Shelf, ada: Viewer) -> None:
    opened = await shelf.library.open(ada, SHOP, "main", ["main.go", "gone.go"])
    assert opened == Snapshot(SHOP, "main", shelf.repository.sha())
    file = await shelf.library.read(ada, opened, "main.go", [])
    assert file is not None
    assert (file.path, file.content) == ("main.go", b"package main\n")
    assert file.oid == shelf.repository.sha("HEAD:main.go")
    assert await shelf.library.read(ada, opened, "gone.go", []) is None
    assert shelf.asked() == [GRAPHQL]


async def test_reading_brings_what_is_not_known_of_the_wishes_along(shelf: Shelf, ada: Viewer) -> None:
    opened = await shelf.open(ada)
    assert await shelf.library.read(ada, opened, "a.go", ["main.go", "b.go"]) is None
    shelf.asked()
    for path in ("a.go", "b.go", "main.go"):
        await shelf.library.read(ada, opened, path, ["a.go", "b.go"])
    assert shelf.asked() == []


async def test_a_ref_is_believed_for_ref_ttl(shelf: Shelf, ada: Viewer) -> None:
    old = await shelf.open(ada)
    shelf.repository.commit({"main.go": "package new\n"})
    shelf.clock.advance(REF_TTL - 1)
    assert await shelf.open(ada) == old
    shelf.asked()
    shelf.clock.advance(1)
    assert (await shelf.open(ada)).commit == shelf.repository.sha()
    # That the branch moved does not say whose it is now, so all is looked at anew.
    assert shelf.asked() == [COMMIT, "graphql"]


async def test_a_full_sha_is_believed_for_ever_once_access_is_proven(shelf: Shelf, ada: Viewer) -> None:
    sha = shelf.repository.sha()
    await shelf.read(ada, "main.go", ref=sha)
    await shelf.read(ada, "big.txt", ref=sha)
    shelf.asked()
    shelf.clock.advance(ACCESS_TTL * 10)
    # Access is proven anew by the first question, whatever it is; the large content is never fetched again.
    await shelf.read(ada, "main.go", ref=sha)
    await shelf.read(ada, "big.txt", ref=sha)
    assert shelf.asked() == [REPOSITORY]


async def test_a_ref_that_appears_is_seen_after_missing_ttl(shelf: Shelf, ada: Viewer) -> None:
    assert await shelf.library.open(ada, SHOP, "v2", []) is Absent.REF
    shelf.repository.tag("v2")
    shelf.asked()
    shelf.clock.advance(MISSING_TTL - 1)
    assert await shelf.library.open(ada, SHOP, "v2", []) is Absent.REF
    assert shelf.asked() == []
    shelf.clock.advance(1)
    assert isinstance(await shelf.library.open(ada, SHOP, "v2", []), Snapshot)


async def test_a_commit_that_is_pushed_later_is_seen_after_missing_ttl(shelf: Shelf, ada: Viewer) -> None:
    unborn = "0123456789abcdef0123456789abcdef01234567"
    assert await shelf.library.open(ada, SHOP, unborn, []) is Absent.REF
    shelf.clock.advance(MISSING_TTL)
    shelf.asked()
    assert await shelf.library.open(ada, SHOP, unborn, []) is Absent.REF
    assert shelf.asked() == [GRAPHQL]


async def test_a_repository_that_appears_is_seen_after_missing_ttl(shelf: Shelf, ada: Viewer) -> None:
    new = Repository("acme", "new")
    assert await shelf.library.open(ada, new, "main", []) is Absent.REPOSITORY
    shelf.github.add_repository("acme", "new", shelf.repository.path)
    assert await shelf.library.open(ada, new, "main", []) is Absent.REPOSITORY
    shelf.clock.advance(MISSING_TTL)
    assert isinstance(await shelf.library.open(ada, new, "main", []), Snapshot)


async def test_access_that_was_taken_away_ends_within_access_ttl(shelf: Shelf, ada: Viewer) -> None:
    sha = shelf.repository.sha()
    assert await shelf.read(ada, "main.go", SECRET, sha)
    shelf.github.make_private("acme/secret", readers=[])
    shelf.clock.advance(ACCESS_TTL - 1)
    assert await shelf.read(ada, "main.go", SECRET, sha)
    shelf.clock.advance(1)
    assert await shelf.library.open(ada, SECRET, sha, []) is Absent.REPOSITORY


async def test_a_revoked_token_ends_within_access_ttl(shelf: Shelf, ada: Viewer) -> None:
    await shelf.read(ada, "main.go", SECRET)
    shelf.github.revoke(ada.token)
    shelf.clock.advance(ACCESS_TTL)
    with pytest.raises(RpcError) as caught:
        await shelf.read(ada, "main.go", SECRET)
    assert caught.value.code is Code.UNAUTHENTICATED


async def test_what_became_private_is_not_shown_to_others_once_that_was_seen(
    shelf: Shelf, ada: Viewer, bob: Viewer
) -> None:
    assert await shelf.read(bob, "main.go")
    shelf.github.make_private("acme/shop", readers=["ada"])
    # Ada's next look at it, for another file, shows that it is private now.
    assert await shelf.read(ada, "deep/er/file.go")
    assert await shelf.library.open(bob, SHOP, "main", []) is Absent.REPOSITORY
    assert await shelf.read(ada, "main.go")


async def test_proof_is_one_person_s_in_one_tenant(shelf: Shelf, bob: Viewer) -> None:
    mine, other = shelf.viewer("ada", "team-a"), shelf.viewer("ada", "team-b")
    assert await shelf.read(mine, "main.go", SECRET)
    shelf.asked()
    assert await shelf.read(other, "main.go", SECRET)
    assert shelf.asked() == [GRAPHQL]
    assert await shelf.library.open(bob, SECRET, "main", []) is Absent.REPOSITORY


async def test_a_renamed_repository_is_known_under_both_names(shelf: Shelf, ada: Viewer) -> None:
    shelf.github.rename("acme/shop", "acme/store")
    opened = await shelf.open(ada)
    assert opened.repository == Repository("acme", "store")
    await shelf.library.read(ada, opened, "main.go", [])
    shelf.asked()
    for name in ("shop", "store", "Shop"):
        again = await shelf.open(ada, Repository("ACME", name))
        assert again == opened
        assert isinstance(await shelf.library.read(ada, again, "main.go", []), File)
    assert shelf.asked() == []


async def test_a_short_file_may_be_a_link_which_is_found_out_once(shelf: Shelf, ada: Viewer) -> None:
    for _ in range(2):
        link, version = await shelf.read(ada, "deep/link.go"), await shelf.read(ada, "VERSION")
        assert link is not None
        assert version is not None
        assert (link.path, link.content) == ("main.go", b"package main\n")
        assert (version.path, version.content) == ("VERSION", b"1.0")
    assert sorted(shelf.asked()) == sorted([GRAPHQL, CONTENTS, GRAPHQL, CONTENTS])


async def test_the_tree_is_fetched_once_and_answers_for_paths(shelf: Shelf, ada: Viewer, bob: Viewer) -> None:
    opened = await shelf.open(ada)
    tree = await shelf.library.tree(ada, opened)
    assert tree is not None
    assert tree.contains("deep/er/file.go")
    assert await shelf.library.tree(bob, await shelf.open(bob)) is tree
    assert shelf.asked() == [GRAPHQL, TREE]
    assert await shelf.library.read(ada, opened, "nowhere/at/all.go", []) is None
    assert shelf.asked() == []
    file = await shelf.library.read(ada, opened, "deep/er/file.go", [])
    assert file is not None
    assert file.content == b"f"
    version = await shelf.library.read(ada, opened, "VERSION", [])
    assert version is not None
    # Its blob says where it is, and the tree that it is no link: one call each.
    assert shelf.asked() == [BLOB, BLOB]


async def test_the_tree_does_not_speak_for_what_is_behind_a_link(shelf: Shelf, ada: Viewer) -> None:
    opened = await shelf.open(ada)
    tree = await shelf.library.tree(ada, opened)
    assert tree is not None
    oid = tree.oid_of("folder")
    assert oid is not None
    assert await shelf.library.link(ada, opened, oid) == "deep"
    shelf.asked()
    assert await shelf.library.read(ada, opened, "folder/er/file.go", []) is None
    assert len(shelf.asked()) == 1


async def test_a_tree_that_is_cut_short_is_not_known(shelf: Shelf, ada: Viewer) -> None:
    shelf.github.sizes.tree_entries = 2
    opened = await shelf.open(ada)
    for _ in range(2):
        assert await shelf.library.tree(ada, opened) is None
    assert shelf.asked() == [GRAPHQL, TREE]
    assert await shelf.library.read(ada, opened, "main.go", [])


async def test_what_is_no_link_has_no_target(shelf: Shelf, ada: Viewer) -> None:
    opened = await shelf.open(ada)
    for path in ("big.txt", "main.go"):
        oid = shelf.repository.sha(f"HEAD:{path}")
        target = await shelf.library.link(ada, opened, oid)
        assert target in {None, "package main\n"}
    assert await shelf.library.link(ada, opened, "0" * 40) is None


@pytest.mark.parametrize("max_size", [0, 600, 2000, 700_000])
async def test_a_cache_too_small_still_answers_rightly(shelf: Shelf, max_size: int) -> None:
    shelf.build(max_size=max_size)
    ada, bob = shelf.viewer("ada"), shelf.viewer("bob")
    for _ in range(2):
        for path, content in {
            "main.go": b"package main\n",
            "big.txt": b"x" * 600_000,
            "deep/link.go": b"package main\n",
            "VERSION": b"1.0",
        }.items():
            file = await shelf.read(ada, path, SECRET)
            assert file is not None
            assert file.content == content
        assert await shelf.library.open(bob, SECRET, "main", []) is Absent.REPOSITORY
        assert await shelf.library.open(ada, SHOP, "gone", []) is Absent.REF
        assert await shelf.library.commits(bob, SECRET, ["main"]) is None
        found = await shelf.library.commits(ada, SECRET, ["main", "v1", "gone"])
        assert found is not None
        assert [commit and commit.sha for commit in found.found.values()] == [shelf.repository.sha()] * 2 + [
            None
        ]


async def test_content_that_github_lists_and_does_not_give_is_no_missing_file(
    shelf: Shelf, ada: Viewer
) -> None:
    shelf.github.fail_next(route=BLOB, status=404, body=b'{"message":"Not Found"}')
    with pytest.raises(RpcError) as caught:
        await shelf.read(ada, "big.txt")
    assert caught.value.code is Code.UNAVAILABLE
    assert await shelf.read(ada, "big.txt")


async def test_no_token_is_shown(shelf: Shelf, ada: Viewer) -> None:
    assert ada.token not in repr(ada)
    assert isinstance(shelf.library, Library)
