"""Where the content of a file is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.library.unknown import UNKNOWN, Unknown
from proxy.source.tree import LINK, SUBMODULE

if TYPE_CHECKING:
    from proxy.github.client import Blob
    from proxy.source.tree import TreeIndex


@dataclass(frozen=True, slots=True)
class Place:
    """Where the content of a path is; ``settled`` once it is known not to be a symbolic link."""

    path: str
    oid: str
    settled: bool


def place_of(path: str, blob: Blob) -> Place:
    """Where the content of a file that a look showed is."""
    return Place(path, blob.oid, settled=not blob.maybe_link)


def place_in(tree: TreeIndex, path: str) -> Place | Unknown | None:
    """Where the tree says that a file is; behind a link or a submodule it does not say."""
    mode, oid = tree.mode_of(path), tree.oid_of(path)
    if mode is None or oid is None:
        return None if tree.resolve_link(path) is None else UNKNOWN
    if mode == SUBMODULE:
        return None
    return Place(path, oid, settled=mode != LINK)
