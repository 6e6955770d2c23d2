"""Reads what the module proxy and the pages of modules say; both are hostile until read.

https://go.dev/ref/mod#goproxy-protocol (``Origin`` is described at ``go help mod download``) and
https://go.dev/ref/mod#vcs-find.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import islice
from typing import NamedTuple

from proxy.source import paths
from proxy.source.refs import is_full_sha, ref_fault

MAX_SIZE = 1024 * 1024
_MAX_TAGS = 256
_META = re.compile("<meta", re.IGNORECASE)
_BODY = re.compile("<body", re.IGNORECASE)
_MAX_CONTENT = 4096
_TAG = "refs/tags/"
_IMPORT_WORDS = 3
_SOURCE_WORDS = 2


class Origin(NamedTuple):
    """Where a module's version came from; ``tag`` and ``commit`` (a full id) are ``""`` where not said."""

    url: str
    subfolder: str
    tag: str
    commit: str


class Import(NamedTuple):
    """A module's page: the import path that stands for the repository, its address, and a folder in it."""

    prefix: str
    url: str
    subfolder: str
    source: bool


def origin(body: bytes) -> Origin | None:
    """The origin that ``@v/VERSION.info`` names, if it names one in git."""
    if len(body) > MAX_SIZE:
        return None
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = answer.get("Origin") if isinstance(answer, dict) else None
    if not isinstance(found, dict) or found.get("VCS", "git") != "git":
        return None
    url, subfolder, ref, commit = (_text(found.get(key)) for key in ("URL", "Subdir", "Ref", "Hash"))
    folder = paths.folder(subfolder)
    tag = ref.removeprefix(_TAG) if ref.startswith(_TAG) else ""
    if not url or folder is None:
        return None
    return Origin(
        url,
        folder,
        "" if ref_fault(tag) else tag,
        commit.lower() if is_full_sha(commit) else "",
    )


def imports(body: bytes, module: str) -> tuple[Import, ...]:
    """What a page says of a module, ``go-source`` first; tags that are not for this module are left out."""
    page = _Page()
    for tag in _metas(body[:MAX_SIZE].decode("utf-8", "replace")):
        page.feed(tag)
    found = [each for each in map(_import, page.tags) if each is not None]
    fitting = [each for each in found if f"{module}/".startswith(f"{each.prefix}/")]
    return tuple(sorted(fitting, key=lambda each: (not each.source, -len(each.prefix))))


def _metas(page: str) -> list[str]:
    """The ``meta`` tags of a page's head, each alone: a parser given whole pages may take quadratic time."""
    body = _BODY.search(page)
    head = page[: body.start()] if body else page
    starts = (found.start() for found in islice(_META.finditer(head), _MAX_TAGS))
    ends = ((start, head.find(">", start, start + _MAX_CONTENT)) for start in starts)
    return [head[start : end + 1] for start, end in ends if end >= 0]


def _import(tag: tuple[str, str]) -> Import | None:
    name, words = tag[0], tag[1].split()
    if name == "go-import" and len(words) >= _IMPORT_WORDS and words[1] == "git":
        folder = paths.folder(words[3]) if len(words) > _IMPORT_WORDS else ""
        return Import(words[0], words[2], folder, source=False) if folder is not None else None
    if name == "go-source" and len(words) >= _SOURCE_WORDS:
        return Import(words[0], words[1], "", source=True)
    return None


class _Page(HTMLParser):
    """Collects the tags that are for Go, as (name, content)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            return
        values = dict(attrs)
        name, content = values.get("name"), values.get("content")
        if name in ("go-import", "go-source") and content:
            self.tags.append((name, content))


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _MAX_CONTENT else ""
