from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from proxy.connect import codec
from proxy.connect.headers import Format
from proxy.errors import Code
from proxy.proto import vcs_pb2
from tests.connect.wire import BACKEND, JSON, post, refused, zipped

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL


@pytest.mark.parametrize("code", Code)
async def test_each_code_has_its_status(http: aiohttp.ClientSession, vcs: URL, code: Code) -> None:
    for headers in (JSON, BACKEND):
        request = vcs_pb2.GetFileRequest(ref=code.value)
        body = codec.encode(request, Format.JSON if headers is JSON else Format.PROTO)
        status, wire, message = await refused(http, vcs / "GetFile", body, headers)
        assert (status, wire, message) == (code.http_status, code.value, f"“{code.value}” was asked for")


async def test_retry_after_is_told(http: aiohttp.ClientSession, vcs: URL) -> None:
    status, headers, _ = await post(http, vcs / "GetFile", {"ref": "resource_exhausted 61"})
    assert (status, headers["Retry-After"]) == (429, "61")
    _, headers, _ = await post(http, vcs / "GetFile", {"ref": "resource_exhausted"})
    assert "Retry-After" not in headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_other_http_methods_are_405(http: aiohttp.ClientSession, vcs: URL, method: str) -> None:
    async with http.request(method, vcs / "GithubApp") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
        if method != "HEAD":
            assert (await response.json())["code"] == "unknown"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/connect+json",
        "application/connect+proto",
        "application/grpc",
        "application/xml",
    ],
)
async def test_other_media_types_are_415(http: aiohttp.ClientSession, vcs: URL, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    status, answer_headers, body = await post(http, vcs / "GithubApp", {}, headers)
    assert (status, answer_headers["Accept-Post"]) == (415, "application/json, application/proto")
    assert json.loads(body)["code"] == "unknown"


@pytest.mark.parametrize("path", ["GetFiles", "getfile", "GetFile/x", "", "..x", "GetFile%2F"])
async def test_unknown_methods_are_404_and_unimplemented(
    http: aiohttp.ClientSession, vcs: URL, path: str
) -> None:
    url = vcs.with_path(f"{vcs.path}/{path}", encoded=True)
    status, code, _ = await refused(http, url)
    assert (status, code) == (404, "unimplemented")
    async with http.get(url) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({}, b"", "invalid_argument"),
        ({}, b"[]", "invalid_argument"),
        ({}, b'{"refs":"x"}', "invalid_argument"),
        ({}, b'{"x":' + b"[" * 100_000, "invalid_argument"),
        ({"Content-Type": "application/proto"}, b"\xff", "invalid_argument"),
        ({"Connect-Protocol-Version": "2"}, b"{}", "invalid_argument"),
        ({"Connect-Timeout-Ms": "12345678901"}, b"{}", "invalid_argument"),
        ({"Connect-Timeout-Ms": "soon"}, b"{}", "invalid_argument"),
        ({"Content-Encoding": "br"}, b"{}", "unimplemented"),
        ({"Content-Encoding": "gzip, gzip"}, b"{}", "unimplemented"),
        ({"Content-Encoding": "gzip"}, b"{}", "invalid_argument"),
        ({"Content-Encoding": "gzip"}, zipped(b"{}")[:-1], "invalid_argument"),
        (
            {"Content-Encoding": "gzip"},
            zipped(b" " * codec.MAX_REQUEST_SIZE + b"{}"),
            "resource_exhausted",
        ),
        ({}, b" " * codec.MAX_REQUEST_SIZE + b"{}", "resource_exhausted"),
    ],
)
async def test_requests_that_are_refused(
    http: aiohttp.ClientSession, vcs: URL, headers: dict[str, str], body: bytes, code: str
) -> None:
    status, wire, _ = await refused(http, vcs / "GetCommits", body, JSON | headers)
    assert (status, wire) == (next(c.http_status for c in Code if c.value == code), code)


async def test_a_chunked_body_is_limited_too(http: aiohttp.ClientSession, vcs: URL) -> None:
    async def chunks() -> Any:
        for _ in range(codec.MAX_REQUEST_SIZE // 65536 + 1):
            yield b" " * 65536

    async with http.post(vcs / "GithubApp", data=chunks(), headers=JSON) as response:
        assert (response.status, (await response.json())["code"]) == (429, "resource_exhausted")


async def test_a_chunked_body_that_is_framed_wrongly_is_answered(vcs: URL) -> None:
    reader, writer = await asyncio.open_connection(vcs.host, vcs.port)
    head = f"POST {vcs.path}/GithubApp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(head.encode() + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
    status_line = await reader.readline()
    assert b" 400 " in status_line
    writer.close()
    await writer.wait_closed()
