from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from proxy.demo.github.gitstore import GitError, GitStore, MissingObjectError
from proxy.demo.github.gitstore.objects import parse_commit
from tests.demo.github.gitstore.samples import ELSEWHERE, full_repository, object_ids
from tests.fakes.github import GitRepository
from tests.fakes.programs import path_of

if TYPE_CHECKING:
    from pathlib import Path


def test_every_object_is_what_git_says(sample: tuple[GitRepository, GitStore]) -> None:
    repository, store = sample
    objects = object_ids(repository)
    assert {kind for _, kind in objects} == {"commit", "tree", "blob", "tag"}
    for oid, kind in objects:
        raw = store.raw(oid)
        assert raw.kind == kind
        assert raw.data == repository.git_bytes("cat-file", kind, oid)


def test_trees_are_what_git_lists(sample: tuple[GitRepository, GitStore]) -> None:
    repository, store = sample
    for revision in ("main", "v0.1", "feature/slash"):
        tree = store.resolve_to(revision, "tree")
        assert tree is not None
        walked = [f"{e.mode:06o} {e.kind} {e.oid}\t{path}" for path, e in store.walk(tree)]
        listed = repository.git("ls-tree", "-r", "-t", "-z", revision).rstrip("\0").split("\0")
        assert walked == listed


def test_refs_are_what_git_shows(sample: tuple[GitRepository, GitStore]) -> None:
    repository, store = sample
    lines = repository.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    expected = dict(line.split() for line in lines)
    assert len(expected) >= 6
    assert {name: oid for name, oid in store.refs.all().items() if "remotes" not in name} == expected
    assert store.default_branch == "main"
    assert not store.is_empty


def test_commit_and_tag_are_read(sample: tuple[GitRepository, GitStore]) -> None:
    repository, store = sample
    oid = store.resolve("feature/slash")
    assert oid is not None
    commit = store.commit(oid)
    shown = repository.git("show", "-s", "--format=%T %P%n%an%n%ae%n%aI%n%cn%n%cI%n%B", oid).splitlines()
    assert f"{commit.tree} {' '.join(commit.parents)}" == shown[0]
    assert [commit.author.name, commit.author.email] == shown[1:3]
    assert commit.author.when.isoformat() == shown[3]
    assert [commit.committer.name, commit.committer.when.isoformat()] == shown[4:6]
    assert commit.message == "Feature\n\nWith a body.\n"
    assert commit.author.name == "José"
    tag_oid = store.resolve("v1.0-again")
    assert tag_oid is not None
    tag = store.tag(tag_oid)
    assert (tag.name, tag.target_kind, tag.target) == ("v1.0-again", "tag", store.resolve("v1.0"))
    assert tag.message == "A tag of a tag\n"
    assert tag.tagger is not None
    assert tag.tagger.name == "Ada Lovelace"


def test_submodules(sample: tuple[GitRepository, GitStore]) -> None:
    _, store = sample
    tree = store.resolve("main^{tree}")
    assert tree is not None
    module = store.submodules(tree)["vendor/lib"]
    assert module["url"] == "https://github.com/acme/lib.git"
    entry = store.entry(tree, "vendor/lib")
    assert entry is not None
    assert (entry.kind, entry.oid, entry.mode) == ("commit", ELSEWHERE, 0o160000)
    old = store.resolve("v0.1^{tree}")
    assert old is not None
    assert store.submodules(old) == {}


def test_wrong_kind_and_missing(sample: tuple[GitRepository, GitStore]) -> None:
    _, store = sample
    blob, commit = store.resolve("main:README.md"), store.resolve("main")
    assert blob is not None
    assert commit is not None
    for read in (store.commit, store.tree, store.tag):
        with pytest.raises(GitError, match="is a blob"):
            read(blob)
    with pytest.raises(GitError, match="is a commit"):
        store.blob(commit)
    with pytest.raises(MissingObjectError) as missing:
        store.raw("0" * 40)
    assert missing.value.oid == "0" * 40


def test_repository_that_changes_while_it_is_open(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "work")
    store = GitStore(repository.path)
    assert store.is_empty
    assert store.resolve("HEAD") is None
    assert store.default_branch == "main"
    first = repository.commit({"a": "1"}, "One")
    assert store.resolve("main") == first
    repository.pack()
    second = repository.commit({"a": "2"}, "Two")
    assert store.resolve("main~1") == first
    repository.pack()
    assert store.resolve(second[:10]) == second
    assert store.resolve("main:a") == repository.sha("main:a")
    repository.git("checkout", "-q", "--detach")
    assert store.default_branch == "main"
    assert store.resolve("HEAD") == second
    store.close()


def test_a_small_cache_forgets_but_never_errs(tmp_path: Path) -> None:
    repository = full_repository(tmp_path / "work")
    repository.pack()
    store = GitStore(repository.path, cache_size=2_000)
    for _ in range(2):
        for oid, kind in object_ids(repository):
            assert store.raw(oid).kind == kind
    store.close()


def test_folder_of_a_submodule_checkout(tmp_path: Path) -> None:
    repository = full_repository(tmp_path / "work")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / ".git").write_text("gitdir: ../work/.git\n")
    store = GitStore(checkout)
    assert store.resolve("main") == repository.sha("main")
    store.close()


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is not a git repository"):
        GitStore(tmp_path)


def test_sha256_is_refused(tmp_path: Path) -> None:
    command = [path_of("git"), "init", "-q", "--object-format=sha256", str(tmp_path)]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(GitError, match="SHA-256"):
        GitStore(tmp_path)


def test_damaged_loose_object(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "work")
    repository.commit({"a": "1"}, "One")
    oid = repository.sha("HEAD:a")
    path = repository.path / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(b"no zlib")
    store = GitStore(repository.path)
    with pytest.raises(GitError, match="damaged"):
        store.raw(oid)


@pytest.mark.parametrize("suffix", ["idx", "pack"])
def test_damaged_pack(tmp_path: Path, suffix: str) -> None:
    repository = GitRepository(tmp_path / "work")
    commit = repository.commit({"a": "1" * 100}, "One")
    repository.pack()
    (path,) = (repository.path / ".git/objects/pack").glob(f"*.{suffix}")
    path.chmod(0o644)
    path.write_bytes(b"x" * len(path.read_bytes()))
    store = GitStore(repository.path)
    with pytest.raises(GitError):
        store.raw(commit)


def test_commit_without_tree_is_refused() -> None:
    with pytest.raises(GitError, match="has no tree"):
        parse_commit("1" * 40, b"author A <a@b> 1 +0000\n\nx")
