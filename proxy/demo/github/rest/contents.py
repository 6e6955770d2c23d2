"""``GET /repos/O/R/contents/PATH``: https://docs.github.com/en/rest/repos/contents."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from proxy.demo.github.answers import Answer, RefusalError, json_answer, not_found, wrapped_base64
from proxy.demo.github.gitstore.objects import (
    BLOB,
    COMMIT,
    MODE_DIRECTORY,
    MODE_SUBMODULE,
    MODE_SYMLINK,
    TREE,
    TreeEntry,
)
from proxy.demo.github.rest.place import quoted, require_commits

if TYPE_CHECKING:
    from proxy.demo.github.rest.place import Place

_DOCS = "https://docs.github.com/rest/repos/contents#get-repository-content"
_TYPES = {MODE_DIRECTORY: "dir", MODE_SYMLINK: "symlink", MODE_SUBMODULE: "submodule"}


async def contents(place: Place) -> Answer:
    """A file, a directory, a link or a submodule.

    Raises:
        RefusalError: there is no such ref or path, or the file is too large.
    """
    require_commits(place, "This repository is empty.", 404)
    ref = place.param("ref") or place.store.default_branch
    commit = place.store.resolve_to(place.param("ref") or "HEAD", COMMIT)
    if commit is None:
        raise RefusalError(404, f"No commit found for the ref {ref}", documentation_url=_DOCS)
    root = place.store.commit(commit).tree
    path = place.argument.strip("/")
    entry = place.store.entry(root, path) if path else TreeEntry("", MODE_DIRECTORY, root)
    if entry is None:
        raise not_found(_DOCS)
    reader = _Reader(place, ref, root)
    if entry.kind == TREE:
        return json_answer(reader.directory(path, entry))
    if entry.mode == MODE_SYMLINK:
        path, entry = reader.followed(path, entry)
    if entry.kind == BLOB and ("raw" in place.asked.accept):
        return raw_answer(place, place.store.blob(entry.oid))
    return json_answer(reader.one(path, entry))


def raw_answer(place: Place, data: bytes) -> Answer:
    """The bytes of a file themselves.

    Raises:
        RefusalError: there are too many of them.
    """
    refuse_too_large(place, data)
    return Answer(200, data, "application/vnd.github.raw+json; charset=utf-8")


def refuse_too_large(place: Place, data: bytes) -> None:
    """Refuse what GitHub gives in no form.

    Raises:
        RefusalError: the file is too large.
    """
    if len(data) > place.asked.state.sizes.raw:
        error = {"resource": "Blob", "field": "data", "code": "too_large"}
        message = "This API returns blobs up to 100 MB in size. The requested blob is too large to fetch."
        raise RefusalError(403, message, extra={"errors": [error]}, documentation_url=_DOCS)


class _Reader:
    """Writes what is in one version of a repository as JSON."""

    def __init__(self, place: Place, ref: str, root: str) -> None:
        self._place = place
        self._ref = ref
        self._root = root

    def directory(self, path: str, entry: TreeEntry) -> list[dict[str, Any]]:
        """The listing of a directory."""
        children = self._place.store.tree(entry.oid)[: self._place.asked.state.sizes.directory]
        listed = []
        for child in children:
            item = self._common(f"{path}/{child.name}" if path else child.name, child)
            # In listings GitHub calls a submodule a file, so as not to break old callers.
            item["type"] = "file" if child.mode == MODE_SUBMODULE else item["type"]
            listed.append(item)
        return listed

    def followed(self, path: str, link: TreeEntry) -> tuple[str, TreeEntry]:
        """The file that a link leads to, or the link itself when it leads to no file of the repository."""
        target = self._target(link)
        there = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        found = None if there.startswith(("/", "..")) else self._place.store.entry(self._root, there)
        if found is None or found.kind != BLOB or found.mode == MODE_SYMLINK:
            return path, link
        return there, found

    def one(self, path: str, entry: TreeEntry) -> dict[str, Any]:
        """A file, link or submodule with what is in it."""
        item = self._common(path, entry)
        if entry.kind == COMMIT:
            module = self._place.store.submodules(self._root).get(path, {})
            item["submodule_git_url"] = module.get("url")
        elif entry.mode == MODE_SYMLINK:
            item["target"] = self._target(entry)
        else:
            data = self._place.store.blob(entry.oid)
            refuse_too_large(self._place, data)
            small = len(data) <= self._place.asked.state.sizes.contents
            item["content"] = wrapped_base64(data) if small else ""
            item["encoding"] = "base64" if small else "none"
        return item

    def _common(self, path: str, entry: TreeEntry) -> dict[str, Any]:
        place = self._place
        shown = "tree" if entry.kind == TREE else "blob"
        url = f"{place.api_url}/contents/{quoted(path)}?ref={quoted(self._ref)}"
        html_url: str | None = f"{place.html_url}/{shown}/{quoted(self._ref)}/{quoted(path)}"
        git_url: str | None = f"{place.api_url}/git/{shown}s/{entry.oid}"
        if entry.kind == COMMIT:
            html_url = git_url = None
        is_blob = entry.kind == BLOB
        raw_url = f"{place.html_url}/raw/{quoted(self._ref)}/{quoted(path)}"
        return {
            "name": posixpath.basename(path),
            "path": path,
            "sha": entry.oid,
            "size": len(place.store.blob(entry.oid)) if is_blob else 0,
            "url": url,
            "html_url": html_url,
            "git_url": git_url,
            "download_url": raw_url if is_blob else None,
            "type": _TYPES.get(entry.mode, "file"),
            "_links": {"self": url, "git": git_url, "html": html_url},
        }

    def _target(self, link: TreeEntry) -> str:
        return self._place.store.blob(link.oid).decode("utf-8", "replace")
