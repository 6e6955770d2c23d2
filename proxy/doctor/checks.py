"""The checks: what each asks, and who judges it."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yarl import URL

from proxy import oauth
from proxy.doctor.asking import machine as this_machine
from proxy.doctor.asking.certificate import read_certificate
from proxy.doctor.asking.http import way_out, way_to_upstream
from proxy.doctor.asking.redis import try_redis
from proxy.doctor.judging import certificate, configuration, egress, github, machine, redis, tracing, upstream
from proxy.doctor.judging.answers import Heard, named
from proxy.forward_proxy import ForwardProxyError
from proxy.github.graphql import endpoint
from proxy.querier.client import SERVICE
from proxy.tracing.address import traces_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

    from proxy.config.model import Config, HostPort
    from proxy.doctor.asking.http import Asker
    from proxy.doctor.judging.answers import Answer
    from proxy.doctor.model import Finding

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_HOUR = 3600
_NO_CODE = "0" * 20
"""Has the form of an authorization code, and is none."""
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what to ask instead


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: for a finding of its own, when it does not end.
        run: finds out and judges.
    """

    name: str
    run: Callable[[], Awaitable[Sequence[Finding]]]


class Checks:
    """All checks of one configuration; what several of them want to know is asked once.

    Args:
        config: what is checked.
        source: the configuration's file, or what stands for it.
        environ: the environment, for ``SSL_CERT_FILE``.
        asker: sends HTTP requests.
    """

    def __init__(self, config: Config, source: str, environ: Mapping[str, str], asker: Asker) -> None:
        self._config = config
        self._source = source
        self._environ = environ
        self._asker = asker
        self._asked: dict[str, asyncio.Task[Answer]] = {}

    def all(self) -> list[Check]:
        """In the order of their groups."""
        return [
            Check(configuration.FILE, self._configuration),
            Check(configuration.SECRETS, self._secrets),
            Check(upstream.READY, self._ready),
            Check(upstream.QUERIES, self._queries),
            Check(github.WEB, self._web),
            Check(github.API, self._api),
            Check(github.GRAPHQL, self._graphql),
            Check(github.CREDENTIALS, self._app),
            Check(egress.PROXY, self._ways),
            *(self._lookup(name, url) for name, url in self._lookups().items()),
            Check(redis.USABLE, self._redis),
            Check(tracing.COLLECTOR, self._collector),
            Check("machine.listen", self._addresses),
            Check(certificate.CERTIFICATE, self._certificate),
            Check(machine.MEMORY, self._limits),
            Check(machine.CLOCK, self._clock),
        ]

    async def _configuration(self) -> Sequence[Finding]:
        path = self._config.resolver.mappings_file
        found = await asyncio.to_thread(this_machine.read_mappings, path)
        return [*configuration.checked(self._config, self._source), *configuration.mappings(path, found)]

    async def _secrets(self) -> Sequence[Finding]:
        return configuration.secrets(self._config)

    async def _ready(self) -> Sequence[Finding]:
        answer = await self._once("ready", lambda: self._ask_upstream("GET", "/ready"))
        return [upstream.loop(self._config), upstream.ready(answer, named(self._config.upstream.url))]

    async def _queries(self) -> Sequence[Finding]:
        now = time.time()
        asked = {"start": round((now - _HOUR) * 1000), "end": round(now * 1000)}
        answer = await self._ask_upstream("POST", f"/{SERVICE}/ProfileTypes", json.dumps(asked).encode())
        enabled = self._config.tenancy.multitenancy_enabled
        authority = named(self._config.upstream.url)
        return [upstream.queries(answer, authority, multitenancy_enabled=enabled)]

    async def _ask_upstream(self, method: str, path: str, body: bytes = b"") -> Answer:
        base = self._config.upstream.url
        url = URL(f"{str(base).rstrip('/')}{path}", encoded=True)
        headers = _JSON if body else {}
        return await self._asker.ask(method, url, headers=headers, body=body, way=way_to_upstream)

    async def _web(self) -> Sequence[Finding]:
        settings = self._config.github
        answer = await self._ask("GET", settings.url)
        callback = URL(settings.callback_url) if settings.callback_url else None
        return [github.web(answer, settings), github.callback_url(callback)]

    async def _api(self) -> Sequence[Finding]:
        return [github.api(await self._rate_limit(), self._config.github)]

    async def _rate_limit(self) -> Answer:
        base = str(self._config.github.api_url).rstrip("/")
        return await self._once("api", lambda: self._ask("GET", URL(f"{base}/rate_limit")))

    async def _graphql(self) -> Sequence[Finding]:
        url = URL(endpoint(str(self._config.github.api_url).rstrip("/")))
        answer = await self._ask("POST", url, _JSON, b'{"query":"{viewer{login}}"}')
        return [github.graphql(answer, url)]

    async def _app(self) -> Sequence[Finding]:
        settings = self._config.github
        if not (settings.client_id and settings.client_secret):
            return [github.not_configured(settings)]
        request = oauth.exchange_request(settings, _NO_CODE, redirect_uri=settings.callback_url)
        answer = await self._ask(request.method, URL(request.url), request.headers, request.body)
        return [github.credentials(answer, settings)]

    async def _ask(
        self, method: str, url: URL, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        return await self._asker.ask(method, url, headers=headers, body=body, way=way_out)

    async def _ways(self) -> Sequence[Finding]:
        config = self._config
        ours = [config.github.url, config.github.api_url, *filter(None, self._lookups().values())]
        host = config.upstream.url.host or ""
        try:
            ways = {url.host or "": way_out(url) for url in ours}
            ways[host] = way_to_upstream(config.upstream.url)
        except ForwardProxyError as error:
            proxy = egress.useless_proxy(error.found, error.advice)
        else:
            proxy = egress.proxy(ways, host)
        found = await asyncio.to_thread(this_machine.authorities, self._environ.get("SSL_CERT_FILE", ""))
        return [
            proxy,
            egress.authorities(found),
            egress.private_addresses(config.egress),
        ]

    def _lookups(self) -> Mapping[str, URL | None]:
        resolver = self._config.resolver
        return {
            "go_module_proxy": resolver.go_module_proxy,
            "python_index": resolver.python_index,
            "npm_registry": resolver.npm_registry,
        }

    def _lookup(self, name: str, url: URL | None) -> Check:
        async def run() -> Sequence[Finding]:
            answer = None if url is None else await self._ask("HEAD", url)
            return [egress.lookup(name, url, answer)]

        return Check(f"egress.{name}", run)

    async def _redis(self) -> Sequence[Finding]:
        return redis.usable(await try_redis(self._config), self._config.cache)

    async def _collector(self) -> Sequence[Finding]:
        endpoint = self._config.tracing.endpoint
        if endpoint is None:
            return [tracing.off()]
        url = URL(traces_url(str(endpoint)))
        # An export without a span is an empty message.
        answer = await self._ask("POST", url, {"Content-Type": "application/x-protobuf"})
        return [tracing.collector(answer, url)]

    async def _certificate(self) -> Sequence[Finding]:
        found = await asyncio.to_thread(read_certificate, self._config.listen_tls)
        return [certificate.certificate(found, time.time())]

    async def _addresses(self) -> Sequence[Finding]:
        config = self._config
        ours = await self._is_ours(config.admin_listen)
        return [
            machine.address(key, where, await this_machine.try_address(where), ours=ours)
            for key, where in (("listen", config.listen), ("admin_listen", config.admin_listen))
        ]

    async def _is_ours(self, admin: HostPort) -> bool:
        """Whether a proxy answers at its admin listener."""
        if not admin.port:
            return False
        host = _ANYWHERE.get(admin.host, admin.host)
        url = URL.build(scheme="http", host=host, port=admin.port, path="/-/healthy")
        answer = await self._asker.ask("GET", url)
        return isinstance(answer, Heard) and answer.body == b"healthy\n"

    async def _limits(self) -> Sequence[Finding]:
        limit = await asyncio.to_thread(this_machine.memory_limit)
        return [
            machine.descriptors(this_machine.descriptor_limit()),
            machine.memory(limit, self._config.cache.max_size, self._config.workers),
        ]

    async def _clock(self) -> Sequence[Finding]:
        config = self._config
        api, ready = await asyncio.gather(
            self._rate_limit(), self._once("ready", lambda: self._ask_upstream("GET", "/ready"))
        )
        told = [(named(config.github.api_url), api), (named(config.upstream.url), ready)]
        return [machine.clock(told)]

    async def _once(self, name: str, ask: Callable[[], Coroutine[None, None, Answer]]) -> Answer:
        """Ask what another check asks too; who comes second waits for the first."""
        if name not in self._asked:
            self._asked[name] = asyncio.create_task(ask())
        return await asyncio.shield(self._asked[name])
