"""Answers what public places say of packages, from what is known or by the guarded fetcher.

Rules:

- The places are public and no question carries anybody's token, so one answer serves everyone.
- What a published version says does not change and is kept for a day; the rest, "not there"
  included, for minutes; that a place could not be reached, only as long as it takes to try again.
- A place whose key in the configuration is empty is not asked. The pages of ``?go-get=1`` belong to
  Go's look-ups and go with the module proxy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from proxy import tracing
from proxy.cache import Entry
from proxy.egress import Errand, targets
from proxy.source.model import Fetched, Lookup, Unreachable

if TYPE_CHECKING:
    from yarl import URL

    from proxy.cache import Cache, NamedCache
    from proxy.config.model import Resolver as Settings
    from proxy.egress import Fetcher
    from proxy.source.model import Fetch

Answer = Fetched | Unreachable | None

PUBLISHED_TTL = 24 * 3600.0
CURRENT_TTL = 600.0
UNREACHABLE_TTL = 30.0
_MIB = 1024 * 1024
_MAX_PATH = 2048

_JSON = frozenset({"application/json", "application/vnd.pypi.simple.v1+json"})
_NPM = frozenset({"application/json", "application/vnd.npm.install-v1+json"})
# A GOPROXY may be a plain file server, https://go.dev/ref/mod#goproxy-protocol; a sign-in page is none.
_FILES = frozenset({"application/json", "text/plain", "application/octet-stream", ""})
# A page that starts with <meta> is text to servers that look at its first bytes, Go's own among them.
_PAGES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})

_VERSION = r"[0-9]+\.[0-9]+\.[0-9]+[^/]*"


@dataclass(frozen=True, slots=True)
class _Place:
    """What is taken from a place.

    Attributes:
        key: its key in the configuration.
        kinds: media types of its answers.
        size: bytes of an answer, at most.
        published: matches the paths whose answers do not change any more.
    """

    key: str
    kinds: frozenset[str]
    size: int
    published: re.Pattern[str]


_PLACES = MappingProxyType(
    {
        # Queries for a branch have the same form, and only versions stay: https://go.dev/ref/mod#goproxy-protocol
        Lookup.GO_MODULE_PROXY: _Place(
            "resolver.go_module_proxy", _FILES, 4 * _MIB, re.compile(rf".+/@v/v{_VERSION}\.(?:info|mod)")
        ),
        Lookup.GO_GET: _Place("", _PAGES, _MIB, re.compile(r"(?!)")),
        # https://docs.pypi.org/api/json/
        Lookup.PYTHON_INDEX: _Place(
            "resolver.python_index", _JSON, 16 * _MIB, re.compile(r"pypi/[^/]+/[0-9][^/]*/json")
        ),
        # https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
        Lookup.NPM_REGISTRY: _Place(
            "resolver.npm_registry", _NPM, 16 * _MIB, re.compile(rf"(?:@[^/]+(?:/|%2[fF]))?[^/@]+/{_VERSION}")
        ),
    }
)


class Lookups:
    """What is known of packages, shared by everyone.

    Args:
        fetcher: asks for what is not known.
        cache: where it is kept.
        settings: where the places are.
    """

    def __init__(self, fetcher: Fetcher, cache: Cache, settings: Settings) -> None:
        self._fetcher = fetcher
        self._known: NamedCache[tuple[Lookup, str, str], Answer] = cache.named("lookups")
        self._bases: dict[Lookup, URL | None] = {
            Lookup.GO_MODULE_PROXY: settings.go_module_proxy,
            Lookup.GO_GET: settings.go_module_proxy,
            Lookup.PYTHON_INDEX: settings.python_index,
            Lookup.NPM_REGISTRY: settings.npm_registry,
        }

    async def fetch(self, question: Fetch) -> Fetched | Unreachable | None:
        """What a place says; see ``source.model.Fetch``."""
        base = self._bases[question.service]
        if base is None:
            return None
        if len(question.path) > _MAX_PATH:
            return Unreachable("the address to ask is too long")
        try:
            errand = _errand(question, base)
        except targets.RefusedError as error:
            return Unreachable(f"{_PLACES[question.service].key or 'the page'} {error}")

        async def load() -> Entry[Answer]:
            # Not its address: a profile or a repository decides on that.
            attributes = {"sourceproxy.place": question.service.value}
            with tracing.span("look up package", tracing.Kind.CLIENT, attributes):
                answer = await self._fetcher.fetch(errand)
            return Entry(answer, ttl=_ttl(question, answer))

        return await self._known.fetch((question.service, question.path, question.accept), load)


def _errand(question: Fetch, base: URL) -> Errand:
    place = _PLACES[question.service]
    url = targets.below(base, question.path) if place.key else targets.absolute(question.path)
    return Errand(url, question.accept, place.kinds, place.size, place.key)


def _ttl(question: Fetch, answer: Answer) -> float:
    if isinstance(answer, Unreachable):
        return UNREACHABLE_TTL
    published = _PLACES[question.service].published.fullmatch(question.path)
    return PUBLISHED_TTL if published and answer is not None else CURRENT_TTL
