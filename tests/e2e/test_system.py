"""The system as a whole: what passes, what is ours, what is seen of it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from yarl import URL

from proxy.proto import vcs_pb2
from tests.e2e.conftest import LARGE
from tests.fakes.system import SHOP

if TYPE_CHECKING:
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"


async def test_a_profile_query_passes_through(system: System) -> None:
    url = f"{system.url}/querier.v1.QuerierService/LabelValues"
    async with system.http.post(url, json={"name": "service_name"}) as response:
        names = (await response.json())["names"]
    assert response.status == 200
    assert names
    assert system.upstream.requests[-1].raw_path == "/querier.v1.QuerierService/LabelValues"


async def test_ours_never_reaches_pyroscope_and_theirs_never_us(system: System, ada: str) -> None:
    await system.get_file(ada, CART)
    assert not [seen for seen in system.upstream.requests if "vcs" in seen.raw_path]
    async with system.http.get(
        URL(f"{system.url}/pyroscope/render?query=%7B%7D&a=", encoded=True)
    ) as response:
        await response.read()
    assert system.upstream.requests[-1].raw_path == "/pyroscope/render?query=%7B%7D&a="
    assert len(system.waited_for()) == 1


async def test_unknown_methods_and_ways_to_call_are_refused(system: System, ada: str) -> None:
    assert (await system.call("GetSecrets", {}, ada)).refusal == (404, "unimplemented")
    async with system.http.get(f"{system.url}/vcs.v1.VCSService/GetFile") as response:
        assert response.status == 405
    answer = await system.call("GetFile", b"{}", ada, Content_Type="text/plain")
    assert answer.status == 415


async def test_the_metrics_show_what_happened(system: System, ada: str) -> None:
    await system.get_file(ada, CART)
    await system.get_file(ada, CART)
    await system.get_file(ada, "gone.rb")
    await system.get_file("", CART)
    metrics = await system.metrics()
    route = 'route="vcs.v1.VCSService/GetFile"'
    for status, count in (("200", 2), ("404", 1), ("401", 1)):
        line = f'sourceproxy_request_duration_seconds_count{{{route},status_code="{status}"}} {count}.0'
        assert line in metrics
    assert 'sourceproxy_sessions_total{event="login"} 1.0' in metrics
    assert 'sourceproxy_sessions_total{event="rejected"} 1.0' in metrics
    found = 'sourceproxy_source_resolutions_total{language="go",result="found",rule="root_path"} 2.0'
    assert found in metrics
    assert 'sourceproxy_cache_requests_total{cache="answers",result="hit"} 1.0' in metrics
    assert 'sourceproxy_github_request_duration_seconds_count{method="POST",route="graphql",' in metrics


async def test_the_answer_is_for_one_person(system: System, ada: str) -> None:
    answer = await system.get_file(ada, CART)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Request-Id"]
    assert "Set-Cookie" not in answer.headers


async def test_grafana_s_backend_way_is_understood(system: System, ada: str) -> None:
    headers = {
        "Content-Type": "application/proto",
        "Connect-Protocol-Version": "1",
        "Accept-Encoding": "gzip",
        "Cookie": ada,
    }
    body = vcs_pb2.GetFileRequest(repositoryURL=SHOP, localPath="odd/large.go").SerializeToString()
    url = f"{system.url}/vcs.v1.VCSService/GetFile"
    async with system.http.post(url, data=body, headers=headers) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        answer = vcs_pb2.GetFileResponse.FromString(await response.read())
    assert base64.b64decode(answer.content) == LARGE
