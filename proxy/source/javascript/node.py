"""The rule for the files of Node.js itself: ``node:internal/timers`` is ``lib/internal/timers.js``.

A tag is ``vX.Y.Z``, the branch of a release line ``vX.x``: https://github.com/nodejs/release.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.source import links, paths, releases, rules
from proxy.source.hostile import json_object, table, text
from proxy.source.inquiry import Candidate
from proxy.source.javascript.cleaning import NODE, cleaned
from proxy.source.model import Absent, Repository

if TYPE_CHECKING:
    from proxy.source.inquiry import Discovery
    from proxy.source.model import Asking, File
    from proxy.source.room import Case

NODE_JS = Repository("nodejs", "node")
VERSION_FILES = (".nvmrc", ".node-version", "package.json", ".tool-versions", "Dockerfile")

_RULE = rules.JAVASCRIPT_NODE
_NEWEST = "main"
_MAX_LINES = 400
_VERSION = r"v?(\d{1,2}(?:\.\d{1,3}){0,2})"
_EXACT = re.compile(r"\d{1,2}\.\d{1,3}\.\d{1,3}")
_LINE = re.compile(_VERSION + r"\s*\Z")
_PATTERNS = {
    ".nvmrc": re.compile(rf"\s*{_VERSION}\s*\Z"),
    ".node-version": re.compile(rf"\s*{_VERSION}\s*\Z"),
    ".tool-versions": re.compile(rf"\s*node(?:js)?\s+{_VERSION}"),
    "Dockerfile": re.compile(rf"(?i:FROM)\s+(?:--\S{{1,80}}\s+)?(?:\S{{1,200}}/)?node:{_VERSION}"),
}


def node_itself(case: Case) -> Asking[Discovery | None]:
    """A file of Node.js at the tag of the service's version, or on the branch of its release line."""
    path = cleaned(case.frame).path
    files = files_of(path)
    if not files:
        return None
    version = yield from _version_of(case)
    exact = _EXACT.fullmatch(version) is not None
    line = f"v{version.partition('.')[0]}.x" if version else ""
    refs = [ref for ref in (f"v{version}" if exact else "", line, _NEWEST) if ref]
    opened = yield from releases.open_first(case.inquiry, _RULE, NODE_JS, refs, files)
    if isinstance(opened, Absent):
        yield from case.inquiry.blame(
            _RULE, f"{NODE_JS} is not on {case.inquiry.host}, or not visible to you."
        )
        return None
    if not exact or opened.ref != refs[0]:
        text = (
            f"No exact version of Node.js is known{f' ({version})' if version else ''}: "
            f"shown is {NODE_JS} at {opened.ref}, lines may not match. "
            "Write it as X.Y.Z into the service's .nvmrc."
        )
        yield from case.inquiry.note(_RULE, text)
    discovery = yield from links.reach(case.inquiry, opened, [Candidate(_RULE, file) for file in files])
    if discovery is None:
        text = f"{files[0]} is not in {NODE_JS} at {opened.ref}: it may have been made by the build."
        yield from case.inquiry.blame(_RULE, text)
    return discovery


def files_of(path: str) -> tuple[str, ...]:
    """Where a ``node:`` module is in Node's repository, most likely first."""
    name = paths.clean(path.removeprefix(NODE).removesuffix(".js")) if path.startswith(NODE) else None
    if name is None:
        return ()
    bundled = name.removeprefix("internal/") if name.startswith("internal/deps/") else None
    places = [f"{bundled}.js", f"{bundled}/index.js"] if bundled else []
    return tuple(place for each in (*places, f"lib/{name}.js") if (place := paths.clean(each)))


def version_files(root_path: str) -> tuple[str, ...]:
    """Where a service may say which Node.js it runs on, most telling first."""
    found = (paths.under(folder, name) for folder in dict.fromkeys((root_path, "")) for name in VERSION_FILES)
    return tuple(path for path in found if path)


def _version_of(case: Case) -> Asking[str]:
    """The first exact version, else the first that names a release line."""
    rough = ""
    wanted = version_files(case.service.root_path) if case.home is not None else ()
    for position, path in enumerate(wanted):
        assert case.home is not None  # noqa: S101 - for the type checker: without home nothing is wanted
        file: File | None = yield from case.inquiry.read(_RULE, case.home, path, wanted[position + 1 :])
        version = _said(path.rpartition("/")[2], file.content) if file is not None else ""
        if _EXACT.fullmatch(version):
            return version
        rough = rough or version
    return rough


def _said(name: str, content: bytes) -> str:
    if name == "package.json":
        document = json_object(content)
        said = (text(table(document, key).get("node")) for key in ("volta", "engines"))
        found = next((match for each in said if (match := _LINE.match(each.removeprefix("=")))), None)
        return found[1] if found else ""
    lines = content[: 64 * 1024].decode("utf-8", "replace").splitlines()[:_MAX_LINES]
    return next((match[1] for line in lines if (match := _PATTERNS[name].match(line))), "")
