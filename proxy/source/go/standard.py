"""Go's standard library: which frames are of it, and of which Go.

A frame is of the standard library when its path has a place where Go is installed, or when its folder
is one of the library's packages and the function's package does not say otherwise. The version is in
the paths of most ways to install several: Homebrew, actions/setup-go, downloaded toolchains
(https://go.dev/doc/toolchain), golang.org/dl, goenv, gvm, asdf, mise, gimme, Nix, Debian.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from proxy.source.go import names
from proxy.source.go.packages import PACKAGES

_VERSION = r"(?P<version>1\.\d{1,3}(?:\.\d{1,3})?(?:(?:rc|beta)\d{1,2})?)"
_TOOLCHAIN = re.compile(
    r"golang\.org/toolchain@v0\.0\.1-go" + _VERSION + r"(?:-[\w.]+)?\.[a-z0-9]+-[a-z0-9]+\Z"
)
_ANY_TOOLCHAIN = re.compile(r"golang\.org/toolchain@[^/]+\Z")
# What stands before /src, from its last elements.
_VERSIONED = re.compile(
    r"(?:\A|/)(?:"
    # go/1.21.3/libexec, go/1.21.6/x64, versions/1.21.3, golang/1.21.3/go, gos/go1.21.3
    r"(?:go|golang|go@1\.\d{1,3}|gos|versions)/(?:go)?" + _VERSION + r"(?:_\d+|\.[a-z0-9]+\.[a-z0-9]+)?"
    r"(?:/[^/]+)?"
    # sdk/go1.21.3, usr/lib/go-1.22, nix/store/HASH-go-1.21.3/share/go
    r"|(?:[a-z0-9]{32}-)?go-?" + _VERSION.replace("version", "version2") + r"(?:/(?:share/go|lib/go|go))?"
    r")\Z"
)
# Where a Go without version in its path is installed: https://go.dev/doc/install, distributions, Bazel.
_INSTALLED = re.compile(
    r"(?:\A|/)(?:usr(?:/local)?/(?:lib|lib64|share)/go(?:lang)?|usr/local/go|opt(?:/local/lib)?/go|snap/go/\w+"
    r"|\$?GOROOT|\$\(GOROOT\)|\$\{GOROOT\}|Cellar/go(?:@[\d.]+)?/[^/]+/libexec|hostedtoolcache/go/[^/]+/[^/]+"
    r"|external/(?:[^/]*[~+])?go_(?:default_)?sdk(?:_[^/]*)?|external/[^/]*go_sdk[^/]*)\Z"
    r"|\A[A-Za-z]:/(?:Program Files(?: \(x86\))?/)?Go\Z",
    re.IGNORECASE,
)
_MODULE_VERSION = re.compile(r"@v\d")
_CLOSURE = re.compile(r"\.\w+\.(?:func|gowrap|deferwrap)?\d+\Z")
_SRC = "/src/"
_COMMANDS = "cmd/"
_NEVER_IMPORTED = (_COMMANDS, "internal/")
_TAIL = 200
_MAX_TRIES = 32


class Standard(NamedTuple):
    """A file of the standard library.

    Attributes:
        version: of Go as the path has it, such as ``1.21.3`` or ``1.25rc1``; ``""`` when it has none.
        path: below ``src``.
        sure: whether it cannot be the service's own; without it, only the name of its folder speaks.
    """

    version: str
    path: str
    sure: bool


def standard(path: str, function_name: str) -> Standard | None:
    """The file of the standard library that a frame is of; ``path`` has no backslashes."""
    package = names.package_of(function_name)
    module = _MODULE_VERSION.search(path)
    start = -1
    for _ in range(_MAX_TRIES):
        start = path.find(_SRC, start + 1)
        if start < 0:
            break
        inside_module = module is not None and module.start() < start
        if found := _installed(path[:start], path[start + len(_SRC) :], package, inside_module=inside_module):
            return found
    return None if path.startswith("/") else _trimmed(path, package, function_name)


def _installed(prefix: str, rest: str, package: str | None, *, inside_module: bool) -> Standard | None:
    # Only the last elements tell, and so many are looked at that a path of any length costs the same.
    tail = prefix[-_TAIL:]
    folder = rest.rpartition("/")[0]
    if toolchain := _TOOLCHAIN.search(tail):
        return Standard(toolchain["version"], rest, sure=True)
    if _ANY_TOOLCHAIN.search(tail):
        return Standard("", rest, sure=True)
    if inside_module or not folder or "." in rest.partition("/")[0]:
        return None
    listed = folder in PACKAGES
    if listed or package in (None, folder) or rest.startswith(_NEVER_IMPORTED):
        if versioned := _VERSIONED.search(tail):
            return Standard(versioned["version"] or versioned["version2"], rest, sure=True)
        if _INSTALLED.search(tail):
            return Standard("", rest, sure=True)
    # A Go built from its source lies anywhere: /home/me/go/src/fmt/print.go.
    return Standard("", rest, sure=True) if listed and package in PACKAGES else None


def _trimmed(path: str, package: str | None, function_name: str) -> Standard | None:
    """A path as ``-trimpath`` leaves it, which begins with the package."""
    folder = path.rpartition("/")[0]
    if _belongs(folder, package):
        return Standard("", path, sure=True)
    if folder not in PACKAGES or not (package is None or _inlined(folder, package, function_name)):
        return None
    return Standard("", path, sure=False)


def perhaps_inlined(path: str, function_name: str) -> Standard | None:
    """A file of the library by its folder alone, as ``-trimpath`` leaves it.

    Where the library was inlined, an instruction may keep the file of the one function and the name of
    the other: ``example.com/x.run`` in ``bytes/buffer.go``.
    """
    folder = path.rpartition("/")[0]
    package = names.package_of(function_name)
    if path.startswith("/") or folder not in PACKAGES or package is None or package.endswith(f"/{folder}"):
        return None
    return Standard("", path, sure=False)


def _inlined(folder: str, package: str, function_name: str) -> bool:
    """Whether it is a closure of the library that the compiler named after the function around it.

    ``example.com/x.run.Printf.func1`` is in ``log/log.go`` where ``log.Printf`` was inlined into ``run``.
    """
    return _CLOSURE.search(function_name) is not None and not package.endswith(f"/{folder}")


def _belongs(folder: str, package: str | None) -> bool:
    """Whether the function's package speaks for the library.

    The packages need not be the same: the runtime implements functions of others (``time.Sleep`` is
    in ``runtime/time.go``).
    """
    if package is None:
        return False
    if package == folder:
        return folder in PACKAGES or folder.startswith((_COMMANDS, "internal/", "runtime/internal/"))
    return folder in PACKAGES and package in PACKAGES


def ref_of(version: str) -> str:
    """The tag of a Go as it calls itself: ``1.20`` is ``go1.20``, ``1.21`` is ``go1.21.0``.

    From 1.21 on the first release has a third number: https://go.dev/doc/toolchain#version.
    """
    two = re.fullmatch(r"1\.(\d+)", version)
    return f"go{version}.0" if two and int(two[1]) >= 21 else f"go{version}"  # noqa: PLR2004 - as the document has it
