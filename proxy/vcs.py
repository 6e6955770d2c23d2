"""The six methods of ``vcs.v1.VCSService``.

https://github.com/grafana/pyroscope/blob/main/api/vcs/v1/vcs.proto
"""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any, NamedTuple

from proxy.connect import codec
from proxy.connect.codec import Encoded
from proxy.connect.edge import Method
from proxy.connect.headers import Format, accepts_gzip
from proxy.errors import Code, RpcError
from proxy.proto import vcs_pb2
from proxy.source.model import Found, Frame, NotFound, Service
from proxy.source.refs import clean_ref

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from google.protobuf.message import Message

    from proxy.callers import Callers
    from proxy.config.model import GitHub
    from proxy.connect.edge import Call
    from proxy.github.client import Commit
    from proxy.library import Library, Outcome, Resolver
    from proxy.library.answers import Written
    from proxy.live import Live
    from proxy.login import Logins
    from proxy.source.model import File

SERVICE = "vcs.v1.VCSService"
STALE_HEADER = "X-Source-Stale"
"""Says ``true`` on what was resolved from where a ref was known to point last, as GitHub does not answer."""
_STALE_ENTRY = 'stale;desc="the ref as known last"'
_MAX_REFS = 1000
_SLOW_TO_ENCODE = 128 * 1024
_MOST_KEPT = 4 * 1024 * 1024
_NO_CALLS = 'github;desc="calls 0"'


class Question(NamedTuple):
    """What the answer of ``GetFile`` depends on, besides what is in the repositories."""

    service: Service
    frame: Frame
    format: Format
    compressed: bool


class VcsService:
    """Answers Grafana's source-code calls.

    Args:
        github: for the GitHub App.
        callers: tells who calls and which repository a label means.
        logins: makes sessions.
        library: knows commits.
        resolver: finds files.
    """

    def __init__(
        self, github: Live[GitHub], callers: Callers, logins: Logins, library: Library, resolver: Resolver
    ) -> None:
        self._github = github
        self._callers = callers
        self._logins = logins
        self._library = library
        self._resolver = resolver

    def methods(self) -> Sequence[Method[Any]]:
        """The methods, for ``connect.routes``."""
        return [
            Method("GithubApp", vcs_pb2.GithubAppRequest, self.github_app),
            Method("GithubLogin", vcs_pb2.GithubLoginRequest, self.github_login),
            Method("GithubRefresh", vcs_pb2.GithubRefreshRequest, self.github_refresh),
            Method("GetFile", vcs_pb2.GetFileRequest, self.get_file),
            Method("GetCommit", vcs_pb2.GetCommitRequest, self.get_commit),
            Method("GetCommits", vcs_pb2.GetCommitsRequest, self.get_commits),
        ]

    async def github_app(self, _: vcs_pb2.GithubAppRequest, call: Call) -> vcs_pb2.GithubAppResponse:
        """Tell the client id that the login starts with; ``unimplemented`` when there is none."""
        self._callers.tenant(call)
        self._logins.require_configured()
        github = self._github.value
        return vcs_pb2.GithubAppResponse(clientID=github.client_id, callbackURL=github.callback_url)

    async def github_login(
        self, request: vcs_pb2.GithubLoginRequest, call: Call
    ) -> vcs_pb2.GithubLoginResponse:
        """Turn an authorization code into a session."""
        established = await self._logins.login(request.authorizationCode, self._callers.tenant(call))
        return vcs_pb2.GithubLoginResponse(
            cookie=established.cookie,
            token=established.token,
            token_expires_at=established.token_expires_at,
            refresh_token_expires_at=established.refresh_token_expires_at,
        )

    async def github_refresh(
        self, _: vcs_pb2.GithubRefreshRequest, call: Call
    ) -> vcs_pb2.GithubRefreshResponse:
        """Renew the session of the cookie."""
        established = await self._logins.refresh(self._callers.cookies(call), self._callers.tenant(call))
        return vcs_pb2.GithubRefreshResponse(
            cookie=established.cookie,
            token=established.token,
            token_expires_at=established.token_expires_at,
            refresh_token_expires_at=established.refresh_token_expires_at,
        )

    async def get_file(self, request: vcs_pb2.GetFileRequest, call: Call) -> Encoded:
        """Find the file of a frame; ``not_found`` says where it was looked for."""
        viewer = self._callers.viewer(call)
        question = self.question(request, call)
        service, frame, _, compressed = question
        asked = question, self._resolver.edition
        written = await self._library.written.find(viewer, service.repository, asked)
        if written is not None:
            return self._told_again(written, call)
        outcome = await self._resolver.resolve(viewer, frame, service)
        call.response_headers["Server-Timing"] = server_timing(outcome)
        if outcome.stale:
            call.response_headers[STALE_HEADER] = "true"
        file = found_file(outcome)
        self._library.opened(viewer, file)
        answer = await self._write(file, call.format, compressed=compressed)
        if answer.size <= _MOST_KEPT:
            self._library.written.keep(asked, outcome, answer)
        return answer

    def known_file(self, question: Question, call: Call) -> Encoded | None:
        """What ``get_file`` tells, when this process knows it and the session: nobody is waited for."""
        viewer = self._callers.known_viewer(call)
        if viewer is None:
            return None
        asked = question, self._resolver.edition
        written = self._library.written.here(viewer, question.service.repository, asked)
        return None if written is None else self._told_again(written, call)

    def question(self, request: vcs_pb2.GetFileRequest, call: Call) -> Question:
        """What is asked for; the same for the same request, format and ``Accept-Encoding``.

        Raises:
            RpcError: ``invalid_argument`` when that is no repository or no frame.
        """
        service = Service(self._callers.repository(request.repositoryURL), request.ref, request.rootPath)
        frame = require_frame(Frame(request.localPath, request.functionName))
        compressed = accepts_gzip(",".join(call.headers.getall("Accept-Encoding", ())))
        return Question(service, frame, call.format, compressed)

    def _told_again(self, written: Written[Any], call: Call) -> Encoded:
        self._resolver.told_again(written)
        call.response_headers["Server-Timing"] = f'resolve;desc="{written.rule}";dur=0, {_NO_CALLS}'
        known: Encoded = written.body
        return known

    async def _write(self, file: File, wanted: Format, *, compressed: bool) -> Encoded:
        """The answer with a file in the one form that is wanted; a large one beside the event loop."""

        def write() -> Encoded:
            content = base64.b64encode(file.content).decode("ascii")
            message = vcs_pb2.GetFileResponse(content=content, URL=self._callers.page(file))
            return encoded(message, wanted, compressed=compressed)

        return write() if len(file.content) < _SLOW_TO_ENCODE else await asyncio.to_thread(write)

    async def get_commit(self, request: vcs_pb2.GetCommitRequest, call: Call) -> vcs_pb2.GetCommitResponse:
        """Tell of one commit, by SHA, branch or tag."""
        commits = await self._commits(call, request.repositoryURL, [request.ref])
        (commit,) = commits.values()
        if commit is None:
            shown = request.ref or "HEAD"
            raise RpcError(
                Code.NOT_FOUND,
                f"there is no commit, branch or tag {shown!r} in {request.repositoryURL}: "
                "has the commit been pushed, and is the label service_git_ref right?",
            )
        info = _commit_info(commit)
        author = info.author if info.HasField("author") else None
        return vcs_pb2.GetCommitResponse(
            message=info.message, author=author, date=info.date, sha=info.sha, URL=info.URL
        )

    async def get_commits(self, request: vcs_pb2.GetCommitsRequest, call: Call) -> vcs_pb2.GetCommitsResponse:
        """Tell of those of many commits that are there; fails only when none is."""
        if len(request.refs) > _MAX_REFS:
            raise RpcError(Code.INVALID_ARGUMENT, f"more than {_MAX_REFS} refs were asked for at once")
        commits = await self._commits(call, request.repository_url, list(request.refs))
        found = [_commit_info(commit) for commit in commits.values() if commit]
        if request.refs and not found:
            raise RpcError(Code.NOT_FOUND, f"none of these refs is in {request.repository_url}")
        return vcs_pb2.GetCommitsResponse(commits=found)

    async def _commits(self, call: Call, url: str, refs: list[str]) -> Mapping[str, Commit | None]:
        viewer = self._callers.viewer(call)
        repository = self._callers.repository(url)
        # Several labels may clean to the same ref, which is asked and answered once.
        cleaned = list(dict.fromkeys(clean_ref(ref).name for ref in refs))
        if not cleaned:
            return {}
        commits = await self._library.commits(viewer, repository, cleaned)
        if commits is None:
            raise RpcError(
                Code.NOT_FOUND,
                f"GitHub shows no repository {repository} to you: it does not exist, you may not read it, "
                "or the GitHub App is not installed for its organization",
            )
        if commits.stale:
            call.response_headers["Server-Timing"] = _STALE_ENTRY
            call.response_headers[STALE_HEADER] = "true"
        return commits.found


