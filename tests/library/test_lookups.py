from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiohttp import web
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy.cache import Cache
from proxy.config.model import Resolver as Settings
from proxy.egress import Anything, Fetcher
from proxy.library import Lookups, Resolver
from proxy.library.lookups import CURRENT_TTL, PUBLISHED_TTL, UNREACHABLE_TTL
from proxy.live import Live
from proxy.metrics import Metrics
from proxy.source.model import Fetch, Fetched, Lookup, Unreachable
from tests.egress.sites import PATIENT, LoopbackIsPublic, Names, Site, answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

JSON = "application/json"
HTML = "text/html"
PATHS = {
    Lookup.GO_MODULE_PROXY: "go.example/m/@v/v1.2.3.info",
    Lookup.GO_GET: "https://go.example/m?go-get=1",
    Lookup.PYTHON_INDEX: "pypi/requests/2.31.0/json",
    Lookup.NPM_REGISTRY: "@scope%2Fname/1.2.3",
}


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class World:
    """An operator's registry, look-ups that ask it, and the time."""

    def __init__(self, registry: Site, fetcher: Fetcher) -> None:
        self.now = 0.0
        self.registry = registry
        self.metrics = Metrics(CollectorRegistry(), version="0", revision="0")
        self.cache = Cache(64 * 1024 * 1024, self.metrics, lambda: self.now)
        base = URL(f"http://127.0.0.1:{registry.port}")
        settings = Settings(
            go_module_proxy=base / "go", python_index=base / "python", npm_registry=base / "npm"
        )
        self.lookups = Lookups(fetcher, self.cache, settings)

    async def ask(self, service: Lookup, path: str = "", accept: str = JSON) -> Any:
        return await self.lookups.fetch(Fetch("rule", service, path or PATHS[service], accept))

    def counted(self, result: str) -> float:
        labels = {"cache": "lookups", "result": result}
        return self.metrics.registry.get_sample_value("sourceproxy_cache_requests_total", labels) or 0

    @property
    def size(self) -> float:
        labels = {"cache": "lookups"}
        return self.metrics.registry.get_sample_value("sourceproxy_cache_size_bytes", labels) or 0


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with Site() as registry, Fetcher(LoopbackIsPublic(), names=Names(), seconds=PATIENT) as fetcher:
        world = World(registry, fetcher)
        try:
            yield world
        finally:
            await world.cache.aclose()


@pytest.mark.parametrize(
    ("service", "target"),
    [
        (Lookup.GO_MODULE_PROXY, "/go/go.example/m/@v/v1.2.3.info"),
        (Lookup.PYTHON_INDEX, "/python/pypi/requests/2.31.0/json"),
        (Lookup.NPM_REGISTRY, "/npm/@scope%2Fname/1.2.3"),
    ],
)
async def test_each_place_is_asked_below_its_base(world: World, service: Lookup, target: str) -> None:
    world.registry.on(target, answer(b'{"x": 1}'))
    url = f"http://127.0.0.1:{world.registry.port}{target}"
    assert await world.ask(service) == Fetched(b'{"x": 1}', url)
    assert world.registry.seen[0].headers["Accept"] == JSON
    assert "Authorization" not in world.registry.seen[0].headers


async def test_go_get_asks_the_page_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with Site(ca) as site:
        site.on("/m?go-get=1", answer(b"<meta>", kind="text/html; charset=utf-8"))
        async with Fetcher(Anything(), names=Names(go=[site.place])) as fetcher:
            cache = Cache(1_000_000, Metrics(CollectorRegistry(), version="0", revision="0"), lambda: 0.0)
            found = await Lookups(fetcher, cache, Settings()).fetch(
                Fetch("rule", Lookup.GO_GET, PATHS[Lookup.GO_GET], HTML)
            )
    assert found == Fetched(b"<meta>", "https://go.example/m?go-get=1")


async def test_go_get_is_steered(world: World) -> None:
    base = f"127.0.0.1:{world.registry.port}"
    for path in (f"http://{base}/m?go-get=1", f"https://{base}/m?go-get=1", "https://10.0.0.1/m?go-get=1"):
        assert isinstance(await world.ask(Lookup.GO_GET, path, HTML), Unreachable)
    assert world.registry.seen == []


