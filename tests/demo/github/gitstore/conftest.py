from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proxy.demo.github.gitstore import GitStore
from tests.demo.github.gitstore.samples import full_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.github import GitRepository

_WAYS = ("loose", "packed", "mixed", "bare", "ref_deltas", "borrowed")


@pytest.fixture(params=_WAYS, scope="module")
def sample(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[GitRepository, GitStore]]:
    """The same history, stored in every way that git stores one."""
    tmp_path = tmp_path_factory.mktemp("git")
    repository = full_repository(tmp_path / "work")
    path = repository.path
    if request.param == "packed":
        repository.pack()
    elif request.param == "mixed":
        repository.pack()
        repository.branch("later")
        repository.commit({"src/long.txt": "after the pack\n"}, "After")
        repository.git("checkout", "-q", "main")
    elif request.param == "bare":
        path = tmp_path / "bare.git"
        repository.git("clone", "-q", "--bare", ".", str(path))
    elif request.param == "ref_deltas":
        repository.git("-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f")
    elif request.param == "borrowed":
        path = tmp_path / "borrowing.git"
        repository.git("clone", "-q", "--bare", "--shared", ".", str(path))
    store = GitStore(path)
    yield repository, store
    store.close()
