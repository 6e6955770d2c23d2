"""Answers what a repository holds, from what is known or from GitHub."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.cache import Entry
from proxy.errors import Code, RpcError
from proxy.github.client import RemoteFile
from proxy.source.model import Absent, File, Repository, Snapshot
from proxy.source.refs import is_full_sha
from proxy.source.tree import Entry as TreeEntry
from proxy.source.tree import TreeIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.cache import Cache, NamedCache
    from proxy.config.model import Cache as Settings
    from proxy.github.client import Blob, Commit, GitHub, Look, RemoteTree
    from proxy.library.viewer import Viewer


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the content of a path is; ``settled`` once it is known not to be a symbolic link."""

    path: str
    oid: str
    settled: bool


class _Unknown:
    """Marks in look-ups what is not known, where ``None`` is known to be absent."""


_UNKNOWN = _Unknown()


class Library:
    """What is known of repositories, shared by all who may see it.

    Args:
        github: asked for what is not known.
        cache: where it is kept.
        settings: how long what can move is believed.
    """

    def __init__(self, github: GitHub, cache: Cache, settings: Settings) -> None:
        self._github = github
        self._settings = settings
        self._access: NamedCache[tuple[bytes, str], Repository | None] = cache.named("access")
        self._refs: NamedCache[tuple[str, str], str | None] = cache.named("refs")
        self._commits: NamedCache[tuple[str, str], Commit] = cache.named("commits")
        self._places: NamedCache[tuple[str, str, str], _Place | None] = cache.named("paths")
        self._blobs: NamedCache[str, bytes] = cache.named("blobs", sizer=len)
        self._trees: NamedCache[tuple[str, str], TreeIndex | None] = cache.named(
            "trees", sizer=lambda tree: tree.size if tree is not None else 0
        )
        self._looks: NamedCache[tuple[bytes, str, str, tuple[str, ...]], Look | None] = cache.named("looks")
        self._asked_commits: NamedCache[
            tuple[bytes, str, tuple[str, ...]], dict[str, Commit | None] | None
        ] = cache.named("commit_requests")

    # What the resolver asks

    async def open(
        self, viewer: Viewer, repository: Repository, ref: str, wishes: Sequence[str]
    ) -> Snapshot | Absent:
        """Which commit is ``ref`` of ``repository``; see ``source.model.Open``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        known = self._visible(viewer, repository)
        if known is None:
            return Absent.REPOSITORY
        if isinstance(known, Repository):
            commit = self._refs.get((_identity(known), ref), _UNKNOWN)
            if commit is None:
                return Absent.REF
            if isinstance(commit, str):
                return Snapshot(known, ref, commit)
        look = await self._look(viewer, repository, ref, tuple(wishes))
        if look is None:
            return Absent.REPOSITORY
        return Snapshot(look.repository, ref, look.commit.sha) if look.commit else Absent.REF

    async def read(self, viewer: Viewer, snapshot: Snapshot, path: str, wishes: Sequence[str]) -> File | None:
        """What is in a file of a snapshot that was opened for the same viewer; see ``source.model.Read``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        identity = _identity(snapshot.repository)
        place = self._places.get((identity, snapshot.commit, path), _UNKNOWN)
        content: bytes | None = None
        if isinstance(place, _Unknown):
            more = (wish for wish in wishes if not self._knows_place(identity, snapshot.commit, wish))
            look = await self._look(viewer, snapshot.repository, snapshot.commit, (path, *more))
            # What was just seen is taken from the answer: a full cache may not have kept it.
            blob = look.blobs.get(path) if look is not None else None
            place = _place(path, blob) if blob is not None else None
            content = blob.content if blob is not None else None
        if place is None:
            return None
        return await self._file(viewer, snapshot, path, place, content)

    async def tree(self, viewer: Viewer, snapshot: Snapshot) -> TreeIndex | None:
        """All of a snapshot that was opened for the same viewer; see ``source.model.Tree``.

        Raises:
            RpcError: whatever GitHub answers.
        """

        async def load() -> Entry[TreeIndex | None]:
            tree = await self._github.tree(viewer.token, snapshot.repository, snapshot.commit)
            if tree is None or tree.truncated:
                return Entry(None)
            return Entry(await asyncio.to_thread(_index, tree))

        return await self._trees.fetch((_identity(snapshot.repository), snapshot.commit), load)

    async def link(self, viewer: Viewer, snapshot: Snapshot, oid: str) -> str | None:
        """Where a symbolic link of a snapshot points; see ``source.model.Link``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """

        async def load() -> Entry[bytes]:
            content = await self._github.read_blob(viewer.token, snapshot.repository, oid)
            return Entry(content or b"", size=len(content or b""), ttl=None if content else 0)

        target = await self._blobs.fetch(oid, load)
        try:
            return target.decode("utf-8") or None
        except UnicodeDecodeError:
            return None

    async def commits(
        self, viewer: Viewer, repository: Repository, refs: Sequence[str]
    ) -> dict[str, Commit | None] | None:
        """The commit of each ref, as given, else as a branch, else as a tag; ``None``: no such repository.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        known = self._visible(viewer, repository)
        if known is None:
            return None
        found: dict[str, Commit | None] = {}
        if isinstance(known, Repository):
            for ref in refs:
                commit = self._known_commit(known, ref)
                if not isinstance(commit, _Unknown):
                    found[ref] = commit
        missing = tuple(ref for ref in dict.fromkeys(refs) if ref not in found)
        if missing:
            asked = await self._ask_commits(viewer, repository, missing)
            if asked is None:
                return None
            found.update(asked)
        return found

    # Who may be told

    def _visible(self, viewer: Viewer, repository: Repository) -> Repository | _Unknown | None:
        """The repository as GitHub names it, ``None`` when it showed none, or not known."""
        name = _identity(repository)
        public = self._access.get((b"", name), _UNKNOWN)
        if isinstance(public, Repository):
            return public
        return self._access.get((viewer.key, name), _UNKNOWN)

    def _shown(self, viewer: Viewer, asked: Repository, look: Look | None) -> None:
        """Remember what GitHub let this viewer see."""
        if look is None:
            self._access.put((viewer.key, _identity(asked)), None, ttl=self._settings.missing_ttl)
            return
        whose = viewer.key if look.private else b""
        for name in {_identity(asked), _identity(look.repository)}:
            self._access.put((whose, name), look.repository, ttl=self._settings.access_ttl)

    # What GitHub is asked

    async def _look(
        self, viewer: Viewer, repository: Repository, ref: str, paths: tuple[str, ...]
    ) -> Look | None:
        async def load() -> Entry[Look | None]:
            look = await self._github.look(viewer.token, repository, ref, paths)
            self._shown(viewer, repository, look)
            if look is not None:
                self._keep_look(look, ref)
            return Entry(look, size=0, ttl=0)

        return await self._looks.fetch((viewer.key, _identity(repository), ref, paths), load)

    async def _ask_commits(
        self, viewer: Viewer, repository: Repository, refs: tuple[str, ...]
    ) -> dict[str, Commit | None] | None:
        async def load() -> Entry[dict[str, Commit | None] | None]:
            found = await self._github.commits(viewer.token, repository, refs)
            visible = self._visible(viewer, repository)
            for ref, commit in (found or {}).items():
                if isinstance(visible, Repository):
                    self._keep_commit(visible, ref, commit)
            return Entry(None if found is None else dict(found), size=0, ttl=0)

        return await self._asked_commits.fetch((viewer.key, _identity(repository), refs), load)

    async def _file(
        self, viewer: Viewer, snapshot: Snapshot, path: str, place: _Place, content: bytes | None
    ) -> File | None:
        if not place.settled:
            return await self._settle(viewer, snapshot, path)
        if content is not None:
            return File(snapshot, place.path, place.oid, content)

        async def load() -> Entry[bytes]:
            content = await self._github.read_blob(viewer.token, snapshot.repository, place.oid)
            if content is None:
                raise RpcError(
                    Code.UNAVAILABLE,
                    f"GitHub listed {path} in {snapshot.repository} but did not give its content: try again",
                )
            return Entry(content, size=len(content))

        content = await self._blobs.fetch(place.oid, load)
        return File(snapshot, place.path, place.oid, content)

    async def _settle(self, viewer: Viewer, snapshot: Snapshot, path: str) -> File | None:
        """Find out whether a short file is a symbolic link, and follow it."""
        found = await self._github.contents(viewer.token, snapshot.repository, snapshot.commit, path)
        key = (_identity(snapshot.repository), snapshot.commit, path)
        if not isinstance(found, RemoteFile):
            self._places.put(key, None)
            return None
        self._places.put(key, _Place(found.path, found.oid, settled=True))
        self._blobs.put(found.oid, found.content, size=len(found.content))
        return File(snapshot, found.path, found.oid, found.content)

    # What is kept

    def _keep_look(self, look: Look, ref: str) -> None:
        self._keep_commit(look.repository, ref, look.commit)
        if look.commit is None:
            return
        identity = _identity(look.repository)
        for path, blob in look.blobs.items():
            self._keep_blob((identity, look.commit.sha, path), blob)

    def _keep_blob(self, key: tuple[str, str, str], blob: Blob | None) -> None:
        if blob is None:
            self._places.put(key, None)
            return
        self._places.put(key, _place(key[2], blob))
        if blob.content is not None:
            self._blobs.put(blob.oid, blob.content, size=len(blob.content))

    def _keep_commit(self, repository: Repository, ref: str, commit: Commit | None) -> None:
        identity = _identity(repository)
        if commit is None:
            self._refs.put((identity, ref), None, ttl=self._settings.missing_ttl)
            return
        self._refs.put((identity, ref), commit.sha, ttl=None if is_full_sha(ref) else self._settings.ref_ttl)
        self._commits.put((identity, commit.sha), commit)

    def _known_commit(self, repository: Repository, ref: str) -> Commit | _Unknown | None:
        identity = _identity(repository)
        sha = self._refs.get((identity, ref), _UNKNOWN)
        if sha is None or isinstance(sha, _Unknown):
            return sha
        return self._commits.get((identity, sha), _UNKNOWN)

    def _knows_place(self, identity: str, commit: str, path: str) -> bool:
        return not isinstance(self._places.get((identity, commit, path), _UNKNOWN), _Unknown)


def _index(tree: RemoteTree) -> TreeIndex:
    return TreeIndex(TreeEntry(entry.path, entry.mode, entry.type, entry.oid) for entry in tree.entries)


def _place(path: str, blob: Blob) -> _Place:
    return _Place(path, blob.oid, settled=not blob.maybe_link)


def _identity(repository: Repository) -> str:
    """GitHub takes names in any case, so one repository has one key."""
    return f"{repository.owner}/{repository.name}".lower()