@pytest.mark.parametrize(
    ("settings", "off"),
    [
        (Settings(go_module_proxy=None), {Lookup.GO_MODULE_PROXY, Lookup.GO_GET}),
        (Settings(python_index=None), {Lookup.PYTHON_INDEX}),
        (Settings(npm_registry=None), {Lookup.NPM_REGISTRY}),
    ],
)
async def test_what_is_turned_off_is_not_asked(settings: Settings, off: set[Lookup]) -> None:
    names = Names()
    metrics = Metrics(CollectorRegistry(), version="0", revision="0")
    async with Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        lookups = Lookups(fetcher, Cache(1_000_000, metrics, lambda: 0.0), settings)
        found = {
            service: await lookups.fetch(Fetch("rule", service, PATHS[service], JSON)) for service in Lookup
        }
    assert {service for service, answer in found.items() if answer is None} == off
    assert len(names.asked) == len(Lookup) - len(off)


@pytest.mark.parametrize("service", [Lookup.GO_MODULE_PROXY, Lookup.PYTHON_INDEX, Lookup.NPM_REGISTRY])
@pytest.mark.parametrize("path", ["../admin", "%2e%2e/admin", "/x", "x?y", "x\r\nX: 1", "x" * 5000])
async def test_paths_that_lead_elsewhere(world: World, service: Lookup, path: str) -> None:
    assert isinstance(await world.ask(service, path), Unreachable)
    assert world.registry.seen == []
    assert world.size == 0


@pytest.mark.parametrize(
    "path", ["file:///etc/passwd", "go.example/m", "https://u:secret@go.example/m", "", "é"]
)
async def test_pages_that_have_no_address(world: World, path: str) -> None:
    found = await world.lookups.fetch(Fetch("rule", Lookup.GO_GET, path, HTML))
    assert isinstance(found, Unreachable)
    assert "secret" not in found.reason


@pytest.mark.parametrize(
    ("service", "kind", "taken"),
    [
        (Lookup.GO_MODULE_PROXY, "application/json", True),
        (Lookup.GO_MODULE_PROXY, "text/plain; charset=utf-8", True),
        (Lookup.GO_MODULE_PROXY, "application/octet-stream", True),
        (Lookup.GO_MODULE_PROXY, "text/html", False),
        (Lookup.PYTHON_INDEX, "application/json", True),
        (Lookup.PYTHON_INDEX, "text/html", False),
        (Lookup.PYTHON_INDEX, "text/plain", False),
        (Lookup.NPM_REGISTRY, "application/json", True),
        (Lookup.NPM_REGISTRY, "text/html", False),
    ],
)
async def test_kinds_of_content(world: World, service: Lookup, kind: str, taken: bool) -> None:
    base = {Lookup.GO_MODULE_PROXY: "go", Lookup.PYTHON_INDEX: "python", Lookup.NPM_REGISTRY: "npm"}[service]
    world.registry.on(f"/{base}/{PATHS[service]}", answer(kind=kind))
    found = await world.ask(service)
    assert isinstance(found, Fetched if taken else Unreachable)
    if isinstance(found, Unreachable):
        assert found.reason.startswith(f"the address of resolver.{service.value} answered with another kind")


