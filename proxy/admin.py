"""The admin listener: metrics for Prometheus, health for Kubernetes, the configuration for people."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import exposition

from proxy.config import render
from proxy.door.listening import cannot_listen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from prometheus_client.registry import Collector

    from proxy.config.model import HostPort
    from proxy.live import Live
    from proxy.settings import Settings


def admin_application(
    collect: Callable[[], Awaitable[Collector]], settings: Live[Settings], unready: Callable[[], str]
) -> web.Application:
    """The application of the admin listener.

    Args:
        collect: gives what ``/metrics`` shows.
        settings: whose configuration ``/-/config`` shows, secrets masked.
        unready: why no requests should be sent here, such as that the proxy shuts down; ``/-/ready`` says it,
            with 503. Empty: they may.
    """

    async def show_metrics(request: web.Request) -> web.Response:
        encode, content_type = exposition.choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(await collect()), headers={"Content-Type": content_type})

    async def healthy(_: web.Request) -> web.Response:
        return web.Response(text="healthy\n")

    async def ready(_: web.Request) -> web.Response:
        reason = unready()
        return web.Response(text=f"{reason or 'ready'}\n", status=503 if reason else 200)

    async def show_config(_: web.Request) -> web.Response:
        return web.Response(text=render(settings.value.config), content_type="application/yaml")

    application = web.Application()
    application.on_response_prepare.append(say_nothing_of_the_server)
    application.add_routes(
        [
            web.get("/metrics", show_metrics),
            web.get("/-/healthy", healthy),
            web.get("/-/ready", ready),
            web.get("/-/config", show_config),
        ]
    )
    return application


@asynccontextmanager
async def admin_listener(where: HostPort, application: web.Application) -> AsyncIterator[HostPort]:
    """Serve the application on an address; gives it with the port that was free for 0.

    Raises:
        OSError: it cannot be listened on; the text says what to do.
    """
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, where.host or None, where.port).start()
        except OSError as error:
            raise cannot_listen("admin_listen", where, error) from error
        host, port = runner.addresses[0][:2]
        yield where._replace(host=host, port=port)
    finally:
        await runner.cleanup()


async def say_nothing_of_the_server(_: web.Request, response: web.StreamResponse) -> None:
    """Leave out what runs here and in which version: nobody needs it who means well."""
    response.headers.pop("Server", None)
