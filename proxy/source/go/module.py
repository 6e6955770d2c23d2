"""A file of a Go module: what its path says, and the refs and folders that it may have in a repository.

https://go.dev/ref/mod has the rules: module cache paths (an upper-case letter is ``!`` and the
lower-case one), pseudo-versions, ``+incompatible``, and how a version is a tag.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

from proxy.source import paths
from proxy.source.refs import ref_fault

_CACHE = "/pkg/mod/"
_MAX_LENGTH = 512
# https://go.dev/ref/mod#go-mod-file-ident: a module path is made of these, its host of fewer.
_PATH = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.[a-z][a-z0-9-]*")
_VERSION = re.compile(r"v\d[\w.+~-]*", re.ASCII)
_ESCAPED = re.compile(r"!([a-z])")
_UPPER = re.compile(r"[A-Z]")
_PSEUDO = re.compile(r"v\d+\.\d+\.\d+-(?:[0-9A-Za-z.-]*\.)?\d{14}-([0-9a-f]{12})")
_MAJOR = re.compile(r"v(?:[2-9]|[1-9]\d+)")
_INCOMPATIBLE = "+incompatible"


class ModuleFile(NamedTuple):
    """A file of a module at a version, which is ``""`` when it is not known."""

    module: str
    version: str
    path: str


def of_path(path: str) -> ModuleFile | None:
    """The module's file that a path is of: ``MODULE@VERSION/FILE`` after ``/pkg/mod/`` or from a host on.

    ``path`` has no backslashes.
    """
    cached = path.rfind(_CACHE)
    elements = (path[cached + len(_CACHE) :] if cached >= 0 else path).split("/")
    for end, element in enumerate(elements[:-1]):
        name, at, version = element.partition("@")
        if not at or not _VERSION.fullmatch(unescaped(version)):
            continue
        before = [*elements[:end], name]
        start = 0 if cached >= 0 else _host(before)
        module = unescaped("/".join(before[start:])) if start is not None else ""
        file = paths.clean("/".join(elements[end + 1 :]))
        return ModuleFile(module, unescaped(version), file) if is_module(module) and file else None
    return None


def _host(elements: list[str]) -> int | None:
    """Where the module begins in a path of another cache, or of a build with ``-trimpath``."""
    hosts = (index for index, element in enumerate(elements) if _HOST.fullmatch(element))
    return next(hosts, None)


def is_module(path: str) -> bool:
    """Whether a module that is not a local one can have this path."""
    if len(path) > _MAX_LENGTH or not _PATH.fullmatch(path) or not _HOST.fullmatch(path.partition("/")[0]):
        return False
    return not any(element.strip(".") == "" for element in path.split("/"))


def unescaped(text: str) -> str:
    """A path or version as the module cache writes it, as it is."""
    return _ESCAPED.sub(lambda found: found[1].upper(), text)


def escaped(text: str) -> str:
    """A path or version as the module cache and the module proxy write it, ready for an address."""
    return quote(_UPPER.sub(lambda found: f"!{found[0].lower()}", text), safe="/!~+")


def without_major(path: str) -> tuple[str, str]:
    """A path without its major version suffix, and the suffix: ``a/b/v2`` gives ``a/b`` and ``v2``."""
    before, _, last = path.rpartition("/")
    return (before, last) if _MAJOR.fullmatch(last) else (path, "")


def refs_of(version: str, folder: str) -> tuple[str, ...]:
    """The refs that may be this version of a module in ``folder``, the most likely first.

    https://go.dev/ref/mod#vcs-version: the tag of a module in a folder has the folder before it.
    """
    version = version.removesuffix(_INCOMPATIBLE)
    if pseudo := _PSEUDO.fullmatch(version):
        return (pseudo[1],)
    found = (f"{folder}/{version}", version) if folder else (version,)
    return tuple(ref for ref in found if ref_fault(ref) is None)


def folders_of(subfolder: str) -> tuple[tuple[str, ...], str]:
    """Where a module of this subfolder may be in its repository, and the folder that its tags have.

    ``sub/v2`` is that folder, or a major version of ``sub``: https://go.dev/ref/mod#major-branches.
    """
    base, major = without_major(subfolder)
    return ((subfolder, base) if major else (base,)), base
