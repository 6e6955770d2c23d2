from __future__ import annotations

import asyncio
import base64
import gzip
import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from proxy.connect import codec
from proxy.connect.codec import Encoded
from proxy.connect.edge import Call, Method
from proxy.connect.headers import Format
from proxy.errors import Code, RpcError
from proxy.proto import vcs_pb2
from tests.connect.service import LOGIN, serving

if TYPE_CHECKING:
    import aiohttp
    from google.protobuf.message import Message
    from multidict import CIMultiDictProxy
    from yarl import URL

JSON = {"Content-Type": "application/json"}
PROTO = {"Content-Type": "application/proto"}
BACKEND = PROTO | {
    "Connect-Protocol-Version": "1",
    "Accept-Encoding": "gzip",
    "User-Agent": "connect-go/1.19.1",
}


async def never() -> Message:
    future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    return await future


async def post(
    http: aiohttp.ClientSession,
    url: URL,
    body: bytes | dict[str, Any] = b"{}",
    headers: dict[str, str] | None = None,
) -> tuple[int, CIMultiDictProxy[str], bytes]:
    data = io.BytesIO(json.dumps(body).encode() if isinstance(body, dict) else body)
    async with http.post(url, data=data, headers=JSON if headers is None else headers) as response:
        return response.status, response.headers, await response.read()


async def refused(*args: Any, **kwargs: Any) -> tuple[int, str, str]:
    """Status, code and message of an answer that has to be an error of the protocol."""
    status, headers, body = await post(*args, **kwargs)
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "no-store"
    error = json.loads(body)
    assert set(error) == {"code", "message"}
    return status, error["code"], error["message"]


async def test_as_the_browser_sends_it(http: aiohttp.ClientSession, vcs: URL) -> None:
    status, headers, body = await post(
        http,
        vcs / "GetFile",
        {
            "repositoryURL": "https://github.com/o/r",
            "ref": "1",
            "localPath": "main.go",
            "rootPath": "",
            "functionName": "main.main",
        },
        JSON
        | {
            "Accept": "application/json, text/plain, */*",
            "Accept-Encoding": "gzip, deflate, br",
            "Cookie": "pyroscope_git_session=abc",
            "X-Forwarded-For": "10.0.0.1, 127.0.0.1",
            "User-Agent": "Grafana/12.1.0",
        },
    )
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body) == {
        "content": base64.b64encode(b"main.go").decode(),
        "URL": "https://github.com/o/r",
    }


async def test_as_the_backend_sends_it(http: aiohttp.ClientSession, vcs: URL) -> None:
    request = vcs_pb2.GetFileRequest(repositoryURL="r", ref="1000", localPath="main.go")
    status, headers, body = await post(http, vcs / "GetFile", request.SerializeToString(), BACKEND)
    assert (status, headers["Content-Type"], headers["Content-Encoding"]) == (
        200,
        "application/proto",
        "gzip",
    )
    answer = vcs_pb2.GetFileResponse.FromString(gzip.decompress(body))
    assert base64.b64decode(answer.content) == b"main.go" * 1000


async def test_64_bit_integers_are_strings_in_json(http: aiohttp.ClientSession, vcs: URL) -> None:
    _, _, body = await post(http, vcs / "GithubLogin", {"authorizationCode": "c"})
    answer = json.loads(body)
    assert answer["tokenExpiresAt"] == "1800000000000"
    assert answer["refreshTokenExpiresAt"] == "9007199254740993"
    _, _, body = await post(http, vcs / "GithubLogin", b"\n\x01c", PROTO)
    assert vcs_pb2.GithubLoginResponse.FromString(body) == LOGIN


@pytest.mark.parametrize("name", ["repositoryUrl", "repository_url"])
async def test_both_names_of_a_field_are_read_and_unknown_ones_ignored(
    http: aiohttp.ClientSession, vcs: URL, name: str
) -> None:
    status, _, body = await post(http, vcs / "GetCommits", {name: "r", "refs": ["a"], "new": {"x": [1]}})
    expected = {"commits": [{"author": {"login": "gopher", "avatarURL": "r"}, "sha": "a"}]}
    assert (status, json.loads(body)) == (200, expected)


