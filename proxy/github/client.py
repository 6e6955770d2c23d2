"""GitHub, asked on behalf of a person: what they may read, read with their own token.

"Not there" is ``None``; every refusal and failure is an ``RpcError`` (see ``refusals``), never ``None``.
A name that cannot exist (see ``names``) is not there, and costs no call. What GitHub would refuse for
its rate, or not answer, is refused here without a call (see ``sender``).
"""

from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, overload

from proxy.github import api, limits, names
from proxy.github.asking import Asking
from proxy.github.budget import Budget
from proxy.github.choice import Choice
from proxy.github.intent import SparedError
from proxy.github.model import (
    UNCHANGED,
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
    Survey,
    TreeEntry,
    Unchanged,
)
from proxy.github.queries import Queries
from proxy.github.rest import Rest
from proxy.github.sender import Means, Sender
from proxy.github.transport import Allowance, Transport, open_client_session
from proxy.github.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    import aiohttp

    from proxy.config.model import GitHub as Settings
    from proxy.github.wire import Request, Response
    from proxy.metrics import Metrics
    from proxy.source.model import Repository

__all__ = [
    "UNCHANGED",
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
    "SparedError",
    "Survey",
    "TreeEntry",
    "Unchanged",
    "open_client_session",
]

_REFS_PER_QUERY = 100
_JSON = Allowance()


