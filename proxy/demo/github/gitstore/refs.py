"""Branches and tags: loose files, ``packed-refs``, and ``HEAD`` which points to a branch.

Layout: https://git-scm.com/docs/gitrepository-layout
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEADS = "refs/heads/"
TAGS = "refs/tags/"
_MAX_SYMBOLIC = 5
_SYMBOLIC = "ref: "
_OID = re.compile(r"[0-9a-f]{40}")


class Refs:
    """The refs of a repository, read anew each time: they move."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def head(self) -> str | None:
        """The full name of the ref that ``HEAD`` points to; ``None`` when it is detached."""
        text = self._file("HEAD")
        return text[len(_SYMBOLIC) :] if text and text.startswith(_SYMBOLIC) else None

    def get(self, name: str) -> str | None:
        """The object id that ``HEAD`` or a full name (``refs/heads/main``) points to, ``None`` without it."""
        for _ in range(_MAX_SYMBOLIC):
            text = self._file(name)
            if text is None:
                return self._packed().get(name)
            if not text.startswith(_SYMBOLIC):
                return text if _OID.fullmatch(text) else None
            name = text[len(_SYMBOLIC) :]
        return None

    def all(self) -> dict[str, str]:
        """Every ref below ``refs/`` with the object id that it points to, by full name in order."""
        found = self._packed()
        for path in (self._folder / "refs").rglob("*"):
            if path.is_file():
                name = path.relative_to(self._folder).as_posix()
                oid = self.get(name)
                if oid is not None:
                    found[name] = oid
        return dict(sorted(found.items()))

    def _file(self, name: str) -> str | None:
        if not _is_safe(name):
            return None
        try:
            return (self._folder / name).read_text("utf-8", "replace").strip()
        except OSError:
            return None

    def _packed(self) -> dict[str, str]:
        text = self._file("packed-refs") or ""
        lines = (line.partition(" ") for line in text.splitlines() if line and line[0] not in "#^")
        return {name: oid for oid, _, name in lines}


def _is_safe(name: str) -> bool:
    """Whether a name stays inside the folder; it comes from a request."""
    parts = name.split("/")
    return "\0" not in name and "\\" not in name and not any(part in {"", ".", ".."} for part in parts)