def require_frame(frame: Frame) -> Frame:
    """The frame, when it names anything.

    Raises:
        RpcError: ``invalid_argument`` when it does not.
    """
    if not frame.path and not frame.function_name:
        raise RpcError(Code.INVALID_ARGUMENT, "a localPath or a functionName is needed to find a file")
    return frame


def server_timing(outcome: Outcome) -> str:
    """The rule that found the file, the time, and the calls to GitHub, for a browser's network panel.

    https://www.w3.org/TR/server-timing/
    """
    entries = [
        f'resolve;desc="{outcome.rule}";dur={outcome.seconds * 1000:.1f}',
        f'github;desc="calls {outcome.github_calls}"',
    ]
    return ", ".join([*entries, *([_STALE_ENTRY] if outcome.stale else [])])


def found_file(outcome: Outcome) -> File:
    """The file of an outcome.

    Raises:
        RpcError: ``not_found`` with where it was looked for, or what kept it from being found.
    """
    match outcome.resolution:
        case Found(file=file):
            return file
        case NotFound(reason=reason):
            raise RpcError(Code.NOT_FOUND, reason)
        case error:
            raise error


def encoded(message: Message, wanted: Format, *, compressed: bool) -> Encoded:
    """A message in one format, compressed too where that is wanted and worth it."""
    body = codec.encode(message, wanted)
    gzip = codec.compress(body) if compressed and len(body) >= codec.MIN_COMPRESSED_SIZE else None
    if wanted is Format.JSON:
        return Encoded(json=body, json_gzip=gzip)
    return Encoded(proto=body, proto_gzip=gzip)


def _commit_info(commit: Commit) -> vcs_pb2.CommitInfo:
    author = vcs_pb2.CommitAuthor(login=commit.login, avatarURL=commit.avatar_url) if commit.login else None
    return vcs_pb2.CommitInfo(
        message=commit.message, author=author, date=commit.date, sha=commit.sha, URL=commit.page_url
    )
