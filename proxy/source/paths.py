"""Paths as profiles, labels and configuration files write them, made safe to ask a repository for.

What comes out of this module is relative to the repository's root, has no empty, ``.`` or ``..``
element, no backslash, no control character and no percent-encoding that a further decoding could
turn into one of these. It is at most ``MAX_BYTES`` long and ``MAX_DEPTH`` deep. Absolute paths,
Windows ones included, become relative; a path that climbs out is refused, never cut to fit.

Every function takes time linear in its input.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 4096
MAX_DEPTH = 128
_SHOWN = 120

_DRIVE = re.compile(r"[A-Za-z]:(?=[/\\]|\Z)")
# Control characters, and what decodes to `.`, `/`, `%`, a backslash or a control character.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]|%(?:2[ef5]|5c|[01][0-9a-f]|7f)", re.IGNORECASE)


def clean(path: str) -> str | None:
    """The normalised path of a file, or ``None`` when ``path`` cannot name one inside a repository."""
    return folder(path) or None


def folder(path: str) -> str | None:
    """The normalised path of a folder, ``""`` for the root, or ``None`` when it leads out or is malformed."""
    if len(path) > MAX_BYTES or _FORBIDDEN.search(path):
        return None
    try:
        size = len(path.encode())
    except UnicodeEncodeError:  # a lone surrogate: no file name in a repository is written so
        return None
    if size > MAX_BYTES:
        return None
    elements = _resolve(path)
    if elements is None or len(elements) > MAX_DEPTH:
        return None
    return "/".join(elements)


def under(parent: str, path: str) -> str | None:
    """The normalised path of ``path`` below the folder ``parent``; ``path`` cannot climb out of it."""
    inner = clean(path)
    return None if inner is None else clean(f"{parent}/{inner}")


def suffixes(path: str) -> Iterator[str]:
    """A clean path, then without its first element, and so on to the last element alone.

    A suffix is to be cleaned again: what had a folder named like a Windows drive may start with it.
    """
    start = 0
    while True:
        yield path[start:]
        slash = path.find("/", start)
        if slash < 0:
            return
        start = slash + 1


def extension(path: str) -> str:
    """The extension of the last element in lower case with its dot, ``""`` when there is none."""
    name = path.replace("\\", "/").rpartition("/")[2]
    stem, dot, tail = name.rpartition(".")
    return f".{tail.lower()}" if dot and stem else ""


def shortened(text: str) -> str:
    """A path for a sentence: only its end, which tells most, where it is too long; no control characters."""
    end = text if len(text) <= _SHOWN else f"…{text[-_SHOWN:]}"
    return end if end.isprintable() else "".join(each if each.isprintable() else "�" for each in end)


def _resolve(path: str) -> list[str] | None:
    kept: list[str] = []
    if _DRIVE.match(path):
        path = path[2:]
    for element in path.replace("\\", "/").split("/"):
        if element == "..":
            if not kept:
                return None
            kept.pop()
        # /C:/x is the same drive again, as addresses of files write it.
        elif element not in ("", ".") and (kept or not _DRIVE.fullmatch(element)):
            kept.append(element)
    return kept
