from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from proxy.demo.github.gitstore import GitError, GitStore, MissingObjectError
from proxy.demo.github.gitstore.objects import parse_commit
from tests.demo.github.gitstore.samples import ELSEWHERE, full_repository
from tests.fakes.github import GitRepository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


def _object_ids(repository: GitRepository) -> list[tuple[str, str]]:
    lines = repository.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines]


def test_every_object_is_what_git_says(sample: tuple[GitRepository, GitStore]) -> None:
    repository, store = sample
    objects = _object_ids(repository)
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
    for oid, _ in _object_ids(repository):
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
        oid = repository_blob_id(f"{number}".encode())
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


def repository_blob_id(data: bytes) -> str:
    import hashlib

    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


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
        for oid, kind in _object_ids(repository):
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
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(tmp_path)], check=True, timeout=60)
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
