"""JavaScript and TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source import own
from proxy.source.javascript import compiled, node, packages
from proxy.source.javascript.cleaning import (
    EXTENSIONS,
    NODE,
    clean_path,
    cleaned,
    is_installed,
    is_script,
    module_of,
)
from proxy.source.model import Frame, Language
from proxy.source.room import Room

if TYPE_CHECKING:
    from proxy.source.inquiry import Candidate
    from proxy.source.model import Service

__all__ = ["EXTENSIONS", "NODE", "ROOM", "clean_path", "foreign", "is_script", "own_candidates"]


def spellings(frame: Frame) -> tuple[Frame, ...]:
    """The frame cleaned, then as recorded."""
    clean = cleaned(frame)
    return (clean,) if clean == frame else (clean, frame)


def mapped(frame: Frame, cut: int) -> tuple[str, ...]:
    """What the path has after a mapping's prefix."""
    return own.rest_of_path(Frame(clean_path(frame.path[cut:])), 0)


def foreign(frame: Frame) -> str | None:
    """Why the file is not the service's own."""
    path = cleaned(frame).path
    if path.startswith(NODE):
        return "a file of Node.js itself"
    return "a file of an installed package" if is_installed(path) else None


def own_candidates(frame: Frame, service: Service) -> tuple[Candidate, ...]:
    """The path under the root path, then any suffix."""
    return () if foreign(frame) else own.any_suffix(cleaned(frame).path, service)


def _tails(frame: Frame) -> tuple[str, ...]:
    return (cleaned(frame).path,)


def _wishes(frame: Frame, service: Service) -> tuple[str, ...]:
    path = cleaned(frame).path
    if path.startswith(NODE):
        return node.version_files(service.root_path)
    module = module_of(path)
    return packages.wished_files(service.root_path) if module and not module.version else ()


ROOM = Room(
    language=Language.JAVASCRIPT,
    spellings=spellings,
    mapped=mapped,
    own=own_candidates,
    foreign=foreign,
    rules=(node.node_itself, packages.package, own.own_files, compiled.source_of_compiled),
    wishes=_wishes,
    tails=_tails,
    avoid=frozenset({"node_modules"}),
)
