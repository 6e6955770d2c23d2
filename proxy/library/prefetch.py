"""Makes ready what somebody who has opened a file will probably open next: its neighbours.

Who reads one function of a profile reads others of the same version, and those lie most often in the
same folder. Rules:

- Nobody waits for it, and it takes only what is left above the reserve (``intent.speculative``).
- It asks with the token of the person who opened the file, for the repository that they were shown,
  at that commit: one call for the tree where it is not known, and one for all the files.
- It is bounded: so many files at once, so many folders, and each folder once in a while.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from proxy.errors import RpcError
from proxy.github import intent
from proxy.library.proof import Proof
from proxy.library.unknown import Unknown
from proxy.source.tree import LINK, SUBMODULE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from proxy.cache import Cache, NamedCache
    from proxy.library.access import Access
    from proxy.library.knowledge import Knowledge
    from proxy.library.remote import Remote
    from proxy.library.viewer import Viewer
    from proxy.source.model import File, Snapshot
    from proxy.source.tree import TreeIndex

FILES = 20
FOLDERS_AT_ONCE = 4
AGAIN_AFTER = 600.0
_SLOW_TO_LIST = 5000


class Prefetch:
    """The folders that are being made ready.

    Args:
        tree: fetches the tree of a snapshot; see ``Library.tree``.
        remote: fetches many files at once.
        access: who was shown what.
        known: what is known already.
        cache: remembers which folders were made ready.
    """

    def __init__(
        self,
        tree: Callable[[Viewer, Snapshot], Awaitable[TreeIndex | None]],
        remote: Remote,
        access: Access,
        known: Knowledge,
        cache: Cache,
    ) -> None:
        self._tree = tree
        self._remote = remote
        self._access = access
        self._known = known
        self._done: NamedCache[tuple[bytes, str, str, str], bool] = cache.named("prefetched")
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, viewer: Viewer, file: File) -> None:
        """Start to make the neighbours of a file ready that the viewer was just shown."""
        snapshot = file.snapshot
        where = (viewer.key, snapshot.identity, snapshot.commit, _folder(file.path))
        if len(self._running) >= FOLDERS_AT_ONCE or self._done.get(where):
            return
        self._done.put(where, True, ttl=AGAIN_AFTER)
        with intent.speculative():
            task = asyncio.create_task(self._fetch(viewer, snapshot, file.path), name="prefetch")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def aclose(self) -> None:
        """End what is being fetched."""
        for task in (running := tuple(self._running)):
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _fetch(self, viewer: Viewer, snapshot: Snapshot, path: str) -> None:
        try:
            tree = await self._tree(viewer, snapshot)
            if tree is None:
                return
            slow = len(tree) > _SLOW_TO_LIST
            near = await asyncio.to_thread(neighbours, tree, path) if slow else neighbours(tree, path)
            paths = [each for each in near if await self._is_missing(snapshot, each)]
            proof = await self._access.proof(viewer, snapshot.repository)
            if paths and isinstance(proof, Proof) and proof.identity == snapshot.identity:
                await self._remote.look(
                    viewer, snapshot.repository, snapshot.commit, tuple(paths[:FILES]), proof
                )
        except RpcError:
            # Whoever opens one of them asks again, and is told why there is none.
            return

    async def _is_missing(self, snapshot: Snapshot, path: str) -> bool:
        place = await self._known.place(snapshot, path)
        return isinstance(place, Unknown) or (
            place is not None and await self._known.content(place.oid) is None
        )


def neighbours(tree: TreeIndex, path: str) -> list[str]:
    """The other files of the same kind in a file's folder, in their order."""
    folder, kind = _folder(path), _kind(path)
    found = [
        entry.path
        for entry in tree.entries()
        if entry.mode not in (LINK, SUBMODULE)
        and entry.path != path
        and _folder(entry.path) == folder
        and _kind(entry.path) == kind
    ]
    return sorted(found)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _kind(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2]
