"""Which requests are ours, and under which name each is counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from proxy.metrics import OTHER_ROUTE, QUERIER_METHODS, ROUTES

OWN_PREFIXES = (b"/vcs.v1.VCSService/", b"/source.v1.SourceService/", b"/-/source/")
QUERIER_PREFIX = b"/querier.v1.QuerierService/"
_OWN_PATHS = frozenset({b"/-/source"})
_REPEATABLE_RPCS = frozenset(QUERIER_PREFIX + method.encode() for method in QUERIER_METHODS)


class Backend(Enum):
    """Where a request goes."""

    UPSTREAM = "upstream"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Route:
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
    return _KNOWN.get(path) or (_OWN if _is_own(path) else _OTHER)


def _is_own(path: bytes) -> bool:
    return path.startswith(OWN_PREFIXES) or path in _OWN_PATHS


_OWN = Route(Backend.OWN, OTHER_ROUTE, repeatable=False)
_OTHER = Route(Backend.UPSTREAM, OTHER_ROUTE, repeatable=False)
_KNOWN = {
    path: Route(Backend.OWN if _is_own(path) else Backend.UPSTREAM, label, path in _REPEATABLE_RPCS)
    for path, label in ((b"/" + label.encode(), label) for label in ROUTES if label != OTHER_ROUTE)
}
