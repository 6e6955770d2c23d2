"""A repository with many files of 30 KiB, each different, made by git: what GetFile is measured on."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWNER, NAME = "acme", "large"
FILES = 400
FILE_SIZE = 30 * 1024
_LINE = "// Line %05d of file %03d retries the payment gateway once and then gives up.\n"
_AUTHOR = "Bench <bench@example.com> 1790000000 +0000"


def path_of(number: int) -> str:
    """The path of a file."""
    return f"src/handler_{number:03}.go"


def content_of(number: int) -> bytes:
    """What is in it: as compressible as source is."""
    lines = ["package src\n", *(_LINE % (line, number) for line in range(FILE_SIZE // 70))]
    return "".join(lines).encode()[:FILE_SIZE]


def make(folder: Path) -> str:
    """Make the bare repository ``folder/OWNER--NAME.git``; returns the full SHA of its one commit."""
    path = folder / f"{OWNER}--{NAME}.git"
    _git("init", "--quiet", "--bare", "--initial-branch=main", str(path))
    _git("-C", str(path), "fast-import", "--quiet", "--depth=0", data=b"".join(_commands()))
    return _git("-C", str(path), "rev-parse", "main").decode().strip()


def _commands() -> Iterator[bytes]:
    yield f"commit refs/heads/main\ncommitter {_AUTHOR}\ndata 4\nmade\n".encode()
    for number in range(FILES):
        content = content_of(number)
        yield f"M 100644 inline {path_of(number)}\ndata {len(content)}\n".encode() + content + b"\n"


def _git(*arguments: str, data: bytes = b"") -> bytes:
    return subprocess.run(["git", *arguments], input=data, check=True, capture_output=True).stdout