class GitHub:
    """The client.

    Args:
        session: from ``open_client_session``.
        settings: where GitHub is, how long a call may take, what is kept in reserve.
        metrics: show what it costs.
        clock: the time in epoch seconds, against which GitHub's resets are held.
        chance: a number from 0 to 1 for pauses before repetitions, another each time.
        sleep: waits for some seconds.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: Settings,
        metrics: Metrics,
        *,
        clock: Callable[[], float],
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._budget = Budget(settings.rate_limit_reserve)
        watch = Watch(metrics, self._budget, clock)
        transport = Transport(session, settings, watch.exchanged)
        means = Means(clock, chance, sleep, secrets.token_bytes(32))
        self._sender = Sender(transport, watch, self._budget, settings.request_timeout, means)
        asking = Asking(self._sender, api.Api(settings.url, settings.api_url), clock)
        self._rest = Rest(asking)
        self._queries = Queries(asking, clock)
        self._choice = Choice(self._budget, clock, self._queries.are_missing)

    @property
    def windows(self) -> limits.Windows:
        """The budgets of the tokens seen, by a keyed hash of each."""
        return self._budget.windows

    def breaker_open(self, host: Literal["api", "web"]) -> bool:
        """Whether calls to a host are turned away because it has not answered several times in a row.

        ``api`` is ``github.api_url``, ``web`` is ``github.url``, where logins go.
        """
        return self._sender.breaker_open(host)

    async def send(self, request: Request) -> Response:
        """Send any request to GitHub (also OAuth's) and read its answer, whatever its status.

        Raises:
            RpcError: ``unavailable`` when GitHub cannot be reached, ``deadline_exceeded`` when it is
                slow, ``resource_exhausted`` while it limits such calls.
        """
        return (await self._sender.send(request, _JSON)).response

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
        seen = await self._choice.ask(
            self._sender.key(token),
            ("graphql", lambda: self._queries.look(token, repository, ref, asked)),
            ("core", lambda: self._rest.look(token, repository, ref, asked)),
        )
        return seen and replace(seen, blobs={**nothing, **seen.blobs})

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
        if not asked:
            return found
        survey = await self.survey(token, repository, asked)
        return None if survey is None else {**found, **survey.commits}

    async def survey(self, token: str, repository: Repository, refs: Sequence[str]) -> Survey | None:
        """Find what each ref points to, as ``commits`` does, and see the repository in the same call.

        Args:
            token: the person's.
            repository: which one.
            refs: at least one, and none that cannot exist (``names.is_ref``).
        """
        first, *others = (refs[at : at + _REFS_PER_QUERY] for at in range(0, len(refs), _REFS_PER_QUERY))
        survey = await self._some_commits(token, repository, first)
        if survey is None:
            return None
        found = dict(survey.commits)
        for some in others:
            more = await self._some_commits(token, repository, some)
            if more is None:
                return None
            found.update(more.commits)
        return Survey(survey.repository, found)

    async def contents(self, token: str, repository: Repository, commit: str, path: str) -> Contents | None:
        """Read what is at a path: a file of up to 100 MB, links followed, or what else is there.

        Files over 1 MB cost a second call. ``failed_precondition`` is raised for one over 100 MB.
        """
        if not (names.is_repository(repository) and names.is_ref(commit) and names.is_path(path)):
            return None
        return await self._choice.ask(
            self._sender.key(token),
            ("core", lambda: self._rest.contents(token, repository, commit, path)),
            ("graphql", lambda: self._queries.contents(token, repository, commit, path)),
        )

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
        return await self._choice.ask(
            self._sender.key(token),
            ("core", lambda: self._rest.blob(token, repository, oid)),
            ("graphql", lambda: self._queries.blob(token, repository, oid)),
        )

    @overload
    async def tree(self, token: str, repository: Repository, commit: str) -> RemoteTree | None: ...

    @overload
    async def tree(
        self, token: str, repository: Repository, commit: str, etag: str
    ) -> RemoteTree | Unchanged | None: ...

    async def tree(
        self, token: str, repository: Repository, commit: str, etag: str = ""
    ) -> RemoteTree | Unchanged | None:
        """Read all entries below a commit; where ``truncated``, what is not listed is unknown.

        Given the ``etag`` of an earlier answer, ``UNCHANGED`` says that it is the same still.
        """
        if not (names.is_repository(repository) and names.is_ref(commit)):
            return None
        return await self._rest.tree(token, repository, commit, etag)

    @overload
    async def repository(self, token: str, repository: Repository) -> RemoteRepository | None: ...

    @overload
    async def repository(
        self, token: str, repository: Repository, etag: str
    ) -> RemoteRepository | Unchanged | None: ...

    async def repository(
        self, token: str, repository: Repository, etag: str = ""
    ) -> RemoteRepository | Unchanged | None:
        """Find a repository's present name and whether it is private.

        Given the ``etag`` of an earlier answer to the same person, ``UNCHANGED`` says that it is the
        same still; it proves access as any answer does, and costs nothing of the primary limit.
        """
        if not names.is_repository(repository):
            return None
        return await self._choice.ask(
            self._sender.key(token),
            ("core", lambda: self._rest.repository(token, repository, etag)),
            ("graphql", lambda: self._queries.repository(token, repository)),
        )

    @overload
    async def commit(self, token: str, repository: Repository, ref: str) -> Commit | None: ...

    @overload
    async def commit(
        self, token: str, repository: Repository, ref: str, etag: str
    ) -> Commit | Unchanged | None: ...

    async def commit(
        self, token: str, repository: Repository, ref: str, etag: str = ""
    ) -> Commit | Unchanged | None:
        """Find what one ref points to: a branch, a tag, a full or short SHA.

        Given the ``etag`` of an earlier answer to the same person, ``UNCHANGED`` says that it still
        points there, which costs nothing of the primary limit. ``None`` also for a repository that is
        not there, or not for this person.
        """
        if not (names.is_repository(repository) and names.is_ref(ref)):
            return None
        return await self._choice.ask(
            self._sender.key(token),
            ("core", lambda: self._rest.commit(token, repository, ref, etag)),
            ("graphql", lambda: self._queries.commit(token, repository, ref)),
        )

    async def _some_commits(self, token: str, repository: Repository, refs: Sequence[str]) -> Survey | None:
        return await self._choice.ask(
            self._sender.key(token),
            ("graphql", lambda: self._queries.survey(token, repository, refs)),
            ("core", lambda: self._rest.survey(token, repository, refs)),
        )
