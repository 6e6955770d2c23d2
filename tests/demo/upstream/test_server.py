from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from google.protobuf import json_format
from prometheus_client.parser import text_string_to_metric_families

from proxy.demo.upstream import Upstream
from proxy.demo.upstream.server import KEPT_REQUESTS, MAX_PUSHED_SIZE
from proxy.proto import profile_pb2, querier_pb2, types_pb2
from tests.fakes.pyroscope import HOUR, pyroscope

from .profiles import CPU, recorded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from google.protobuf.message import Message

__all__ = ["pyroscope"]  # a fixture: asked for by name

START, END = HOUR
SELECTION: dict[str, Any] = {"profile_typeID": CPU, "label_selector": "{}", "start": START, "end": END}
METHODS: dict[str, tuple[Message, type[Message]]] = {
    "ProfileTypes": (querier_pb2.ProfileTypesRequest(start=START, end=END), querier_pb2.ProfileTypesResponse),
    "LabelNames": (types_pb2.LabelNamesRequest(start=START, end=END), types_pb2.LabelNamesResponse),
    "LabelValues": (
        types_pb2.LabelValuesRequest(name="service_name", start=START, end=END),
        types_pb2.LabelValuesResponse,
    ),
    "Series": (querier_pb2.SeriesRequest(start=START, end=END), querier_pb2.SeriesResponse),
    "SelectSeries": (querier_pb2.SelectSeriesRequest(step=15, **SELECTION), querier_pb2.SelectSeriesResponse),
    "SelectMergeStacktraces": (
        querier_pb2.SelectMergeStacktracesRequest(**SELECTION),
        querier_pb2.SelectMergeStacktracesResponse,
    ),
    "SelectMergeProfile": (querier_pb2.SelectMergeProfileRequest(**SELECTION), profile_pb2.Profile),
    "SelectMergeSpanProfile": (
        querier_pb2.SelectMergeSpanProfileRequest(**SELECTION),
        querier_pb2.SelectMergeSpanProfileResponse,
    ),
    "SelectHeatmap": (
        querier_pb2.SelectHeatmapRequest(step=15, **SELECTION),
        querier_pb2.SelectHeatmapResponse,
    ),
    "GetProfileStats": (types_pb2.GetProfileStatsRequest(), types_pb2.GetProfileStatsResponse),
    "AnalyzeQuery": (
        querier_pb2.AnalyzeQueryRequest(query="{}", start=START, end=END),
        querier_pb2.AnalyzeQueryResponse,
    ),
}


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.mark.parametrize("name", METHODS)
async def test_every_method_says_the_same_in_json_and_protobuf(
    pyroscope: Upstream, client: ClientSession, name: str
) -> None:
    request, answer_type = METHODS[name]
    url = pyroscope.url / "querier.v1.QuerierService" / name
    in_json = json_format.MessageToJson(request)
    async with client.post(url, data=in_json, headers={"Content-Type": "application/json"}) as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        from_json = json_format.ParseDict(await answer.json(), answer_type())
    body = gzip.compress(request.SerializeToString())
    headers = {
        "Content-Type": "application/proto",
        "Content-Encoding": "gzip",
        "Connect-Protocol-Version": "1",
    }
    async with client.post(url, data=body, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "application/proto")
        from_proto = answer_type.FromString(await answer.read())
    assert from_json == from_proto
    assert from_proto.ByteSize() or name == "SelectHeatmap"


async def test_errors_are_those_of_connect(pyroscope: Upstream, client: ClientSession) -> None:
    service = pyroscope.url / "querier.v1.QuerierService"
    async with client.post(service / "SelectSeries", json={"labelSelector": "{"}) as answer:
        assert answer.status == 400
        assert (await answer.json())["code"] == "invalid_argument"
    async with client.post(service / "Nothing", json={}) as answer:
        assert answer.status == 404


async def test_it_is_ready_and_has_metrics_and_a_page(pyroscope: Upstream, client: ClientSession) -> None:
    async with client.get(pyroscope.url / "ready") as answer:
        assert (answer.status, await answer.text()) == (200, "ready\n")
    async with client.get(pyroscope.url / "nothing") as answer:
        assert answer.status == 404
    async with client.get(pyroscope.url / "metrics") as answer:
        families = {family.name: family for family in text_string_to_metric_families(await answer.text())}
    counted = {
        sample.labels["status_code"]: sample.value for sample in families["sample_upstream_requests"].samples
    }
    assert counted["200"] == counted["404"] == 1
    async with client.get(pyroscope.url / "") as answer:
        assert answer.content_type == "text/html"
        text = await answer.text()
    assert "checkout" in text
    assert "recommender" in text


