"""Access is proven by GitHub's own answers to the viewer's own token, for a repository and not for a name."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from proxy.errors import Code, RpcError
from proxy.source.model import Absent, Repository, Snapshot
from tests.fakes.github import GitRepository
from tests.library.conftest import SECRET, SETTINGS, SHOP, Shelf

if TYPE_CHECKING:
    from pathlib import Path

    from proxy.library import Viewer

ACCESS_TTL, MISSING_TTL, REF_TTL = SETTINGS.access_ttl, SETTINGS.missing_ttl, SETTINGS.ref_ttl
LONG = "a" * 300
"""A ref that git might have and GitHub's API is not asked for."""


@pytest.fixture
def other(tmp_path: Path) -> GitRepository:
    made = GitRepository(tmp_path / "other")
    made.commit({"main.go": "package other\n"})
    return made


async def test_a_ref_that_nobody_is_asked_for_proves_nothing(shelf: Shelf, ada: Viewer, bob: Viewer) -> None:
    assert await shelf.read(ada, "main.go", SECRET)
    assert await shelf.library.open(bob, SECRET, LONG, []) is Absent.REF
    found = await shelf.library.commits(bob, SECRET, [LONG])
    assert found is not None
    assert found.found == {LONG: None}
    assert await shelf.library.open(bob, SECRET, "main", []) is Absent.REPOSITORY
    assert await shelf.library.commits(bob, SECRET, [LONG, "main"]) is None


async def test_a_name_that_another_took_over_leads_nowhere_old(
    shelf: Shelf, ada: Viewer, bob: Viewer, other: GitRepository
) -> None:
    sha = shelf.repository.sha()
    old = await shelf.read(ada, "main.go", SECRET, sha)
    assert old is not None
    shelf.github.rename("acme/secret", "acme/hidden")
    shelf.github.add_repository("acme", "secret", other.path)
    # Bob may read the new one. What is in the old one is not there for him, not even by its SHA.
    assert await shelf.library.open(bob, SECRET, sha, []) is Absent.REF
    new = await shelf.read(bob, "main.go", SECRET)
    assert new is not None
    assert new.content == b"package other\n"
    # That was seen, so Ada's own proof under the name counts no longer either.
    again = await shelf.read(ada, "main.go", SECRET)
    assert again is not None
    assert again.content == b"package other\n"
    assert (await shelf.open(ada, Repository("acme", "hidden"))).commit == sha


async def test_what_took_over_a_name_is_not_told_of_what_had_it(
    shelf: Shelf, ada: Viewer, bob: Viewer, other: GitRepository
) -> None:
    """Nor when somebody who saw the old one asks by the old name whether a branch of it has moved."""
    shelf.github.make_private("acme/secret", readers=["ada", "bob"])
    first = await shelf.open(ada, SECRET)
    shelf.clock.advance(REF_TTL)
    assert await shelf.open(ada, SECRET) == first
    shelf.clock.advance(REF_TTL)
    shelf.github.rename("acme/secret", "acme/hidden")
    shelf.github.add_repository("acme", "secret", other.path, private=True, readers=["ada"])
    taken = await shelf.open(ada, SECRET)
    assert taken.commit == other.sha()
    assert taken.identity != first.identity
    hidden = Repository("acme", "hidden")
    assert (await shelf.open(bob, hidden)).commit == first.commit
    commits = await shelf.library.commits(bob, hidden, ["main", other.sha()])
    assert commits is not None
    assert [commit and commit.sha for commit in commits.found.values()] == [first.commit, None]


async def test_a_private_one_that_took_over_a_public_name_is_not_public(
    shelf: Shelf, ada: Viewer, bob: Viewer, other: GitRepository
) -> None:
    assert await shelf.read(bob, "main.go")
    shelf.github.rename("acme/shop", "acme/store")
    shelf.github.add_repository("acme", "shop", other.path, private=True, readers=["ada"])
    # Ada's token shows what is there now; that it is no longer what was opened is not taken for absent.
    with pytest.raises(RpcError) as caught:
        await shelf.read(ada, "deep/er/file.go")
    assert caught.value.code is Code.UNAVAILABLE
    new = await shelf.read(ada, "main.go")
    assert new is not None
    assert new.content == b"package other\n"
    assert await shelf.library.open(bob, SHOP, "main", []) is Absent.REPOSITORY


