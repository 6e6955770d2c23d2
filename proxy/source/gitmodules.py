"""``.gitmodules``: which repository a submodule is, https://git-scm.com/docs/gitmodules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.errors import RpcError
from proxy.source import paths
from proxy.source.address import parse_repository, repository

if TYPE_CHECKING:
    from proxy.source.model import Repository

MAX_SIZE = 256 * 1024

_SECTION = re.compile(r"\[\s*([A-Za-z0-9.-]{1,64})(?:\s+\"[^\"]{0,1024}\")?\s*\]")
_ENTRY = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,63})\s*=\s*(.*)")


def url_of(content: bytes, path: str) -> str | None:
    """The ``url`` of the submodule at ``path``, as written, or ``None`` when the file names none.

    The syntax is that of git's configuration: https://git-scm.com/docs/git-config#_syntax.
    """
    entry: dict[str, str] = {}
    entries = [entry]
    for line in content[:MAX_SIZE].decode("utf-8", "replace").splitlines():
        text = line.strip()
        if section := _SECTION.match(text):
            entry = {}
            entries += [entry] if section[1].lower() == "submodule" else []
        elif pair := _ENTRY.match(text):
            entry[pair[1].lower()] = _unquoted(pair[2])
    found = (each for each in entries if "url" in each and paths.clean(each.get("path", "")) == path)
    return next((each["url"] for each in found), None)


def repository_of(url: str, parent: Repository, host: str) -> Repository | None:
    """The repository on ``host`` that a submodule's url names; ``None`` when it is elsewhere.

    A url that starts with ``./`` or ``../`` is relative to the repository that has the submodule.
    """
    if url.startswith(("./", "../")):
        place = paths.folder(f"{parent.owner}/{parent.name}/{url}")
        elements = place.split("/") if place else []
        return repository(elements[0], elements[1]) if len(elements) == 2 else None  # noqa: PLR2004 - OWNER/NAME
    try:
        return parse_repository(url, host)
    except RpcError:
        return None


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return value[1:].partition('"')[0]
    return re.split(r"\s[#;]", value, maxsplit=1)[0].strip()
