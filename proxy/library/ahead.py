"""Fetches a commit's tree together with the first look at it, so that it is there when it is wanted.

Nobody waits for it yet: it is not asked for when little is left of the viewer's budget, few are asked
for at once, and what turns out to be known or useless is given up.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from proxy.errors import RpcError
from proxy.github import intent
from proxy.library.knowledge import version_of

if TYPE_CHECKING:
    from proxy.library.files import Files
    from proxy.library.knowledge import Knowledge
    from proxy.library.viewer import Viewer
    from proxy.source.model import Repository, Snapshot
    from proxy.source.tree import TreeIndex

MOST = 16
Fetching: TypeAlias = "asyncio.Task[tuple[TreeIndex | None, bool]]"


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
        self._expected: dict[tuple[bytes, tuple[str, str]], Fetching] = {}

    def begin(self, viewer: Viewer, repository: Repository, commit: str) -> Fetching | None:
        """Start fetching; ``None`` when so much is being fetched already."""
        if len(self._running) >= MOST:
            return None
        with intent.speculative():
            task = asyncio.create_task(self._files.tree(viewer, repository, commit), name="tree ahead")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(_look_at_failure)
        return task

    def give_up(self, task: Fetching) -> None:
        """Nobody will want it."""
        task.cancel()

    def keep(self, task: Fetching, viewer: Viewer, snapshot: Snapshot) -> None:
        """Say what it is that is being fetched, now that the viewer was shown it."""
        if self._known.has_tree(snapshot):
            self.give_up(task)
            return

        def landed(done: Fetching) -> None:
            if self._expected.get(key) is done:
                del self._expected[key]
            if not done.cancelled() and done.exception() is None:
                index, is_there = done.result()
                if is_there:
                    self._known.keep_tree(snapshot, index)

        key = (viewer.key, version_of(snapshot))
        if task.done():
            landed(task)
        else:
            self._expected[key] = task
            task.add_done_callback(landed)

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


def _look_at_failure(task: Fetching) -> None:
    """Failing ahead is no matter: whoever needs the tree asks and is told why there is none."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, RpcError):
        task.get_loop().call_exception_handler({"message": "fetching ahead failed", "exception": error})
