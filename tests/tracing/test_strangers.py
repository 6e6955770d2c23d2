"""To whom a trace's id does not go: GitHub, and places that a profile or a repository names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.cache import Cache
from proxy.config.model import GitHub as Settings
from proxy.config.model import Resolver, Tracing
from proxy.egress import Anything, Fetcher
from proxy.github.client import open_client_session
from proxy.github.transport import Allowance, Transport
from proxy.github.wire import Request
from proxy.library import Lookups
from proxy.metrics import Metrics
from proxy.source.model import Fetch, Fetched, Lookup
from proxy.tracing import Parent, under
from proxy.tracing.opening import open_tracer
from tests.github.server import Server, answer
from tests.tracing.collector import CLIENT, ERROR

if TYPE_CHECKING:
    from tests.tracing.collector import Collector

PARENT = Parent(0x1234, 0x56, 1)


async def test_github_is_told_nothing_of_a_trace(collector: Collector) -> None:
    async with (
        Server() as server,
        open_tracer(Tracing(URL(collector.url)), "1") as tracer,
        open_client_session() as session,
    ):
        assert tracer is not None
        server.on("GET", "/repos/acme/hush", answer({}, 404))
        transport = Transport(session, Settings(url=URL(server.url), api_url=URL(server.url)), lambda _: None)
        with under(tracer.joined(PARENT)):
            request = Request("GET", f"{server.url}/repos/acme/hush", "/repos/{owner}/{repo}", {})
            await transport.send(request, Allowance())
        (seen,) = server.seen
        assert not [name for name in seen.headers if name.lower().startswith("trace")]
    (span,) = collector.spans
    assert (span.name, span.kind, span.status) == ("GitHub /repos/{owner}/{repo}", CLIENT, ERROR)
    assert span.parent_id == f"{PARENT.span_id:016x}"
    assert span.attributes["error.type"] == "404"


async def test_nor_is_where_packages_are_looked_up(collector: Collector) -> None:
    metrics = Metrics(CollectorRegistry(), version="0", revision="")
    async with (
        Server() as server,
        open_tracer(Tracing(URL(collector.url)), "1") as tracer,
        Fetcher(Anything()) as fetcher,
    ):
        assert tracer is not None
        server.on("GET", "/hush/@v/list", answer(b"v1.0.0\n", headers={"Content-Type": "text/plain"}))
        cache = Cache(2**20, metrics, lambda: 0.0)
        lookups = Lookups(fetcher, cache, Resolver(go_module_proxy=URL(server.url)))
        with under(tracer.joined(PARENT)):
            found = await lookups.fetch(
                Fetch("go_module", Lookup.GO_MODULE_PROXY, "hush/@v/list", "text/plain")
            )
        assert isinstance(found, Fetched)
        (seen,) = server.seen
        assert not [name for name in seen.headers if name.lower().startswith("trace")]
        await cache.aclose()
    (span,) = collector.spans
    assert (span.name, span.kind) == ("look up package", CLIENT)
    assert span.attributes == {"sourceproxy.place": "go_module_proxy"}
    assert b"hush" not in b"".join(collector.bodies)
