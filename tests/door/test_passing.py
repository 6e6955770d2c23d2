"""What arrives at the upstream is what was sent, and what it answers is what the client gets."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from tests.door.conftest import Connection, Setup, running_door, say_ok


def lines_of(head: bytes) -> list[bytes]:
    return head.rstrip(b"\r\n").split(b"\r\n")


@pytest.mark.parametrize(
    "target",
    [
        b"/",
        b"/a%2Fb/%2e%2E/c",
        b"//double//slash/",
        b"/a/../b/./c",
        b"/?a=b&a=c",
        b"/x?empty=&flag&=v",
        b"/x?",
        b"/x?a=%20+%2B%zz",
        b"/pyroscope/render?query=process_cpu%7B%7D&from=now-1h",
        b"/semi;colon,comma'quote(paren)!$*~@:",
        b"/ready",
        b"/metrics",
        b"/a#fragment",
        b"*",
    ],
)
async def test_the_raw_target_arrives_unchanged(echoing: Setup, target: bytes) -> None:
    method = b"OPTIONS" if target == b"*" else b"GET"
    _, body = await echoing.ask(method + b" " + target + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert lines_of(body)[0] == method + b" " + target + b" HTTP/1.1"


@pytest.mark.parametrize(
    "method", [b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"PROPFIND", b"REPORT", b"TRACE"]
)
async def test_any_method_passes(echoing: Setup, method: bytes) -> None:
    _, body = await echoing.ask(method + b" /m HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert body.startswith(method + b" /m HTTP/1.1\r\n")


async def test_an_absolute_target_becomes_its_path(echoing: Setup) -> None:
    _, body = await echoing.ask(
        b"GET http://pyro.example/a//b?x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    )
    assert lines_of(body)[0] == b"GET /a//b?x HTTP/1.1"
    assert b"X-Forwarded-Host: pyro.example" in lines_of(body)


async def test_headers_keep_their_order_spelling_and_duplicates(echoing: Setup) -> None:
    sent = [
        b"X-Scope-OrgID: team-a",
        b"cookie: a=1",
        b"COOKIE: b=2",
        b"Accept: */*",
        b"X-Empty:",
        b"x-dup: 1",
        b"X-Dup: 2",
        b"Authorization: Basic eDp5",
        b"X-Bytes: caf\xc3\xa9 \xff",
        b"Accept-Encoding: gzip",
        b"TraceParent: 00-abc",
    ]
    request = (
        b"GET / HTTP/1.1\r\nHost: grafana.example\r\n" + b"\r\n".join(sent) + b"\r\nConnection: close\r\n\r\n"
    )
    _, body = await echoing.ask(request)
    got = [line.rstrip() for line in lines_of(body)[2:-3]]
    assert got == sent
    assert lines_of(body)[-3:] == [
        b"X-Forwarded-For: 127.0.0.1",
        b"X-Forwarded-Host: grafana.example",
        b"X-Forwarded-Proto: http",
    ]


async def test_the_host_becomes_the_upstreams(echoing: Setup) -> None:
    _, body = await echoing.ask(b"GET / HTTP/1.1\r\nHost: grafana.example\r\nConnection: close\r\n\r\n")
    assert lines_of(body)[1] == b"Host: 127.0.0.1:%d" % echoing.upstream_port


async def test_forwarded_headers_are_appended_to_or_kept(echoing: Setup) -> None:
    request = (
        b"GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Host: outer\r\n"
        b"X-Forwarded-Proto: https\r\nx-forwarded-for: 10.0.0.2\r\nConnection: close\r\n\r\n"
    )
    _, body = await echoing.ask(request)
    forwarded = [line for line in lines_of(body) if line.lower().startswith(b"x-forwarded")]
    assert forwarded == [
        b"X-Forwarded-For: 10.0.0.1",
        b"X-Forwarded-Host: outer",
        b"X-Forwarded-Proto: https",
        b"x-forwarded-for: 10.0.0.2, 127.0.0.1",
    ]


async def test_hop_by_hop_headers_stay_behind(echoing: Setup) -> None:
    request = (
        b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close, X-Hop,\tx-other\r\nKeep-Alive: timeout=5\r\n"
        b"Proxy-Authorization: Basic eDp5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nTrailer: X-T\r\n"
        b"X-Hop: 1\r\nX-Other: 2\r\nX-Stays: 3\r\nContent-Length: 0\r\n\r\n"
    )
    _, body = await echoing.ask(request)
    names = [line.split(b":")[0].lower() for line in lines_of(body)[1:]]
    assert names == [
        b"host",
        b"x-stays",
        b"content-length",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
    ]


async def test_connection_cannot_take_away_the_framing(echoing: Setup) -> None:
    request = (
        b"POST / HTTP/1.1\r\nHost: h\r\n"
        b"Connection: content-length, host, close\r\nContent-Length: 3\r\n\r\nabc"
    )
    _, body = await echoing.ask(request)
    assert b"\r\nContent-Length: 3\r\n" in body
    assert body.endswith(b"\r\n\r\nabc")


async def test_a_path_prefix_goes_before_the_raw_path() -> None:
    async with running_door(say_ok, path_prefix="/pyro%2Fscope") as setup:
        _, body = await setup.ask(b"GET /a%2Fb?c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert body.startswith(b"GET /pyro%2Fscope/a%2Fb?c HTTP/1.1\r\n")


async def test_answers_keep_status_reason_headers_and_bytes() -> None:
    body = gzip.compress(b"profile " * 1000)

    async def answer(connection: Connection) -> None:
        await connection.request()
        await connection.send(
            b"HTTP/1.1 418 I'm a Teapot\r\nSet-Cookie: a=1; Path=/\r\nX-Dup: 1\r\n"
            b"set-cookie: b=2\r\nx-dup: 2\r\n"
            b"Content-Encoding: gzip\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
            b"Location: http://elsewhere/\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )

    async with running_door(answer) as setup:
        head, got = await setup.ask(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert lines_of(head) == [
        b"HTTP/1.1 418 I'm a Teapot",
        b"Set-Cookie: a=1; Path=/",
        b"X-Dup: 1",
        b"set-cookie: b=2",
        b"x-dup: 2",
        b"Content-Encoding: gzip",
        b"Location: http://elsewhere/",
        b"Content-Length: %d" % len(body),
        b"Connection: close",
    ]
    assert got == body


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See Other", b"307 T", b"308 P"])
async def test_redirects_are_not_followed(status: bytes) -> None:
    async def answer(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 " + status + b"\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")

    async with running_door(answer) as setup:
        head, _ = await setup.ask(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 " + status)
        assert len(setup.connections) == 1


async def test_no_cookie_is_kept_from_one_request_to_the_next() -> None:
    async def answer(connection: Connection) -> None:
        while True:
            head, _ = await connection.request()
            await connection.send(
                b"HTTP/1.1 200 OK\r\nSet-Cookie: s=1\r\nContent-Length: %d\r\n\r\n%b" % (len(head), head)
            )

    async with running_door(answer) as setup:
        request = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        await setup.ask(request)
        _, body = await setup.ask(request)
    assert b"cookie" not in body.lower()


@pytest.mark.parametrize(
    ("method", "answer", "expected"),
    [
        (b"HEAD", b"200 OK\r\nContent-Length: 12345\r\n\r\n", [b"Content-Length: 12345"]),
        (b"HEAD", b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", []),
        (b"GET", b"204 No Content\r\n\r\n", []),
        (b"GET", b"204 No Content\r\nContent-Length: 0\r\n\r\n", []),
        (
            b"GET",
            b'304 Not Modified\r\nETag: "a"\r\nContent-Length: 99\r\n\r\n',
            [b'ETag: "a"', b"Content-Length: 99"],
        ),
    ],
)
async def test_answers_without_a_body(method: bytes, answer: bytes, expected: list[bytes]) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 " + answer)

    async with running_door(script) as setup:
        client = await setup.connect()
        await client.send(method + b" / HTTP/1.1\r\nHost: h\r\n\r\n")
        head = await asyncio.wait_for(client.head(), 10)
        assert lines_of(head)[1:] == expected
        # The connection is still in step: nothing of a body is waited for or left over.
        await client.send(b"GET /-/source/next HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await asyncio.wait_for(client.head(), 10)).startswith(b"HTTP/1.1 200")
        client.close()


@pytest.mark.parametrize(
    "path",
    [
        b"/vcs.v1.VCSService/GetFile",
        b"/vcs.v1.VCSService/",
        b"/-/source/",
        b"/-/source",
        b"/source.v1.SourceService/X?y",
    ],
)
async def test_our_routes_go_to_our_application(echoing: Setup, path: bytes) -> None:
    _, body = await echoing.ask(
        b"POST " + path + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"
    )
    answer = json.loads(body)
    assert answer["path"] == path.decode()
    assert answer["size"] == 2
    assert echoing.connections == []


@pytest.mark.parametrize(
    "path",
    [
        b"/vcs.v1.VCSService",
        b"/vcs.v1.VCSServices/X",
        b"/x/vcs.v1.VCSService/X",
        b"/-/sources/",
        b"/-/healthy",
        b"//-/source/",
    ],
)
async def test_what_only_looks_like_ours_passes(echoing: Setup, path: bytes) -> None:
    _, body = await echoing.ask(
        b"POST " + path + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )
    assert body.startswith(b"POST " + path + b" HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("given", "kept"), [(b"abc-123", True), (b"a b\t<script>", False), (b"x" * 200, False)]
)
async def test_our_application_gets_one_request_id(echoing: Setup, given: bytes, kept: bool) -> None:
    _, body = await echoing.ask(
        b"GET /-/source/ HTTP/1.1\r\nHost: h\r\nX-Request-Id: " + given + b"\r\nConnection: close\r\n\r\n"
    )
    ids = [value for name, value in json.loads(body)["headers"] if name.lower() == "x-request-id"]
    assert len(ids) == 1
    assert (ids[0] == given.decode()) is kept


async def test_the_routes_are_counted_by_name(echoing: Setup) -> None:
    for path in (b"/querier.v1.QuerierService/SelectSeries", b"/vcs.v1.VCSService/GetFile", b"/any/path"):
        await echoing.ask(
            b"POST " + path + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
    name = "sourceproxy_request_duration_seconds_count"
    assert echoing.sample(name, route="querier.v1.QuerierService/SelectSeries", status_code="200") == 1
    assert echoing.sample(name, route="vcs.v1.VCSService/GetFile", status_code="200") == 1
    assert echoing.sample(name, route="other", status_code="200") == 1
    assert echoing.sample("sourceproxy_inflight_requests", route="other") == 0
