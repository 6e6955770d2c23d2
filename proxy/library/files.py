"""Files and trees from GitHub, once for all who want the same, each checked to be what was asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError
from proxy.github import intent
from proxy.github.client import RemoteFile, SparedError
from proxy.github.model import git_blob_oid
from proxy.library.access import name_of, refusable
from proxy.library.asking import Turns
from proxy.library.place import Place
from proxy.source.model import File
from proxy.source.tree import Entry, TreeIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.github.client import GitHub, RemoteTree
    from proxy.library.access import Access
    from proxy.library.asking import Requests
    from proxy.library.knowledge import Knowledge
    from proxy.library.remote import Remote
    from proxy.library.viewer import Viewer
    from proxy.source.model import Repository, Snapshot

_SLOW_TO_INDEX = 1000
_SLOW_TO_HASH = 1024 * 1024
_SHA1_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Listing:
    """What came of asking for a tree.

    Attributes:
        index: what is all in it; ``None`` when there is none, or GitHub cuts it short.
        is_there: whether there is one at all.
        oid: what GitHub says that it listed, the tree or its commit; empty when there is none.
    """

    index: TreeIndex | None
    is_there: bool
    oid: str = ""


class Files:
    """What is in commits.

    Args:
        github: sends the calls.
        requests: joins those of people who ask the same.
        remote: looks at several files at once.
        access: is told what GitHub refuses.
        known: remembers what was learned.
    """

    def __init__(
        self, github: GitHub, requests: Requests, remote: Remote, access: Access, known: Knowledge
    ) -> None:
        self._github = github
        self._requests = requests
        self._remote = remote
        self._access = access
        self._known = known
        self._contents: Turns[tuple[str, str]] = Turns()

    async def content(self, viewer: Viewer, snapshot: Snapshot, oid: str, path: str) -> bytes | None:
        """The bytes of a blob of a snapshot that was opened for the viewer; ``None``: not given."""

        async def send(some: tuple[tuple[str, str], ...]) -> dict[str, bytes | None]:
            return await self._read(viewer, snapshot, dict(some))

        async def ask() -> bytes | None:
            group = (viewer.key, snapshot.identity, snapshot.commit)
            return (await self._contents.ask(group, [(oid, path)], send))[oid]

        return await self._requests.ask(viewer, ("blob", oid), ask, holds_for_all=_is_there)

    async def settle(self, viewer: Viewer, snapshot: Snapshot, path: str) -> File | None:
        """Find out whether a short file is a symbolic link, and follow it."""

        async def ask() -> RemoteFile | None:
            found = await refusable(
                self._access,
                viewer,
                snapshot.repository,
                self._github.contents(viewer.token, snapshot.repository, snapshot.commit, path),
            )
            if not isinstance(found, RemoteFile):
                self._known.keep_place(snapshot, path, None)
                return None
            self._known.keep_place(snapshot, path, Place(found.path, found.oid, settled=True))
            self._known.keep_content(found.oid, found.content)
            return found

        question = ("contents", snapshot.identity, snapshot.commit, path)
        found = await self._requests.ask(viewer, question, ask, holds_for_all=_is_there)
        return File(snapshot, found.path, found.oid, found.content) if found else None

    async def tree(self, viewer: Viewer, repository: Repository, commit: str) -> Listing:
        """The tree of a commit, or of what a ref points to at this moment."""

        async def ask() -> Listing:
            found = await refusable(
                self._access, viewer, repository, self._github.tree(viewer.token, repository, commit)
            )
            if found is None:
                return Listing(None, is_there=False)
            index = None if found.truncated else await _index(found)
            return Listing(index, is_there=True, oid=found.oid)

        question = ("tree", name_of(repository), commit)
        try:
            return await self._requests.ask(
                viewer, question, ask, holds_for_all=lambda answer: answer.is_there
            )
        except SparedError:
            if intent.is_speculative():
                raise
            # It had been asked ahead, and was not sent; this one is waited for.
            return await self._requests.ask_alone(viewer, (*question, "again"), ask)

    async def _read(
        self, viewer: Viewer, snapshot: Snapshot, wanted: Mapping[str, str]
    ) -> dict[str, bytes | None]:
        """The bytes of blobs by their ids: one as it is, several in a query, what that does not give each."""
        found: dict[str, bytes | None] = {}
        if len(wanted) > 1:
            seen = await self._remote.see(
                viewer, snapshot.repository, snapshot.commit, tuple(wanted.values())
            )
            blobs = seen.blobs.values() if seen is not None else ()
            found = {
                blob.oid: blob.content for blob in blobs if blob is not None and blob.content is not None
            }
        missing = [oid for oid in wanted if oid not in found]
        asked = await asyncio.gather(*(self._blob(viewer, snapshot, oid) for oid in missing))
        return {**found, **dict(zip(missing, asked, strict=True))}

    async def _blob(self, viewer: Viewer, snapshot: Snapshot, oid: str) -> bytes | None:
        content = await refusable(
            self._access,
            viewer,
            snapshot.repository,
            self._github.read_blob(viewer.token, snapshot.repository, oid),
        )
        if content is None:
            self._access.doubted(viewer, snapshot.repository)
            return None
        if not await _is_of(content, oid):
            raise RpcError(Code.UNAVAILABLE, "GitHub gave other content than was asked for: try again")
        self._known.keep_content(oid, content)
        return content


def _is_there(answer: object) -> bool:
    return answer is not None


async def _is_of(content: bytes, oid: str) -> bool:
    """Whether these are the bytes of a blob, as far as its kind of id can be computed here."""
    if len(oid) != _SHA1_LENGTH:
        return True
    if len(content) < _SLOW_TO_HASH:
        return git_blob_oid(content) == oid
    return await asyncio.to_thread(git_blob_oid, content) == oid


async def _index(found: RemoteTree) -> TreeIndex:
    entries = [Entry(entry.path, entry.mode, entry.type, entry.oid) for entry in found.entries]
    try:
        if len(entries) < _SLOW_TO_INDEX:
            return TreeIndex(entries)
        return await asyncio.to_thread(TreeIndex, entries)
    except ValueError as error:
        raise RpcError(Code.UNAVAILABLE, f"GitHub's answer cannot be read ({error}): try again") from error
