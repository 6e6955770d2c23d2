from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from proxy.demo.github.gitstore import GitStore
from tests.demo.github.gitstore.samples import object_ids
from tests.fakes.github import GitRepository

if TYPE_CHECKING:
    from pathlib import Path

_REVISIONS = [
    "HEAD",
    "@",
    "main",
    "heads/main",
    "refs/heads/main",
    "feature/slash",
    "heads/feature/slash",
    "v0.1",
    "v1.0",
    "tags/v1.0",
    "refs/tags/v1.0",
    "v1.0^{commit}",
    "v1.0^{}",
    "v1.0-again",
    "v1.0-again^{commit}",
    "v1.0-again^{tag}",
    "v1.0^{tree}",
    "main^{tree}",
    "main~3",
    "main~12^2",
    "main~12^2~2",
    "main^",
    "main^^",
    "main^0",
    "main~0",
    "v1.0~1",
    "main:",
    "main:README.md",
    "main:src",
    "main:src/",
    "main:src/deep/down/here.py",
    "main:link",
    "main:Straße/日本 語.txt",
    "v1.0:bin/run",
    "v1.0-again:binary.dat",
    "v0.1^{tree}:src/long.txt",
    "feature/slash:feature.txt",
    "main:vendor/lib",
]
_NO_REVISIONS = [
    "",
    ":",
    ":README.md",
    "nothing",
    "heads",
    "refs/heads",
    "refs/heads/nothing",
    "main:nothing",
    "main:/README.md",
    "main:src//long.txt",
    "main:README.md/",
    "main:README.md/x",
    "main^3",
    "main~999",
    "main^{blob}",
    "main^{nonsense}",
    "main~x",
    "v0.1^{tag}",
    "../main",
    "refs/heads/../heads/main",
    "refs//heads/main",
    "\0",
    "main\0",
    "config",
    "packed-refs",
    "f" * 40,
    "f" * 39,
    "abc",
    "main..feature/slash",
    "^main",
    "-x",
    "main:src/\0",
]


@pytest.mark.parametrize("revision", _REVISIONS)
def test_revision_is_what_git_parses(revision: str, sample: tuple[GitRepository, GitStore]) -> None:
    repository, store = sample
    assert store.resolve(revision) == repository.sha(revision)


def test_no_revision(sample: tuple[GitRepository, GitStore]) -> None:
    _, store = sample
    assert [text for text in _NO_REVISIONS if store.resolve(text) is not None] == []


def test_shas_long_and_short(sample: tuple[GitRepository, GitStore]) -> None:
    repository, store = sample
    for oid, _ in object_ids(repository):
        assert store.resolve(oid) == oid
        assert store.resolve(oid.upper()) == oid
        short = repository.git("rev-parse", "--short=4", oid)
        assert store.resolve(short) == oid
        assert store.resolve(oid[:12]) == oid
        assert store.resolve(oid[:3]) is None


def test_short_sha_of_several_objects(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "work")
    commit = repository.commit({"a": "a"}, "A")
    repository.pack()
    known: dict[str, str] = {}
    twins = None
    for number in range(2_000):
        oid = _blob_id(f"{number}".encode())
        if oid[:4] in known and oid[:4] != commit[:4]:
            twins = (known[oid[:4]], f"{number}")
            break
        known[oid[:4]] = f"{number}"
    assert twins is not None
    oids = [repository.git("hash-object", "-w", "--stdin", stdin=twin.encode()) for twin in twins]
    store = GitStore(repository.path)
    assert oids[0][:4] == oids[1][:4]
    assert store.resolve(oids[0][:4]) is None
    assert [store.resolve(oid[:20]) for oid in oids] == oids
    store.close()


def _blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
