"""Fetches a commit's tree together with the first look at it, so that it is there when it is wanted.

Nobody waits for it yet: it is sent after the look, it is not asked for when little is left of the viewer's
budget, few are asked for at once, and what turns out to be known or useless is given up. As long as
somebody looks, others who look at the same get the same: a thousand at once are one call.

A tree that is asked for by the name of a branch or tag is that of whatever the name means to GitHub when
the question arrives. It counts only when its id, or that of its commit, is what the look was told. Nobody
gets it but who was shown the commit by a look of their own.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from proxy.errors import RpcError
from proxy.github import intent
from proxy.library.access import name_of
from proxy.library.knowledge import version_of
from proxy.source.refs import is_full_sha

if TYPE_CHECKING:
    from proxy.library.files import Files, Listing
    from proxy.library.knowledge import Knowledge
    from proxy.library.viewer import Viewer
    from proxy.source.model import Repository, Snapshot

MOST = 16
_AFTER_THE_LOOK = 0.001
Fetching: TypeAlias = "asyncio.Task[Listing]"


@dataclass(slots=True)
class Beside:
    """A tree that is fetched beside looks at the same: which, and how many there are."""

    where: tuple[str, str]
    task: Fetching
    looks: int = 0


class Ahead:
    """The trees that are being fetched ahead.

    Args:
        files: asks GitHub.
        known: where they are kept.
    """

    def __init__(self, files: Files, known: Knowledge) -> None:
        self._files = files
        self._known = known
        self._running: set[Fetching] = set()
        self._beside: dict[tuple[str, str], Beside] = {}
        self._expected: dict[tuple[bytes, tuple[str, str]], Fetching] = {}

    def begin(self, viewer: Viewer, repository: Repository, ref: str) -> Beside | None:
        """Start fetching, or join who does; ``None`` when so much is being fetched already.

        ``keep`` or ``give_up`` has to follow when the look has ended.
        """
        where = (name_of(repository), ref)
        found = self._beside.get(where)
        if found is None:
            if len(self._running) >= MOST:
                return None
            with intent.speculative():
                task = asyncio.create_task(self._fetch(viewer, repository, ref), name="tree ahead")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            task.add_done_callback(_look_at_failure)
            found = self._beside[where] = Beside(where, task)
        found.looks += 1
        return found

    def give_up(self, beside: Beside) -> None:
        """This look does not want it."""
        if self._leave(beside) and beside.task not in self._expected.values():
            beside.task.cancel()

    def keep(self, beside: Beside, viewer: Viewer, snapshot: Snapshot, tree: str) -> None:
        """Say what it is that is being fetched, now that the viewer was shown it.

        Args:
            beside: from ``begin``.
            viewer: the same.
            snapshot: what the ref pointed to.
            tree: the id of its root folder; empty where it was not told.
        """
        if self._known.has_tree(snapshot):
            self.give_up(beside)
            return

        def landed(done: Fetching) -> None:
            if self._expected.get(key) is done:
                del self._expected[key]
            if not done.cancelled() and done.exception() is None:
                listing = done.result()
                if listing.is_there and (by_commit or listing.oid in {snapshot.commit, tree}):
                    self._known.keep_tree(snapshot, listing.index)

        self._leave(beside)
        key = (viewer.key, version_of(snapshot))
        by_commit = is_full_sha(snapshot.ref)
        if beside.task.done():
            landed(beside.task)
        else:
            self._expected[key] = beside.task
            beside.task.add_done_callback(landed)

    async def wait_for(self, viewer: Viewer, snapshot: Snapshot) -> None:
        """Wait for the tree of a snapshot if it is on its way; a failure is no matter here."""
        task = self._expected.get((viewer.key, version_of(snapshot)))
        if task is not None:
            await asyncio.wait((task,))

    async def aclose(self) -> None:
        """End what is being fetched."""
        for task in (running := tuple(self._running)):
            task.cancel()
        if running:
            await asyncio.wait(running)

    async def _fetch(self, viewer: Viewer, repository: Repository, ref: str) -> Listing:
        await asyncio.sleep(_AFTER_THE_LOOK)
        return await self._files.tree(viewer, repository, ref)

    def _leave(self, beside: Beside) -> bool:
        """A look has ended; whether it was the last."""
        beside.looks -= 1
        if beside.looks:
            return False
        del self._beside[beside.where]
        return True


def _look_at_failure(task: Fetching) -> None:
    """Failing ahead is no matter: whoever needs the tree asks and is told why there is none."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, RpcError):
        task.get_loop().call_exception_handler({"message": "fetching ahead failed", "exception": error})
