"""Asks GitHub who may see what, and what refs point to: once for all who want the same, remembered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from proxy.errors import Code, RpcError
from proxy.github import intent
from proxy.github.client import UNCHANGED
from proxy.library.access import name_of, refusable
from proxy.library.asking import Gathering, Turns
from proxy.source.model import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proxy.github.client import Blob, Commit, GitHub, Look
    from proxy.library.access import Access, Shown
    from proxy.library.asking import Requests
    from proxy.library.knowledge import Knowledge
    from proxy.library.proof import Proof
    from proxy.library.viewer import Viewer
    from proxy.source.model import Repository

T = TypeVar("T")
_PATHS_PER_QUERY = 50
_SLOW_TO_INDEX = 1000
_SLOW_TO_HASH = 1024 * 1024
_SHA1_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look showed, and the proof of access that it is.

    ``tree`` is the id of the commit's root folder, empty where it was not told.
    """

    proof: Proof
    commit: Commit | None
    blobs: Mapping[str, Blob | None]
    tree: str = ""

    def snapshot(self, ref: str) -> Snapshot | None:
        """The snapshot of the commit that was seen."""
        return snapshot_of(self.proof, ref, self.commit.sha) if self.commit else None


class Remote:
    """GitHub, as the library asks it.

    Args:
        github: sends the calls.
        requests: joins those of people who ask the same.
        access: remembers who was shown what.
        known: remembers what was learned.
        moment: seconds for which requests for commits are gathered.
    """

    def __init__(
        self, github: GitHub, requests: Requests, access: Access, known: Knowledge, *, moment: float
    ) -> None:
        self._github = github
        self._access = access
        self._known = known
        self._requests = requests
        self._looks: Turns[str] = Turns()
        self._commits: Gathering[str] = Gathering(moment)

    async def look(
        self, viewer: Viewer, repository: Repository, ref: str, paths: tuple[str, ...], proof: Proof | None
    ) -> Seen | None:
        """What a ref points to and the files at some paths; ``None``: no such repository.

        Args:
            viewer: who wants to know.
            repository: which one.
            ref: one that can exist.
            paths: of files.
            proof: what is known of the viewer's access already.
        """

        async def send(some: tuple[str, ...]) -> Seen | None:
            return await self.see(viewer, repository, ref, some)

        async def ask() -> Seen | None:
            return await self._looks.ask((viewer.key, *where), paths, send)

        # Who waits does not go with what is asked ahead, and may not be sent.
        where = (name_of(repository), ref, intent.is_speculative())
        question = ("look", *where, paths)
        if proof is not None and proof.private:
            return await self._requests.ask_alone(viewer, question, ask)
        return await self._requests.ask(viewer, question, ask, holds_for_all=_is_public)

    async def prove(self, viewer: Viewer, repository: Repository, last: Shown) -> Proof | None:
        """Have GitHub show the repository again, where nothing else is to be known; a 304 costs nothing."""

        async def ask() -> Proof | None:
            found = await refusable(
                self._access, viewer, repository, self._github.repository(viewer.token, repository, last.etag)
            )
            if found is UNCHANGED:
                return self._access.shown_again(viewer, repository, last)
            if found is None:
                self._access.not_shown(viewer, repository)
                return None
            return self._access.shown(viewer, repository, found, found.etag)

        question = ("repository", name_of(repository))
        return await self._requests.ask(viewer, question, ask, holds_for_all=_is_public_proof)

    async def follow(self, viewer: Viewer, proof: Proof, ref: str, last: tuple[str, str]) -> str | None:
        """Ask whether a ref still points to the commit that the viewer was last told; a 304 costs nothing.

        Another commit counts for nothing: the answer does not say which repository it is of, and the name
        may have been taken over since the proof.

        Returns:
            The commit that was told last; ``None`` when the ref does not point there any more.
        """
        sha, etag = last

        async def ask() -> str | None:
            found = await refusable(
                self._access,
                viewer,
                proof.repository,
                self._github.commit(viewer.token, proof.repository, ref, etag),
            )
            if found is UNCHANGED:
                self._known.keep_unmoved(proof.identity, ref, sha)
                return sha
            if found is None or found.sha != sha:
                self._known.keep_etag(viewer.key, proof.identity, ref, None)
                return None
            self._known.keep_commit(proof.identity, ref, found)
            self._known.keep_etag(viewer.key, proof.identity, ref, (sha, found.etag))
            return sha

        question = ("ref", proof.identity, ref)
        if proof.private:
            return await self._requests.ask_alone(viewer, question, ask)
        return await self._requests.ask(viewer, question, ask, holds_for_all=_is_there)

    async def prove_and_follow(
        self, viewer: Viewer, repository: Repository, last: Shown, ref: str, told: tuple[str, str]
    ) -> tuple[Proof | None, str | None]:
        """``prove`` and ``follow`` at once; the commit counts only if the proof is of the same repository."""
        proof, commit = await asyncio.gather(
            self.prove(viewer, repository, last),
            self.follow(viewer, last.proof, ref, told),
            return_exceptions=True,
        )
        if isinstance(proof, BaseException):
            raise proof
        if isinstance(commit, BaseException) and proof is not None:
            raise commit
        return proof, commit if isinstance(commit, str) else None

    async def survey(
        self, viewer: Viewer, repository: Repository, refs: tuple[str, ...], proof: Proof | None
    ) -> dict[str, Commit | None] | None:
        """What refs that can exist point to, asked together with what others ask for now."""

        async def send(some: tuple[str, ...]) -> dict[str, Commit | None] | None:
            survey = await refusable(
                self._access, viewer, repository, self._github.survey(viewer.token, repository, some)
            )
            if survey is None:
                self._access.not_shown(viewer, repository)
                return None
            shown = self._access.shown(viewer, repository, survey.repository)
            for ref, commit in survey.commits.items():
                self._known.keep_commit(shown.identity, ref, commit)
            return dict(survey.commits)

        async def ask() -> dict[str, Commit | None] | None:
            return await self._commits.ask((viewer.key, name_of(repository)), refs, send)

        question = ("commits", name_of(repository), refs)
        if proof is not None and not proof.private:
            return await self._requests.ask(viewer, question, ask, holds_for_all=_is_there)
        return await self._requests.ask_alone(viewer, question, ask)

    async def see(
        self, viewer: Viewer, repository: Repository, ref: str, paths: tuple[str, ...]
    ) -> Seen | None:
        """One look, for this viewer alone; if it takes more, they are at the commit that the first saw."""
        first = await self._glance(viewer, repository, ref, paths[:_PATHS_PER_QUERY])
        rest = range(_PATHS_PER_QUERY, len(paths), _PATHS_PER_QUERY)
        if first is None or first.commit is None or not rest:
            return first
        sha = first.commit.sha
        more = await asyncio.gather(
            *(self._glance(viewer, repository, sha, paths[at : at + _PATHS_PER_QUERY]) for at in rest)
        )
        blobs = dict(first.blobs)
        for seen in more:
            if seen is None or seen.proof.identity != first.proof.identity:
                raise RpcError(Code.UNAVAILABLE, f"{repository} changed while it was read: try again")
            blobs.update(seen.blobs)
        return Seen(first.proof, first.commit, blobs, first.tree)

    async def _glance(
        self, viewer: Viewer, repository: Repository, ref: str, paths: Sequence[str]
    ) -> Seen | None:
        look = await refusable(
            self._access, viewer, repository, self._github.look(viewer.token, repository, ref, paths)
        )
        if look is None:
            self._access.not_shown(viewer, repository)
            return None
        return self._learn(viewer, repository, ref, look)

    def _learn(self, viewer: Viewer, repository: Repository, ref: str, look: Look) -> Seen:
        proof = self._access.shown(viewer, repository, look)
        seen = Seen(proof, look.commit, look.blobs, look.tree)
        self._known.keep_commit(proof.identity, ref, look.commit)
        snapshot = seen.snapshot(ref)
        if snapshot is not None:
            self._known.keep_etag(viewer.key, proof.identity, ref, (snapshot.commit, ""))
            self._known.keep_blobs(snapshot, look.blobs)
        return seen


def snapshot_of(proof: Proof, ref: str, sha: str, *, stale: bool = False) -> Snapshot:
    """A snapshot of a repository that was shown."""
    return Snapshot(proof.repository, ref, sha, proof.identity, stale)


def _is_there(answer: object) -> bool:
    return answer is not None


def _is_public(seen: Seen | None) -> bool:
    return seen is not None and not seen.proof.private


def _is_public_proof(proof: Proof | None) -> bool:
    return proof is not None and not proof.private
