"""Which requests are ours, and under which name each is counted."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from proxy.metrics import OTHER_ROUTE, QUERIER_METHODS, ROUTES

OWN_PREFIXES = (b"/vcs.v1.VCSService/", b"/source.v1.SourceService/", b"/-/source/")
QUERIER_PREFIX = b"/querier.v1.QuerierService/"
_OWN_PATHS = frozenset({b"/-/source"})
_LABELS = {b"/" + route.encode(): route for route in ROUTES if route != OTHER_ROUTE}
_REPEATABLE_RPCS = frozenset(QUERIER_PREFIX + method.encode() for method in QUERIER_METHODS)


class Backend(Enum):
    """Where a request goes."""

    UPSTREAM = "upstream"
    OWN = "own"


class Route(NamedTuple):
    """Where a request goes, its metric label, and whether the path alone makes it safe to repeat."""

    backend: Backend
    label: str
    repeatable: bool


def route(path_and_query: bytes) -> Route:
    """Find the route of a request by its raw path, compared byte by byte as it was sent.

    A path that only means the same after decoding (``/vcs%2Ev1…``) is not ours and passes, which is
    harmless: Pyroscope then answers it, under its own rules for sessions.
    """
    path = path_and_query.partition(b"?")[0]
    own = path.startswith(OWN_PREFIXES) or path in _OWN_PATHS
    return Route(
        Backend.OWN if own else Backend.UPSTREAM, _LABELS.get(path, OTHER_ROUTE), path in _REPEATABLE_RPCS
    )
