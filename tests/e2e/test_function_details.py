"""``GetFunctionDetails`` through the whole system: recorded profiles, real histories, real sessions."""

from __future__ import annotations

import asyncio
import gzip
import re
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from proxy.config.model import Config, Tenancy
from proxy.proto import profile_pb2, source_pb2
from tests.e2e.details import (
    DATA,
    METHOD,
    PARSE,
    QUESTION,
    SERVICE,
    V1,
    V2,
    add_shop,
    ask,
    before,
    lacking,
    now_ms,
    told,
    versions,
)
from tests.fakes.system import System, running_system
from tests.profile.building import Builder
from tests.querier.server import STACKTRACES, in_response, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with running_system() as running_one:
        add_shop(running_one)
        yield running_one


async def test_two_versions_with_source_and_commit(system: System) -> None:
    cookie = await system.login("ada")
    system.github.forget_calls()
    first, second = await versions(system, cookie)
    assert int(first["total"]) > int(second["total"])
    assert [version["ref"] for version in (first, second)] == [V1, V2]
    for version in (first, second):
        assert version["functionName"] == PARSE
        assert version["startLine"] == "23"
        assert version["unit"] == "nanoseconds"
        assert version["repositoryURL"] == "https://github.com/acme/shop"
        assert version["rootPath"] == "services/checkout"
        assert "missing" not in version
        assert "mismatch" not in version
        assert version["commit"]["sha"] == version["ref"]
        assert version["commit"]["URL"].endswith(f"/acme/shop/commit/{version['ref']}")
        assert version["source"]["path"] == "services/checkout/internal/coupon/coupon.go"
        assert f"/blob/{version['ref']}/" in version["source"]["URL"]
        start = 23 - int(version["firstLine"])
        assert version["text"][start] == "func Parse(code string) (Coupon, error) {"
        assert start == 5
        shown = range(int(version["firstLine"]), int(version["firstLine"]) + len(version["text"]))
        assert all(int(value["line"]) in shown for value in version["lines"])
    assert "regexp.MustCompile(pattern)" in "\n".join(first["text"])
    assert "regexp.MustCompile(pattern)" not in "\n".join(second["text"])
    assert [seen.raw_path for seen in system.upstream.requests] == [STACKTRACES]
    assert system.asked().count("graphql") <= 3


async def test_what_is_known_costs_github_nothing(system: System) -> None:
    cookie = await system.login("ada")
    await versions(system, cookie)
    system.github.forget_calls()
    first, _ = await versions(system, cookie)
    assert first["commit"]["sha"] == V1
    assert first["text"]
    assert system.asked() == []


