"""What Pyroscope is asked, in which order, and what becomes of its answers and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from proxy.config.model import Upstream
from proxy.errors import Code, RpcError
from proxy.profile import Question
from proxy.proto import querier_pb2
from proxy.querier import Asked, Querier, open_querier
from proxy.querier.client import REMEMBERED
from proxy.querier.refusals import UpstreamError
from tests.fakes.github import Clock
from tests.profile.building import CPU
from tests.querier.server import (
    ASKED,
    PROFILE,
    STACKTRACES,
    Pyroscope,
    error,
    flame_graph,
    in_response,
    metrics,
    profile,
    running,
    spent,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEADERS: CIMultiDict[str] = CIMultiDict()


@pytest.fixture
async def pyroscope() -> AsyncIterator[Pyroscope]:
    async with running() as server:
        yield server


@pytest.fixture
async def querier(pyroscope: Pyroscope) -> AsyncIterator[Querier]:
    async with open_querier(Upstream(pyroscope.url), metrics()) as opened:
        yield opened


async def test_it_asks_once_for_pprof_and_for_all_nodes(querier: Querier, pyroscope: Pyroscope) -> None:
    pyroscope.on(STACKTRACES, in_response(profile()))
    assert spent(await querier.join(ASKED, HEADERS)) == 10
    ((path, headers, body),) = pyroscope.requests
    assert path == STACKTRACES
    assert headers["Content-Type"] == "application/proto"
    assert headers["Accept-Encoding"] == "gzip"
    sent = querier_pb2.SelectMergeStacktracesRequest.FromString(body)
    assert sent == querier_pb2.SelectMergeStacktracesRequest(
        profile_typeID=CPU,
        label_selector='{service_name="checkout"}',
        start=1000,
        end=2000,
        format=querier_pb2.PROFILE_FORMAT_PPROF,
    )
    assert not sent.HasField("max_nodes")
    assert not sent.HasField("stack_trace_selector")


@pytest.mark.parametrize("path", [STACKTRACES, PROFILE])
async def test_a_call_path_narrows_what_pyroscope_selects(
    path: str, querier: Querier, pyroscope: Pyroscope
) -> None:
    pyroscope.on(path, in_response(profile()) if path == STACKTRACES else profile())
    asked = Asked("{}", 1, 2, Question("f", CPU, ("f",)))
    assert spent(await querier.join(asked, HEADERS)) == 10
    for _, _, body in pyroscope.requests:
        request = (
            querier_pb2.SelectMergeStacktracesRequest
            if path == STACKTRACES
            else querier_pb2.SelectMergeProfileRequest
        )
        selector = request.FromString(pyroscope.requests[-1][2]).stack_trace_selector
        assert [location.name for location in selector.call_site] == ["f"]
        assert body


@pytest.mark.parametrize(
    "answer",
    [
        flame_graph(),
        b"",
        lambda: error("unimplemented", 501),
        lambda: error("invalid_argument", 400, "unknown format"),
        lambda: web.Response(status=404, text="404 page not found"),
    ],
)
async def test_a_version_without_the_format_is_asked_the_older_method_from_then_on(
    answer: bytes, pyroscope: Pyroscope
) -> None:
    pyroscope.on(STACKTRACES, answer)
    pyroscope.on(PROFILE, profile())
    clock = Clock()
    async with open_querier(Upstream(pyroscope.url), metrics()) as querier:
        querier._clock = clock
        for _ in range(2):
            assert spent(await querier.join(ASKED, HEADERS)) == 10
        assert pyroscope.asked == ["SelectMergeStacktraces", "SelectMergeProfile", "SelectMergeProfile"]
        clock.advance(REMEMBERED)
        pyroscope.on(STACKTRACES, in_response(profile()))
        assert spent(await querier.join(ASKED, HEADERS)) == 10
        assert pyroscope.asked[3:] == ["SelectMergeStacktraces"]


async def test_what_both_methods_refuse_says_nothing_of_the_format(
    querier: Querier, pyroscope: Pyroscope
) -> None:
    for path in (STACKTRACES, PROFILE):
        pyroscope.on(path, lambda: error("invalid_argument", 400, "parse error: unexpected }"))
    for _ in range(2):
        with pytest.raises(UpstreamError, match="parse error") as caught:
            await querier.join(ASKED, HEADERS)
        assert caught.value.code is Code.INVALID_ARGUMENT
    assert pyroscope.asked == ["SelectMergeStacktraces", "SelectMergeProfile"] * 2


async def test_a_version_that_dropped_the_older_method_says_what_is_wrong(
    querier: Querier, pyroscope: Pyroscope
) -> None:
    pyroscope.on(STACKTRACES, lambda: error("invalid_argument", 400, "the selector is wrong"))
    with pytest.raises(UpstreamError, match="the selector is wrong"):
        await querier.join(ASKED, HEADERS)


@pytest.mark.parametrize(
    ("code", "status"),
    [("unauthenticated", 401), ("permission_denied", 403), ("resource_exhausted", 429), ("internal", 500)],
)
async def test_refusals_are_those_of_pyroscope(
    code: str, status: int, querier: Querier, pyroscope: Pyroscope
) -> None:
    pyroscope.on(STACKTRACES, lambda: error(code, status))
    with pytest.raises(UpstreamError, match="told by Pyroscope") as caught:
        await querier.join(ASKED, HEADERS)
    assert caught.value.code.value == code
    assert pyroscope.asked == ["SelectMergeStacktraces"]


async def test_a_refusal_may_be_compressed_or_without_end(querier: Querier, pyroscope: Pyroscope) -> None:
    def compressed() -> web.Response:
        response = error("unavailable", 503)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    pyroscope.on(STACKTRACES, compressed)
    with pytest.raises(UpstreamError, match="told by Pyroscope"):
        await querier.join(ASKED, HEADERS)
    pyroscope.on(STACKTRACES, lambda: web.Response(status=503, body=b"x" * 2**20))
    with pytest.raises(UpstreamError, match="HTTP status 503"):
        await querier.join(ASKED, HEADERS)


async def test_headers_of_the_caller_go_along_and_the_session_does_not(
    querier: Querier, pyroscope: Pyroscope
) -> None:
    pyroscope.on(STACKTRACES, in_response(profile()))
    sent = CIMultiDict(
        {
            "X-Scope-OrgID": "acme",
            "Authorization": "Basic abc",
            "Cookie": "pyroscope_git_session=secret; gateway=1",
            "traceparent": "00-1-2-01",
            "Content-Type": "application/json",
            "Content-Length": "999",
        }
    )
    await querier.join(ASKED, sent, remaining=3.0)
    ((_, headers, body),) = pyroscope.requests
    assert headers["X-Scope-OrgID"] == "acme"
    assert headers["Authorization"] == "Basic abc"
    assert headers["Cookie"] == "gateway=1"
    assert headers["traceparent"] == "00-1-2-01"
    assert headers["Content-Length"] == str(len(body))
    assert headers["Connect-Timeout-Ms"] == "3000"
    assert "User-Agent" not in headers


async def test_cookies_are_not_kept_and_redirects_not_followed(
    querier: Querier, pyroscope: Pyroscope
) -> None:
    def redirect() -> web.Response:
        response = web.Response(status=302, headers={"Location": "/elsewhere"})
        response.set_cookie("kept", "1")
        return response

    pyroscope.on(STACKTRACES, redirect)
    for _ in range(2):
        with pytest.raises(UpstreamError, match="HTTP status 302"):
            await querier.join(ASKED, HEADERS)
    assert pyroscope.asked == ["SelectMergeStacktraces"] * 2
    assert all("Cookie" not in headers for _, headers, _ in pyroscope.requests)


async def test_a_path_prefix_of_the_upstream_is_kept(pyroscope: Pyroscope) -> None:
    pyroscope.on(f"/some%2Fprefix{STACKTRACES}", in_response(profile()))
    upstream = Upstream(URL(f"{pyroscope.url}/some%2Fprefix/", encoded=True))
    async with open_querier(upstream, metrics()) as querier:
        assert spent(await querier.join(ASKED, HEADERS)) == 10


@pytest.mark.parametrize("body", [b"<html>", b"\x2a\x03\x0a\x01\x12", b"\xff" * 50])
async def test_an_answer_that_is_no_profile_is_told(
    body: bytes, querier: Querier, pyroscope: Pyroscope
) -> None:
    pyroscope.on(STACKTRACES, body)
    with pytest.raises(RpcError, match="not a profile") as caught:
        await querier.join(ASKED, HEADERS)
    assert caught.value.code is Code.INTERNAL


async def test_an_empty_profile_is_an_answer(querier: Querier, pyroscope: Pyroscope) -> None:
    pyroscope.on(STACKTRACES, in_response(b""))
    assert (await querier.join(ASKED, HEADERS)).samples == 0
