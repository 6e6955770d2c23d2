"""What is known, and whom it may be told: all that the library keeps in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.source.model import Repository
from proxy.source.refs import is_full_sha
from proxy.source.tree import LINK, SUBMODULE

if TYPE_CHECKING:
    from proxy.cache import Cache, NamedCache
    from proxy.config.model import Cache as Settings
    from proxy.github.client import Blob, Commit, Look
    from proxy.library.viewer import Viewer
    from proxy.source.model import Snapshot
    from proxy.source.tree import TreeIndex

_PUBLIC = b""
"""Stands in the place of a viewer's key for everybody."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the content of a path is; ``settled`` once it is known not to be a symbolic link."""

    path: str
    oid: str
    settled: bool


class Unknown:
    """Marks what is not known, where ``None`` is known to be absent."""


UNKNOWN = Unknown()


class Knowledge:
    """Everything that was learned of repositories.

    Args:
        cache: where it is kept.
        settings: how long what can move is believed.
    """

    def __init__(self, cache: Cache, settings: Settings) -> None:
        self._settings = settings
        self._access: NamedCache[tuple[bytes, str], Repository | None] = cache.named("access")
        self._refs: NamedCache[tuple[str, str], str | None] = cache.named("refs")
        self._commits: NamedCache[tuple[str, str], Commit] = cache.named("commits")
        self._places: NamedCache[tuple[str, str, str], Place | None] = cache.named("paths")
        self._blobs: NamedCache[str, bytes] = cache.named("blobs", sizer=len)
        self._trees: NamedCache[tuple[str, str], TreeIndex | None] = cache.named("trees")

    # Who may be told

    def visible(self, viewer: Viewer, repository: Repository) -> Repository | Unknown | None:
        """The repository as GitHub names it, ``None`` when it showed none to the viewer, or not known."""
        name = identity(repository)
        public = self._access.get((_PUBLIC, name), UNKNOWN)
        if isinstance(public, Repository):
            return public
        return self._access.get((viewer.key, name), UNKNOWN)

    def is_private(self, viewer: Viewer, repository: Repository) -> bool:
        """Whether the viewer is known to see a repository that is not public."""
        name = identity(repository)
        return not isinstance(self._access.get((_PUBLIC, name)), Repository) and isinstance(
            self._access.get((viewer.key, name)), Repository
        )

    def shown(self, viewer: Viewer, asked: Repository, look: Look | None) -> None:
        """Remember what GitHub let this viewer see; what was public and no longer is, is forgotten."""
        names = {identity(asked)} | ({identity(look.repository)} if look else set())
        whose = viewer.key if look is None or look.private else _PUBLIC
        ttl = self._settings.missing_ttl if look is None else self._settings.access_ttl
        for name in names:
            if whose != _PUBLIC:
                self._access.forget((_PUBLIC, name))
            self._access.put((whose, name), look.repository if look else None, ttl=ttl)

    # Refs and commits

    def sha(self, repository: Repository, ref: str) -> str | Unknown | None:
        """The commit that a ref points to."""
        return self._refs.get((identity(repository), ref), UNKNOWN)

    def commit(self, repository: Repository, ref: str) -> Commit | Unknown | None:
        """The same with all that is to be told of it."""
        sha = self.sha(repository, ref)
        if sha is None or isinstance(sha, Unknown):
            return sha
        return self._commits.get((identity(repository), sha), UNKNOWN)

    def keep_commit(self, repository: Repository, ref: str, commit: Commit | None) -> None:
        """Remember what a ref points to, or that it is not there."""
        name = identity(repository)
        if commit is None:
            self._refs.put((name, ref), None, ttl=self._settings.missing_ttl)
            return
        self._refs.put((name, ref), commit.sha, ttl=None if is_full_sha(ref) else self._settings.ref_ttl)
        self._commits.put((name, commit.sha), commit)

    # Files

    def place(self, snapshot: Snapshot, path: str) -> Place | Unknown | None:
        """Where a file is, from an answer about it or from the tree."""
        place = self._places.get((*_version(snapshot), path), UNKNOWN)
        if not isinstance(place, Unknown):
            return place
        tree = self._trees.get(_version(snapshot))
        return UNKNOWN if tree is None else _place_in(tree, path)

    def keep_place(self, snapshot: Snapshot, path: str, place: Place | None) -> None:
        """Remember where a file is, or that it is not there."""
        self._places.put((*_version(snapshot), path), place)

    def content(self, oid: str) -> bytes | None:
        """The bytes of a blob, for those who may see a place where it is."""
        return self._blobs.get(oid)

    def keep_content(self, oid: str, content: bytes) -> None:
        """Remember the bytes of a blob."""
        self._blobs.put(oid, content, size=len(content))

    def tree(self, snapshot: Snapshot) -> TreeIndex | Unknown | None:
        """The tree of a snapshot; ``None``: GitHub cuts it short."""
        return self._trees.get(_version(snapshot), UNKNOWN)

    def keep_tree(self, snapshot: Snapshot, tree: TreeIndex | None) -> None:
        """Remember a tree, or that it is cut short."""
        self._trees.put(_version(snapshot), tree, size=tree.size if tree is not None else 0)

    def keep_look(self, look: Look, ref: str, snapshot: Snapshot | None) -> None:
        """Remember all that a look showed; the snapshot is that of its commit."""
        self.keep_commit(look.repository, ref, look.commit)
        if snapshot is None:
            return
        for path, blob in look.blobs.items():
            self.keep_place(snapshot, path, place_of(path, blob) if blob is not None else None)
            if blob is not None and blob.content is not None:
                self.keep_content(blob.oid, blob.content)


def place_of(path: str, blob: Blob) -> Place:
    """Where the content of a file that a look showed is."""
    return Place(path, blob.oid, settled=not blob.maybe_link)


def identity(repository: Repository) -> str:
    """GitHub takes names in any case, so one repository has one key."""
    return f"{repository.owner}/{repository.name}".lower()


def _version(snapshot: Snapshot) -> tuple[str, str]:
    return identity(snapshot.repository), snapshot.commit


def _place_in(tree: TreeIndex, path: str) -> Place | Unknown | None:
    """Where the tree says that a file is; behind a link or a submodule it does not say."""
    mode, oid = tree.mode_of(path), tree.oid_of(path)
    if mode is None or oid is None:
        return None if tree.resolve_link(path) is None else UNKNOWN
    if mode == SUBMODULE:
        return None
    return Place(path, oid, settled=mode != LINK)
