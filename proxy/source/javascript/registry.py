"""What the registry says of a version: https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from proxy.errors import RpcError
from proxy.source import paths
from proxy.source.address import parse_repository
from proxy.source.hostile import json_object, table, text

if TYPE_CHECKING:
    from proxy.source.model import Repository

ACCEPT = "application/json"

_MAX_SIZE = 16 * 1024 * 1024
# https://docs.npmjs.com/cli/configuring-npm/package-json#repository: OWNER/NAME and github:OWNER/NAME.
_SHORT = re.compile(r"(?:(github|gitlab|bitbucket|gist):)?([A-Za-z0-9_.-]{1,100})/([A-Za-z0-9_.-]{1,100})")
_TREE = re.compile(r"/tree/[^/]{1,200}/([^?#]{1,500})")
_COMMIT = re.compile(r"[0-9a-f]{40}")


class Published(NamedTuple):
    """A version as the registry describes it; ``commit`` and ``folder`` may be empty.

    ``repository`` is ``None`` when it names none on the host; ``elsewhere`` is what it names then.
    """

    version: str
    repository: Repository | None
    folder: str
    commit: str
    elsewhere: str


def path_of(name: str, version: str) -> str:
    """Where the registry describes a version (without one, the latest), below its base URL."""
    return f"{name.replace('/', '%2f')}/{version or 'latest'}"


def read(body: bytes, host: str) -> Published | None:
    """What the answer says; ``None`` when it cannot be read."""
    document = json_object(body, _MAX_SIZE)
    if document is None:
        return None
    given = document.get("repository")
    url = text(given) or text(table(given).get("url"))
    folder = paths.folder(text(table(given).get("directory"))) or ""
    if not folder and (tree := _TREE.search(url)):
        folder = paths.folder(tree[1]) or ""
    repository = _repository(url, host) or _repository(text(document.get("homepage")), host, short=False)
    commit = text(document.get("gitHead"))
    return Published(
        text(document.get("version"), 80),
        repository,
        folder,
        commit if _COMMIT.fullmatch(commit) else "",
        "" if repository else url,
    )


def _repository(url: str, host: str, *, short: bool = True) -> Repository | None:
    if short and (shorthand := _SHORT.fullmatch(url)):
        if shorthand[1] not in (None, "github"):
            return None
        url = f"https://github.com/{shorthand[2]}/{shorthand[3]}"
    try:
        return parse_repository(url, host)
    except RpcError:
        return None
