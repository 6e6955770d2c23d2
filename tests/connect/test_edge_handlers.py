from __future__ import annotations

import asyncio
import gzip
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from proxy.connect.codec import Encoded
from proxy.connect.edge import Call, Method
from proxy.errors import Code, RpcError
from proxy.proto import vcs_pb2
from tests.connect.service import serving
from tests.connect.wire import JSON, PROTO, never, post, refused

if TYPE_CHECKING:
    import aiohttp
    from google.protobuf.message import Message
    from yarl import URL


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


async def test_an_error_from_a_handler_is_its_own_words(http: aiohttp.ClientSession) -> None:
    async def handler(_: vcs_pb2.GithubAppRequest, __: Call) -> Message:
        raise RpcError(Code.UNAVAILABLE, "GitHub is down; try again in a minute.", retry_after=60)

    async with serving([Method("GithubApp", vcs_pb2.GithubAppRequest, handler)]) as url:
        expected = (503, "unavailable", "GitHub is down; try again in a minute.")
        assert await refused(http, url / "GithubApp") == expected
