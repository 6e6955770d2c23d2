"""The six methods of ``vcs.v1.VCSService``.

https://github.com/grafana/pyroscope/blob/main/api/vcs/v1/vcs.proto
"""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from proxy.connect.edge import Method
from proxy.errors import Code, RpcError
from proxy.proto import vcs_pb2
from proxy.source.address import parse_repository
from proxy.source.model import Found, Frame, Service
from proxy.source.refs import clean_ref
from proxy.tenancy import tenant_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.config.model import Config
    from proxy.connect.edge import Call
    from proxy.github.client import Commit
    from proxy.library import Library, Resolver, Viewer, Viewers
    from proxy.login import Logins
    from proxy.source.model import File, Repository

SERVICE = "vcs.v1.VCSService"
_MAX_REFS = 1000
_SLOW_TO_ENCODE = 1024 * 1024


class VcsService:
    """Answers Grafana's source-code calls.

    Args:
        config: for the GitHub App, GitHub's address and the tenancy.
        logins: makes and opens sessions.
        viewers: makes viewers of opened sessions.
        library: knows commits.
        resolver: finds files.
    """

    def __init__(
        self, config: Config, logins: Logins, viewers: Viewers, library: Library, resolver: Resolver
    ) -> None:
        self._config = config
        self._logins = logins
        self._viewers = viewers
        self._library = library
        self._resolver = resolver
        self._web = str(config.github.url).rstrip("/")

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
        self._tenant(call)
        self._logins.require_configured()
        github = self._config.github
        return vcs_pb2.GithubAppResponse(clientID=github.client_id, callbackURL=github.callback_url)

    async def github_login(
        self, request: vcs_pb2.GithubLoginRequest, call: Call
    ) -> vcs_pb2.GithubLoginResponse:
        """Turn an authorization code into a session."""
        established = await self._logins.login(request.authorizationCode, self._tenant(call))
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
        established = await self._logins.refresh(call.headers.getall("Cookie", []), self._tenant(call))
        return vcs_pb2.GithubRefreshResponse(
            cookie=established.cookie,
            token=established.token,
            token_expires_at=established.token_expires_at,
            refresh_token_expires_at=established.refresh_token_expires_at,
        )

    async def get_file(self, request: vcs_pb2.GetFileRequest, call: Call) -> vcs_pb2.GetFileResponse:
        """Find the file of a frame; ``not_found`` says where it was looked for."""
        viewer = self._viewer(call)
        service = Service(self._repository(request.repositoryURL), request.ref, request.rootPath)
        frame = Frame(request.localPath, request.functionName)
        if not frame.path and not frame.function_name:
            raise RpcError(Code.INVALID_ARGUMENT, "a localPath or a functionName is needed to find a file")
        outcome = await self._resolver.resolve(viewer, frame, service)
        if not isinstance(outcome.resolution, Found):
            raise RpcError(Code.NOT_FOUND, outcome.resolution.reason)
        file = outcome.resolution.file
        return vcs_pb2.GetFileResponse(content=await _base64(file.content), URL=self._page(file))

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

    async def _commits(self, call: Call, url: str, refs: list[str]) -> dict[str, Commit | None]:
        viewer = self._viewer(call)
        repository = self._repository(url)
        # Several labels may clean to the same ref, which is asked and answered once.
        cleaned = list(dict.fromkeys(clean_ref(ref).name for ref in refs))
        commits = await self._library.commits(viewer, repository, cleaned) if cleaned else {}
        if commits is None:
            raise RpcError(
                Code.NOT_FOUND,
                f"GitHub shows no repository {repository} to you: it does not exist, you may not read it, "
                "or the GitHub App is not installed for its organization",
            )
        return commits

    def _tenant(self, call: Call) -> str:
        return tenant_of(call.headers, multitenancy_enabled=self._config.tenancy.multitenancy_enabled)

    def _viewer(self, call: Call) -> Viewer:
        tenant = self._tenant(call)
        token = self._logins.open_session(call.headers.getall("Cookie", []), tenant)
        return self._viewers.viewer(tenant, token.access_token)

    def _repository(self, url: str) -> Repository:
        return parse_repository(url, self._config.github.url.host or "")

    def _page(self, file: File) -> str:
        """The file's page on GitHub, at the commit whose content was read."""
        snapshot = file.snapshot
        return f"{self._web}/{snapshot.repository}/blob/{snapshot.commit}/{quote(file.path)}"


async def _base64(content: bytes) -> str:
    if len(content) < _SLOW_TO_ENCODE:
        return base64.b64encode(content).decode("ascii")
    return (await asyncio.to_thread(base64.b64encode, content)).decode("ascii")


def _commit_info(commit: Commit) -> vcs_pb2.CommitInfo:
    author = vcs_pb2.CommitAuthor(login=commit.login, avatarURL=commit.avatar_url) if commit.login else None
    return vcs_pb2.CommitInfo(
        message=commit.message, author=author, date=commit.date, sha=commit.sha, URL=commit.page_url
    )
