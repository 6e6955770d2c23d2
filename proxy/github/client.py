"""GitHub, asked on behalf of a person: what they may read, read with their own token.

"Not there" is ``None``; every refusal and failure is an ``RpcError`` (see ``refusals``), never ``None``.
A name that cannot exist (see ``names``) is not there, and costs no call.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from proxy.github import api, graphql, limits, names, refusals
from proxy.github.jsonvalue import Malformed, Object
from proxy.github.meter import count_call
from proxy.github.model import (
    Blob,
    Commit,
    Contents,
    Look,
    RemoteDirectory,
    RemoteFile,
    RemoteLink,
    RemoteRepository,
    RemoteSubmodule,
    RemoteTree,
    TreeEntry,
    git_blob_oid,
)
from proxy.github.transport import Allowance, Transport, open_client_session
from proxy.github.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import aiohttp

    from proxy.config.model import GitHub as Settings
    from proxy.github.wire import Request, Response
    from proxy.metrics import Metrics
    from proxy.source.model import Repository

__all__ = [
    "Blob",
    "Commit",
    "Contents",
    "GitHub",
    "Look",
    "RemoteDirectory",
    "RemoteFile",
    "RemoteLink",
    "RemoteRepository",
    "RemoteSubmodule",
    "RemoteTree",
    "TreeEntry",
    "open_client_session",
]

A = TypeVar("A")
_REFS_PER_QUERY = 100
_SLOW_TO_PARSE = api.MEGABYTE
_JSON = Allowance()
_ANSWER = Allowance(graphql.ANSWER_LIMIT)
_TREE = Allowance(api.TREE_LIMIT, large=True)
_BLOB = Allowance(api.BLOB_LIMIT, large=True)


class GitHub:
    """The client; ``clock`` gives the time in epoch seconds, against which GitHub's resets are held."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: Settings,
        metrics: Metrics,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._api = api.Api(settings.url, settings.api_url)
        self._base = str(settings.api_url)
        self._clock = clock
        self._watch = Watch(metrics, clock)
        self._transport = Transport(session, settings, self._watch.exchanged)

    @property
    def windows(self) -> limits.Windows:
        """The budgets of the tokens seen, by ``limits.token_key``."""
        return self._watch.windows

    async def send(self, request: Request) -> Response:
        """Send any request to GitHub (also OAuth's) and read its answer, whatever its status.

        Raises:
            RpcError: ``unavailable`` when GitHub cannot be reached, ``deadline_exceeded`` when it is slow.
        """
        return await self._send(request, _JSON)

    async def look(self, token: str, repository: Repository, ref: str, paths: Sequence[str]) -> Look | None:
        """See a repository, what a ref points to and the files at some paths, in one GraphQL call.

        Where there is no GraphQL it costs two calls to the REST API and one more per path, one after
        the other, and none for what a missing repository or ref makes pointless.

        Returns:
            What is there; ``None`` when the repository is not, or not for this person. A ref that
            cannot exist is answered without a call, with ``private`` true as nothing is known.
        """
        asked = [path for path in dict.fromkeys(paths) if names.is_path(path)]
        nothing: dict[str, Blob | None] = dict.fromkeys(paths)
        if not names.is_repository(repository):
            return None
        if not names.is_ref(ref):
            return Look(repository, private=True, commit=None, blobs=nothing)
        try:
            found = await self._query(token, graphql.look_query(repository, ref, asked))
            seen = None if found is None else graphql.read_look(found, asked, self._api)
        except graphql.Unusable:
            seen = await self._look_by_rest(token, repository, ref, asked)
        return seen and Look(seen.repository, seen.private, seen.commit, {**nothing, **seen.blobs})

    async def commits(
        self, token: str, repository: Repository, refs: Sequence[str]
    ) -> Mapping[str, Commit | None] | None:
        """Find what each ref points to: as given, else as a branch, else as a tag; one GraphQL call per 100.

        Where there is no GraphQL it costs one call to the REST API and up to three more per ref.

        Returns:
            The commit of every ref, ``None`` for one that is not there; ``None`` for it all when
            the repository is not there, or not for this person.
        """
        if not names.is_repository(repository):
            return None
        found: dict[str, Commit | None] = dict.fromkeys(refs)
        asked = [ref for ref in found if names.is_ref(ref)]
        for start in range(0, len(asked), _REFS_PER_QUERY):
            some = asked[start : start + _REFS_PER_QUERY]
            commits = await self._some_commits(token, repository, some)
            if commits is None:
                return None
            found.update(commits)
        return found

    async def contents(self, token: str, repository: Repository, commit: str, path: str) -> Contents | None:
        """Read what is at a path: a file of up to 100 MB, links followed, or what else is there.

        Files over 1 MB cost a second call. ``failed_precondition`` is raised for one over 100 MB.
        """
        if not (names.is_repository(repository) and names.is_ref(commit) and names.is_path(path)):
            return None
        response = await self._send(self._api.contents(token, repository, commit, path), _JSON)
        found = await self._read_contents(response, token, path)
        if not isinstance(found, api.Large):
            return found
        content = await self._get(token, self._api.contents(token, repository, commit, path, raw=True), _BLOB)
        if content is None:
            return None
        return RemoteFile(await asyncio.to_thread(git_blob_oid, content), content, found.path)

    async def read_file(
        self, token: str, repository: Repository, commit: str, path: str
    ) -> RemoteFile | None:
        """Read a file, links followed; ``None`` also for a directory, a submodule or a dangling link.

        ``contents`` tells those apart.
        """
        found = await self.contents(token, repository, commit, path)
        return found if isinstance(found, RemoteFile) else None

    async def read_blob(self, token: str, repository: Repository, oid: str) -> bytes | None:
        """Read a blob of up to 100 MB by its id."""
        if not (names.is_repository(repository) and names.is_sha(oid)):
            return None
        return await self._get(token, self._api.blob(token, repository, oid), _BLOB)

    async def tree(self, token: str, repository: Repository, commit: str) -> RemoteTree | None:
        """Read all entries below a commit; where ``truncated``, what is not listed is unknown."""
        if not (names.is_repository(repository) and names.is_ref(commit)):
            return None
        body = await self._get(token, self._api.tree(token, repository, commit), _TREE)
        return None if body is None else await _read(body, lambda: api.read_tree(body))

    async def repository(self, token: str, repository: Repository) -> RemoteRepository | None:
        """Find a repository's present name and whether it is private."""
        if not names.is_repository(repository):
            return None
        body = await self._get(token, self._api.repository(token, repository), _JSON)
        return None if body is None else await _read(body, lambda: api.read_repository(body))

    async def _read_contents(self, response: Response, token: str, path: str) -> Contents | api.Large | None:
        if refusals.is_too_large(response):  # Enterprise Servers refuse what github.com leaves empty
            return api.Large(path)
        body = self._body(response, token)
        return None if body is None else await _read(body, lambda: api.read_contents(body, path))

    async def _some_commits(
        self, token: str, repository: Repository, refs: Sequence[str]
    ) -> Mapping[str, Commit | None] | None:
        try:
            found = await self._query(token, graphql.commits_query(repository, refs))
            return None if found is None else graphql.read_commits(found, refs, self._api)
        except graphql.Unusable:
            return await self._commits_by_rest(token, repository, refs)

    async def _query(self, token: str, query: str) -> Object | None:
        response = await self._send(graphql.request(self._base, token, query), _ANSWER)
        return graphql.read_answer(response, self._asked(token), partial(self._watch.limited, "graphql"))

    async def _look_by_rest(
        self, token: str, repository: Repository, ref: str, paths: Sequence[str]
    ) -> Look | None:
        known = await self.repository(token, repository)
        if known is None:
            return None
        commit = await self._commit(token, known.repository, ref)
        blobs: dict[str, Blob | None] = dict.fromkeys(paths)
        if commit is not None:
            for path in paths:
                file = await self.read_file(token, known.repository, commit.sha, path)
                blobs[path] = Blob(file.oid, len(file.content), file.content) if file else None
        return Look(known.repository, known.private, commit, blobs)

    async def _commits_by_rest(
        self, token: str, repository: Repository, refs: Sequence[str]
    ) -> Mapping[str, Commit | None] | None:
        known = await self.repository(token, repository)
        if known is None:
            return None
        found: dict[str, Commit | None] = dict.fromkeys(refs)
        for ref in refs:
            for candidate in api.candidates(ref):
                found[ref] = found[ref] or await self._commit(token, known.repository, candidate)
        return found

    async def _commit(self, token: str, repository: Repository, ref: str) -> Commit | None:
        body = await self._get(token, self._api.commit(token, repository, ref), _JSON)
        return (
            None if body is None else await _read(body, lambda: api.read_commit(body, self._api, repository))
        )

    async def _get(self, token: str, request: Request, allowance: Allowance) -> bytes | None:
        return self._body(await self._send(request, allowance), token)

    def _body(self, response: Response, token: str) -> bytes | None:
        """The body of a success, ``None`` for "not there"; every other answer is raised."""
        if response.status == 200:  # noqa: PLR2004 - HTTP statuses read best as numbers
            return response.body
        if refusals.is_absent(response):
            return None
        raise refusals.refusal(response, self._asked(token))

    def _asked(self, token: str) -> refusals.Asked:
        return refusals.Asked(self._clock(), self._api.web, token)

    async def _send(self, request: Request, allowance: Allowance) -> Response:
        count_call()
        response = await self._transport.send(request, allowance)
        self._watch.answered(request, response)
        return response


async def _read(body: bytes, reader: Callable[[], A]) -> A:
    """Read an answer, beside the event loop when it is large."""
    try:
        return await asyncio.to_thread(reader) if len(body) > _SLOW_TO_PARSE else reader()
    except Malformed as error:
        raise api.unreadable(error) from error
