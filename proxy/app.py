"""The one place where the parts are put together, opened and closed."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import ssl
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self
from urllib.request import getproxies, proxy_bypass

from aiohttp import web
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from yarl import URL

from proxy import __version__, logs, source_service, vcs
from proxy.admin import admin_application
from proxy.callers import Callers
from proxy.connect import edge
from proxy.connect.at_once import AtOnce
from proxy.details import Details
from proxy.door.connectors import to_application, to_upstream
from proxy.door.door import Door
from proxy.door.record import Recorder
from proxy.library import Viewers
from proxy.login import Logins
from proxy.metrics import Metrics
from proxy.parts import open_parts
from proxy.proto import vcs_pb2
from proxy.querier import open_querier
from proxy.session import NONCE_SIZE
from proxy.ui import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from proxy.config.model import Config, HostPort, Upstream

_logger = logging.getLogger("proxy")


class Proxy:
    """The running proxy, opened with ``async with``.

    Args:
        config: what to run.
        revision: the source revision, for ``sourceproxy_build_info``.
    """

    def __init__(self, config: Config, *, revision: str = "") -> None:
        self.config = config
        self.metrics = Metrics(CollectorRegistry(), version=__version__, revision=revision)
        self.address = config.listen
        self.admin_address = config.admin_listen
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
        """Finish what is under way, for at most ``shutdown_grace``."""
        if self._door is not None:
            await self._door.drain(self.config.shutdown_grace)

    async def _open(self) -> None:
        registry = self.metrics.registry
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        runner = await self._open_application()
        door = await self._open_door(runner)
        self._door = door
        admin = admin_application(self.metrics, self.config, lambda: self.draining)
        admin.on_response_prepare.append(_say_nothing_of_the_server)
        self.admin_address = await self._listen_admin(admin)
        try:
            ((host, port), *_) = await door.listen(self.config.listen)
        except OSError as error:
            raise _cannot_listen("listen", self.config.listen, error) from error
        self.address = self.config.listen._replace(host=host, port=port)

    async def _open_application(self) -> web.AppRunner:
        """Our own routes, from the bottom up; what was opened first is closed last."""
        config = self.config
        parts = await self._stack.enter_async_context(open_parts(config, self.metrics))
        logins = Logins(
            send=parts.github.send,
            github=config.github,
            session=config.session,
            clock=time.time,
            nonce=lambda: secrets.token_bytes(NONCE_SIZE),
            metrics=self.metrics,
            shared=parts.shared,
        )
        self._stack.push_async_callback(logins.close)
        callers = Callers(config, logins, Viewers(_viewer_secret(config)))
        vcs_service = vcs.VcsService(config, callers, logins, parts.library, parts.resolver)
        querier = await self._stack.enter_async_context(open_querier(config.upstream, self.metrics))
        details = Details(callers, querier, parts.library, parts.resolver)
        own_service = source_service.SourceService(callers, parts.resolver, details)
        application = web.Application()
        application.on_response_prepare.append(_say_nothing_of_the_server)
        application.add_routes(edge.routes(vcs.SERVICE, vcs_service.methods()))
        known_file = AtOnce(
            vcs_pb2.GetFileRequest, vcs_service.question, vcs_service.known_file, clock=time.time
        )
        self._at_once[f"{vcs.SERVICE}/GetFile"] = known_file
        application.add_routes(edge.routes(source_service.SERVICE, own_service.methods()))
        page = Page(config, logins, clock=time.time, random=secrets.token_bytes)
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

    async def _open_door(self, runner: web.AppRunner) -> Door:
        upstream = self.config.upstream
        if runner.server is None:
            raise OSError("the application did not start")
        tls = ssl.create_default_context() if upstream.url.scheme == "https" else None
        door = Door(
            upstream_host=_host_header(upstream.url),
            upstream_prefix=upstream.url.raw_path.rstrip("/").encode("ascii"),
            response_timeout=upstream.response_timeout,
            connect_upstream=to_upstream(upstream, tls, _forward_proxy(upstream)),
            connect_own=to_application(runner.server),
            recorder=Recorder(self.metrics),
            clock=time.monotonic,
            at_once=self._at_once,
        )
        self._stack.push_async_callback(door.close)
        return door

    async def _listen_admin(self, application: web.Application) -> HostPort:
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        where = self.config.admin_listen
        try:
            await web.TCPSite(runner, where.host or None, where.port).start()
        except OSError as error:
            raise _cannot_listen("admin_listen", where, error) from error
        host, port = runner.addresses[0][:2]
        return where._replace(host=host, port=port)


def serve(config: Config, *, revision: str = "") -> int:
    """Run the proxy until SIGTERM or SIGINT.

    Args:
        config: what to run; logging is configured by the caller.
        revision: the source revision, for ``sourceproxy_build_info``.

    Returns:
        The exit code.

    Raises:
        OSError: when an address cannot be listened on or a file cannot be read; the text says what to do.
    """
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_serve(config, revision))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Makes event loops: uvloop's where the platform has it."""
    try:
        import uvloop  # noqa: PLC0415 - not every platform has it
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


async def _serve(config: Config, revision: str) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Proxy(config, revision=revision) as proxy:
        logs.log_line(
            _logger,
            logging.INFO,
            "listening",
            address=str(proxy.address),
            admin_address=str(proxy.admin_address),
            upstream=str(config.upstream.url),
            version=__version__,
        )
        await stop.wait()
        _logger.info("draining")
        await proxy.drain()
    _logger.info("stopped")
    return 0


async def _say_nothing_of_the_server(_: web.Request, response: web.StreamResponse) -> None:
    """Leave out what runs here and in which version: nobody needs it who means well."""
    response.headers.pop("Server", None)


def _viewer_secret(config: Config) -> bytes:
    """Without a session secret nobody can be a viewer; a random one then serves as well as any."""
    if not config.session.secrets:
        return secrets.token_bytes(32)
    return config.session.secrets[0].reveal().encode()


def _host_header(url: URL) -> bytes:
    host = url.host_subcomponent or "localhost"
    return (host if url.is_default_port() else f"{host}:{url.port}").encode("ascii")


def _forward_proxy(upstream: Upstream) -> URL | None:
    """The proxy that the environment names for an ``https`` upstream (``HTTPS_PROXY``, ``NO_PROXY``)."""
    url = upstream.url
    found = getproxies().get(url.scheme) if url.scheme == "https" else None
    if not found or proxy_bypass(url.host or ""):
        return None
    return URL(found if "://" in found else f"http://{found}")


def _cannot_listen(key: str, where: HostPort, error: OSError) -> OSError:
    return OSError(
        f"{key}: {where} cannot be listened on: {error.strerror or error}; "
        f"stop what uses it or set {key} to another address"
    )
