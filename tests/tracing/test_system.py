"""The whole system with a collector: whose child each span is, what goes on to whom, what is never told."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from yarl import URL

from proxy.config.model import Cache, Config, Secret, Tracing
from proxy.metrics import GITHUB_ROUTES, ROUTES
from tests.e2e.conftest import GO, add
from tests.e2e.details import METHOD, SERVICE, add_shop, ask
from tests.fakes.programs import redis_server
from tests.fakes.system import SECRET, System, running_system
from tests.tracing.collector import CLIENT, ERROR, INTERNAL, SERVER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.e2e.conftest import Histories
    from tests.tracing.collector import Collector, Kept

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CALLER = f"00-{TRACE}-{SPAN}-01"
CART = "services/checkout/internal/cart/cart.go"
SERIES = "querier.v1.QuerierService/Series"
GET_FILE = "vcs.v1.VCSService/GetFile"
AHEAD = "GitHub /repos/{owner}/{repo}/git/trees/{tree_sha}"
KNOWN_ATTRIBUTES = {
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "url.template",
    "error.type",
    "db.system.name",
    "db.operation.name",
    "sourceproxy.request_id",
    "sourceproxy.language",
    "sourceproxy.rule",
    "sourceproxy.result",
    "sourceproxy.github_calls",
    "sourceproxy.joined_in",
    "sourceproxy.place",
}


@asynccontextmanager
async def traced(collector: Collector, ratio: float = 1.0, redis_url: str = "") -> AsyncIterator[System]:
    """The system with tracing on; what it kept is at the collector when it is closed."""

    def change(config: Config) -> Config:
        tracing = Tracing(URL(collector.url), ratio)
        return replace(config, tracing=tracing, cache=Cache(redis_url=Secret(redis_url)))

    async with running_system(change) as system:
        yield system


async def passed(system: System, path: str = f"/{SERIES}", **headers: str) -> list[tuple[str, str]]:
    """Pass a request through; the trace's headers as the upstream got them."""
    headers = {"Content-Type": "application/json", **headers}
    async with system.http.post(f"{system.url}{path}", data=b"{}", headers=headers) as answer:
        await answer.read()
    return [(k, v) for k, v in system.upstream.requests[-1].headers.items() if k.lower().startswith("trace")]


async def test_a_passed_request_is_a_child_of_its_caller_and_pyroscope_s_one_of_ours(
    collector: Collector,
) -> None:
    async with traced(collector) as system:
        headers = {"Traceparent": CALLER, "tracestate": "grafana=1,other=2", "X-Request-Id": "r-1"}
        told = dict(await passed(system, f"/{SERIES}?hush=1", **headers))
    span = collector.named(SERIES)
    assert (span.kind, span.trace_id, span.parent_id, span.status) == (SERVER, TRACE, SPAN, 0)
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": SERIES,
        "http.response.status_code": 200,
        "sourceproxy.request_id": "r-1",
    }
    assert told == {"traceparent": f"00-{TRACE}-{span.span_id}-01", "tracestate": "grafana=1,other=2"}


async def test_a_traceparent_that_is_none_is_replaced_and_its_state_dropped(collector: Collector) -> None:
    async with traced(collector) as system:
        told = await passed(system, traceparent="00-hush-hush-01", tracestate="grafana=1")
    span = collector.named(SERIES)
    assert span.parent_id == ""
    assert span.trace_id != TRACE
    ((name, value),) = told
    assert (name, value.split("-")[1:3]) == ("traceparent", [span.trace_id, span.span_id])


async def test_who_does_not_keep_a_trace_is_obeyed_and_the_trace_goes_on(collector: Collector) -> None:
    async with traced(collector) as system:
        told = dict(await passed(system, traceparent=f"00-{TRACE}-{SPAN}-00"))
        cookie = await system.login("ada")
    assert told["traceparent"].startswith(f"00-{TRACE}-")
    assert told["traceparent"].endswith("-00")
    assert cookie
    assert TRACE not in {span.trace_id for span in collector.spans}


