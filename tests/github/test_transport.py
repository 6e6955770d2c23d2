from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from yarl import URL

from proxy.config.model import GitHub as Settings
from proxy.errors import Code, RpcError
from proxy.github.api import BLOB_LIMIT, USER_AGENT
from proxy.github.client import GitHub, open_client_session
from proxy.github.transport import Allowance, Transport
from proxy.github.wire import Request
from proxy.source.model import Repository
from tests.github.server import Server, answer, hang_up, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.metrics import Metrics

REPOSITORY = Repository("o", "n")
ROOT = "/repos/o/n"
SHA = "a" * 40
BLOB = f"{ROOT}/git/blobs/{SHA}"
SOUND = answer({"full_name": "o/n", "private": False})


def get(
    server: Server, path: str = "/x", method: str = "GET", route: str = "r", body: bytes = b""
) -> Request:
    return Request(method, server.url + path, route, {"Authorization": "Bearer ghu_token"}, body)


async def test_what_is_sent(github: GitHub, server: Server) -> None:
    server.on("POST", "/login?a=%2F", answer(b"ok", headers={"Set-Cookie": "a=b"}))
    await github.send(get(server, "/login?a=%2F", "POST", body=b"first"))
    response = await github.send(get(server, "/login?a=%2F", "POST", body=b"code=secret"))
    assert (response.status, response.body, response.headers["content-type"]) == (
        200,
        b"ok",
        "application/octet-stream",
    )
    seen = server.seen[1]
    assert (seen.body, seen.headers["User-Agent"]) == (b"code=secret", USER_AGENT)
    assert "Cookie" not in seen.headers


async def test_netrc_does_not_reach_github(
    github: GitHub, server: Server, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login operator password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.on("POST", "/login", answer(b"ok"))
    await github.send(Request("POST", f"{server.url}/login", "oauth"))
    assert "Authorization" not in server.seen[0].headers


@pytest.mark.parametrize(("method", "route"), [("GET", "r"), ("POST", "graphql")])
async def test_a_closed_connection_is_tried_once_more(
    github: GitHub, server: Server, method: str, route: str
) -> None:
    server.on(method, "/x", hang_up, answer(b"ok"))
    assert (await github.send(get(server, method=method, route=route))).body == b"ok"


async def test_an_oauth_code_is_not_sent_twice(github: GitHub, server: Server) -> None:
    server.on("POST", "/x", hang_up, answer(b"ok"))
    with pytest.raises(RpcError, match="closed the connection") as caught:
        await github.send(get(server, method="POST", route="oauth", body=b"code=secret"))
    assert caught.value.code is Code.UNAVAILABLE
    assert len(server.seen) == 1


async def test_nobody_is_there(github: GitHub) -> None:
    async with Server() as gone:
        request = get(gone)
    with pytest.raises(RpcError, match="cannot be reached") as caught:
        await github.send(request)
    assert caught.value.code is Code.UNAVAILABLE


async def raw_server(reply: bytes) -> tuple[asyncio.Server, str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"",
    ],
)
async def test_an_answer_that_is_no_http_or_breaks_off(github: GitHub, reply: bytes) -> None:
    server, url = await raw_server(reply)
    async with server:
        with pytest.raises(RpcError) as caught:
            await github.send(Request("GET", url, "r"))
    assert caught.value.code is Code.UNAVAILABLE


async def test_an_answer_that_announces_too_much_is_not_read(github: GitHub) -> None:
    server, url = await raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    async with server:
        with pytest.raises(RpcError, match="larger than 10 MB"):
            await github.send(Request("GET", url, "r"))


async def test_an_endless_answer_is_not_read_on(github: GitHub, server: Server) -> None:
    sent = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(1024 * 1024))
            sent += 1

    server.on("GET", BLOB, endless)
    with pytest.raises(RpcError, match="larger than 100 MB") as caught:
        await github.read_blob("ghu_token", REPOSITORY, SHA)
    assert caught.value.code is Code.UNAVAILABLE
    assert sent < 200


