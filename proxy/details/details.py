"""Joins a profile, the source that ran, and the commits of it.

Rules:

- What the profile says is the answer; source and commits come with it. Whatever keeps them away is named
  where they are missing, and hides nothing else.
- Without a session nothing of a repository is told, not even what is public and known already.
- GitHub is asked for all commits of a repository at once, and for a few versions' sources at a time.
- A caller that gave a time gets an answer within it: what GitHub has not answered by then is missing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from proxy.details.excerpt import USUAL_CONTEXT, BinaryError, Span, excerpt
from proxy.details.request import MOST_VERSIONS, asked_of, chosen, left_out
from proxy.details.versions import COMMIT, SESSION, SOURCE, missed, origin, version_of
from proxy.errors import Code, RpcError
from proxy.explanation import explanation
from proxy.proto import source_pb2
from proxy.source.model import Found, Frame, Service
from proxy.vcs import STALE_HEADER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from proxy.callers import Callers
    from proxy.connect.edge import Call
    from proxy.details.versions import Origin
    from proxy.github.model import Commit
    from proxy.library import Library, Outcome, Resolver, Viewer
    from proxy.querier import Querier
    from proxy.source.model import Repository

    Request = source_pb2.GetFunctionDetailsRequest
    Response = source_pb2.GetFunctionDetailsResponse

MOST_WITH_SOURCE = 20
"""Versions, largest first, for which GitHub is asked; every one of them costs a call or two."""
PATIENCE = 20.0
"""Seconds that GitHub may take for all of them: Grafana waits for 30, and the values are there already."""
_AT_ONCE = 4
_SLOW = 256 * 1024
_RESERVE, _MOST_RESERVE = 0.2, 1.0
_LOG = logging.getLogger(__name__)


class Details:
    """Answers what a function spent, line by line.

    Args:
        callers: tells who calls and which repository a label means.
        querier: asks Pyroscope.
        library: knows commits.
        resolver: finds files.
    """

    def __init__(self, callers: Callers, querier: Querier, library: Library, resolver: Resolver) -> None:
        self._callers = callers
        self._querier = querier
        self._library = library
        self._resolver = resolver

    async def get(self, request: Request, call: Call) -> Response:
        """Every version of a function in a profile, with source and commit where they are to be had.

        Raises:
            RpcError: ``invalid_argument`` when the request lacks something, ``not_found`` when the profile
                does not have the function, and whatever ``Querier.join`` raises.
        """
        self._callers.tenant(call)
        asked = asked_of(request)
        loop = asyncio.get_running_loop()
        joined = await self._querier.join(asked, call.headers, call.remaining(loop.time()))
        uses = chosen(joined, request)
        response = source_pb2.GetFunctionDetailsResponse(missing=left_out(joined, len(uses)))
        origins: list[Origin] = []
        for use in uses[:MOST_VERSIONS]:
            where, missing = origin(use, request, self._callers.repository)
            version = version_of(request.functionName, joined.unit, use, where)
            version.missing.extend(missing)
            response.versions.append(version)
            origins.append(where)
        try:
            viewer = self._callers.viewer(call)
        except RpcError as error:
            _add_no_session(response, error)
            return response
        await self._add_sources(response, origins, viewer, request, call)
        if any(version.stale for version in response.versions):
            call.response_headers[STALE_HEADER] = "true"
        return response

    async def _add_sources(
        self,
        response: Response,
        origins: Sequence[Origin],
        viewer: Viewer,
        request: Request,
        call: Call,
    ) -> None:
        for version in response.versions[MOST_WITH_SOURCE:]:
            version.missing.extend((missed(SOURCE, _NOT_ASKED), missed(COMMIT, _NOT_ASKED)))
        pairs = list(zip(response.versions[:MOST_WITH_SOURCE], origins, strict=False))
        at_once = asyncio.Semaphore(_AT_ONCE)
        end = _end_of(call, asyncio.get_running_loop().time())

        async def source(version: source_pb2.FunctionVersion, where: Origin) -> None:
            async with at_once:
                await self._add_source(version, where, viewer, request)

        by_repository: dict[Repository, list[tuple[source_pb2.FunctionVersion, str]]] = {}
        waiting: list[Awaitable[None]] = []
        for version, where in pairs:
            if where.repository is None:
                continue
            by_repository.setdefault(where.repository, []).append((version, where.commit_ref))
            waiting.append(_within(end, SOURCE, [version], source(version, where)))
        for repository, versions in by_repository.items():
            whose = [version for version, _ in versions]
            waiting.append(_within(end, COMMIT, whose, self._add_commits(repository, versions, viewer)))
        await asyncio.gather(*waiting)

    async def _add_commits(
        self,
        repository: Repository,
        versions: Sequence[tuple[source_pb2.FunctionVersion, str]],
        viewer: Viewer,
    ) -> None:
        refs = list(dict.fromkeys(ref for _, ref in versions))
        commits = await self._library.commits(viewer, repository, refs)
        if commits is None:
            raise RpcError(
                Code.NOT_FOUND,
                f"GitHub shows no repository {repository} to you: it does not exist, you may not read it, "
                "or the GitHub App is not installed for its organization",
            )
        for version, ref in versions:
            commit = commits.found.get(ref)
            version.stale |= commits.stale
            if commit is None:
                shown = ref or "HEAD"
                why = f"there is no commit, branch or tag {shown!r} in {repository}: has it been pushed?"
                version.missing.append(missed(COMMIT, RpcError(Code.NOT_FOUND, why)))
            else:
                version.commit.CopyFrom(_commit(commit))

    async def _add_source(
        self, version: source_pb2.FunctionVersion, where: Origin, viewer: Viewer, request: Request
    ) -> None:
        if where.repository is None:
            return
        frame = Frame(version.file, version.functionName)
        service = Service(where.repository, where.ref, where.root_path)
        outcome = await self._resolver.resolve(viewer, frame, service)
        size = len(outcome.resolution.file.content) if isinstance(outcome.resolution, Found) else 0
        if size < _SLOW:
            self._fill_in(version, outcome, frame, request)
        else:
            await asyncio.to_thread(self._fill_in, version, outcome, frame, request)

    def _fill_in(
        self, version: source_pb2.FunctionVersion, outcome: Outcome, frame: Frame, request: Request
    ) -> None:
        told = explanation(outcome, frame, version.startLine, self._callers.page)
        if not isinstance(outcome.resolution, Found):
            code = told.error.code or Code.NOT_FOUND.value
            message = told.error.message or told.reason
            version.missing.append(source_pb2.Missing(what=SOURCE, code=code, message=message))
            return
        version.source.CopyFrom(told.file)
        version.rule, version.mismatch = told.rule, told.mismatch
        version.stale |= outcome.stale
        sampled = [value.line for value in version.lines]
        context = request.contextLines or USUAL_CONTEXT
        span = Span(version.functionName, version.startLine, sampled, context, request.wholeFile)
        try:
            found = excerpt(outcome.resolution.file.content, span)
        except BinaryError:
            error = RpcError(Code.FAILED_PRECONDITION, f"{told.file.path} is not text, so it has no lines.")
            version.missing.append(missed(SOURCE, error))
            return
        version.firstLine, version.lastLine = found.first_line, found.last_line
        version.text.extend(found.text)
        version.truncated = found.truncated
        beyond = max(sampled, default=0)
        if not version.mismatch and beyond > found.last_line and not found.truncated:
            version.mismatch = (
                f"line {beyond} was sampled, but {told.file.path} has only {found.last_line} lines: "
                "was the profile recorded from another version (label service_git_ref)?"
            )


_NOT_ASKED = RpcError(
    Code.RESOURCE_EXHAUSTED,
    f"Source and commit are shown for the {MOST_WITH_SOURCE} versions with the largest totals; "
    "ask for this one by its ref.",
)


def _add_no_session(response: Response, error: RpcError) -> None:
    response.missing.append(missed(SESSION, error))
    for version in response.versions:
        version.missing.extend((missed(SOURCE, error), missed(COMMIT, error)))


def _end_of(call: Call, now: float) -> float:
    """When to answer with what is there, in the event loop's time."""
    remaining = call.remaining(now)
    if remaining is None:
        return now + PATIENCE
    return now + min(PATIENCE, remaining - min(_MOST_RESERVE, _RESERVE * remaining))


async def _within(
    end: float, what: str, versions: Sequence[source_pb2.FunctionVersion], work: Awaitable[None]
) -> None:
    """Do one part of the work; what goes wrong is told in the versions that it is for."""
    try:
        async with asyncio.timeout_at(end):
            await work
    except RpcError as error:
        problem = error
    except TimeoutError:
        problem = RpcError(Code.DEADLINE_EXCEEDED, "GitHub took too long: try again.")
    except Exception as error:  # noqa: BLE001 - one version's trouble is not to hide the others
        _LOG.error("%s of a function could not be added: %s", what, type(error).__qualname__)
        problem = RpcError(Code.INTERNAL, "Something went wrong here; the log says more.")
    else:
        return
    for version in versions:
        version.missing.append(missed(what, problem))


def _commit(commit: Commit) -> source_pb2.Commit:
    return source_pb2.Commit(
        sha=commit.sha,
        message=commit.message,
        authorLogin=commit.login,
        authorAvatarURL=commit.avatar_url,
        date=commit.date,
        URL=commit.page_url,
    )
