"""``/git/trees`` and ``/git/blobs``: https://docs.github.com/en/rest/git."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from proxy.demo.github.answers import Answer, RefusalError, json_answer, not_found, wrapped_base64
from proxy.demo.github.gitstore import MissingObjectError
from proxy.demo.github.gitstore.objects import BLOB, TREE
from proxy.demo.github.rest.contents import raw_answer, refuse_too_large
from proxy.demo.github.rest.place import require_commits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proxy.demo.github.gitstore.objects import TreeEntry
    from proxy.demo.github.rest.place import Place

_SHA = re.compile(r"[0-9a-f]{40}")
_EMPTY = "Git Repository is empty."


async def tree(place: Place) -> Answer:
    """A directory, or with ``recursive`` (whatever its value) all that is below it.

    Raises:
        RefusalError: there is no such tree.
    """
    require_commits(place, _EMPTY, 409)
    oid = place.store.resolve_to(place.argument, TREE)
    if oid is None:
        raise not_found("https://docs.github.com/rest/git/trees#get-a-tree")
    store, sizes = place.store, place.asked.state.sizes
    recursive = "recursive" in place.asked.request.query
    everything = store.walk(oid) if recursive else ((entry.name, entry) for entry in store.tree(oid))
    entries, truncated = _limited(place, everything, sizes.tree_entries, sizes.tree_bytes)
    url = f"{place.api_url}/git/trees/{oid}"
    return json_answer({"sha": oid, "url": url, "tree": entries, "truncated": truncated})


async def blob(place: Place) -> Answer:
    """A file's content by its SHA.

    Raises:
        RefusalError: there is no such blob, or it is too large.
    """
    require_commits(place, _EMPTY, 409)
    sha = place.argument
    if not _SHA.fullmatch(sha):
        raise RefusalError(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].")
    try:
        raw = place.store.raw(sha)
    except MissingObjectError:
        raise not_found("https://docs.github.com/rest/git/blobs#get-a-blob") from None
    if raw.kind != BLOB:
        raise not_found("https://docs.github.com/rest/git/blobs#get-a-blob")
    if "raw" in place.asked.accept:
        return raw_answer(place, raw.data)
    refuse_too_large(place, raw.data)
    return json_answer(
        {
            "sha": sha,
            "node_id": f"B_{place.repository.id}_{sha}",
            "size": len(raw.data),
            "url": f"{place.api_url}/git/blobs/{sha}",
            "content": wrapped_base64(raw.data),
            "encoding": "base64",
        }
    )


def _limited(
    place: Place, everything: Iterator[tuple[str, TreeEntry]], max_entries: int, max_bytes: int
) -> tuple[list[dict[str, Any]], bool]:
    entries: list[dict[str, Any]] = []
    size = 0
    for path, entry in everything:
        item = _entry(place, path, entry)
        size += len(json.dumps(item))
        if len(entries) == max_entries or size > max_bytes:
            return entries, True
        entries.append(item)
    return entries, False


def _entry(place: Place, path: str, entry: TreeEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "path": path,
        "mode": f"{entry.mode:06o}",
        "type": entry.kind,
        "sha": entry.oid,
    }
    if entry.kind == BLOB:
        item["size"] = len(place.store.blob(entry.oid))
    if entry.kind in {BLOB, TREE}:
        item["url"] = f"{place.api_url}/git/{entry.kind}s/{entry.oid}"
    return item