@pytest.mark.parametrize(
    ("service", "path", "ttl"),
    [
        (Lookup.GO_MODULE_PROXY, "go/x/@v/v1.2.3.info", PUBLISHED_TTL),
        (Lookup.GO_MODULE_PROXY, "go/x/@v/v0.0.0-20210101000000-abcdefabcdef.info", PUBLISHED_TTL),
        (Lookup.GO_MODULE_PROXY, "go/x/@v/v2.0.0+incompatible.mod", PUBLISHED_TTL),
        (Lookup.GO_MODULE_PROXY, "go/x/@v/main.info", CURRENT_TTL),
        (Lookup.GO_MODULE_PROXY, "go/x/@v/v1.info", CURRENT_TTL),
        (Lookup.GO_MODULE_PROXY, "go/x/@v/list", CURRENT_TTL),
        (Lookup.GO_MODULE_PROXY, "go/x/@latest", CURRENT_TTL),
        (Lookup.PYTHON_INDEX, "pypi/requests/2.31.0/json", PUBLISHED_TTL),
        (Lookup.PYTHON_INDEX, "pypi/requests/json", CURRENT_TTL),
        (Lookup.NPM_REGISTRY, "left-pad/1.3.0", PUBLISHED_TTL),
        (Lookup.NPM_REGISTRY, "@scope%2Fname/1.0.0-rc.1", PUBLISHED_TTL),
        (Lookup.NPM_REGISTRY, "@scope/name/1.0.0", PUBLISHED_TTL),
        (Lookup.NPM_REGISTRY, "left-pad/latest", CURRENT_TTL),
        (Lookup.NPM_REGISTRY, "left-pad", CURRENT_TTL),
        (Lookup.NPM_REGISTRY, "@scope/1.0.0", CURRENT_TTL),
    ],
)
async def test_how_long_an_answer_is_kept(world: World, service: Lookup, path: str, ttl: float) -> None:
    base = {Lookup.GO_MODULE_PROXY: "go", Lookup.PYTHON_INDEX: "python", Lookup.NPM_REGISTRY: "npm"}[service]
    world.registry.on(f"/{base}/{path}", answer())
    await world.ask(service, path)
    world.now = ttl - 1
    await world.ask(service, path)
    assert len(world.registry.seen) == 1
    world.now = ttl
    await world.ask(service, path)
    assert len(world.registry.seen) == 2
    assert (world.counted("hit"), world.counted("miss")) == (1, 2)


@pytest.mark.parametrize(("status", "ttl"), [(404, CURRENT_TTL), (410, CURRENT_TTL), (503, UNREACHABLE_TTL)])
async def test_how_long_a_failure_is_kept(world: World, status: int, ttl: float) -> None:
    target = f"/python/{PATHS[Lookup.PYTHON_INDEX]}"
    world.registry.on(target, answer(b"", status))
    first = await world.ask(Lookup.PYTHON_INDEX)
    assert (first is None) == (status != 503)
    world.registry.on(target, answer())
    world.now = ttl - 1
    assert await world.ask(Lookup.PYTHON_INDEX) == first
    world.now = ttl
    assert isinstance(await world.ask(Lookup.PYTHON_INDEX), Fetched)


async def test_a_thousand_who_ask_at_once_cost_one(world: World) -> None:
    go_on = asyncio.Event()

    async def slow(_: web.BaseRequest) -> web.StreamResponse:
        await go_on.wait()
        return web.json_response({})

    world.registry.on(f"/npm/{PATHS[Lookup.NPM_REGISTRY]}", slow)
    asking = [asyncio.create_task(world.ask(Lookup.NPM_REGISTRY)) for _ in range(1000)]
    while not world.registry.seen:
        await asyncio.wait(asking, timeout=0.01)
    go_on.set()
    found = await asyncio.gather(*asking)
    assert {type(answer) for answer in found} == {Fetched}
    assert len(world.registry.seen) == 1
    assert (world.counted("miss"), world.counted("coalesced")) == (1, 999)


async def test_what_is_kept_counts_its_real_size(world: World) -> None:
    world.registry.on(f"/python/{PATHS[Lookup.PYTHON_INDEX]}", answer(bytes(1_000_000)))
    await world.ask(Lookup.PYTHON_INDEX)
    assert 1_000_000 < world.size < 1_010_000


async def test_answers_of_different_questions_are_kept_apart(world: World) -> None:
    world.registry.on("/go/x", answer(b"1"))
    world.registry.on("/npm/x", answer(b"2"))
    assert (await world.ask(Lookup.GO_MODULE_PROXY, "x")).body == b"1"
    assert (await world.ask(Lookup.NPM_REGISTRY, "x")).body == b"2"
    await world.ask(Lookup.NPM_REGISTRY, "x", "application/vnd.npm.install-v1+json")
    assert [request.headers["Accept"] for request in world.registry.seen[1:]] == [
        JSON,
        "application/vnd.npm.install-v1+json",
    ]


async def test_the_driver_brings_questions_about_packages_here(world: World) -> None:
    resolver = Resolver(None, world.lookups, Live(None), world.metrics, lambda: 0.0)  # type: ignore[arg-type]  # no repository is asked about
    world.registry.on("/npm/x", answer(b"1"))
    question = Fetch("rule", Lookup.NPM_REGISTRY, "x", JSON)
    found = await resolver._answer(None, question)  # type: ignore[arg-type]  # nor a viewer needed
    assert isinstance(found, Fetched)
    assert found.body == b"1"
