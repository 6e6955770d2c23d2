"""Does the file that was found hold the function of the frame?

Where it surely does not, the ref or the mapping is wrong and lines will not match. Where that cannot
be told cheaply and without false alarms, nothing is said: generated functions, closures without a
line, languages without rules here, files that are not text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from proxy.source.model import Language

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.source.model import Frame

_LARGEST = 4 * 1024 * 1024
_LONGEST_NAME = 512
_DECORATED_LINES = 60
_WHY = "was the profile recorded from another version (label service_git_ref), or is the code generated?"
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_GO_CLOSURE = re.compile(r"(?:func|gowrap|deferwrap)\d+|\d+")
_GO_UNWRITTEN = frozenset({"init", "map", "glob", "inittask", "eq", "hash"})
_JAVA_UNWRITTEN = re.compile(
    r"<.*|lambda\$.*|access\$.*|(?:get|set|is|with|component|copy)(?:[A-Z0-9_$].*)?|equals|hashCode|toString"
    r"|values|valueOf|ordinal|builder|build|canEqual|invoke.*|apply.*|\$.*|.*\$.*"
)


class _Definition(NamedTuple):
    """What to look for: ``pattern`` is a definition, ``name`` what a person calls it.

    ``reach`` is how many lines below the start line the definition may still be (decorators).
    """

    name: str
    pattern: re.Pattern[str]
    reach: int


def mismatch(language: Language, frame: Frame, start_line: int, path: str, content: bytes) -> str:
    """Why the file cannot be the one that ran, as a sentence; empty when it can or it is not known.

    Args:
        language: whose rules apply.
        frame: as the profile has it.
        start_line: the line of the function's definition as the profile has it, from 1; 0: not known.
        path: of the file that was found.
        content: the file.
    """
    find = _DEFINITIONS.get(language)
    if find is None or len(content) > _LARGEST or len(frame.function_name) > _LONGEST_NAME:
        return ""
    definition = find(frame.function_name, path)
    if definition is None:
        return ""
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return ""
    return _judge(definition, start_line, path, lines)


def _judge(definition: _Definition, start_line: int, path: str, lines: list[str]) -> str:
    found = [number for number, line in enumerate(lines, 1) if definition.pattern.search(line)]
    if not found:
        return f"{path} has no definition of {definition.name}: {_WHY}"
    if start_line < 1 or any(start_line <= number <= start_line + definition.reach for number in found):
        return ""
    if definition.reach < 0:
        return ""
    where = ", ".join(map(str, found[:3]))
    return f"{definition.name} is not defined in line {start_line} of {path} but in line {where}: {_WHY}"


def _go(function_name: str, path: str) -> _Definition | None:
    """``a/b/pkg.(*T[...]).Method.func1`` is defined as ``func (t *T[K]) Method(``.

    https://go.dev/ref/spec#Function_declarations
    """
    parts = re.sub(r"\[[^\]]*\]", "", function_name.rpartition("/")[2]).removesuffix("-fm").split(".")[1:]
    closure = len(parts) > 1 and any(_GO_CLOSURE.fullmatch(part) for part in parts)
    names = [part.strip("(*)") for part in parts if part and not _GO_CLOSURE.fullmatch(part)]
    if not names or not _IDENTIFIER.fullmatch(names[-1]) or names[-1] in _GO_UNWRITTEN:
        return None
    name = re.escape(names[-1])
    if path.endswith(".s"):
        return _Definition(names[-1], re.compile(rf"[·.]{name}(?:<[^>]*>)?\(SB\)"), -1)
    if not path.endswith(".go"):
        return None
    # A closure's start line is its own, not that of the function around it.
    return _Definition(
        names[-1], re.compile(rf"^func\s+(?:\([^)]*\)\s*)?{name}\s*[\[(]"), -1 if closure else 0
    )


def _python(function_name: str, path: str) -> _Definition | None:
    """The first line of a function is that of its first decorator.

    https://docs.python.org/3/reference/datamodel.html#codeobject.co_firstlineno
    """
    name = function_name.rpartition(".")[2]
    if not name.isidentifier() or not path.endswith((".py", ".pyi")):
        return None
    pattern = re.compile(rf"^\s*(?:async\s+def|def|class)\s+{re.escape(name)}\b")
    return _Definition(name, pattern, _DECORATED_LINES)


def _java(function_name: str, path: str) -> _Definition | None:
    """Only what must be written down: compilers and libraries make many methods of their own."""
    name = function_name.partition("(")[0].rpartition(".")[2]
    if not path.endswith(".java") or not name.isidentifier() or _JAVA_UNWRITTEN.fullmatch(name):
        return None
    return _Definition(name, re.compile(rf"\b{re.escape(name)}\b"), -1)


_DEFINITIONS: dict[Language, Callable[[str, str], _Definition | None]] = {
    Language.GO: _go,
    Language.PYTHON: _python,
    Language.JAVA: _java,
}
