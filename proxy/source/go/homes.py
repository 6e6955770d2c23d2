"""In which repository a Go module lives, as far as its path, an address or a well-known host tells.

A home is the part of a module's path that stands for the repository, and the repository; what
follows that part is a folder.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import NamedTuple

from proxy.errors import RpcError
from proxy.source.address import PUBLIC_HOST, parse_repository, repository
from proxy.source.go import known
from proxy.source.model import Repository

GO = Repository("golang", "go")
_OWNED = 3
_AROUND = re.compile(r"\Ahttps?://|(?:\.git)?/?\Z")
# https://labix.org/gopkg.in
_GOPKG = re.compile(r"gopkg\.in/(?:([A-Za-z0-9][\w-]*)/)?([A-Za-z][\w.-]*)\.v\d+(?:-unstable)?(?=/|\Z)")
_OWNERS = MappingProxyType(known.OWNERS)
_REPOSITORIES = MappingProxyType(known.REPOSITORIES)


class Home(NamedTuple):
    """A repository, and the folder in it that a module's path names."""

    repository: Repository
    subfolder: str


def on_github(module: str, host: str) -> Home | None:
    """The home of a module whose path is that of its repository on the GitHub that is configured."""
    elements = module.split("/")
    if len(elements) < _OWNED:
        return None
    found = of_address(f"https://{'/'.join(elements[:_OWNED])}", host)
    return Home(found, "/".join(elements[_OWNED:])) if found else None


def is_on_public_github(module: str) -> bool:
    """Whether the module's path is that of a repository on github.com."""
    return module.startswith(f"{PUBLIC_HOST}/")


def reaches_public(host: str) -> bool:
    """Whether repositories of github.com can be asked for where ``host`` is configured."""
    return of_address(f"https://{PUBLIC_HOST}/{GO.owner}/{GO.name}", host) is not None


def well_known(module: str) -> Home | None:
    """The home of a module of a host whose repositories are known to be on GitHub."""
    if gopkg := _GOPKG.match(module):
        found = repository(gopkg[1] or f"go-{gopkg[2]}", gopkg[2])
        return Home(found, module[gopkg.end() + 1 :]) if found else None
    elements = module.split("/")
    for end in range(len(elements), 0, -1):
        prefix = "/".join(elements[:end])
        if named := _REPOSITORIES.get(prefix):
            owner, _, name = named.partition("/")
            return Home(Repository(owner, name), "/".join(elements[end:]))
        if (owned := _OWNERS.get(prefix)) and end < len(elements):
            found = repository(owned, elements[end])
            return Home(found, "/".join(elements[end + 1 :])) if found else None
    return None


def of_address(url: str, host: str) -> Repository | None:
    """The repository of the GitHub that is configured that an address names."""
    try:
        return parse_repository(url, host)
    except RpcError:
        return None


def mirror_of(url: str) -> Repository | None:
    """The repository on GitHub where a repository of a well-known host is as well."""
    mirrored = well_known(_AROUND.sub("", url))
    return mirrored.repository if mirrored and not mirrored.subfolder else None
