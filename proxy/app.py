"""The one place where the parts are put together, opened and closed."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from proxy import __version__, aead, memory, source_service, vcs
from proxy.admin import admin_application, admin_listener, say_nothing_of_the_server
from proxy.callers import Callers
from proxy.connect import edge
from proxy.connect.at_once import AtOnce
from proxy.details import Details
from proxy.door.connectors import to_application, to_upstream
from proxy.door.door import Door
from proxy.door.listening import cannot_listen
from proxy.door.record import Recorder
from proxy.door.room import room_for_clients
from proxy.door.tls import ListenerTls
from proxy.door.traces import Traces
from proxy.forward_proxy import ForwardProxies
from proxy.library import Viewers
from proxy.live import Live
from proxy.login import Logins
from proxy.metrics import Metrics
from proxy.parts import open_parts
from proxy.proto import vcs_pb2
from proxy.querier import open_querier
from proxy.session import NONCE_SIZE
from proxy.settings import Settings, read_settings
from proxy.tracing.application import traced
from proxy.tracing.opening import open_tracer
from proxy.ui import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from prometheus_client.registry import Collector
    from yarl import URL

    from proxy.config.model import Config, Session
    from proxy.login import Turnstile
    from proxy.tracing import Tracer


class Proxy:
    """The running proxy, opened with ``async with``.

    Args:
        config: what to run, or that together with what was read from the files that it names.
        revision: the source revision, for ``sourceproxy_build_info``.
        turnstile: where this is one process of several: they share the main listener, and somebody else has
            the admin listener.

    Attributes:
        live: what is in force; replaced by ``replace``.
        renewals: asked at each ``replace`` for what depends on more than the configuration says, such as what
            is in a certificate's file. Each prepares what the configuration asks for, raises ``OSError`` or
            ``ValueError`` when that cannot be, and returns what puts it in force.
    """

    def __init__(
        self, config: Config | Settings, *, revision: str = "", turnstile: Turnstile | None = None
    ) -> None:
        self.live = Live(config if isinstance(config, Settings) else read_settings(config))
        self.renewals: list[Callable[[Config], Callable[[], None]]] = []
        self.config = config = self.live.value.config
        self.metrics = Metrics(CollectorRegistry(), version=__version__, revision=revision)
        self.address = config.listen
        self.admin_address = config.admin_listen
        self.listener_tls: ListenerTls | None = None
        """The certificate of the main listener, ``None`` where it is plain http."""
        self._turnstile = turnstile
        self._stack = AsyncExitStack()
        self._at_once: dict[str, AtOnce[Any, Any]] = {}
        self._door: Door | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def draining(self) -> bool:
        """Whether the proxy is shutting down."""
        return self._door is not None and self._door.draining

    async def drain(self) -> None:
        """Go on for ``shutdown_delay``, then finish what is under way, for at most ``shutdown_grace``."""
        if self._door is not None:
            await self._door.drain(self.config.shutdown_grace, delay=self.config.shutdown_delay)

    def replace(self, settings: Settings) -> None:
        """Put other settings in force, wholly or, when something refuses them, not at all.

        What is read only at the start (see ``proxy.reloading.changes``) has to be as it was.

        Raises:
            OSError: a file cannot be read; the text says which.
            ValueError: what is in it does not do.
        """
        commits = [self.live.prepare(settings), *(prepare(settings.config) for prepare in self.renewals)]
        for commit in commits:
            commit()

    async def _open(self) -> None:
        if self.config.listen_tls.cert_file:
            self.listener_tls = listener_tls = ListenerTls(self.config.listen_tls)
            self.renewals.append(lambda _: listener_tls.prepare())
        registry = self.metrics.registry
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        loop = asyncio.get_running_loop()
        self.metrics.event_loop_tasks.set_function(lambda: len(asyncio.all_tasks(loop)))
        self._stack.callback(memory.keep_low(loop))
        tracer = await self._stack.enter_async_context(open_tracer(self.config.tracing, __version__))
        runner = await self._open_application(tracer)
        door = await self._open_door(runner, tracer)
        self._door = door
        self.metrics.workers.set(1)
        if self._turnstile is None:
            admin = admin_application(self._collect, self.live, lambda: "draining" if self.draining else "")
            listener = admin_listener(self.config.admin_listen, admin)
            self.admin_address = await self._stack.enter_async_context(listener)
        try:
            tls = None if self.listener_tls is None else self.listener_tls.context
            shared = self._turnstile is not None
            addresses = await door.listen(self.config.listen, tls=tls, shared=shared)
        except OSError as error:
            raise cannot_listen("listen", self.config.listen, error) from error
        host, port = addresses[0]
        self.address = self.config.listen._replace(host=host, port=port)

    async def _collect(self) -> Collector:
        return self.metrics.registry

    async def _open_application(self, tracer: Tracer | None) -> web.AppRunner:
        """Our own routes, from the bottom up; what was opened first is closed last."""
        live = self.live.derive(lambda settings: settings.config)
        if live.value.session.secrets:
            aead.load()  # rather than with the first session that comes
        github, session = (
            live.derive(lambda config: config.github),
            live.derive(lambda config: config.session),
        )
        parts = await self._stack.enter_async_context(open_parts(self.live, self.metrics))
        logins = Logins(
            send=parts.github.send,
            github=github,
            session=session,
            clock=time.time,
            nonce=lambda: secrets.token_bytes(NONCE_SIZE),
            metrics=self.metrics,
            shared=parts.shared,
            turnstile=self._turnstile,
        )
        self._stack.push_async_callback(logins.close)
        callers = Callers(live.value, logins, session.derive(_viewers))
        vcs_service = vcs.VcsService(github, callers, logins, parts.library, parts.resolver)
        querier = await self._stack.enter_async_context(open_querier(live.value.upstream, self.metrics))
        details = Details(callers, querier, parts.library, parts.resolver)
        own_service = source_service.SourceService(callers, parts.resolver, details)
        application = web.Application(middlewares=() if tracer is None else (traced(tracer),))
        application.on_response_prepare.append(say_nothing_of_the_server)
        application.add_routes(edge.routes(vcs.SERVICE, vcs_service.methods()))
        known_file = AtOnce(
            vcs_pb2.GetFileRequest, vcs_service.question, vcs_service.known_file, clock=time.time
        )
        self._at_once[f"{vcs.SERVICE}/GetFile"] = known_file
        application.add_routes(edge.routes(source_service.SERVICE, own_service.methods()))
        page = Page(live, logins, clock=time.time, random=secrets.token_bytes)
        application.add_routes(page.routes())
        runner = web.AppRunner(
            application,
            access_log=None,
            handler_cancellation=True,
            **edge.SERVER_OPTIONS,
        )
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        return runner

    async def _open_door(self, runner: web.AppRunner, tracer: Tracer | None) -> Door:
        upstream = self.config.upstream
        if runner.server is None:
            raise OSError("the application did not start")
        tls = ssl.create_default_context() if upstream.url.scheme == "https" else None
        door = Door(
            upstream_host=_host_header(upstream.url),
            upstream_prefix=upstream.url.raw_path.rstrip("/").encode("ascii"),
            response_timeout=upstream.response_timeout,
            connect_upstream=to_upstream(upstream, tls, ForwardProxies().to_upstream(upstream.url)),
            connect_own=to_application(runner.server),
            recorder=Recorder(self.metrics),
            clock=time.monotonic,
            at_once=self._at_once,
            most_clients=room_for_clients(),
            traces=None if tracer is None else Traces(tracer),
        )
        self._stack.push_async_callback(door.close)
        return door


def _viewers(session: Session) -> Viewers:
    """Without a session secret nobody can be a viewer; a random one then serves as well as any."""
    if not session.secrets:
        return Viewers(secrets.token_bytes(32))
    return Viewers(session.secrets[0].reveal().encode())


def _host_header(url: URL) -> bytes:
    host = url.host_subcomponent or "localhost"
    return (host if url.is_default_port() else f"{host}:{url.port}").encode("ascii")
