"""Two git repositories, made with the real git: what each file holds at each commit is known beforehand."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OWNER, SHOP, VAULT = "acme", "shop", "vault"
MARKER = "never-in-a-log"
"""Stands in every line of every file, so that a line of source in a log is found."""
AUTHOR = "Ada Lovelace <ada@example.com>"
_START = 1_700_000_000
_FILES = 40
_LINES = (4, 40, 400)


@dataclass(frozen=True, slots=True)
class History:
    """A repository.

    Attributes:
        name: without its owner, who is ``OWNER``.
        path: the bare git repository.
        commits: full SHAs, oldest first; ``main`` is the last.
    """

    name: str
    path: Path
    commits: tuple[str, ...]

    @property
    def url(self) -> str:
        """As labels of profiles name it."""
        return f"https://github.com/{OWNER}/{self.name}"

    def content(self, commit: int, file: int) -> bytes:
        """What a file holds at a commit, both counted from 0."""
        return content(self.name, commit % len(self.commits), file)


def path_of(file: int) -> str:
    """The path of a file, counted from 0."""
    return f"src/shop/part{file % 5}/module{file % _FILES}.py"


def content(name: str, commit: int, file: int) -> bytes:
    """What a file of a repository holds at a commit; different everywhere."""
    file %= _FILES
    seed = hashlib.sha256(f"{name} {commit} {file}".encode()).hexdigest()
    lines = [f"value_{n} = '{seed} {n}'  # {MARKER}" for n in range(_LINES[(commit + file) % len(_LINES)])]
    return ("\n".join(lines) + "\n").encode()


def make(name: str, folder: Path, commits: int) -> History:
    """Make a repository in which every commit changes every file.

    Raises:
        subprocess.CalledProcessError: git failed.
    """
    path = folder / f"{name}.git"
    _git("init", "-q", "--bare", "-b", "main", str(path))
    stream = b"".join(_commit(name, number) for number in range(commits)) + b"done\n"
    # Without deltas, which take the stand-in long to undo.
    _git("-C", str(path), "fast-import", "--quiet", "--done", "--depth=0", stdin=stream)
    told = _git("-C", str(path), "rev-list", "--reverse", "main").decode().split()
    return History(name, path, tuple(told))


def _commit(name: str, number: int) -> bytes:
    """One commit in the language of ``git fast-import``."""
    when = f"{AUTHOR} {_START + 60 * number} +0000"
    message = f"Change {number}".encode()
    parts = [f"commit refs/heads/main\nauthor {when}\ncommitter {when}\ndata {len(message)}\n".encode()]
    parts.append(message + b"\n")
    for file in range(_FILES):
        data = content(name, number, file)
        parts.append(f"M 100644 inline {path_of(file)}\ndata {len(data)}\n".encode() + data + b"\n")
    return b"".join(parts) + b"\n"


def _git(*arguments: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["git", *arguments], input=stdin, stdout=subprocess.PIPE, check=True).stdout
