"""Answers what a repository holds, from what is known or from GitHub."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError
from proxy.github.client import RemoteFile
from proxy.library.asking import Gathering, Requests
from proxy.library.knowledge import Knowledge, Place, Unknown, identity, place_of
from proxy.source.model import Absent, File, Repository, Snapshot
from proxy.source.tree import Entry, TreeIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proxy.cache import Cache
    from proxy.config.model import Cache as Settings
    from proxy.github.client import Commit, GitHub, Look, RemoteTree
    from proxy.library.viewer import Viewer

MOMENT = 0.01
"""Seconds for which a request for a commit waits for others like it: far less than a call takes."""
_MOST_LINK_BYTES = 4096
_SLOW_TO_INDEX = 1000
_Found = dict[str, "Commit | None"]


class Library:
    """What is known of repositories, shared by all who may see it.

    Args:
        github: asked for what is not known.
        cache: where it is kept.
        settings: how long what can move is believed.
        moment: seconds for which requests for commits are gathered.
    """

    def __init__(self, github: GitHub, cache: Cache, settings: Settings, *, moment: float = MOMENT) -> None:
        self._github = github
        self._known = Knowledge(cache, settings)
        self._requests = Requests(cache)
        self._gathering: Gathering[str] = Gathering(moment)

    # What the resolver asks

    async def open(
        self, viewer: Viewer, repository: Repository, ref: str, wishes: Sequence[str]
    ) -> Snapshot | Absent:
        """Which commit is ``ref`` of ``repository``; see ``source.model.Open``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        known = self._known.visible(viewer, repository)
        if known is None:
            return Absent.REPOSITORY
        if isinstance(known, Repository):
            commit = self._known.sha(known, ref)
            if commit is None:
                return Absent.REF
            if isinstance(commit, str):
                return Snapshot(known, ref, commit)
        look = await self._look(viewer, repository, ref, tuple(wishes))
        if look is None:
            return Absent.REPOSITORY
        return _snapshot(look, ref) or Absent.REF

    async def read(self, viewer: Viewer, snapshot: Snapshot, path: str, wishes: Sequence[str]) -> File | None:
        """What is in a file of a snapshot that was opened for the same viewer; see ``source.model.Read``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        place = self._known.place(snapshot, path)
        content: bytes | None = None
        if isinstance(place, Unknown):
            more = (wish for wish in wishes if isinstance(self._known.place(snapshot, wish), Unknown))
            look = await self._look(viewer, snapshot.repository, snapshot.commit, (path, *more))
            # What was just seen is taken from the answer: a full cache may not have kept it.
            blob = look.blobs.get(path) if look is not None else None
            place = place_of(path, blob) if blob is not None else None
            content = blob.content if blob is not None else None
        if place is None:
            return None
        if not place.settled:
            return await self._settle(viewer, snapshot, path)
        if content is None:
            content = await self._content(viewer, snapshot, place.oid)
        if content is None:
            raise RpcError(
                Code.UNAVAILABLE,
                f"GitHub listed {path} in {snapshot.repository} but did not give its content: try again",
            )
        return File(snapshot, place.path, place.oid, content)

    async def tree(self, viewer: Viewer, snapshot: Snapshot) -> TreeIndex | None:
        """What is all in a snapshot that was opened for the same viewer; see ``source.model.Tree``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        known = self._known.tree(snapshot)
        if not isinstance(known, Unknown):
            return known

        async def ask() -> tuple[TreeIndex | None, bool]:
            found = await self._github.tree(viewer.token, snapshot.repository, snapshot.commit)
            if found is None:
                return None, False
            index = None if found.truncated else await _index(found)
            self._known.keep_tree(snapshot, index)
            return index, True

        question = ("tree", identity(snapshot.repository), snapshot.commit)
        index, _ = await self._requests.ask(viewer, question, ask, holds_for_all=lambda answer: answer[1])
        return index

    async def link(self, viewer: Viewer, snapshot: Snapshot, oid: str) -> str | None:
        """Where a symbolic link of a snapshot points, given its blob; see ``source.model.Link``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        content = await self._content(viewer, snapshot, oid)
        if not content or len(content) > _MOST_LINK_BYTES:
            return None
        try:
            return content.decode()
        except UnicodeDecodeError:
            return None

    # What people ask of commits

    async def commits(
        self, viewer: Viewer, repository: Repository, refs: Sequence[str]
    ) -> dict[str, Commit | None] | None:
        """The commit of each ref, whether a SHA, a branch or a tag; ``None``: no such repository.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        known = self._known.visible(viewer, repository)
        if known is None:
            return None
        found: _Found = {}
        if isinstance(known, Repository):
            for ref in refs:
                commit = self._known.commit(known, ref)
                if not isinstance(commit, Unknown):
                    found[ref] = commit
        missing = tuple(ref for ref in dict.fromkeys(refs) if ref not in found)
        if missing:
            asked = await self._ask_commits(viewer, repository, missing)
            if asked is None:
                return None
            found.update((ref, asked[ref]) for ref in missing)
        return found

    async def _ask_commits(
        self, viewer: Viewer, repository: Repository, refs: tuple[str, ...]
    ) -> _Found | None:
        async def ask() -> _Found | None:
            send = partial(self._send_commits, viewer, repository)
            return await self._gathering.ask((viewer.key, identity(repository)), refs, send)

        question = ("commits", identity(repository), refs)
        if isinstance(self._known.visible(viewer, repository), Repository) and not self._known.is_private(
            viewer, repository
        ):
            return await self._requests.ask(viewer, question, ask, holds_for_all=_is_there)
        return await self._requests.ask_alone(viewer, question, ask)

    async def _send_commits(
        self, viewer: Viewer, repository: Repository, refs: tuple[str, ...]
    ) -> _Found | None:
        """Ask for commits; where access is not proven yet, a look at the first of them proves it as well."""
        known = self._known.visible(viewer, repository)
        if isinstance(known, Repository):
            found = await self._github.commits(viewer.token, repository, refs)
            return self._keep_commits(known, found)
        first, *others = refs
        look, found = await asyncio.gather(
            self._look(viewer, repository, first, ()), self._some_commits(viewer, repository, others)
        )
        if look is None or found is None:
            return None
        return {first: look.commit, **(self._keep_commits(look.repository, found) or {})}

    async def _some_commits(
        self, viewer: Viewer, repository: Repository, refs: Sequence[str]
    ) -> Mapping[str, Commit | None] | None:
        return await self._github.commits(viewer.token, repository, refs) if refs else {}

    def _keep_commits(
        self, repository: Repository, found: Mapping[str, Commit | None] | None
    ) -> _Found | None:
        if found is None:
            return None
        for ref, commit in found.items():
            self._known.keep_commit(repository, ref, commit)
        return dict(found)

    # What GitHub is asked

    async def _look(
        self, viewer: Viewer, repository: Repository, ref: str, paths: tuple[str, ...]
    ) -> Look | None:
        async def ask() -> Look | None:
            look = await self._github.look(viewer.token, repository, ref, paths)
            self._known.shown(viewer, repository, look)
            if look is not None:
                self._known.keep_look(look, ref, _snapshot(look, ref))
            return look

        question = ("look", identity(repository), ref, paths)
        if self._known.is_private(viewer, repository):
            return await self._requests.ask_alone(viewer, question, ask)
        return await self._requests.ask(viewer, question, ask, holds_for_all=_is_public)

    async def _content(self, viewer: Viewer, snapshot: Snapshot, oid: str) -> bytes | None:
        """The bytes of a blob of a snapshot that was opened for the viewer; ``None``: not given."""
        known = self._known.content(oid)
        if known is not None:
            return known

        async def ask() -> bytes | None:
            content = await self._github.read_blob(viewer.token, snapshot.repository, oid)
            if content is not None:
                self._known.keep_content(oid, content)
            return content

        return await self._requests.ask(viewer, ("blob", oid), ask, holds_for_all=_is_there)

    async def _settle(self, viewer: Viewer, snapshot: Snapshot, path: str) -> File | None:
        """Find out whether a short file is a symbolic link, and follow it."""

        async def ask() -> RemoteFile | None:
            found = await self._github.contents(viewer.token, snapshot.repository, snapshot.commit, path)
            if not isinstance(found, RemoteFile):
                self._known.keep_place(snapshot, path, None)
                return None
            self._known.keep_place(snapshot, path, Place(found.path, found.oid, settled=True))
            self._known.keep_content(found.oid, found.content)
            return found

        question = ("contents", identity(snapshot.repository), snapshot.commit, path)
        found = await self._requests.ask(viewer, question, ask, holds_for_all=_is_there)
        return File(snapshot, found.path, found.oid, found.content) if found else None


def _snapshot(look: Look, ref: str) -> Snapshot | None:
    return Snapshot(look.repository, ref, look.commit.sha) if look.commit else None


def _is_there(answer: object) -> bool:
    return answer is not None


def _is_public(look: Look | None) -> bool:
    return look is not None and not look.private


async def _index(found: RemoteTree) -> TreeIndex:
    entries = [Entry(entry.path, entry.mode, entry.type, entry.oid) for entry in found.entries]
    try:
        if len(entries) < _SLOW_TO_INDEX:
            return TreeIndex(entries)
        return await asyncio.to_thread(TreeIndex, entries)
    except ValueError as error:
        raise RpcError(Code.UNAVAILABLE, f"GitHub's answer cannot be read ({error}): try again") from error
