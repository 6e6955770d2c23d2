"""What finds sources, put together: for the running proxy and for the command ``resolve`` alike."""

from __future__ import annotations

import ssl
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from proxy.cache import Cache, open_shared
from proxy.egress import Anything, Fetcher, PublicOnly
from proxy.github.client import GitHub, open_client_session
from proxy.library import Library, Lookups, Resolver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from proxy.cache import SharedStore
    from proxy.live import Live
    from proxy.metrics import Metrics
    from proxy.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that find sources.

    Attributes:
        github: asks GitHub.
        library: what is known of repositories.
        resolver: finds files.
        shared: what replicas share, where that is configured.
    """

    github: GitHub
    library: Library
    resolver: Resolver
    shared: SharedStore | None


@asynccontextmanager
async def open_parts(settings: Live[Settings], metrics: Metrics) -> AsyncIterator[Parts]:
    """Open the parts from the bottom up; what was opened first is closed last.

    Raises:
        OSError: when Redis is configured and cannot be used.
    """
    config = settings.value.config
    operator = settings.derive(lambda settings: settings.mappings)
    secrets = settings.derive(lambda settings: settings.config.session.secrets)
    judge = Anything() if config.egress.allow_private_addresses else PublicOnly()
    # One for both: the CAs take a megabyte each time that they are loaded.
    tls = ssl.create_default_context()
    async with (
        open_client_session(tls) as session,
        Fetcher(judge, tls=tls) as fetcher,
        open_shared(config.cache.redis_url, secrets, metrics) as shared,
    ):
        github = GitHub(session, config.github, metrics, clock=time.time)
        hosts: tuple[Literal["api", "web"], ...] = ("api", "web")
        for name in hosts:
            metrics.github_breaker_open.labels(name).set_function(partial(github.breaker_open, name))
        cache = Cache(config.cache.max_size, metrics, time.monotonic, shared=shared)
        library = Library(github, cache, config.cache)
        lookups = Lookups(fetcher, cache, config.resolver)
        host = config.github.url.host or ""
        resolver = Resolver(library, lookups, operator, metrics, time.monotonic, host=host)
        try:
            yield Parts(github, library, resolver, shared)
        finally:
            await library.aclose()
            await cache.aclose()
