"""How many calls it takes, and which of them somebody waits for."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from proxy.errors import RpcError
from proxy.source.model import Absent, File, Repository, Snapshot
from tests.fakes.github import GitRepository
from tests.library.conftest import SECRET, Shelf

if TYPE_CHECKING:
    from pathlib import Path

    from proxy.library import Viewer

GRAPHQL = "graphql"
TREE = "/repos/{owner}/{repo}/git/trees/{tree_sha}"
BLOB = "/repos/{owner}/{repo}/git/blobs/{file_sha}"
MANY = Repository("acme", "many")
FILES = 30


@pytest.fixture
def made(tmp_path: Path) -> GitRepository:
    return GitRepository(tmp_path / "many")


@pytest.fixture
def many(shelf: Shelf, made: GitRepository) -> str:
    """Thirty files where only the tree can find them; the SHA of their commit."""
    sha = made.commit({f"hidden/place/f{number}.go": f"package f{number}\n" for number in range(FILES)})
    shelf.github.add_repository("acme", "many", made.path)
    return sha


async def search(shelf: Shelf, viewer: Viewer, ref: str, number: int) -> File:
    """What a resolution asks whose guesses are wrong: the guesses, the tree, the file."""
    name = f"f{number}.go"
    guesses = [f"guess{guess}/{name}" for guess in range(20)]
    opened = await shelf.library.open(viewer, MANY, ref, guesses, tree=True)
    assert isinstance(opened, Snapshot)
    for position, guess in enumerate(guesses):
        assert await shelf.library.read(viewer, opened, guess, guesses[position:]) is None
    tree = await shelf.library.tree(viewer, opened)
    assert tree is not None
    (path,) = tree.ending_with(name)
    file = await shelf.library.read(viewer, opened, path, [])
    assert file is not None
    assert file.content == f"package f{number}\n".encode()
    return file


@pytest.mark.parametrize("ref", ["SHA", "short SHA", "HEAD", "main", "team/release", "v1", "annotated"])
async def test_the_tree_is_fetched_beside_the_first_look(
    shelf: Shelf, ada: Viewer, many: str, made: GitRepository, ref: str
) -> None:
    made.git("branch", "team/release")
    made.git("tag", "v1")
    made.git("tag", "-a", "-m", "One", "annotated")
    ref = {"SHA": many, "short SHA": many[:10]}.get(ref, ref)
    held = shelf.github.fail_next(route=GRAPHQL, hold=asyncio.Event())
    fetched = shelf.github.fail_next(route=TREE)
    searching = asyncio.create_task(search(shelf, ada, ref, 0))
    await held.reached.wait()
    await fetched.reached.wait()
    assert held.hold is not None
    held.hold.set()
    await searching
    # Two after each other: the look with the tree beside it, and the file.
    assert sorted(shelf.asked()) == sorted([GRAPHQL, TREE, BLOB])


async def test_thirty_files_one_after_the_other(shelf: Shelf, ada: Viewer, many: str) -> None:
    for number in range(FILES):
        await search(shelf, ada, many, number)
    assert len(shelf.asked()) <= FILES + 2
    for number in range(FILES):
        await search(shelf, ada, many, number)
    assert shelf.asked() == []


async def test_thirty_files_at_once(shelf: Shelf, ada: Viewer, many: str) -> None:
    await asyncio.gather(*(search(shelf, ada, many, number) for number in range(FILES)))
    asked = shelf.asked()
    assert len(asked) <= FILES + 2
    assert asked.count(TREE) == 1


async def test_thirty_files_at_once_of_a_branch(shelf: Shelf, ada: Viewer, many: str) -> None:
    assert many
    await asyncio.gather(*(search(shelf, ada, "main", number) for number in range(FILES)))
    assert len(shelf.asked()) <= FILES + 2


async def test_people_asking_for_the_same_cost_what_one_costs(shelf: Shelf, many: str) -> None:
    people = [shelf.viewer(f"person-{number % 20}") for number in range(100)]
    await asyncio.gather(*(search(shelf, person, many, 0) for person in people))
    assert sorted(shelf.asked()) == sorted([GRAPHQL, TREE, BLOB])


async def test_below_the_reserve_no_tree_is_fetched_ahead(shelf: Shelf, ada: Viewer, many: str) -> None:
    await shelf.open(ada)
    shelf.github.set_remaining("ada", "core", 99)
    # What is left is known from the next answer.
    await shelf.library.read(ada, await shelf.open(ada), "big.txt", [])
    shelf.asked()
    opened = await shelf.library.open(ada, MANY, many, ["a.go"], tree=True)
    assert isinstance(opened, Snapshot)
    assert shelf.asked() == [GRAPHQL]
    # A person who waits for it has it fetched.
    assert await shelf.library.tree(ada, opened)
    assert shelf.asked() == [TREE]


async def test_a_tree_fetched_ahead_is_no_way_around_access(shelf: Shelf, ada: Viewer, bob: Viewer) -> None:
    sha = shelf.repository.sha()
    opened = await shelf.library.open(ada, SECRET, sha, [], tree=True)
    assert isinstance(opened, Snapshot)
    assert await shelf.library.tree(ada, opened)
    assert await shelf.library.open(bob, SECRET, sha, [], tree=True) is Absent.REPOSITORY
    shelf.asked()
    # Bob's answer tells neither by its calls nor otherwise that the commit is known.
    assert await shelf.library.open(bob, Repository("acme", "gone"), sha, [], tree=True) is Absent.REPOSITORY


async def test_a_tree_that_fails_ahead_is_asked_for_again(shelf: Shelf, ada: Viewer, many: str) -> None:
    failing = shelf.github.fail_next(route=TREE, status=403, body=b'{"message":"no"}')
    opened = await shelf.library.open(ada, MANY, many, [], tree=True)
    assert isinstance(opened, Snapshot)
    await failing.reached.wait()
    assert await shelf.library.tree(ada, opened)


@pytest.mark.parametrize("told", ["commit", "tree"])
async def test_a_tree_by_a_branch_is_believed_by_its_own_id_or_its_commits(
    shelf: Shelf, ada: Viewer, many: str, made: GitRepository, told: str
) -> None:
    sha = many if told == "commit" else made.git("rev-parse", "main^{tree}")
    body = json.dumps({"sha": sha, "tree": [], "truncated": False}).encode()
    shelf.github.fail_next(route=TREE, status=200, body=body)
    opened = await shelf.library.open(ada, MANY, "main", [], tree=True)
    assert isinstance(opened, Snapshot)
    tree = await shelf.library.tree(ada, opened)
    assert tree is not None
    assert len(tree) == 0
    assert sorted(shelf.asked()) == sorted([GRAPHQL, TREE])


async def test_a_branch_that_moved_meanwhile_has_its_tree_asked_again(
    shelf: Shelf, ada: Viewer, many: str, made: GitRepository
) -> None:
    held = shelf.github.fail_next(route=GRAPHQL, hold=asyncio.Event())
    opening = asyncio.create_task(shelf.library.open(ada, MANY, "main", [], tree=True))
    await held.reached.wait()
    # What was the branch's tree is answered; then the branch moves, before the look is.
    ahead = [task for task in asyncio.all_tasks() if task.get_name() == "tree ahead"]
    await asyncio.wait(ahead)
    moved = made.commit({"moved.go": "package moved\n"})
    assert held.hold is not None
    held.hold.set()
    opened = await opening
    assert isinstance(opened, Snapshot)
    assert opened.commit == moved != many
    tree = await shelf.library.tree(ada, opened)
    assert tree is not None
    assert tree.contains("moved.go")
    assert shelf.asked().count(TREE) == 2


async def test_a_branch_that_is_not_there_has_no_tree(shelf: Shelf, ada: Viewer, many: str) -> None:
    assert many
    assert await shelf.library.open(ada, MANY, "gone", [], tree=True) is Absent.REF
    assert await shelf.library.open(ada, MANY, "gone", [], tree=True) is Absent.REF
    assert shelf.asked().count(GRAPHQL) == 1


async def test_closing_ends_what_is_fetched_ahead(shelf: Shelf, ada: Viewer, many: str) -> None:
    held = shelf.github.fail_next(route=TREE, hold=asyncio.Event())
    await shelf.library.open(ada, MANY, many, [], tree=True)
    await held.reached.wait()
    await shelf.library.aclose()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "tree ahead"]
    assert held.hold is not None
    held.hold.set()


async def test_content_that_is_not_what_was_asked_for_is_not_kept(shelf: Shelf, ada: Viewer) -> None:
    opened = await shelf.open(ada)
    shelf.github.fail_next(route=BLOB, status=200, body=b"package evil\n")
    with pytest.raises(RpcError):
        await shelf.library.read(ada, opened, "big.txt", [])
    file = await shelf.library.read(ada, opened, "big.txt", [])
    assert file is not None
    assert file.content == b"x" * 600_000