async def test_headers_of_every_answer(http: aiohttp.ClientSession, vcs: URL) -> None:
    sent = JSON | {"X-Request-Id": "a1-b2", "X-Scope-OrgID": "team"}
    status, headers, body = await post(http, vcs / "GithubApp", {}, sent)
    assert (status, json.loads(body)) == (200, {"clientID": "client", "callbackURL": "team"})
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["X-Request-Id"] == "a1-b2"
    assert headers["Server-Timing"] == "known"
    assert "Content-Encoding" not in headers


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
        ({"Content-Encoding": "gzip"}, gzip.compress(b"{}")[:-1], "invalid_argument"),
        (
            {"Content-Encoding": "gzip"},
            gzip.compress(b" " * codec.MAX_REQUEST_SIZE + b"{}"),
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


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "identity"])
async def test_compressed_requests(http: aiohttp.ClientSession, vcs: URL, encoding: str) -> None:
    body = b'{"authorizationCode":"c"}'
    sent = gzip.compress(body) if encoding.lower() == "gzip" else body
    status, _, _ = await post(http, vcs / "GithubLogin", sent, JSON | {"Content-Encoding": encoding})
    assert status == 200


@pytest.mark.parametrize(
    ("accept_encoding", "size", "compressed"),
    [
        ("gzip", 2000, True),
        ("gzip;q=0", 2000, False),
        ("br", 2000, False),
        ("", 2000, False),
        ("gzip", 10, False),
    ],
)
async def test_compressed_answers(
    http: aiohttp.ClientSession, vcs: URL, accept_encoding: str, size: int, compressed: bool
) -> None:
    headers = JSON | ({"Accept-Encoding": accept_encoding} if accept_encoding else {})
    _, answered, body = await post(http, vcs / "GetFile", {"ref": str(size), "localPath": "x"}, headers)
    assert answered.get("Content-Encoding") == ("gzip" if compressed else None)
    answer = json.loads(gzip.decompress(body) if compressed else body)
    assert base64.b64decode(answer["content"]) == b"x" * size


async def test_a_large_answer_is_whole(http: aiohttp.ClientSession, vcs: URL) -> None:
    headers = JSON | {"Accept-Encoding": "gzip"}
    _, _, body = await post(http, vcs / "GetFile", {"ref": "100000", "localPath": "0123456789"}, headers)
    assert base64.b64decode(json.loads(gzip.decompress(body))["content"]) == b"0123456789" * 100_000


async def test_an_encoded_answer_is_written_as_it_is(http: aiohttp.ClientSession) -> None:
    known = Encoded(json=b"j" * 2000, proto=b"p" * 2000, json_gzip=b"zipped json")

    async def handler(_: vcs_pb2.GetFileRequest, __: Call) -> Encoded:
        return known

    async with serving([Method("GetFile", vcs_pb2.GetFileRequest, handler)]) as url:
        gzip_too = {"Accept-Encoding": "gzip"}
        assert (await post(http, url / "GetFile", b"{}", JSON))[2] == known.json
        assert (await post(http, url / "GetFile", b"", PROTO))[2] == known.proto
        assert (await post(http, url / "GetFile", b"{}", JSON | gzip_too))[2] == known.json_gzip
        _, headers, body = await post(http, url / "GetFile", b"", PROTO | gzip_too)
        assert headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(body) == known.proto


async def test_a_large_encoded_answer_is_compressed_on_the_way(http: aiohttp.ClientSession) -> None:
    async def handler(_: vcs_pb2.GetFileRequest, __: Call) -> Encoded:
        return Encoded(json=b"j" * 500_000)

    async with serving([Method("GetFile", vcs_pb2.GetFileRequest, handler)]) as url:
        _, _, body = await post(http, url / "GetFile", b"{}", JSON | {"Accept-Encoding": "gzip"})
        assert gzip.decompress(body) == b"j" * 500_000


async def test_a_deadline_cancels_the_handler(http: aiohttp.ClientSession) -> None:
    cancelled = asyncio.Event()
    calls: list[Call] = []

    async def handler(_: vcs_pb2.GetFileRequest, call: Call) -> Message:
        calls.append(call)
        call.response_headers["Server-Timing"] = "github"
        try:
            return await never()
        finally:
            cancelled.set()

    async with serving([Method("GetFile", vcs_pb2.GetFileRequest, handler)]) as url:
        status, headers, body = await post(http, url / "GetFile", b"{}", JSON | {"Connect-Timeout-Ms": "20"})
    assert (status, json.loads(body)["code"]) == (504, "deadline_exceeded")
    assert "0.02 seconds" in json.loads(body)["message"]
    assert headers["Server-Timing"] == "github"
    assert cancelled.is_set()
    assert calls[0].deadline is not None
    assert calls[0].remaining(calls[0].deadline - 3) == 3
    assert calls[0].remaining(calls[0].deadline + 3) == 0