async def test_without_tracing_the_headers_pass_untouched() -> None:
    async with running_system() as system:
        told = await passed(system, traceparent="any thing", tracestate="x")
        assert told == [("traceparent", "any thing"), ("tracestate", "x")]
        assert await passed(system) == []


async def test_a_path_is_never_a_name(collector: Collector) -> None:
    async with traced(collector) as system:
        await passed(system, "/hush/path?hush=1")
        async with system.http.get(f"{system.url}/-/source/hush") as answer:
            await answer.read()
    assert {span.name for span in collector.spans} == {"other"}
    assert not any(b"hush" in body for body in collector.bodies)


async def test_a_file_is_resolved_below_its_request(collector: Collector, histories: Histories) -> None:
    async with traced(collector) as system:
        add(system, histories)
        cookie = await system.login("ada")
        headers = {"traceparent": CALLER, "X-Request-Id": "r-1"}
        assert (await system.get_file(cookie, CART, ref="v1.0.0", **headers)).content == GO.encode()
    request = collector.named(GET_FILE)
    assert (request.trace_id, request.parent_id, request.kind) == (TRACE, SPAN, SERVER)
    assert collector.children(request) == ["resolve"]
    resolve = collector.named("resolve")
    assert resolve.kind == INTERNAL
    calls = collector.children(resolve)
    # The commit's tree is fetched beside the look, and nobody waits for it.
    assert set(calls) - {AHEAD} == {"GitHub graphql"}
    assert resolve.attributes == {
        "sourceproxy.language": "go",
        "sourceproxy.rule": resolve.attributes["sourceproxy.rule"],
        "sourceproxy.result": "found",
        "sourceproxy.github_calls": resolve.attributes["sourceproxy.github_calls"],
    }
    assert 1 <= int(resolve.attributes["sourceproxy.github_calls"]) <= 2
    for span in [it for it in collector.spans if it.parent_id == resolve.span_id and it.name != AHEAD]:
        assert (span.kind, span.attributes["http.response.status_code"]) == (CLIENT, 200)
        assert resolve.started <= span.started <= span.ended <= resolve.ended
    exchange = collector.children(collector.named("vcs.v1.VCSService/GithubLogin"))
    assert "GitHub /login/oauth/access_token" in exchange


async def test_what_github_refuses_is_seen(collector: Collector, histories: Histories) -> None:
    async with traced(collector) as system:
        add(system, histories)
        cookie = await system.login("ada")
        system.github.fail_next(status=401, body=b'{"message": "Bad hush"}')
        assert (await system.get_file(cookie, CART, traceparent=CALLER)).code == "unauthenticated"
    ours = [span for span in collector.spans if span.trace_id == TRACE]
    failed = {span.name: span.attributes.get("error.type") for span in ours if span.status == ERROR}
    assert failed.pop("resolve") == "unauthenticated"
    failed.pop(AHEAD, None)  # given up
    assert set(failed.values()) == {"401"}
    assert GET_FILE not in failed  # not the server's own fault
    assert not any(b"hush" in body for body in collector.bodies)


async def test_the_join_of_a_profile_and_what_pyroscope_is_asked(collector: Collector) -> None:
    async with traced(collector) as system:
        add_shop(system)
        cookie = await system.login("ada")
        status, _ = await ask(system, cookie, {"traceparent": CALLER, "tracestate": "grafana=1"})
        assert status == 200
        seen = [r.headers for r in system.upstream.requests if "SelectMerge" in r.raw_path]
    request = collector.named(f"{SERVICE}/{METHOD}")
    query = collector.named("querier.v1.QuerierService/SelectMergeStacktraces")
    assert (query.kind, query.trace_id, query.parent_id) == (CLIENT, TRACE, request.span_id)
    assert [headers.getall("traceparent") for headers in seen] == [[f"00-{TRACE}-{query.span_id}-01"]]
    assert [headers.getall("tracestate") for headers in seen] == [["grafana=1"]]
    assert collector.children(query) == ["join profile"]
    assert collector.named("join profile").attributes == {"sourceproxy.joined_in": "thread"}
    assert collector.children(request).count("resolve") == 2


