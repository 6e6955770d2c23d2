"""Paths and addresses of modules, and what bundlers make of both, cleaned to the path of the source."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from proxy.source import paths
from proxy.source.model import Frame

EXTENSIONS = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
NODE = "node:"

_FILE = "file://"
# webpack://NAMESPACE/./src/x.ts: https://webpack.js.org/configuration/output/#outputdevtoolmodulefilenametemplate
_WEBPACK = re.compile(r"webpack(?:-internal)?://(?:/|[^/]*/)")
_LAYER = re.compile(r"\([\w-]{1,64}\)/")  # the layers of Next.js: webpack-internal:///(rsc)/./src/x.ts
# turbopack:///[project]/src/x.ts of Next.js; rsc://React/Server/file:///x.js of React; /@fs/x.ts of Vite.
_WRAPPED = re.compile(r"rsc://React/[^/]{0,64}/|turbopack://(?:/?\[project\])?/|/@fs(?=/)")
# FILE:FUNCTION:LINE, FILE?query and FILE#fragment: what follows the extension is no part of the path.
_TAIL = re.compile(r"\.(?:[cm]?[jt]s|[jt]sx)(?=[:?#])", re.IGNORECASE)
_NODE_TAIL = re.compile(r"\Anode:[\w/.-]{1,200}(?=:)")
_MODULES = "node_modules/"
_NAME = re.compile(r"(?:@[a-z0-9~_.-][a-z0-9~_.-]{0,100}/)?[A-Za-z0-9~_-][A-Za-z0-9~_.-]{0,120}")
_PNPM = re.compile(r"(?:\A|/)\.pnpm/(@[^/+]{1,100}\+)?([^/@]{1,120})@(\d[^/_(]{0,80})[^/]{0,400}/\Z")
_YARN = re.compile(r"-npm-(\d[0-9A-Za-z.+-]{0,80}?)-[0-9a-f]{6,64}(?:-[0-9a-f]{6,64})?\.zip/\Z")
_VERSION = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,64})?")


class Module(NamedTuple):
    """A file of an installed package.

    Attributes:
        name: of the package, with its scope.
        file: its path within the package, clean.
        place: the package's folder as the path has it, clean.
        version: as the path shows it, else empty.
    """

    name: str
    file: str
    place: str
    version: str


def is_script(text: str) -> bool:
    """Whether a path, or a function's name that has a path in it, is of this language."""
    return text.startswith(NODE) or paths.extension(clean_path(text)) in EXTENSIONS


def clean_path(path: str) -> str:
    """The path of the source, without scheme, function, line, query and fragment; not yet safe."""
    if wrapped := _WRAPPED.match(path):
        path = path[wrapped.end() :]
    if node := _NODE_TAIL.match(path):
        return node[0]
    if tail := _TAIL.search(path):
        path = path[: tail.end()]
    if path.startswith(_FILE):
        return unquote(path[len(_FILE) :])
    if webpack := _WEBPACK.match(path):
        path = path[webpack.end() :]
        if layer := _LAYER.match(path):
            path = path[layer.end() :]
    return path.removeprefix("./")


def cleaned(frame: Frame) -> Frame:
    """The frame with a clean path; where it is missing, a function's name such as ``./x.js:fn:12`` has it."""
    path = frame.path or (frame.function_name if _TAIL.search(frame.function_name) else "")
    return Frame(clean_path(path), frame.function_name)


def is_installed(path: str) -> bool:
    """Whether a cleaned path is below a ``node_modules``."""
    return f"/{_MODULES}" in f"/{path}".replace("\\", "/")


def module_of(path: str) -> Module | None:
    """The package that a cleaned path lies in; ``None`` when what follows ``node_modules`` is no package."""
    flat = f"/{path}".replace("\\", "/")
    start = flat.rfind(f"/{_MODULES}")
    if start < 0:
        return None
    end = start + 1 + len(_MODULES)
    name = _NAME.match(flat, end)
    if name is None or not flat.startswith("/", name.end()):
        return None
    file, place = paths.clean(flat[name.end() :]), paths.clean(flat[: name.end()])
    if file is None or place is None:
        return None
    return Module(name[0], file, place, _version_before(flat[: start + 1], name[0]))


def exact(version: str) -> str:
    """The version when it is a single one (https://semver.org), else ``""``."""
    return version if _VERSION.fullmatch(version) else ""


def _version_before(folder: str, name: str) -> str:
    """Every version has a folder of its own with pnpm and with Yarn's Plug'n'Play."""
    pnpm = _PNPM.search(folder)
    if pnpm and f"{(pnpm[1] or '').replace('+', '/')}{pnpm[2]}" == name:
        return exact(pnpm[3])
    yarn = _YARN.search(folder)
    return exact(yarn[1]) if yarn else ""
