"""GitHub asked by its GraphQL API, one call for each question; names have been checked before (``names``).

Whatever GraphQL cannot tell ends in ``graphql.Unusable``. Where there is no GraphQL at all, that is
remembered for some minutes, so that not each question pays an attempt.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from proxy.github import graphql, names, stopgap
from proxy.github.model import RemoteFile, RemoteLink
from proxy.github.transport import Allowance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from proxy.github.asking import Asking
    from proxy.github.jsonvalue import Object
    from proxy.github.model import Commit, Contents, Look, RemoteRepository, Survey
    from proxy.source.model import Repository

_ANSWER = Allowance(graphql.ANSWER_LIMIT)
_MISSING_FOR = 300.0
_MOST_LINKS = 8


class Queries:
    """The questions of ``client.GitHub``, asked by GraphQL.

    Args:
        asking: sends them.
        clock: epoch seconds.
    """

    def __init__(self, asking: Asking, clock: Callable[[], float]) -> None:
        self._asking = asking
        self._clock = clock
        self._missing_since: float | None = None

    def are_missing(self) -> bool:
        """Whether there was no GraphQL some minutes ago."""
        since = self._missing_since
        return since is not None and 0 <= self._clock() - since < _MISSING_FOR

    async def look(self, token: str, repository: Repository, ref: str, paths: Sequence[str]) -> Look | None:
        """See ``GitHub.look``."""
        found = await self._ask(token, graphql.look_query(repository, ref, paths))
        return None if found is None else graphql.read_look(found, paths, self._asking.where)

    async def survey(self, token: str, repository: Repository, refs: Sequence[str]) -> Survey | None:
        """See ``GitHub.survey``."""
        found = await self._ask(token, graphql.commits_query(repository, refs))
        return None if found is None else graphql.read_survey(found, refs, self._asking.where)

    async def commit(self, token: str, repository: Repository, ref: str) -> Commit | None:
        """See ``GitHub.commit``."""
        found = await self.survey(token, repository, [ref])
        return None if found is None else found.commits[ref]

    async def repository(self, token: str, repository: Repository) -> RemoteRepository | None:
        """See ``GitHub.repository``."""
        found = await self._ask(token, stopgap.repository_query(repository))
        return None if found is None else stopgap.read_repository(found)

    async def blob(self, token: str, repository: Repository, oid: str) -> bytes | None:
        """See ``GitHub.read_blob``; a binary or large one is unusable."""
        found = await self._ask(token, stopgap.blob_query(repository, oid))
        return None if found is None else stopgap.read_blob(found)

    async def contents(self, token: str, repository: Repository, commit: str, path: str) -> Contents | None:
        """See ``GitHub.contents``; a binary or large file is unusable, each link costs one call more."""
        first = found = await self._contents(token, repository, commit, path)
        for _ in range(_MOST_LINKS):
            if not isinstance(found, RemoteLink):
                break
            target = posixpath.normpath(posixpath.join(posixpath.dirname(found.path), found.target))
            if not names.is_path(target):
                break
            found = await self._contents(token, repository, commit, target)
        return found if isinstance(found, RemoteFile) else first

    async def _contents(self, token: str, repository: Repository, commit: str, path: str) -> Contents | None:
        found = await self._ask(token, stopgap.place_query(repository, commit, path))
        return None if found is None else stopgap.read_place(found, path)

    async def _ask(self, token: str, query: str) -> Object | None:
        request = graphql.request(str(self._asking.where.base), token, query)
        response = await self._asking.send(token, request, _ANSWER)
        try:
            answer = graphql.read_answer(response, self._asking.asked(token))
        except graphql.Missing:
            self._missing_since = self._clock()
            raise
        self._missing_since = None
        return answer