async def test_redis_is_seen(collector: Collector, histories: Histories) -> None:
    async with redis_server() as redis, traced(collector, redis_url=redis.url) as system:
        add(system, histories)
        cookie = await system.login("ada")
        for ref in ("v1.0.0", "v1.1.0", "main", histories.first, histories.second):
            assert (await system.get_file(cookie, CART, ref=ref, traceparent=CALLER)).status == 200
    found = [span for span in collector.spans if span.name == "Redis MGET"]
    assert found
    assert {(span.kind, span.attributes["db.system.name"]) for span in found} == {(CLIENT, "redis")}


async def test_a_parent_that_is_for_one_hop_alone_ends_there(
    collector: Collector, histories: Histories
) -> None:
    async with traced(collector) as system:
        add(system, histories)
        cookie = await system.login("ada")
        await system.get_file(cookie, CART, traceparent=CALLER, Connection="traceparent")
        assert await passed(system, traceparent=CALLER, Connection="traceparent") == []
    assert {span.name for span in collector.spans if span.trace_id == TRACE} == {GET_FILE, SERIES}


async def test_a_request_that_failed_upstream_is_a_failed_span(collector: Collector) -> None:
    def change(config: Config) -> Config:
        upstream = replace(config.upstream, url=URL("http://127.0.0.1:1"))
        return replace(config, tracing=Tracing(URL(collector.url)), upstream=upstream)

    async with (
        running_system(change) as system,
        system.http.get(f"{system.url}/ready") as answer,
    ):
        assert answer.status == 502
    span = collector.named("other")
    assert (span.status, span.attributes["http.response.status_code"]) == (ERROR, 502)


async def test_nothing_secret_is_ever_exported(collector: Collector, histories: Histories) -> None:
    async with traced(collector) as system:
        add(system, histories)
        code = await system.code("ada")
        login = await system.call("GithubLogin", {"authorizationCode": code})
        cookie = str(login.body["cookie"]).partition(";")[0]
        tenant = {"X-Scope-OrgID": "hush-tenant", "traceparent": CALLER, "tracestate": "hush-state=1"}
        for repository in ("shop", "secret", "gone"):
            url = f"https://github.com/acme/{repository}"
            for ref in ("v1.0.0", "hush-ref"):
                for path in (CART, "hush-path.go", "mapped/lib/app.py"):
                    await system.get_file(
                        cookie, path, ref=ref, repository=url, function="hush.Function", **tenant
                    )
                await system.get_commit(cookie, ref, url)
        await system.get_file(cookie + "x", CART)
        await system.call("GithubRefresh", cookie=cookie)
        await system.call("GetFile", b"\xff", cookie)
        await passed(system, "/hush-passed?hush-query=1", Authorization="Bearer hush-token", Cookie=cookie)
    told = b"".join(collector.bodies)
    assert len(collector.spans) > 20
    hidden = [code, cookie, cookie.partition("=")[2], SECRET, system.github.client_secret]
    hidden += [
        "hush",
        "acme",
        "shop",
        "textkit",
        "secret",
        "github.com",
        "cart",
        "v1.0.0",
        "gho_",
        "ghu_",
    ]
    hidden += [histories.first, histories.second, *(line for line in GO.splitlines() if line)]
    for text in hidden:
        assert text.encode() not in told, text
    for span in collector.spans:
        assert span.attributes.keys() <= KNOWN_ATTRIBUTES
        assert _is_known(span)


def _is_known(span: Kept) -> bool:
    own = {"resolve", "join profile", "look up package", "Redis MGET", "Redis lock"}
    github = {f"GitHub {route}" for _, route in GITHUB_ROUTES}
    return span.name in ROUTES or span.name in own or span.name in github


async def test_a_collector_that_hangs_holds_up_nobody(collector: Collector, histories: Histories) -> None:
    collector.held.clear()
    async with traced(collector) as system:
        add(system, histories)
        cookie = await system.login("ada")
        for _ in range(50):
            assert (await system.get_file(cookie, CART, ref="v1.0.0")).status == 200
            assert await passed(system)