async def test_a_compressed_answer_is_measured_unpacked(github: GitHub, server: Server) -> None:
    bomb = gzip.compress(bytes(BLOB_LIMIT + 1))
    server.on("GET", "/bomb", answer(bomb, headers={"Content-Encoding": "gzip"}))
    server.on("GET", "/fine", answer(gzip.compress(b"fine"), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(RpcError, match="larger than 10 MB"):
        await github.send(get(server, "/bomb"))
    assert (await github.send(get(server, "/fine"))).body == b"fine"


async def test_a_blob_of_100_megabytes_is_read(github: GitHub, server: Server) -> None:
    content = bytes(BLOB_LIMIT)
    server.on("GET", BLOB, answer(content))
    assert await github.read_blob("ghu_token", REPOSITORY, SHA) == content


def in_pieces(pieces: list[bytes], before: Callable[[int], asyncio.Event | None]) -> Any:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        for number, piece in enumerate(pieces):
            if event := before(number):
                await event.wait()
            if number == 0:
                await response.prepare(request)
            await response.write(piece)
        return response

    return handle


@pytest.mark.parametrize("stalled", [0, 1])
async def test_a_slow_answer_is_given_up(server: Server, metrics: Metrics, stalled: int) -> None:
    never = asyncio.Event()
    server.on("GET", ROOT, in_pieces([b"{", b"}"], lambda number: never if number == stalled else None))
    settings = Settings(url=URL(server.url), api_url=URL(server.url), request_timeout=0.05)
    async with open_client_session() as session:
        client = GitHub(session, settings, metrics, clock=lambda: 0.0)
        with pytest.raises(RpcError, match=r"within 0\.05 s") as caught:
            await client.repository("ghu_token", REPOSITORY)
    never.set()
    assert caught.value.code is Code.DEADLINE_EXCEEDED
    count = metrics.registry.get_sample_value(
        "sourceproxy_github_request_duration_seconds_count",
        {"method": "GET", "route": "/repos/{owner}/{repo}", "status_code": "timeout"},
    )
    assert count == 1


class Deadline:
    """Stands where ``asyncio.timeout`` gives its deadline, and counts how often it is moved."""

    def __init__(self) -> None:
        self.moved = 0

    def reschedule(self, when: float | None) -> None:
        assert when is not None
        self.moved += 1


@pytest.mark.parametrize(
    ("piece", "large", "moved_times"), [(64 * 1024, True, 4), (1024, True, 1), (64 * 1024, False, 0)]
)
async def test_only_progress_moves_the_deadline(
    server: Server, settings: Settings, piece: int, large: bool, moved_times: int
) -> None:
    server.on("GET", "/x", answer(bytes(piece * 4)))
    deadline: Any = Deadline()
    async with open_client_session() as session:
        sender = Transport(session, settings, lambda _: None)
        async with session.get(f"{server.url}/x") as response:
            content = await sender._read(response, Allowance(large=large), deadline)
    assert len(content) == piece * 4
    assert 0 <= deadline.moved <= moved_times
    assert bool(deadline.moved) is large


async def test_whoever_gives_up_a_call_is_obeyed(github: GitHub, server: Server, metrics: Metrics) -> None:
    arrived, never = asyncio.Event(), asyncio.Event()

    async def wait(_: web.BaseRequest) -> web.StreamResponse:
        arrived.set()
        await never.wait()
        return web.Response()

    server.on("GET", ROOT, wait)
    call = asyncio.ensure_future(github.repository("ghu_token", REPOSITORY))
    await arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    never.set()
    samples = [sample for family in metrics.github_request_duration.collect() for sample in family.samples]
    assert not any(sample.value for sample in samples if sample.name.endswith("_count"))


async def test_what_the_metrics_show(github: GitHub, server: Server, metrics: Metrics) -> None:
    budget = {"x-ratelimit-limit": "5000", "x-ratelimit-reset": "1000600", "x-ratelimit-resource": "core"}
    server.on("GET", ROOT, answer({"full_name": "o/n"}, headers={**budget, "x-ratelimit-remaining": "41"}))
    await github.repository("ghu_one", REPOSITORY)
    server.on("GET", ROOT, answer({"full_name": "o/n"}, headers={**budget, "x-ratelimit-remaining": "4000"}))
    await github.repository("ghu_two", REPOSITORY)
    server.on("GET", ROOT, hang_up)
    with pytest.raises(RpcError):
        await github.repository("ghu_one", REPOSITORY)
    server.on("GET", ROOT, refuse(403, "API rate limit exceeded", x_ratelimit_remaining="0"))
    server.on("POST", "/graphql", answer({"errors": [{"type": "RATE_LIMITED", "message": "x"}]}))
    for _ in range(3):  # only the first is sent
        with pytest.raises(RpcError):
            await github.repository("ghu_one", REPOSITORY)

    def sample(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"sourceproxy_github_{name}", labels)

    assert sample("rate_limit_remaining", resource="core") == 41
    assert sample("rate_limit_limit", resource="core") == 5000
    assert sample("rate_limit_reset_timestamp_seconds", resource="core") == 1000600
    assert sample("rate_limited_total", resource="core", kind="primary") == 1
    assert sample("rate_limited_total", resource="graphql", kind="primary") == 1
    route = {"method": "GET", "route": "/repos/{owner}/{repo}"}
    assert sample("request_duration_seconds_count", **route, status_code="200") == 2
    assert sample("request_duration_seconds_count", **route, status_code="403") == 1
    assert sample("request_duration_seconds_count", **route, status_code="error") == 3
    assert "ghu_" not in str(vars(github.windows))
