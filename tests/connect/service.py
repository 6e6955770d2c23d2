"""A small VCS service with real methods on a real socket; what it answers depends on what it is asked."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from yarl import URL

from proxy.connect.edge import SERVER_OPTIONS, Call, Method, routes
from proxy.errors import Code, RpcError
from proxy.proto import vcs_pb2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

SERVICE = "vcs.v1.VCSService"
CODES = {code.value: code for code in Code}
LOGIN = vcs_pb2.GithubLoginResponse(
    cookie="pyroscope_git_session=abc",
    token="sealed",
    token_expires_at=1_800_000_000_000,
    refresh_token_expires_at=9_007_199_254_740_993,
)


async def github_app(_: vcs_pb2.GithubAppRequest, call: Call) -> vcs_pb2.GithubAppResponse:
    call.response_headers["Server-Timing"] = "known"
    return vcs_pb2.GithubAppResponse(clientID="client", callbackURL=call.headers.get("X-Scope-OrgID", ""))


async def github_login(request: vcs_pb2.GithubLoginRequest, _: Call) -> vcs_pb2.GithubLoginResponse:
    if not request.authorizationCode:
        raise RpcError(Code.INVALID_ARGUMENT, "The field authorizationCode is empty.")
    return LOGIN


async def github_refresh(_: vcs_pb2.GithubRefreshRequest, call: Call) -> vcs_pb2.GithubRefreshResponse:
    await asyncio.get_running_loop().create_future()
    raise AssertionError(call)


async def get_file(request: vcs_pb2.GetFileRequest, _: Call) -> vcs_pb2.GetFileResponse:
    """Answer the path as many times as the ref says, or with the error that the ref names."""
    if request.ref.isdigit():
        content = base64.b64encode(request.localPath.encode() * int(request.ref)).decode()
        return vcs_pb2.GetFileResponse(content=content, URL=request.repositoryURL)
    code, _sep, retry_after = request.ref.partition(" ")
    raise RpcError(
        CODES[code], f"“{code}” was asked for", retry_after=int(retry_after) if retry_after else None
    )


async def get_commit(request: vcs_pb2.GetCommitRequest, _: Call) -> vcs_pb2.GetCommitResponse:
    raise ValueError(f"cannot use {request.ref}")


async def get_commits(request: vcs_pb2.GetCommitsRequest, _: Call) -> vcs_pb2.GetCommitsResponse:
    author = vcs_pb2.CommitAuthor(login="gopher", avatarURL=request.repository_url)
    return vcs_pb2.GetCommitsResponse(
        commits=[vcs_pb2.CommitInfo(sha=ref, author=author) for ref in request.refs]
    )


VCS: Sequence[Method[Any]] = (
    Method("GithubApp", vcs_pb2.GithubAppRequest, github_app),
    Method("GithubLogin", vcs_pb2.GithubLoginRequest, github_login),
    Method("GithubRefresh", vcs_pb2.GithubRefreshRequest, github_refresh),
    Method("GetFile", vcs_pb2.GetFileRequest, get_file),
    Method("GetCommit", vcs_pb2.GetCommitRequest, get_commit),
    Method("GetCommits", vcs_pb2.GetCommitsRequest, get_commits),
)


@asynccontextmanager
async def serving(methods: Sequence[Method[Any]] = VCS, **options: Any) -> AsyncIterator[URL]:
    """Serve methods on a free port; the URL is that of the service."""
    app = web.Application()
    app.add_routes(routes(SERVICE, methods))
    runner = web.AppRunner(app, **{**SERVER_OPTIONS, "shutdown_timeout": 0.1, **options})
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield URL(f"http://{host}:{port}/{SERVICE}")
    finally:
        await runner.cleanup()
