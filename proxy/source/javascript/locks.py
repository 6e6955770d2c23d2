"""Which version of a package is installed where: package-lock.json, yarn.lock and pnpm-lock.yaml.

yarn.lock and pnpm-lock.yaml are machine-written and may be megabytes long, so they are read line by
line. Every reader takes time linear in its input.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from proxy.source import paths
from proxy.source.hostile import json_object, table, text
from proxy.source.javascript.cleaning import exact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proxy.source.javascript.cleaning import Module

NAMES = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml")
MAX_SIZE = 8 * 1024 * 1024

_MAX_LINE = 4096
_MAX_VERSIONS = 1000
_MODULES = "node_modules/"
_GIT = re.compile(
    r"(git\+[a-z]{3,5}://[^#\s]{1,500}|git@[^#\s]{1,500}|https://[^#\s]{1,500}\.git)#(?:commit=)?(\w{7,64})"
)
_YARN_VERSION = re.compile(r'\s{2}version:? "?([^"\s]{1,80})"?\s*\Z')
_YARN_SOURCE = re.compile(r'\s{2}(?:resolved|resolution):? "([^"]{1,1000})"')
_WORKSPACE = re.compile(r"@workspace:([^\"#]{1,500})\Z")
# /name/1.2.3, /@scope/name@1.2.3, name@1.2.3(peer@1): the keys of versions 5, 6 and 9.
_PNPM_KEY = re.compile(r"  ['\"]?/?((?:@[^/'\"]{1,100}/)?[^/@'\"]{1,120})[/@](\d[^'\"_(:/]{0,80})")


class Locked(NamedTuple):
    """What is installed.

    Attributes:
        version: exact, or empty.
        url: of the git repository it comes from, else empty.
        ref: the commit of that.
        folder: of the service's own repository, relative to the lock file, when it is linked; else ``None``.
        others: how many further versions the lock file has without saying which is meant.
    """

    version: str = ""
    url: str = ""
    ref: str = ""
    folder: str | None = None
    others: int = 0


def find(file_name: str, content: bytes, module: Module) -> Locked | None:
    """What a lock file of this name says of the package in this place; ``None``: nothing."""
    if len(content) > MAX_SIZE:
        return None
    if file_name.endswith(".json"):
        return _npm(content, module)
    lines = content.decode("utf-8", "replace").splitlines()
    found = _yarn(lines, module.name) if file_name == "yarn.lock" else _pnpm(lines, module.name)
    unique = list(dict.fromkeys(each for each in islice(found, _MAX_VERSIONS) if each != Locked()))
    return unique[-1]._replace(others=len(unique) - 1) if unique else None


def _npm(content: bytes, module: Module) -> Locked | None:
    """``packages``, or in older files ``dependencies``.

    https://docs.npmjs.com/cli/configuring-npm/package-lock-json
    """
    document = json_object(content)
    packages = table(document, "packages")
    # The longest end of the place is where it really is: packages/web/node_modules/a/node_modules/b.
    for place in (*paths.suffixes(module.place), f"{_MODULES}{module.name}"):
        if place.startswith(_MODULES) or f"/{_MODULES}" in place:
            entry = table(packages, place)
            if entry:
                return _locked(entry)
    chain = [name.strip("/") for name in f"/{module.place}".split(f"/{_MODULES}")[1:]]
    for start in range(len(chain)):
        entry = table(document)
        for name in chain[start:]:
            entry = table(entry, "dependencies", name)
        if entry:
            return _locked(entry)
    return None


def _locked(entry: dict[str, Any]) -> Locked:
    resolved, version = text(entry.get("resolved")), text(entry.get("version"))
    if entry.get("link") is True:
        return Locked(folder=resolved)
    git = _GIT.search(resolved) or _GIT.search(version)
    return Locked(exact(version), git[1] if git else "", git[2] if git else "")


def _yarn(lines: list[str], name: str) -> Iterator[Locked]:
    """https://yarnpkg.com/configuration/manifest and, before it, https://classic.yarnpkg.com/lang/en/docs/yarn-lock/."""
    inside, version, source = False, "", ""
    for raw in (*lines, "end:"):
        line = raw[:_MAX_LINE]
        if line and not line[0].isspace() and not line.startswith("#"):
            if inside:
                yield _from_yarn(version, source)
            inside = any(_described(part, name) for part in line.rstrip(":").split(","))
            version = source = ""
        elif inside:
            if found := _YARN_VERSION.match(line):
                version = found[1]
            elif found := _YARN_SOURCE.match(line):
                source = found[1]


def _described(descriptor: str, name: str) -> bool:
    """Whether ``"name@range"`` is one of the name."""
    bare = descriptor.strip().strip('"')
    return bare.startswith(f"{name}@")


def _from_yarn(version: str, source: str) -> Locked:
    if workspace := _WORKSPACE.search(source):
        return Locked(folder=workspace[1])
    git = _GIT.search(source)
    return Locked(exact(version), git[1] if git else "", git[2] if git else "")


def _pnpm(lines: list[str], name: str) -> Iterator[Locked]:
    """https://github.com/pnpm/spec/tree/master/lockfile: the keys of ``packages`` have the versions."""
    inside = False
    for line in lines:
        if line and not line[0].isspace():
            inside = line.startswith("packages:")
        elif inside and (key := _PNPM_KEY.match(line[:_MAX_LINE])) and key[1] == name:
            yield Locked(exact(key[2]))