async def test_what_the_page_shows_is_escaped(client: ClientSession) -> None:
    recording = recorded("a", [("main", [1])], {"service_name": "<script>", "service_git_ref": "&"})
    async with Upstream([recording]) as upstream, client.get(upstream.url / "") as answer:
        text = await answer.text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


async def test_pushed_profiles_are_taken(pyroscope: Upstream, client: ClientSession) -> None:
    url = pyroscope.url / "ingest"
    async with client.post(url % {"name": "app"}, data=b"x" * 100_000) as answer:
        assert answer.status == 200
    async with client.post(url, data=io.BytesIO(b"x" * (MAX_PUSHED_SIZE + 1))) as answer:
        assert answer.status == 413


async def test_it_remembers_requests_but_not_for_ever(client: ClientSession) -> None:
    async with Upstream([]) as upstream:
        url = upstream.url.with_path("/a%2Fb", encoded=True).with_query("x=")
        async with client.get(url, headers={"Cookie": "secret"}):
            pass
        (seen,) = upstream.requests
        assert (seen.method, seen.raw_path, seen.headers["Cookie"]) == ("GET", "/a%2Fb?x=", "secret")
        assert "secret" not in repr(seen)
        assert upstream.requests.maxlen == KEPT_REQUESTS


async def test_it_listens_where_it_is_told_and_again_after_stopping() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            await Upstream([]).start(port=port)
    upstream = Upstream([])
    await upstream.stop()
    await upstream.start(port=port)
    assert str(upstream.url) == f"http://127.0.0.1:{port}"
    await upstream.stop()
    await upstream.start(port=port)
    await upstream.stop()


async def test_versions_come_apart_in_a_merged_profile(pyroscope: Upstream, client: ClientSession) -> None:
    selection = {
        "profile_typeID": CPU,
        "label_selector": '{service_name="checkout"}',
        "start": str(START),
        "end": str(END),
    }
    url = pyroscope.url / "querier.v1.QuerierService" / "SelectMergeProfile"
    async with client.post(url, json=selection) as answer:
        profile = json_format.ParseDict(await answer.json(), profile_pb2.Profile())
    refs: dict[str, set[str]] = {}
    for location in profile.location:
        version = json.loads(profile.string_table[profile.mapping[location.mapping_id - 1].build_id])
        for line in location.line:
            name = profile.string_table[profile.function[line.function_id - 1].name]
            refs.setdefault(name, set()).add(version["git_ref"])
            assert version["repository"] == "https://github.com/acme/shop"
            assert version["root_path"] == "services/checkout"
    assert len(refs["github.com/acme/shop/services/checkout/internal/coupon.Parse"]) == 2
    assert len(refs["regexp.MustCompile"]) == 1


GO = shutil.which("go")


@pytest.mark.skipif(GO is None, reason="go tool pprof is the judge here; the other tests need no Go")
async def test_pprof_reads_a_merged_profile(
    pyroscope: Upstream, client: ClientSession, tmp_path: Path
) -> None:
    request = querier_pb2.SelectMergeProfileRequest(**SELECTION)
    url = pyroscope.url / "querier.v1.QuerierService" / "SelectMergeProfile"
    headers = {"Content-Type": "application/proto"}
    async with client.post(url, data=request.SerializeToString(), headers=headers) as answer:
        body = await answer.read()
    file = tmp_path / "merged.pb"
    file.write_bytes(body)
    profile = profile_pb2.Profile.FromString(body)
    command = ["go", "tool", "pprof", "-raw", "-symbolize=none", str(file)]
    done = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=300)
    samples, _, locations = done.stdout.decode().partition("Locations\n")
    values = [int(value) for value in re.findall(r"^ +(\d+): ", samples, re.MULTILINE)]
    assert sorted(values) == sorted(sample.value[0] for sample in profile.sample)
    assert locations.count(" M=") == len(profile.location)
