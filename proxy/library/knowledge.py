"""What is known of repositories, each under what it is and not under its name (``Proof.identity``).

Whoever reads here has seen to it that the viewer may be told (``access``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.library.codecs import BLOBS, COMMITS, PLACES, REFS, TREES
from proxy.library.place import Place, place_in, place_of
from proxy.library.unknown import UNKNOWN, Unknown
from proxy.source.refs import is_full_sha

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.cache import Cache, NamedCache
    from proxy.config.model import Cache as Settings
    from proxy.github.client import Blob, Commit
    from proxy.source.model import Snapshot
    from proxy.source.tree import TreeIndex

STALE_FOR = 3600.0
"""Seconds after ``ref_ttl`` for which a ref's last known commit is told while GitHub does not answer."""
_TO_ASK_ANEW_FOR = 3600.0


class Knowledge:
    """Everything that was learned of repositories.

    Args:
        cache: where it is kept.
        settings: how long what can move is believed.
    """

    def __init__(self, cache: Cache, settings: Settings) -> None:
        self._settings = settings
        self._refs: NamedCache[tuple[str, str], str | None] = cache.named("refs", codec=REFS)
        self._commits: NamedCache[tuple[str, str], Commit] = cache.named("commits", codec=COMMITS)
        self._places: NamedCache[tuple[str, str, str], Place | None] = cache.named("paths", codec=PLACES)
        self._blobs: NamedCache[str, bytes] = cache.named("blobs", sizer=len, codec=BLOBS)
        self._trees: NamedCache[tuple[str, str], TreeIndex | None] = cache.named("trees", codec=TREES)
        # By viewer: an ETag is of the answer to one token.
        self._etags: NamedCache[tuple[bytes, str, str], tuple[str, str]] = cache.named("etags")

    # Refs and commits

    async def sha(self, identity: str, ref: str) -> str | Unknown | None:
        """The commit that a ref points to; ``None``: there is no such ref."""
        return await self._refs.find((identity, ref), UNKNOWN)

    def sha_here(self, identity: str, ref: str) -> str | None:
        """The commit that a ref points to, as far as this replica knows."""
        return self._refs.peek((identity, ref))

    def last_sha(self, identity: str, ref: str) -> str | None:
        """The commit that a ref pointed to when it was asked last; counts as ``stale``."""
        return self._refs.get_stale((identity, ref))

    async def commit(self, identity: str, ref: str) -> Commit | Unknown | None:
        """The commit that a ref points to, with all that is to be told of it."""
        sha = await self.sha(identity, ref)
        return sha if sha is None or isinstance(sha, Unknown) else await self.details(identity, sha)

    async def details(self, identity: str, sha: str) -> Commit | Unknown:
        """All that is to be told of a commit."""
        found = await self._commits.find((identity, sha))
        return UNKNOWN if found is None else found

    def keep_commit(self, identity: str, ref: str, commit: Commit | None) -> None:
        """Remember what a ref points to, or that it is not there."""
        if commit is None:
            self._refs.put((identity, ref), None, ttl=self._settings.missing_ttl)
            return
        self._keep_sha(identity, ref, commit.sha)
        self._commits.put((identity, commit.sha), commit)

    def keep_unmoved(self, identity: str, ref: str, sha: str) -> None:
        """Remember that a ref still points where it did."""
        self._keep_sha(identity, ref, sha)

    def _keep_sha(self, identity: str, ref: str, sha: str) -> None:
        # A branch or a tag may have a name that looks like a commit's: only what is its own name stays.
        if is_full_sha(ref) and ref == sha:
            self._refs.put((identity, ref), sha)
        else:
            self._refs.put((identity, ref), sha, ttl=self._settings.ref_ttl, grace=STALE_FOR)

    def etag(self, key: bytes, identity: str, ref: str) -> tuple[str, str] | None:
        """The commit that a viewer was last told of a ref, and the ``ETag`` of that answer."""
        return self._etags.get_stale((key, identity, ref))

    def keep_etag(self, key: bytes, identity: str, ref: str, told: tuple[str, str] | None) -> None:
        """Remember what a viewer was told of a ref that can move, or forget it."""
        if told is None:
            self._etags.forget((key, identity, ref))
            return
        sha, etag = told
        last = self._etags.get_stale((key, identity, ref))
        if not etag and last is not None and last[0] == sha:
            told = last
        if ref != sha:
            self._etags.put((key, identity, ref), told, ttl=_TO_ASK_ANEW_FOR)

    # Files

    async def place(self, snapshot: Snapshot, path: str) -> Place | Unknown | None:
        """Where a file is, from an answer about it or from the tree."""
        place = self.place_here(snapshot, path)
        if isinstance(place, Unknown):
            place = await self._places.find((*version_of(snapshot), path), UNKNOWN)
        if isinstance(place, Unknown):
            tree = await self._trees.find(version_of(snapshot))
            return UNKNOWN if tree is None else place_in(tree, path)
        return place

    def place_here(self, snapshot: Snapshot, path: str) -> Place | Unknown | None:
        """The same, as far as this replica knows."""
        version = version_of(snapshot)
        place = self._places.get_stale((*version, path), UNKNOWN)
        if not isinstance(place, Unknown):
            return place
        tree = self._trees.get_stale(version)
        return UNKNOWN if tree is None else place_in(tree, path)

    def keep_place(self, snapshot: Snapshot, path: str, place: Place | None) -> None:
        """Remember where a file is, or that it is not there."""
        self._places.put((*version_of(snapshot), path), place)

    async def content(self, oid: str) -> bytes | None:
        """The bytes of a blob, for those who may see a place where it is."""
        return await self._blobs.find(oid)

    def keep_content(self, oid: str, content: bytes) -> None:
        """Remember the bytes of a blob."""
        self._blobs.put(oid, content, size=len(content))

    async def tree(self, snapshot: Snapshot) -> TreeIndex | Unknown | None:
        """The tree of a snapshot; ``None``: GitHub cuts it short."""
        return await self._trees.find(version_of(snapshot), UNKNOWN)

    def has_tree(self, snapshot: Snapshot) -> bool:
        """Whether this replica knows the tree of a snapshot, or that it is cut short."""
        return not isinstance(self._trees.get_stale(version_of(snapshot), UNKNOWN), Unknown)

    def keep_tree(self, snapshot: Snapshot, tree: TreeIndex | None) -> None:
        """Remember a tree, or that it is cut short."""
        self._trees.put(version_of(snapshot), tree, size=tree.size if tree is not None else 0)

    def keep_blobs(self, snapshot: Snapshot, blobs: Mapping[str, Blob | None]) -> None:
        """Remember the files that a look showed at a snapshot's commit."""
        for path, blob in blobs.items():
            self.keep_place(snapshot, path, place_of(path, blob) if blob is not None else None)
            if blob is not None and blob.content is not None:
                self.keep_content(blob.oid, blob.content)


def version_of(snapshot: Snapshot) -> tuple[str, str]:
    """Under which the files of a snapshot are kept."""
    return snapshot.identity, snapshot.commit