def _listed(go: str, sources: Path) -> str:
    return subprocess.run(
        [
            *(go, "tool", "pprof", "-list", r"coupon\.Parse$", "-sample_index=cpu", "-unit=nanoseconds"),
            *(f"-source_path={sources}", "-trim_path=/"),
            str(DATA / "checkout-v1.0.0-process_cpu.pb.gz"),
        ],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout


async def test_the_numbers_are_those_of_pprof(system: System, tmp_path: Path) -> None:
    """Of the very profile that the sample Pyroscope answers."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed")
    async with running() as pyroscope:
        profile = profile_pb2.Profile.FromString(
            gzip.decompress((DATA / "checkout-v1.0.0-process_cpu.pb.gz").read_bytes())
        )
        pyroscope.on(STACKTRACES, in_response(profile.SerializeToString()))
        async with before(pyroscope) as system_before:
            (version,) = await versions(system_before)
    source = tmp_path / version["file"].lstrip("/")
    source.parent.mkdir(parents=True)
    source.write_text("\n" * 100)
    listed = await asyncio.to_thread(_listed, go, tmp_path)
    found = {
        match[3]: (_ns(match[1]), _ns(match[2]))
        for match in re.finditer(r"^\s*(\S+)\s+(\S+)\s+(\d+):", listed, re.MULTILINE)
        if (_ns(match[1]), _ns(match[2])) != ("0", "0")
    }
    assert found == {
        value["line"]: (value.get("self", "0"), value.get("total", "0")) for value in version["lines"]
    }


def _ns(text: str) -> str:
    return "0" if text == "." else text.removesuffix("ns")


async def test_a_person_chooses_a_version_a_file_and_how_much(system: System) -> None:
    cookie = await system.login("ada")
    (only,) = await versions(system, cookie, ref=V2)
    assert only["ref"] == V2
    (same,) = await versions(system, cookie, file=only["file"], contextLines=1)
    assert same["firstLine"] == "22"
    (whole,) = await versions(system, cookie, ref=V2, wholeFile=True)
    assert whole["firstLine"] == "1"
    assert len(whole["text"]) == int(whole["lastLine"]) > 30
    status, body = await ask(system, cookie, ref="v9")
    assert (status, body["code"]) == (404, "not_found")


async def test_an_override_stands_in_the_place_of_the_labels(system: System) -> None:
    cookie = await system.login("ada")
    first, second = await versions(
        system, cookie, overrideRef="main", overrideRepositoryURL="github.com/acme/shop"
    )
    for version in (first, second):
        assert version["ref"] == "main"
        assert version["source"]["ref"] == "main"
    assert [version["labels"]["ref"] for version in (first, second)] == [V1, V2]
    assert first["source"]["commit"] == second["source"]["commit"] == first["commit"]["sha"]


async def test_without_labels_the_override_is_the_way_out() -> None:
    builder = Builder()
    builder.sample(
        10, builder.at(PARSE, 24, file="/src/services/checkout/internal/coupon/coupon.go", start=23)
    )
    async with running() as pyroscope:
        pyroscope.on(STACKTRACES, told(builder))
        async with before(pyroscope) as system:
            cookie = await system.login("ada")
            (version,) = await versions(system, cookie)
            assert lacking(version) == {"labels": "failed_precondition"}
            assert "overrideRepositoryURL" in version["missing"][0]["message"]
            (found,) = await versions(
                system,
                cookie,
                overrideRepositoryURL="https://github.com/acme/shop",
                overrideRef=V1,
                overrideRootPath="services/checkout",
            )
            assert found["commit"]["sha"] == V1
            assert "func Parse" in "\n".join(found["text"])


async def test_a_call_path_narrows_the_values(system: System) -> None:
    (whole, *_) = await versions(system)
    status, body = await ask(system, callPath=["nobody"])
    assert (status, body["code"]) == (404, "not_found")
    path = ["runtime.goexit"]
    status, body = await ask(system, callPath=path)
    if status == 200:
        assert int(body["versions"][0]["total"]) <= int(whole["total"])


async def test_a_service_in_another_language(system: System) -> None:
    system.github.add_repository("acme", "recommender", DATA / "repositories" / "acme--recommender.git")
    (version, *_) = await versions(
        system,
        await system.login("ada"),
        labelSelector='{service_name="recommender"}',
        functionName="vector",
    )
    assert version["source"]["path"].endswith("similarity.py")
    assert any(line.startswith("def vector(") for line in version["text"])


async def test_the_tenant_is_asked_for_where_there_are_several() -> None:
    def change(config: Config) -> Config:
        return replace(config, tenancy=Tenancy(multitenancy_enabled=True))

    async with running_system(change) as system:
        add_shop(system)
        status, body = await ask(system)
        assert (status, body["code"]) == (401, "unauthenticated")
        cookie = await system.login("ada", X_Scope_OrgID="acme")
        status, body = await ask(system, cookie, {"X-Scope-OrgID": "acme"})
        assert status == 200
        assert body["versions"][0]["text"]
        assert system.upstream.requests[-1].headers["X-Scope-OrgID"] == "acme"


async def test_pyroscope_gets_the_caller_s_headers_and_not_the_session(system: System) -> None:
    cookie = await system.login("ada")
    headers = {"Authorization": "Basic abc", "traceparent": "00-1-2-01"}
    await ask(system, f"grafana=1; {cookie}", headers)
    seen = system.upstream.requests[-1].headers
    assert seen["Authorization"] == "Basic abc"
    assert seen["traceparent"] == "00-1-2-01"
    assert seen["Cookie"] == "grafana=1"
    assert "pyroscope_git_session" not in str(dict(seen))


async def test_it_speaks_protobuf_and_gzip(system: System) -> None:
    now = now_ms()
    request = source_pb2.GetFunctionDetailsRequest(**QUESTION, start=now - 600_000, end=now)
    async with system.http.post(
        f"{system.url}/{SERVICE}/{METHOD}",
        data=gzip.compress(request.SerializeToString()),
        headers={"Content-Type": "application/proto", "Content-Encoding": "gzip"},
    ) as response:
        assert response.status == 200
        answer = source_pb2.GetFunctionDetailsResponse.FromString(await response.read())
    assert [version.ref for version in answer.versions] == [V1, V2]


async def test_it_is_counted_under_its_own_route(system: System) -> None:
    await ask(system)
    assert (
        'sourceproxy_request_duration_seconds_count{route="source.v1.SourceService/GetFunctionDetails",'
        'status_code="200"} 1.0'
    ) in await system.metrics()
