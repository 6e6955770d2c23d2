"""The objects and refs of a repository folder, bare or not, read without git."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.demo.github.gitstore.database import ObjectDatabase
from proxy.demo.github.gitstore.errors import GitError
from proxy.demo.github.gitstore.modules import submodules
from proxy.demo.github.gitstore.objects import (
    BLOB,
    COMMIT,
    MODE_DIRECTORY,
    TAG,
    TREE,
    Commit,
    RawObject,
    Tag,
    TreeEntry,
    parse_commit,
    parse_tag,
    parse_tree,
)
from proxy.demo.github.gitstore.refs import HEADS, Refs

if TYPE_CHECKING:
    from collections.abc import Iterator

_CACHE_SIZE = 32 * 1024 * 1024
_UNREAD = re.compile(r"(?i)objectformat\s*=\s*sha256|refstorage\s*=\s*reftable")


class Reader:
    """The objects and refs of the repository at ``path`` (its top level, or the bare folder).

    Raises:
        GitError: there is no repository, or it is stored in a way that is not read here
            (SHA-256 object names, reftable).
    """

    def __init__(self, path: Path, *, cache_size: int = _CACHE_SIZE) -> None:
        folder = _git_folder(path)
        self.refs = Refs(folder)
        self._objects = ObjectDatabase(folder / "objects", cache_size=cache_size)

    def close(self) -> None:
        """Let go of open files."""
        self._objects.close()

    @property
    def default_branch(self) -> str:
        """The branch that ``HEAD`` points to, which need not have commits; ``main`` when detached."""
        head = self.refs.head()
        return head.removeprefix(HEADS) if head else "main"

    @property
    def is_empty(self) -> bool:
        """Whether there are no commits yet."""
        return not self.refs.all() and self.refs.get("HEAD") is None

    def has(self, oid: str) -> bool:
        """Whether the object is there."""
        return oid in self._objects

    def raw(self, oid: str) -> RawObject:
        """The object as it is stored.

        Raises:
            MissingObjectError: it is not there.
        """
        return self._objects.read(oid)

    def with_prefix(self, prefix: str) -> set[str]:
        """The ids that begin with at least 4 hexadecimal digits."""
        return self._objects.with_prefix(prefix)

    def commit(self, oid: str) -> Commit:
        """The commit ``oid``.

        Raises:
            GitError: there is no such commit.
        """
        return parse_commit(oid, self._data(oid, COMMIT))

    def tag(self, oid: str) -> Tag:
        """The annotated tag ``oid``.

        Raises:
            GitError: there is no such tag.
        """
        return parse_tag(oid, self._data(oid, TAG))

    def tree(self, oid: str) -> list[TreeEntry]:
        """What is in the directory ``oid``.

        Raises:
            GitError: there is no such tree.
        """
        return parse_tree(self._data(oid, TREE))

    def blob(self, oid: str) -> bytes:
        """The content ``oid``.

        Raises:
            GitError: there is no such blob.
        """
        return self._data(oid, BLOB)

    def entry(self, tree: str, path: str) -> TreeEntry | None:
        """What is at ``path`` below a tree; links are not followed. ``None`` when there is nothing."""
        entry = TreeEntry("", MODE_DIRECTORY, tree)
        for part in path.split("/"):
            if entry.kind != TREE:
                return None
            found = next((child for child in self.tree(entry.oid) if child.name == part), None)
            if found is None:
                return None
            entry = found
        return entry

    def walk(self, tree: str, prefix: str = "") -> Iterator[tuple[str, TreeEntry]]:
        """Everything below a tree with its path, directories before what is in them."""
        for entry in self.tree(tree):
            path = prefix + entry.name
            yield path, entry
            if entry.kind == TREE:
                yield from self.walk(entry.oid, path + "/")

    def submodules(self, tree: str) -> dict[str, dict[str, str]]:
        """What ``.gitmodules`` at the root of a tree says, by path."""
        entry = self.entry(tree, ".gitmodules")
        if entry is None or entry.kind != BLOB:
            return {}
        return submodules(self.blob(entry.oid).decode("utf-8", "replace"))

    def _data(self, oid: str, kind: str) -> bytes:
        raw = self.raw(oid)
        if raw.kind != kind:
            raise GitError(f"object {oid} is a {raw.kind}, not a {kind}")
        return raw.data


def _git_folder(path: Path) -> Path:
    folder = path
    pointer = path / ".git"
    if pointer.is_dir():
        folder = pointer
    elif pointer.is_file():
        # A submodule's checkout: its repository is kept elsewhere.
        folder = path / Path(pointer.read_text("utf-8").strip().removeprefix("gitdir: "))
    if not (folder / "objects").is_dir() or not (folder / "HEAD").is_file():
        raise GitError(f"{path} is not a git repository")
    settings = (
        (folder / "config").read_text("utf-8", "replace").lower() if (folder / "config").is_file() else ""
    )
    if "sha256" in settings or "reftable" in settings:
        raise GitError(f"{path} uses SHA-256 or reftable, which are not read here")
    return folder
