"""``go.mod``: which version of a module a service is built with, what replaces it, and which Go.

The syntax is that of https://go.dev/ref/mod#go-mod-file. Whatever cannot be understood is passed
over, as Go does with the files of dependencies; nothing here raises. Reading takes time linear in
the file, and of a file larger than ``MAX_SIZE`` nothing is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SIZE = 1024 * 1024

_TOKEN = re.compile(r"//.*|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|[()\[\]{},]|(?:(?!//)[^\s()\[\]{},])+")
_ESCAPE = re.compile(r"\\(.)")
_ARROW = "=>"
_MAX_TOKENS = 8  # replace A v1 => B v2 // has seven
_MAX_LINE = 8 * 1024
_GO_VERSION = re.compile(r"1\.\d{1,3}(?:\.\d{1,3})?(?:(?:rc|beta)\d{1,2})?")


@dataclass(frozen=True, slots=True)
class Target:
    """What a module is replaced by: another module at a version, or, without version, a folder."""

    path: str
    version: str


@dataclass(frozen=True, slots=True)
class GoMod:
    """What a ``go.mod`` says.

    Attributes:
        folder: where it is, relative to the repository's root, ``""`` for the root.
        module: the path of the module.
        go: of the ``go`` line, such as ``1.21``, or ``""``.
        toolchain: of the ``toolchain`` line without its ``go``, or ``""``.
        requires: the version of each module.
        replaces: by module and version; where the version is ``""``, of every version.
    """

    folder: str = ""
    module: str = ""
    go: str = ""
    toolchain: str = ""
    requires: Mapping[str, str] = field(default_factory=dict)
    replaces: Mapping[tuple[str, str], Target] = field(default_factory=dict)

    def replacement(self, module: str, version: str) -> Target | None:
        """What replaces this version of the module; a line that names the version goes first."""
        return self.replaces.get((module, version)) or self.replaces.get((module, ""))


def parse(content: bytes, folder: str = "") -> GoMod | None:
    """Read a ``go.mod``, or ``None`` when it is too large to be one."""
    if len(content) > MAX_SIZE:
        return None
    reader = _Reader()
    for line in content.decode("utf-8", "replace").lstrip("\ufeff").split("\n"):
        if len(line) <= _MAX_LINE:
            reader.line(_tokens(line))
    return GoMod(folder, reader.module, reader.go, reader.toolchain, reader.requires, reader.replaces)


def _tokens(line: str) -> list[str]:
    found = (token[0] for token in islice(_TOKEN.finditer(line), _MAX_TOKENS))
    return [_text(token) for token in found if not token.startswith("//")]


def _text(token: str) -> str:
    if token.startswith("`"):
        return token.strip("`")
    return _ESCAPE.sub(r"\1", token[1:-1]) if token.startswith('"') and len(token) > 1 else token


class _Reader:
    """Takes the file line by line; ``block`` is the verb of the block that is open."""

    def __init__(self) -> None:
        self.module = self.go = self.toolchain = self.block = ""
        self.requires: dict[str, str] = {}
        self.replaces: dict[tuple[str, str], Target] = {}

    def line(self, words: list[str]) -> None:
        if not words:
            return
        if self.block:
            if words[0] == ")":
                self.block = ""
            else:
                self._entry(self.block, words)
        elif words[1:2] == ["("]:
            self.block = "" if words[-1] == ")" else words[0]
        else:
            self._entry(words[0], words[1:])

    def _entry(self, verb: str, words: list[str]) -> None:
        if verb == "require" and len(words) > 1:
            self.requires[words[0]] = words[1]
        elif verb == "replace":
            self._replace(words)
        elif verb == "module" and words:
            self.module = words[0]
        elif verb == "go" and words and (version := _GO_VERSION.fullmatch(words[0])):
            self.go = version[0]
        elif verb == "toolchain" and words and (version := _GO_VERSION.match(words[0].removeprefix("go"))):
            # go1.22.3-custom is somebody's own build of go1.22.3.
            self.toolchain = version[0]

    def _replace(self, words: list[str]) -> None:
        if _ARROW not in words[1:3]:
            return
        arrow = words.index(_ARROW, 1)
        left, right = words[:arrow], words[arrow + 1 :]
        if right:
            version = left[1] if len(left) > 1 else ""
            self.replaces[left[0], version] = Target(right[0], right[1] if len(right) > 1 else "")
