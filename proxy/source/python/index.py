"""What the index says of a distribution: https://docs.pypi.org/api/json/."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from proxy.errors import RpcError
from proxy.source.address import parse_repository, repository
from proxy.source.hostile import json_object, table, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proxy.source.model import Repository

ACCEPT = "application/json"

# https://docs.pypi.org/project_metadata/#icons and https://packaging.python.org/en/latest/specifications/well-known-project-urls/
_SOURCES = ("source", "sourcecode", "repository", "code", "github", "githubrepository", "git", "scm")
_HOMES = ("homepage", "home", "project", "website")
_OTHERS = re.compile(
    r"issue|bug|track|doc|changelog|changes|release|history|fund|sponsor|donat|chat|ci\b|download"
)
_NO_OWNERS = frozenset(
    {"sponsors", "orgs", "users", "apps", "marketplace", "topics", "features", "readthedocs"}
)
_MAX_URLS = 64
_MAX_SIZE = 64 * 1024 * 1024

# Distributions whose metadata names no repository.
_KNOWN = MappingProxyType(
    {
        "protobuf": ("protocolbuffers", "protobuf"),
        "googleapis-common-protos": ("googleapis", "google-cloud-python"),
        "opencv-python": ("opencv", "opencv-python"),
        "pyroscope-io": ("grafana", "pyroscope-rs"),
        "pytz": ("stub42", "pytz"),
    }
)


class Project(NamedTuple):
    """A distribution as the index describes it; ``repository`` is ``None`` when it names none on the host."""

    name: str
    version: str
    repository: Repository | None
    elsewhere: str


def path_of(distribution: str, version: str) -> str:
    """Where the index describes a normalised distribution, below its base URL."""
    return f"pypi/{distribution}/{version}/json" if version else f"pypi/{distribution}/json"


def read(body: bytes, distribution: str, host: str) -> Project | None:
    """What the answer says; ``None`` when it cannot be read."""
    info = table(json_object(body, _MAX_SIZE), "info")
    if not info:
        return None
    found, elsewhere = None, ""
    for url in _urls(info, distribution):
        try:
            candidate = parse_repository(url, host)
        except RpcError:
            elsewhere = elsewhere or url
            continue
        if candidate.owner.lower() not in _NO_OWNERS:
            found = candidate
            break
    if found is None and distribution in _KNOWN:
        found = repository(*_KNOWN[distribution])
    return Project(text(info.get("name"), 128), text(info.get("version"), 64), found, elsewhere)


def _urls(info: dict[str, object], distribution: str) -> Iterator[str]:
    """The addresses that may be the repository's: source first, home next, then whatever else there is.

    Addresses of issues and documentation count only when they are of a repository named alike:
    they are often those of another.
    """
    given = list(table(info.get("project_urls")).items())[:_MAX_URLS]
    labelled = [(re.sub(r"[^a-z]", "", label.lower()), text(url)) for label, url in given]
    for wanted in (*_SOURCES, *_HOMES):
        yield from (url for label, url in labelled if label == wanted and url)
    yield from (url for key in ("home_page", "download_url") if (url := text(info.get(key))))
    rest = [(label, url) for label, url in labelled if label not in (*_SOURCES, *_HOMES) and url]
    yield from (url for label, url in rest if not _OTHERS.search(label))
    alike = re.sub(r"[^a-z0-9]", "", distribution)
    yield from (url for _, url in rest if alike in re.sub(r"[^a-z0-9/]", "", url.lower()).split("/"))
