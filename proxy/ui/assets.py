"""The page's files, read once: what they hold, their types, and a version that changes with any of them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent / "assets"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_TEMPLATES = {"index.html", "message.html"}
_VERSION_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent.

    Attributes:
        content_type: of the answer.
        body: what the file holds.
        gzipped: the same, compressed.
        etag: as the header has it; weak, as one stands for both forms.
    """

    content_type: str
    body: bytes = field(repr=False)
    gzipped: bytes = field(repr=False)
    etag: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files.

    Attributes:
        version: of all files together; part of their addresses, so that each may be kept for good.
        files: by path below the folder of assets, with ``/``.
        index: the page itself.
        message: a page with a heading, a text and a way on: a template with named fields.
    """

    version: str
    files: Mapping[str, Asset]
    index: Asset
    message: str


def load(folder: Path = FOLDER) -> Assets:
    """Read the files.

    Raises:
        OSError: one cannot be read.
        KeyError: one is of a type that the page has no use for.
    """
    contents = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    whole = hashlib.sha256()
    for name, body in contents.items():
        whole.update(f"{name}\0{len(body)}\0".encode() + body)
    version = whole.hexdigest()[:_VERSION_LENGTH]
    pages = {
        name: contents.pop(name).decode().replace("{{assets}}", f"/-/source/assets/{version}")
        for name in _TEMPLATES
    }
    files = {name: asset(Path(name).suffix, body) for name, body in contents.items()}
    return Assets(version, files, asset(".html", pages["index.html"].encode()), pages["message.html"])


def asset(suffix: str, body: bytes) -> Asset:
    """One file of a type."""
    digest = hashlib.sha256(body).hexdigest()[:_VERSION_LENGTH]
    return Asset(_TYPES[suffix], body, gzip.compress(body, mtime=0), f'W/"{digest}"')
