"""What finds sources, put together: for the running proxy and for the command ``resolve`` alike."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from proxy.cache import Cache
from proxy.egress import Anything, Fetcher, PublicOnly
from proxy.github.client import GitHub, open_client_session
from proxy.library import Library, Lookups, Resolver
from proxy.source import mapping

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from proxy.config.model import Config
    from proxy.metrics import Metrics
    from proxy.source.mapping import Mappings


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that find sources.

    Attributes:
        github: asks GitHub.
        library: what is known of repositories.
        resolver: finds files.
    """

    github: GitHub
    library: Library
    resolver: Resolver


@asynccontextmanager
async def open_parts(config: Config, metrics: Metrics) -> AsyncIterator[Parts]:
    """Open the parts from the bottom up; what was opened first is closed last.

    Raises:
        OSError: when the operator's mappings cannot be read.
    """
    operator = _operator_mappings(config)
    judge = Anything() if config.egress.allow_private_addresses else PublicOnly()
    async with open_client_session() as session, Fetcher(judge) as fetcher:
        github = GitHub(session, config.github, metrics, clock=time.time)
        cache = Cache(config.cache.max_size, metrics, time.monotonic)
        library = Library(github, cache, config.cache)
        lookups = Lookups(fetcher, cache, config.resolver)
        resolver = Resolver(library, lookups, operator, metrics, time.monotonic)
        try:
            yield Parts(github, library, resolver)
        finally:
            await cache.aclose()


def _operator_mappings(config: Config) -> Mappings | None:
    path = config.resolver.mappings_file
    if not path:
        return None
    try:
        return mapping.parse(Path(path).read_bytes())
    except OSError as error:
        raise OSError(f"resolver.mappings_file: {path} cannot be read: {error.strerror}") from error
    except mapping.InvalidMappingsError as error:
        raise OSError(f"resolver.mappings_file: {path} is not valid: {'; '.join(error.faults)}") from error
