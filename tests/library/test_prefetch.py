"""The neighbours of a file that was opened are made ready, with what is left and for nobody else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from proxy.library import prefetch
from proxy.source.model import Absent, Repository, Snapshot
from proxy.source.tree import Entry, TreeIndex
from tests.fakes.github import GitRepository

if TYPE_CHECKING:
    from pathlib import Path

    from proxy.library import Viewer
    from proxy.source.model import File
    from tests.library.conftest import Shelf

GRAPHQL = "graphql"
TREE = "/repos/{owner}/{repo}/git/trees/{tree_sha}"
MANY = Repository("acme", "many")
OID = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def many(shelf: Shelf, tmp_path: Path) -> str:
    """Thirty Go files in one folder and others around them, private; the SHA of their commit."""
    made = GitRepository(tmp_path / "many")
    files = {f"pkg/f{number:02}.go": f"package f{number}\n" for number in range(30)}
    sha = made.commit({**files, "pkg/notes.md": "notes\n", "pkg/sub/deep.go": "package deep\n"})
    shelf.github.add_repository("acme", "many", made.path, private=True, readers=["ada"])
    shelf.build(prefetch=True)
    return sha


async def opened(shelf: Shelf, viewer: Viewer, ref: str, path: str) -> File:
    """Open a file as a person does, and wait for what that sets off."""
    file = await shelf.read(viewer, path, MANY, ref)
    assert file is not None
    shelf.asked()
    shelf.library.opened(viewer, file)
    await settled()
    return file


async def settled() -> None:
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == "prefetch"]
    if tasks:
        await asyncio.wait(tasks)


async def test_twenty_neighbours_in_two_calls(shelf: Shelf, ada: Viewer, many: str) -> None:
    await opened(shelf, ada, many, "pkg/f00.go")
    assert shelf.asked() == [TREE, GRAPHQL]
    for number in range(1, 21):
        assert await shelf.read(ada, f"pkg/f{number:02}.go", MANY, many)
    assert shelf.asked() == []
    for path in ("pkg/f25.go", "pkg/notes.md", "pkg/sub/deep.go"):
        assert await shelf.read(ada, path, MANY, many)
    assert len(shelf.asked()) == 3


async def test_a_folder_is_made_ready_once_in_a_while(shelf: Shelf, ada: Viewer, many: str) -> None:
    file = await opened(shelf, ada, many, "pkg/f00.go")
    shelf.asked()
    for _ in range(3):
        shelf.library.opened(ada, file)
        await settled()
    assert shelf.asked() == []


async def test_nobody_else_may_read_what_was_made_ready(
    shelf: Shelf, ada: Viewer, bob: Viewer, many: str
) -> None:
    await opened(shelf, ada, many, "pkg/f00.go")
    assert await shelf.library.open(bob, MANY, many, ["pkg/f01.go"]) is Absent.REPOSITORY


async def test_below_the_reserve_nothing_is_made_ready(shelf: Shelf, ada: Viewer, many: str) -> None:
    for resource in ("core", "graphql"):
        shelf.github.set_remaining("ada", resource, 90)
    # Both windows are known once they were spoken of.
    shelf.library.opened(ada, (await opened(shelf, ada, many, "pkg/f00.go")))
    assert GRAPHQL not in shelf.asked()


async def test_who_lost_access_meanwhile_has_nothing_made_ready(shelf: Shelf, ada: Viewer, many: str) -> None:
    file = await shelf.read(ada, "pkg/f00.go", MANY, many)
    assert file is not None
    shelf.clock.advance(1000)
    shelf.asked()
    shelf.library.opened(ada, file)
    await settled()
    assert GRAPHQL not in shelf.asked()


async def test_a_failure_is_no_matter(shelf: Shelf, ada: Viewer, many: str) -> None:
    file = await shelf.read(ada, "pkg/f00.go", MANY, many)
    assert file is not None
    shelf.github.fail_next(times=100, status=500)
    shelf.library.opened(ada, file)
    await settled()
    shelf.github.clear_faults()
    assert await shelf.read(ada, "pkg/f00.go", MANY, many)


async def test_so_many_folders_at_once_and_closing_ends_them(shelf: Shelf, ada: Viewer, many: str) -> None:
    file = await shelf.read(ada, "pkg/f00.go", MANY, many)
    assert file is not None
    held = shelf.github.fail_next(times=100, hold=asyncio.Event())
    for number in range(10):
        snapshot = Snapshot(MANY, "", f"{number:040x}", file.snapshot.identity)
        shelf.library.opened(ada, type(file)(snapshot, file.path, file.oid, file.content))
    running = [task for task in asyncio.all_tasks() if task.get_name() == "prefetch"]
    assert len(running) == prefetch.FOLDERS_AT_ONCE
    await held.reached.wait()
    await shelf.library.aclose()
    assert all(task.done() for task in running)
    assert held.hold is not None
    held.hold.set()


async def test_it_is_off_unless_it_is_wanted(shelf: Shelf, ada: Viewer, many: str) -> None:
    shelf.build()
    await opened(shelf, ada, many, "pkg/f00.go")
    assert shelf.asked() == []


async def test_a_person_who_waits_is_not_spared_with_what_is_asked_ahead(
    shelf: Shelf, ada: Viewer, many: str
) -> None:
    file = await shelf.read(ada, "pkg/f00.go", MANY, many)
    assert file is not None
    snapshot = file.snapshot
    await shelf.library.tree(ada, snapshot)
    for resource in ("core", "graphql"):
        shelf.github.set_remaining("ada", resource, 50)
    assert await shelf.library.read(ada, snapshot, "pkg/f29.go", [])
    shelf.library.opened(ada, file)
    assert await shelf.library.read(ada, snapshot, "pkg/f01.go", [])
    await settled()


def test_neighbours_are_files_of_the_same_kind_in_the_same_folder() -> None:
    tree = TreeIndex(
        Entry(path, mode, kind, OID)
        for path, mode, kind in [
            ("a/one.go", "100644", "blob"),
            ("a/two.go", "100755", "blob"),
            ("a/three.md", "100644", "blob"),
            ("a/link.go", "120000", "blob"),
            ("a/sub.go", "160000", "commit"),
            ("a/b/four.go", "100644", "blob"),
            ("top.go", "100644", "blob"),
            ("Makefile", "100644", "blob"),
        ]
    )
    assert prefetch.neighbours(tree, "a/one.go") == ["a/two.go"]
    assert prefetch.neighbours(tree, "top.go") == []
