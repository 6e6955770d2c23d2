"""Files of modules whose path has no version: copied into a vendor folder, or made a Bazel repository.

https://go.dev/ref/mod#vendoring; Gazelle's names of repositories:
https://github.com/bazel-contrib/bazel-gazelle/blob/master/repository.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.source import paths
from proxy.source.go.module import ModuleFile

if TYPE_CHECKING:
    from proxy.source.go.gomod import GoMod
    from proxy.source.model import Frame, Service

_VENDOR = "/vendor/"
# external/gazelle++go_deps+com_github_a_b/…, external/com_github_a_b/…
_BAZEL = re.compile(
    r"(?:\A|/)external/(?:[^/]*[~+])?((?:com|org|net|io|in|dev|co|cc|cloud|sh|me|ai|build)_[a-z0-9_]+)/(.+)\Z"
)
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]")


def below_vendor(path: str) -> str | None:
    """What a clean path has from its last vendor folder on."""
    start = f"/{path}".rfind(_VENDOR)
    return path[start:] if start >= 0 else None


def import_path(frame: Frame) -> str | None:
    """The import path of a vendored file, with the file's name."""
    path = paths.clean(frame.path)
    inside = below_vendor(path) if path else None
    return inside.removeprefix(_VENDOR.lstrip("/")) if inside else None


def required(path: str, read: GoMod) -> ModuleFile | None:
    """The module, of those that go.mod requires, that an import path is of."""
    elements = path.split("/")
    for end in range(len(elements) - 1, 0, -1):
        name = "/".join(elements[:end])
        if version := read.requires.get(name):
            return ModuleFile(name, version, "/".join(elements[end:]))
    return None


def places(service: Service, file: ModuleFile) -> list[str]:
    """Where the service may have a copy of a module's file."""
    inside = f"vendor/{file.module}/{file.path}"
    return list(dict.fromkeys([f"{service.root_path}/{inside}".lstrip("/"), inside]))


def bazel(frame: Frame) -> tuple[str, str] | None:
    """The name of the Bazel repository of a Go module that a path is of, and the file in it."""
    found = _BAZEL.search(frame.path.replace("\\", "/"))
    return (found[1], found[2]) if found else None


def of_bazel(frame: Frame, read: GoMod) -> ModuleFile | None:
    """The module, of those that go.mod requires, that a Bazel repository was made from."""
    named = bazel(frame)
    file = paths.clean(named[1]) if named else None
    if named is None or file is None:
        return None
    for name, version in read.requires.items():
        if _bazel_name(name) == named[0]:
            return ModuleFile(name, version, file)
    return None


def _bazel_name(module: str) -> str:
    host, _, rest = module.lower().partition("/")
    return _NOT_IN_NAMES.sub("_", "/".join([*reversed(host.split(".")), *([rest] if rest else [])]))
