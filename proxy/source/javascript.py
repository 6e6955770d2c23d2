"""JavaScript and TypeScript: paths, addresses of modules, and what bundlers make of both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from proxy.source import own, paths
from proxy.source.model import Frame, Language
from proxy.source.room import Room

if TYPE_CHECKING:
    from proxy.source.inquiry import Candidate
    from proxy.source.model import Service

EXTENSIONS = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"})
NODE = "node:"

_FILE = "file://"
# webpack://NAMESPACE/./src/x.ts: https://webpack.js.org/configuration/output/#outputdevtoolmodulefilenametemplate
_WEBPACK = re.compile(r"webpack(?:-internal)?://(?:/|[^/]*/)")
_LAYER = re.compile(r"\([\w-]{1,64}\)/")  # the layers of Next.js: webpack-internal:///(rsc)/./src/x.ts
# FILE:FUNCTION:LINE, FILE?query and FILE#fragment: what follows the extension is no part of the path.
_TAIL = re.compile(r"\.(?:[cm]?[jt]s|[jt]sx)(?=[:?#])", re.IGNORECASE)


def is_script(text: str) -> bool:
    """Whether a path, or a function's name that has a path in it, is of this language."""
    return text.startswith(NODE) or paths.extension(clean_path(text)) in EXTENSIONS


def clean_path(path: str) -> str:
    """The path of the source, without scheme, function, line, query and fragment; not yet safe."""
    if tail := _TAIL.search(path):
        path = path[: tail.end()]
    if path.startswith(_FILE):
        return unquote(path[len(_FILE) :])
    if webpack := _WEBPACK.match(path):
        path = path[webpack.end() :]
        if layer := _LAYER.match(path):
            path = path[layer.end() :]
    return path.removeprefix("./")


def spellings(frame: Frame) -> tuple[Frame, ...]:
    """The frame cleaned, then as recorded."""
    cleaned = _cleaned(frame)
    return (cleaned,) if cleaned == frame else (cleaned, frame)


def mapped(frame: Frame, cut: int) -> tuple[str, ...]:
    """What the path has after a mapping's prefix."""
    return own.rest_of_path(Frame(clean_path(frame.path[cut:])), 0)


def foreign(frame: Frame) -> str | None:
    """Why the file is not the service's own."""
    path = _cleaned(frame).path.replace("\\", "/")
    if path.startswith(NODE):
        return "a file of Node.js itself"
    if "/node_modules/" in f"/{path}":
        return "a file of an installed package"
    return None


def own_candidates(frame: Frame, service: Service) -> tuple[Candidate, ...]:
    """The path under the root path, then any suffix."""
    return () if foreign(frame) else own.any_suffix(_cleaned(frame).path, service)


def _cleaned(frame: Frame) -> Frame:
    """Where the path is missing, a function's name of the form ``./x.js:fn:12`` has it."""
    path = frame.path or (frame.function_name if _TAIL.search(frame.function_name) else "")
    return Frame(clean_path(path), frame.function_name)


ROOM = Room(
    language=Language.JAVASCRIPT,
    spellings=spellings,
    mapped=mapped,
    own=own_candidates,
    foreign=foreign,
    rules=(own.own_files,),
)
