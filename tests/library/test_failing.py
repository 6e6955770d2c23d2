"""While GitHub does not answer, what is known is told to those whose access is proven still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from proxy.errors import Code, RpcError
from proxy.library.knowledge import STALE_FOR
from proxy.source.model import Absent, Snapshot
from tests.library.conftest import SECRET, SETTINGS, SHOP, Shelf

if TYPE_CHECKING:
    from proxy.library import Viewer

REF_TTL, ACCESS_TTL = SETTINGS.ref_ttl, SETTINGS.access_ttl
LONG_ACCESS = 10 * STALE_FOR
LIMITED = {"retry-after": "60"}
FAILURES: list[dict[str, Any]] = [
    {"status": 502},
    {"status": 429, "headers": LIMITED, "body": b'{"message":"API rate limit exceeded"}'},
    {"close": "before"},
]


def fail(shelf: Shelf, how: dict[str, Any]) -> None:
    shelf.github.fail_next(times=1000, **how)


@pytest.mark.parametrize("how", FAILURES)
async def test_what_a_sha_names_is_told(shelf: Shelf, ada: Viewer, how: dict[str, Any]) -> None:
    sha = shelf.repository.sha()
    assert await shelf.read(ada, "main.go", SECRET, sha)
    fail(shelf, how)
    shelf.clock.advance(ACCESS_TTL - 1)
    opened = await shelf.open(ada, SECRET, sha)
    assert not opened.stale
    assert await shelf.library.read(ada, opened, "main.go", [])


@pytest.mark.parametrize("how", FAILURES)
async def test_a_ref_is_told_as_it_was_known_last(shelf: Shelf, ada: Viewer, how: dict[str, Any]) -> None:
    fresh = await shelf.open(ada, SECRET)
    assert not fresh.stale
    fail(shelf, how)
    shelf.clock.advance(REF_TTL)
    last = await shelf.open(ada, SECRET)
    assert (last.commit, last.stale) == (fresh.commit, True)
    assert shelf.counted("refs", "stale") == 1
    shelf.github.clear_faults()
    shelf.clock.advance(ACCESS_TTL)
    assert not (await shelf.open(ada, SECRET)).stale


async def test_so_are_commits(shelf: Shelf, ada: Viewer) -> None:
    fresh = await shelf.library.commits(ada, SHOP, ["main", "v1"])
    fail(shelf, {"status": 502})
    shelf.clock.advance(REF_TTL)
    last = await shelf.library.commits(ada, SHOP, ["main", "v1"])
    assert fresh is not None
    assert last is not None
    assert (fresh.stale, last.stale) == (False, True)
    assert last.found == fresh.found
    with pytest.raises(RpcError):
        await shelf.library.commits(ada, SHOP, ["main", "other"])


async def test_not_longer_than_it_may(shelf: Shelf) -> None:
    shelf.build(access_ttl=LONG_ACCESS)
    ada = shelf.viewer("ada")
    await shelf.open(ada)
    fail(shelf, {"status": 502})
    shelf.clock.advance(REF_TTL + STALE_FOR - 1)
    assert (await shelf.open(ada)).stale
    shelf.clock.advance(1)
    with pytest.raises(RpcError) as caught:
        await shelf.open(ada)
    assert caught.value.code is Code.UNAVAILABLE


async def test_not_to_those_whose_access_is_not_proven_any_more(shelf: Shelf, ada: Viewer) -> None:
    sha = shelf.repository.sha()
    for ref in (sha, "main"):
        assert await shelf.read(ada, "main.go", SECRET, ref)
    fail(shelf, {"status": 502})
    shelf.clock.advance(ACCESS_TTL)
    for ref in (sha, "main"):
        with pytest.raises(RpcError) as caught:
            await shelf.library.open(ada, SECRET, ref, [])
        assert caught.value.code is Code.UNAVAILABLE


async def test_not_to_others(shelf: Shelf, ada: Viewer, bob: Viewer) -> None:
    await shelf.open(ada, SECRET)
    fail(shelf, {"status": 502})
    shelf.clock.advance(REF_TTL)
    assert isinstance(await shelf.library.open(ada, SECRET, "main", []), Snapshot)
    for ask in (shelf.library.open(bob, SECRET, "main", []), shelf.library.commits(bob, SECRET, ["main"])):
        with pytest.raises(RpcError):
            await ask


async def test_a_refusal_is_no_failure(shelf: Shelf, ada: Viewer) -> None:
    await shelf.open(ada, SECRET)
    shelf.github.revoke(ada.token)
    shelf.clock.advance(REF_TTL)
    with pytest.raises(RpcError) as caught:
        await shelf.open(ada, SECRET)
    assert caught.value.code is Code.UNAUTHENTICATED


async def test_a_branch_named_like_a_commit_is_not_taken_for_one(shelf: Shelf, ada: Viewer) -> None:
    name = "0123456789abcdef0123456789abcdef01234567"
    shelf.repository.git("update-ref", f"refs/heads/{name}", "HEAD")
    # As git: what looks like a commit is none other.
    assert await shelf.library.open(ada, SHOP, name, []) is Absent.REF


async def test_a_ref_that_did_not_move_is_followed_for_nothing(shelf: Shelf, ada: Viewer) -> None:
    first = await shelf.open(ada)
    for _ in range(3):
        shelf.clock.advance(REF_TTL)
        shelf.asked()
        assert await shelf.open(ada) == first
        assert len(shelf.github.calls) == 1
    (call,) = shelf.github.calls
    assert call.status == 304
    shelf.repository.commit({"main.go": "package moved\n"})
    shelf.clock.advance(REF_TTL)
    assert (await shelf.open(ada)).commit == shelf.repository.sha()


async def test_a_ref_that_is_gone_is_found_to_be(shelf: Shelf, ada: Viewer) -> None:
    await shelf.open(ada, SHOP, "v1")
    shelf.repository.git("tag", "-d", "v1")
    shelf.clock.advance(REF_TTL)
    assert not isinstance(await shelf.library.open(ada, SHOP, "v1", []), Snapshot)


async def test_who_comes_back_later_asks_for_nothing_as_well(shelf: Shelf, ada: Viewer) -> None:
    """Access and branch are asked about at once, and neither costs anything where nothing changed."""
    first = await shelf.open(ada, SECRET)
    for _ in range(3):
        shelf.clock.advance(ACCESS_TTL)
        shelf.asked()
        assert await shelf.open(ada, SECRET) == first
        assert len(shelf.github.calls) == 2
    assert [call.status for call in shelf.github.calls] == [304, 304]
    shelf.repository.commit({"main.go": "package moved\n"})
    shelf.clock.advance(ACCESS_TTL)
    assert (await shelf.open(ada, SECRET)).commit == shelf.repository.sha()
    shelf.github.make_private("acme/secret", readers=[])
    shelf.clock.advance(ACCESS_TTL)
    assert await shelf.library.open(ada, SECRET, "main", []) is Absent.REPOSITORY


async def test_a_branch_that_cannot_be_asked_about_is_told_as_it_was_if_access_is_proven(
    shelf: Shelf, ada: Viewer
) -> None:
    first = await shelf.open(ada, SECRET)
    shelf.clock.advance(ACCESS_TTL)
    shelf.github.fail_next(route="/repos/{owner}/{repo}/commits/{ref}", times=1000, status=502)
    last = await shelf.open(ada, SECRET)
    assert (last.commit, last.stale) == (first.commit, True)
