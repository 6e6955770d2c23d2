"""The admin listener: metrics for Prometheus, health for Kubernetes, the configuration for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import exposition

from proxy.config import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.config.model import Config
    from proxy.metrics import Metrics


def admin_application(metrics: Metrics, config: Config, draining: Callable[[], bool]) -> web.Application:
    """The application of the admin listener.

    Args:
        metrics: what ``/metrics`` shows.
        config: what ``/-/config`` shows, secrets masked.
        draining: whether the proxy is shutting down; ``/-/ready`` then answers 503.
    """

    async def show_metrics(request: web.Request) -> web.Response:
        encode, content_type = exposition.choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(metrics.registry), headers={"Content-Type": content_type})

    async def healthy(_: web.Request) -> web.Response:
        return web.Response(text="healthy\n")

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text="draining\n", status=503) if draining() else web.Response(text="ready\n")

    async def show_config(_: web.Request) -> web.Response:
        return web.Response(text=render(config), content_type="application/yaml")

    application = web.Application()
    application.add_routes(
        [
            web.get("/metrics", show_metrics),
            web.get("/-/healthy", healthy),
            web.get("/-/ready", ready),
            web.get("/-/config", show_config),
        ]
    )
    return application