async def test_without_an_id_what_is_private_is_known_to_each_alone(
    shelf: Shelf, ada: Viewer, bob: Viewer, other: GitRepository
) -> None:
    """Bob may read what took the name over; nothing told him apart from Ada but his own token."""

    def look(*, private: bool, commit: str | None) -> bytes:
        told = {"__typename": "Commit", "oid": commit, "message": "", "authoredDate": ""}
        found = {"nameWithOwner": "acme/secret", "isPrivate": private, "ref": told if commit else None}
        return json.dumps({"data": {"repository": found}}).encode()

    sha = shelf.repository.sha()
    shelf.github.fail_next(route="graphql", status=200, body=look(private=True, commit=sha))
    assert (await shelf.open(ada, SECRET, sha)).commit == sha
    shelf.github.fail_next(route="graphql", status=200, body=look(private=True, commit=None))
    assert await shelf.library.open(bob, SECRET, "gone", []) is Absent.REF
    shelf.github.rename("acme/secret", "acme/hidden")
    shelf.github.add_repository("acme", "secret", other.path, private=True, readers=["bob"])
    assert await shelf.library.open(bob, SECRET, sha, []) is Absent.REF


async def test_a_token_that_github_refuses_ends_all_its_proofs_at_once(
    shelf: Shelf, ada: Viewer, bob: Viewer
) -> None:
    shelf.github.add_repository("acme", "second", shelf.repository.path, private=True, readers=["ada"])
    second = Repository("acme", "second")
    for repository in (SECRET, second):
        assert await shelf.read(ada, "main.go", repository)
    assert await shelf.read(bob, "main.go")
    shelf.github.revoke(ada.token)
    with pytest.raises(RpcError):
        await shelf.library.open(ada, SECRET, "feature", [])
    for repository in (SECRET, second):
        with pytest.raises(RpcError) as caught:
            await shelf.library.open(ada, repository, "main", [])
        assert caught.value.code is Code.UNAUTHENTICATED
    # What is public is told to whoever has a session, as before.
    assert isinstance(await shelf.library.open(bob, SHOP, "main", []), Snapshot)


async def test_a_permission_that_is_refused_ends_that_proof_at_once(shelf: Shelf, ada: Viewer) -> None:
    assert await shelf.read(ada, "main.go", SECRET)
    refusal = json.dumps({"message": "Resource not accessible by integration"}).encode()
    shelf.github.fail_next(status=403, body=refusal)
    with pytest.raises(RpcError):
        await shelf.read(ada, "big.txt", SECRET)
    shelf.github.clear_faults()
    shelf.asked()
    assert await shelf.read(ada, "main.go", SECRET)
    assert len(shelf.asked()) == 1


async def test_content_that_is_gone_has_access_proven_anew(shelf: Shelf, ada: Viewer) -> None:
    opened = await shelf.open(ada, SECRET)
    await shelf.library.tree(ada, opened)
    shelf.github.make_private("acme/secret", readers=[])
    with pytest.raises(RpcError):
        await shelf.library.read(ada, opened, "big.txt", [])
    assert await shelf.library.open(ada, SECRET, "main", []) is Absent.REPOSITORY


async def test_access_is_proven_anew_for_nothing_where_nothing_changed(shelf: Shelf, ada: Viewer) -> None:
    sha = shelf.repository.sha()
    assert await shelf.read(ada, "main.go", SECRET, sha)
    for _ in range(3):
        shelf.clock.advance(ACCESS_TTL)
        shelf.asked()
        assert await shelf.read(ada, "main.go", SECRET, sha)
        assert len(shelf.github.calls) == 1
    (call,) = shelf.github.calls
    assert call.status == 304


async def test_what_was_proven_anew_is_refuted_when_it_changed(
    shelf: Shelf, ada: Viewer, bob: Viewer
) -> None:
    sha = shelf.repository.sha()
    for _ in range(2):
        assert await shelf.read(bob, "main.go", SHOP, sha)
        shelf.clock.advance(ACCESS_TTL)
    shelf.github.make_private("acme/shop", readers=["ada"])
    assert await shelf.library.open(bob, SHOP, sha, []) is Absent.REPOSITORY
    assert await shelf.read(ada, "main.go", SHOP, sha)


async def test_many_prove_anew_what_is_public_in_one_call(shelf: Shelf) -> None:
    people = [shelf.viewer(f"person-{number}") for number in range(8)]
    sha = shelf.repository.sha()
    for person in people:
        shelf.clock.advance(ACCESS_TTL)
        assert (await shelf.open(person, SHOP, sha)).commit == sha
    shelf.clock.advance(ACCESS_TTL)
    shelf.asked()
    await asyncio.gather(*(shelf.open(person, SHOP, sha) for person in people))
    assert len(shelf.asked()) == 1


async def test_proofs_hold_no_token_and_no_name_of_a_person(shelf: Shelf, ada: Viewer) -> None:
    assert await shelf.read(ada, "main.go", SECRET)
    held = [key for key in shelf.cache._store._slots if key[0] in ("access", "refused", "shown", "etags")]
    assert held
    assert not any(ada.token in repr(key) for key in held)
