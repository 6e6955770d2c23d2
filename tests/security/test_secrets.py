"""What Redis, the log and the metrics are never told, and which hosts a profile cannot have asked."""

from __future__ import annotations

import base64
import io
import logging
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from yarl import URL

from proxy import logs
from proxy.config.model import Log, Resolver, Secret
from tests.e2e.conftest import GO, Histories, add
from tests.fakes.programs import redis_server
from tests.fakes.system import SECRET, SHOP, running_system
from tests.security.conftest import CART, PRIVATE, everything, explain, warm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from faults.around.redis import RedisServer
    from proxy.config.model import Config


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """The log at its chattiest."""
    stream, root = io.StringIO(), logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    logs.configure(Log(level="debug"), stream)
    try:
        yield stream
    finally:
        root.setLevel(level)
        for handler in [handler for handler in root.handlers if handler not in handlers]:
            root.removeHandler(handler)


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    async with redis_server() as server:
        yield server


async def test_redis_the_log_and_the_metrics_hold_nothing_that_is_somebody_s(
    server: RedisServer, histories: Histories
) -> None:
    def change(config: Config) -> Config:
        return replace(config, cache=replace(config.cache, redis_url=Secret(server.url)))

    with everything_logged() as log:
        async with running_system(change) as system:
            add(system, histories)
            cookie = await system.login("ada")
            for _ in range(50):
                # Redis is connected to in the background.
                await warm(system, cookie, histories)
                if await server.keys():
                    break
            refreshed = await system.call("GithubRefresh", cookie=cookie)
            metrics = await system.metrics()
            tokens = [*system.github._state.tokens._by_access, *system.github._state.tokens._by_refresh]
        names = await server.keys()
        held = b"".join([name + await server.value(name) for name in names])
    assert names
    secrets = {
        "session secret": SECRET,
        "client secret": system.github.client_secret,
        "cookie": cookie.partition("=")[2],
        "refreshed cookie": str(refreshed.body["cookie"])[24:80],
        "source": GO[:20],
        "source in base64": base64.b64encode(GO.encode()).decode()[:24],
        **{f"token {number}": token for number, token in enumerate(tokens)},
    }
    named = {"repository": "acme/secret", "path": CART, "ref": "v1.0.0", "commit": histories.first}
    for what, secret in (secrets | named).items():
        assert secret.encode() not in held, f"{what} in Redis"
        assert secret not in metrics, f"{what} in the metrics"
    for what, secret in secrets.items():
        assert secret not in log.getvalue(), f"{what} in the log"


async def test_who_shares_redis_without_the_secret_is_believed_nothing(
    server: RedisServer, histories: Histories
) -> None:
    """A replica of another secret, or somebody in Redis, can lose entries and add none."""

    def change(config: Config) -> Config:
        return replace(config, cache=replace(config.cache, redis_url=Secret(server.url)))

    async with running_system(change) as system:
        add(system, histories)
        ada = await system.login("ada")
        for _ in range(50):
            await warm(system, ada, histories)
            if await server.keys():
                break
    boxes = {name: await server.value(name) for name in await server.keys()}
    names = list(boxes)
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        await server.ask("SET", name, boxes[other])
    async with running_system(change) as system:
        add(system, histories)
        bob = await system.login("bob")
        for answer in await everything(system, bob, PRIVATE, ["main", histories.first]):
            assert answer.status == 404 or not answer.body.get("found")
        ada = await system.login("ada")
        assert (
            await system.get_file(ada, CART, ref=histories.first, repository=PRIVATE)
        ).content == GO.encode()


class Inside:
    """A service that only those inside can reach; what it is asked is an attack that worked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def answer(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(request.raw_path)
        return web.Response(text="inside")


class GoProxy(Inside):
    """The module proxy that the operator has set: it knows nothing, and sends people inside."""

    def __init__(self, inside: URL) -> None:
        super().__init__()
        self._inside = inside

    async def answer(self, request: web.BaseRequest) -> web.Response:
        self.asked.append(request.raw_path)
        return web.Response(status=302, headers={"Location": f"{self._inside}{request.raw_path}"})


@asynccontextmanager
async def _serving(service: Inside) -> AsyncIterator[URL]:
    runner = web.ServerRunner(web.Server(service.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield URL(f"http://{host}:{port}")
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "module",
    [
        "{address}/x/y",
        "127.0.0.1/x/y",
        "localhost/x",
        "169.254.169.254/latest/meta-data",
        "metadata.google.internal/a/b",
    ],
)
async def test_a_profile_has_nobody_inside_asked(histories: Histories, module: str) -> None:
    """Server-side request forgery: a frame names a module, whose home is looked up."""
    inside = Inside()
    async with _serving(inside) as address:
        proxy = GoProxy(address)
        async with _serving(proxy) as go_proxy:

            def change(config: Config) -> Config:
                return replace(
                    config, resolver=Resolver(go_module_proxy=go_proxy, python_index=None, npm_registry=None)
                )

            async with running_system(change) as system:
                add(system, histories)
                cookie = await system.login("ada")
                where = module.format(address=address.authority)
                for path in (f"{where}@v1.2.3/evil.go", f"/go/pkg/mod/{where}@v1.2.3/evil.go"):
                    answer = await system.get_file(cookie, path, repository=SHOP)
                    assert answer.status in (404, 503), answer.body
                    assert (await explain(system, cookie, path, repository=SHOP)).status == 200
    assert inside.asked == []