async def test_a_deadline_that_has_passed_does_no_work(http: aiohttp.ClientSession, vcs: URL) -> None:
    status, code, _ = await refused(http, vcs / "GithubApp", b"{}", JSON | {"Connect-Timeout-Ms": "0"})
    assert (status, code) == (504, "deadline_exceeded")


async def test_without_a_timeout_there_is_no_deadline(http: aiohttp.ClientSession) -> None:
    async def handler(_: vcs_pb2.GithubAppRequest, call: Call) -> Message:
        assert call.deadline is None
        assert call.remaining(1.0) is None
        return vcs_pb2.GithubAppResponse(clientID=call.format.value)

    async with serving([Method("GithubApp", vcs_pb2.GithubAppRequest, handler)]) as url:
        _, _, body = await post(http, url / "GithubApp")
    assert json.loads(body) == {"clientID": "application/json"}


async def test_the_unexpected_is_internal_and_logged_without_what_was_sent(
    http: aiohttp.ClientSession, vcs: URL, caplog: pytest.LogCaptureFixture
) -> None:
    headers = JSON | {"X-Request-Id": "id-7", "Cookie": "pyroscope_git_session=hush"}
    status, code, message = await refused(http, vcs / "GetCommit", {"ref": "hush"}, headers)
    assert (status, code) == (500, "internal")
    assert message == "Something went wrong here; the log says more under request id id-7."
    (record,) = [record for record in caplog.records if record.name == "proxy.connect.edge"]
    assert record.levelno == logging.ERROR
    shown = logging.Formatter().format(record)
    assert "vcs.v1.VCSService/GetCommit failed, request id-7" in shown
    assert "in get_commit" in shown
    assert "ValueError" in shown
    assert "hush" not in shown


@pytest.mark.parametrize(
    "answer",
    [None, "text", Encoded(proto=b""), TimeoutError("own"), KeyError("x"), ExceptionGroup("g", [OSError()])],
)
async def test_a_handler_that_errs_is_internal(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, answer: Any
) -> None:
    async def handler(_: vcs_pb2.GithubAppRequest, __: Call) -> Message:
        if isinstance(answer, Exception):
            raise answer
        wrong: Message = answer
        return wrong

    async with serving([Method("GithubApp", vcs_pb2.GithubAppRequest, handler)]) as url:
        for headers in (JSON, JSON | {"Connect-Timeout-Ms": "60000"}):
            assert (await refused(http, url / "GithubApp", b"{}", headers))[:2] == (500, "internal")


async def test_cancellation_passes_to_the_handler() -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def handler(_: vcs_pb2.GithubAppRequest, __: Call) -> Message:
        started.set()
        try:
            return await never()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    method = Method("GithubApp", vcs_pb2.GithubAppRequest, handler)
    async with serving([method], handler_cancellation=True) as url:
        _, writer = await asyncio.open_connection(url.host, url.port)
        head = f"POST {url.path}/GithubApp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        writer.write(head.encode() + b"Content-Length: 2\r\n\r\n{}")
        await started.wait()
        writer.close()
        await cancelled.wait()
        await writer.wait_closed()


async def test_a_chunked_body_that_is_framed_wrongly_is_answered(vcs: URL) -> None:
    reader, writer = await asyncio.open_connection(vcs.host, vcs.port)
    head = f"POST {vcs.path}/GithubApp HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(head.encode() + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
    status_line = await reader.readline()
    assert b" 400 " in status_line
    writer.close()
    await writer.wait_closed()


async def test_an_error_from_a_handler_is_its_own_words(http: aiohttp.ClientSession) -> None:
    async def handler(_: vcs_pb2.GithubAppRequest, __: Call) -> Message:
        raise RpcError(Code.UNAVAILABLE, "GitHub is down; try again in a minute.", retry_after=60)

    async with serving([Method("GithubApp", vcs_pb2.GithubAppRequest, handler)]) as url:
        expected = (503, "unavailable", "GitHub is down; try again in a minute.")
        assert await refused(http, url / "GithubApp") == expected
