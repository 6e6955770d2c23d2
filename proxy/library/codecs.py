"""How what is known is written for other replicas.

Raise a codec's version with every change of what it writes or of what that means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.cache.shared.codecs import (
    BYTES,
    FLAG,
    TEXT,
    Codec,
    UndecodableError,
    json_codec,
    optional,
    optional_codec,
    record,
)
from proxy.github.client import Commit
from proxy.library.place import Place
from proxy.library.proof import Proof
from proxy.source.model import Repository
from proxy.source.tree import Entry, TreeIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BLOBS", "COMMITS", "PLACES", "PROOFS", "REFS", "TREES"]

MOST_SHARED_ENTRIES = 5000
"""Larger trees are not shared: writing and reading one holds up the event loop."""

_REPOSITORY = record(Repository, owner=TEXT, name=TEXT)

PROOFS: Codec[Proof | None] = json_codec(
    1, optional(record(Proof, repository=_REPOSITORY, identity=TEXT, private=FLAG, told=TEXT))
)
REFS: Codec[str | None] = json_codec(1, optional(TEXT))
COMMITS: Codec[Commit] = json_codec(
    1, record(Commit, sha=TEXT, message=TEXT, date=TEXT, login=TEXT, avatar_url=TEXT, page_url=TEXT)
)
PLACES: Codec[Place | None] = json_codec(1, optional(record(Place, path=TEXT, oid=TEXT, settled=FLAG)))
BLOBS = BYTES


def _write_tree(tree: TreeIndex) -> bytes:
    """Each entry as mode, id and path, ended by NUL, which no path can hold."""
    if len(tree) > MOST_SHARED_ENTRIES:
        raise ValueError("too large to be shared")
    return b"".join(f"{each.mode} {each.oid} {each.path}\0".encode() for each in tree.entries())


def _read_tree(data: bytes) -> TreeIndex:
    try:
        return TreeIndex(_read_entries(data.decode()))
    except ValueError:
        raise UndecodableError("not a tree") from None


def _read_entries(text: str) -> Iterator[Entry]:
    *lines, end = text.split("\0")
    if end:
        raise ValueError("it breaks off")
    for line in lines:
        mode, oid, path = line.split(" ", 2)
        yield Entry(path, mode, "commit" if mode == "160000" else "blob", oid)


TREES: Codec[TreeIndex | None] = optional_codec(Codec(1, _write_tree, _read_tree))
