"""GitHub asked by its REST API; names have been checked before (``names``)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from proxy.github import api, refusals
from proxy.github.jsonvalue import Malformed
from proxy.github.model import UNCHANGED, Blob, Look, RemoteFile, Survey, Unchanged, git_blob_oid
from proxy.github.transport import Allowance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from proxy.github.asking import Asking
    from proxy.github.model import Commit, Contents, RemoteRepository, RemoteTree
    from proxy.github.wire import Request, Response
    from proxy.source.model import Repository

A = TypeVar("A")
_SLOW_TO_PARSE = api.MEGABYTE
_JSON = Allowance()
_TREE = Allowance(api.TREE_LIMIT, large=True)
_BLOB = Allowance(api.BLOB_LIMIT, large=True)
_NOT_MODIFIED = 304


class Rest:
    """The questions of ``client.GitHub``, asked by REST."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._api = asking.where

    async def repository(
        self, token: str, repository: Repository, etag: str = ""
    ) -> RemoteRepository | Unchanged | None:
        """One call; see ``GitHub.repository``."""
        response = await self._conditional(token, self._api.repository(token, repository, etag), _JSON)
        if response is None or response is UNCHANGED:
            return response
        found = await _read(response.body, lambda: api.read_repository(response.body))
        return replace(found, etag=api.etag_of(response))

    async def commit(
        self, token: str, repository: Repository, ref: str, etag: str = ""
    ) -> Commit | Unchanged | None:
        """One call; see ``GitHub.commit``."""
        response = await self._conditional(token, self._api.commit(token, repository, ref, etag), _JSON)
        if response is None or response is UNCHANGED:
            return response
        found = await _read(response.body, lambda: api.read_commit(response.body, self._api, repository))
        return replace(found, etag=api.etag_of(response))

    async def tree(
        self, token: str, repository: Repository, commit: str, etag: str = ""
    ) -> RemoteTree | Unchanged | None:
        """One call; see ``GitHub.tree``."""
        response = await self._conditional(token, self._api.tree(token, repository, commit, etag), _TREE)
        if response is None or response is UNCHANGED:
            return response
        found = await _read(response.body, lambda: api.read_tree(response.body))
        return replace(found, etag=api.etag_of(response))

    async def contents(self, token: str, repository: Repository, commit: str, path: str) -> Contents | None:
        """One call, two for a file over 1 MB; see ``GitHub.contents``."""
        request = self._api.contents(token, repository, commit, path)
        response = await self._asking.send(token, request, _JSON)
        found = await self._read_contents(response, token, path)
        if not isinstance(found, api.Large):
            return found
        content = await self._get(token, self._api.contents(token, repository, commit, path, raw=True), _BLOB)
        if content is None:
            return None
        return RemoteFile(await asyncio.to_thread(git_blob_oid, content), content, found.path)

    async def blob(self, token: str, repository: Repository, oid: str) -> bytes | None:
        """One call; see ``GitHub.read_blob``."""
        return await self._get(token, self._api.blob(token, repository, oid), _BLOB)

    async def look(self, token: str, repository: Repository, ref: str, paths: Sequence[str]) -> Look | None:
        """Two calls and one per path, none for what a missing repository or ref makes pointless."""
        known = await self.repository(token, repository)
        if known is None or known is UNCHANGED:
            return None
        commit = await self._commit(token, known.repository, ref)
        blobs: dict[str, Blob | None] = dict.fromkeys(paths)
        if commit is not None:
            for path in paths:
                found = await self.contents(token, known.repository, commit.sha, path)
                if isinstance(found, RemoteFile):
                    blobs[path] = Blob(found.oid, len(found.content), found.content)
        return Look(known.repository, known.private, commit, blobs, known.identity)

    async def survey(self, token: str, repository: Repository, refs: Sequence[str]) -> Survey | None:
        """One call and up to three per ref."""
        known = await self.repository(token, repository)
        if known is None or known is UNCHANGED:
            return None
        found: dict[str, Commit | None] = dict.fromkeys(refs)
        for ref in refs:
            for candidate in api.candidates(ref):
                found[ref] = found[ref] or await self._commit(token, known.repository, candidate)
        return Survey(known, found)

    async def _commit(self, token: str, repository: Repository, ref: str) -> Commit | None:
        found = await self.commit(token, repository, ref)
        return None if found is UNCHANGED else found

    async def _read_contents(self, response: Response, token: str, path: str) -> Contents | api.Large | None:
        if refusals.is_too_large(response):  # Enterprise Servers refuse what github.com leaves empty
            return api.Large(path)
        body = self._body(response, token)
        return None if body is None else await _read(body, lambda: api.read_contents(body, path))

    async def _conditional(
        self, token: str, request: Request, allowance: Allowance
    ) -> Response | Unchanged | None:
        response = await self._asking.send(token, request, allowance)
        if response.status == _NOT_MODIFIED and "If-None-Match" in request.headers:
            return UNCHANGED
        return None if self._body(response, token) is None else response

    async def _get(self, token: str, request: Request, allowance: Allowance) -> bytes | None:
        return self._body(await self._asking.send(token, request, allowance), token)

    def _body(self, response: Response, token: str) -> bytes | None:
        """The body of a success, ``None`` for "not there"; every other answer is raised."""
        if response.status == 200:  # noqa: PLR2004 - HTTP statuses read best as numbers
            return response.body
        if refusals.is_absent(response):
            return None
        raise refusals.refusal(response, self._asking.asked(token))


async def _read(body: bytes, reader: Callable[[], A]) -> A:
    """Read an answer, beside the event loop when it is large."""
    try:
        return await asyncio.to_thread(reader) if len(body) > _SLOW_TO_PARSE else reader()
    except Malformed as error:
        raise api.unreadable(error) from error
