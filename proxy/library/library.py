"""Answers what a repository holds, from what is known or from GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proxy.errors import Code, RpcError
from proxy.github import names
from proxy.library.access import Access
from proxy.library.ahead import Ahead
from proxy.library.answers import Answers
from proxy.library.asking import Requests
from proxy.library.commits import Commits, in_order
from proxy.library.files import Files
from proxy.library.knowledge import Knowledge
from proxy.library.place import place_of
from proxy.library.prefetch import Prefetch
from proxy.library.proof import Proof
from proxy.library.remote import Remote, snapshot_of
from proxy.library.standing import Standing
from proxy.library.unknown import Unknown
from proxy.source.model import Absent, File, Repository, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.cache import Cache
    from proxy.config.model import Cache as Settings
    from proxy.github.client import Commit, GitHub
    from proxy.library.viewer import Viewer
    from proxy.source.tree import TreeIndex

MOMENT = 0.01
"""Seconds for which a request for a commit waits for others like it: far less than a call takes."""
_MOST_LINK_BYTES = 4096
_FAILING = frozenset({Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED})
"""GitHub does not answer, or not now: what was known last is better than nothing."""


class Library:
    """What is known of repositories, shared by all who may see it.

    Args:
        github: asked for what is not known.
        cache: where it is kept.
        settings: how long what can move is believed.
        moment: seconds for which requests for commits are gathered.
    """

    def __init__(self, github: GitHub, cache: Cache, settings: Settings, *, moment: float = MOMENT) -> None:
        self._access = Access(cache, settings)
        self._known = Knowledge(cache, settings)
        requests = Requests(cache)
        self._remote = Remote(github, requests, self._access, self._known, moment=moment)
        self._files = Files(github, requests, self._remote, self._access, self._known)
        self._ahead = Ahead(self._files, self._known)
        self.written: Answers[Any] = Answers(cache, Standing(self._access, self._known))
        """The answers of ``GetFile`` as they were written."""
        self._prefetch = (
            Prefetch(self.tree, self._remote, self._access, self._known, cache) if settings.prefetch else None
        )

    async def aclose(self) -> None:
        """End what is fetched ahead."""
        if self._prefetch is not None:
            await self._prefetch.aclose()
        await self._ahead.aclose()

    def opened(self, viewer: Viewer, file: File) -> None:
        """Note that somebody opens a file that was found for them; its neighbours may be made ready."""
        if self._prefetch is not None:
            self._prefetch.begin(viewer, file)

    # What the resolver asks

    async def open(
        self, viewer: Viewer, repository: Repository, ref: str, wishes: Sequence[str], *, tree: bool = False
    ) -> Snapshot | Absent:
        """Which commit is ``ref`` of ``repository``; see ``source.model.Open``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        if not names.is_ref(ref):
            # Nobody was asked, so nothing is proven either.
            return Absent.REF
        proof = await self._access.proof(viewer, repository)
        if proof is None:
            return Absent.REPOSITORY
        if isinstance(proof, Proof):
            commit = await self._known.sha(proof.identity, ref)
            if not isinstance(commit, Unknown):
                return Absent.REF if commit is None else snapshot_of(proof, ref, commit)
        try:
            return await self._ask(viewer, repository, ref, tuple(wishes), tree=tree)
        except RpcError as error:
            last = await self._last(viewer, repository, ref, error)
            if last is None:
                raise
            return last

    async def read(self, viewer: Viewer, snapshot: Snapshot, path: str, wishes: Sequence[str]) -> File | None:
        """What is in a file of a snapshot that was opened for the same viewer; see ``source.model.Read``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        place = await self._known.place(snapshot, path)
        content: bytes | None = None
        if isinstance(place, Unknown):
            more = (wish for wish in wishes if isinstance(self._known.place_here(snapshot, wish), Unknown))
            seen = await self._remote.look(
                viewer,
                snapshot.repository,
                snapshot.commit,
                (path, *more),
                await self._proof(viewer, snapshot.repository),
            )
            if seen is not None and seen.proof.identity != snapshot.identity:
                raise RpcError(
                    Code.UNAVAILABLE, f"{snapshot.repository} became another repository meanwhile: try again"
                )
            # What was just seen is taken from the answer: a full cache may not have kept it.
            blob = seen.blobs.get(path) if seen is not None else None
            place = place_of(path, blob) if blob is not None else None
            content = blob.content if blob is not None else None
        if place is None:
            return None
        if not place.settled:
            return await self._files.settle(viewer, snapshot, path)
        if content is None:
            content = await self._content(viewer, snapshot, place.oid, place.path)
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
        await self._ahead.wait_for(viewer, snapshot)
        known = await self._known.tree(snapshot)
        if not isinstance(known, Unknown):
            return known
        listing = await self._files.tree(viewer, snapshot.repository, snapshot.commit)
        if listing.is_there:
            self._known.keep_tree(snapshot, listing.index)
        else:
            self._access.doubted(viewer, snapshot.repository)
        return listing.index

    async def link(self, viewer: Viewer, snapshot: Snapshot, oid: str) -> str | None:
        """Where a symbolic link of a snapshot points, given its blob; see ``source.model.Link``.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        content = await self._content(viewer, snapshot, oid, "")
        if not content or len(content) > _MOST_LINK_BYTES:
            return None
        try:
            return content.decode()
        except UnicodeDecodeError:
            return None

    # What people ask of commits

    async def commits(self, viewer: Viewer, repository: Repository, refs: Sequence[str]) -> Commits | None:
        """The commit of each ref, whether a SHA, a branch or a tag; ``None``: no such repository.

        Raises:
            RpcError: whatever GitHub answers that is not "not there".
        """
        found: dict[str, Commit | None] = {ref: None for ref in refs if not names.is_ref(ref)}
        asked = [ref for ref in dict.fromkeys(refs) if ref not in found]
        proof = await self._access.proof(viewer, repository)
        if proof is None:
            return None
        if isinstance(proof, Proof):
            for ref in asked:
                commit = await self._known.commit(proof.identity, ref)
                if not isinstance(commit, Unknown):
                    found[ref] = commit
        missing = tuple(ref for ref in asked if ref not in found)
        if not missing:
            return Commits(in_order(refs, found))
        try:
            survey = await self._remote.survey(
                viewer, repository, missing, proof if isinstance(proof, Proof) else None
            )
        except RpcError as error:
            last = await self._last_commits(viewer, repository, missing, error)
            if last is None:
                raise
            return Commits(in_order(refs, {**found, **last}), stale=True)
        return None if survey is None else Commits(in_order(refs, {**found, **survey}))

    # How GitHub is asked

    async def _ask(
        self, viewer: Viewer, repository: Repository, ref: str, wishes: tuple[str, ...], *, tree: bool
    ) -> Snapshot | Absent:
        """Ask for what is missing: that access still holds, where the ref points now, or all of it."""
        proof = await self._access.proof(viewer, repository)
        again = await (
            self._follow(viewer, proof, ref)
            if isinstance(proof, Proof)
            else self._prove(viewer, repository, ref)
        )
        return again or await self._look(viewer, repository, ref, wishes, tree=tree)

    async def _follow(self, viewer: Viewer, proof: Proof, ref: str) -> Snapshot | None:
        """The snapshot of a ref that did not move since the viewer was told of it; ``None`` else."""
        told = self._known.etag(viewer.key, proof.identity, ref)
        commit = await self._remote.follow(viewer, proof, ref, told) if told is not None else None
        return None if commit is None else snapshot_of(proof, ref, commit)

    async def _prove(self, viewer: Viewer, repository: Repository, ref: str) -> Snapshot | Absent | None:
        """The same where access has to be proven anew: both are asked at once, where both are to be asked."""
        last = self._access.last_shown(viewer, repository)
        if last is None:
            return None
        known = await self._known.sha(last.proof.identity, ref)
        commit: str | None
        if isinstance(known, str):
            proof, commit = await self._remote.prove(viewer, repository, last), known
        elif (told := self._known.etag(viewer.key, last.proof.identity, ref)) is not None:
            proof, commit = await self._remote.prove_and_follow(viewer, repository, last, ref, told)
        else:
            return None
        if proof is None:
            return Absent.REPOSITORY
        is_same = proof.identity == last.proof.identity
        return snapshot_of(proof, ref, commit) if is_same and commit is not None else None

    async def _look(
        self, viewer: Viewer, repository: Repository, ref: str, wishes: tuple[str, ...], *, tree: bool
    ) -> Snapshot | Absent:
        ahead = self._ahead.begin(viewer, repository, ref) if tree else None
        snapshot: Snapshot | None = None
        try:
            proof = await self._proof(viewer, repository)
            seen = await self._remote.look(viewer, repository, ref, wishes, proof)
            snapshot = seen.snapshot(ref) if seen is not None else None
        finally:
            if ahead is not None and snapshot is None:
                self._ahead.give_up(ahead)
        if seen is None or snapshot is None:
            return Absent.REPOSITORY if seen is None else Absent.REF
        if ahead is not None:
            self._ahead.keep(ahead, viewer, snapshot, seen.tree)
        return snapshot

    async def _content(self, viewer: Viewer, snapshot: Snapshot, oid: str, path: str) -> bytes | None:
        known = await self._known.content(oid)
        return known if known is not None else await self._files.content(viewer, snapshot, oid, path)

    async def _proof(self, viewer: Viewer, repository: Repository) -> Proof | None:
        proof = await self._access.proof(viewer, repository)
        return proof if isinstance(proof, Proof) else None

    # What was known last

    async def _last(
        self, viewer: Viewer, repository: Repository, ref: str, error: RpcError
    ) -> Snapshot | None:
        """What a ref pointed to last, for those whose access is proven still."""
        proof = await self._proof(viewer, repository) if error.code in _FAILING else None
        if proof is None:
            return None
        sha = self._known.last_sha(proof.identity, ref)
        return None if sha is None else snapshot_of(proof, ref, sha, stale=True)

    async def _last_commits(
        self, viewer: Viewer, repository: Repository, refs: Sequence[str], error: RpcError
    ) -> dict[str, Commit] | None:
        """The commits that refs pointed to last, when all of them are known."""
        found: dict[str, Commit] = {}
        for ref in refs:
            last = await self._last(viewer, repository, ref, error)
            commit = await self._known.details(last.identity, last.commit) if last is not None else None
            if commit is None or isinstance(commit, Unknown):
                return None
            found[ref] = commit
        return found
