"""Does the file that was found hold the function of the frame?

Where it surely does not, the ref or the mapping is wrong and lines will not match. Where that cannot
be told cheaply and without false alarms, nothing is said: generated functions, closures without a
line, languages without rules here, files that are not text.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from proxy.source.go.names import package_of
from proxy.source.model import Language

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.source.model import Frame

_LARGEST = 4 * 1024 * 1024
_LONGEST_NAME = 512
_DECORATED_LINES = 60
_ANYWHERE = -1
_WHY = "was the profile recorded from another version (label service_git_ref), or is the code generated?"
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_GO_CLOSURE = re.compile(r"(?:func|gowrap|deferwrap)\d+|\d+")
_GO_UNWRITTEN = frozenset({"init", "map", "glob", "inittask", "eq", "hash"})
# A method value (-fm), and the calling convention that tools which read the symbol table name (.abi0).
_GO_WRAPPER = re.compile(r"(?:-fm|\.abi(?:0|internal))+\Z")
_GO_TYPES = re.compile(r"\[.*\]", re.DOTALL)
_GO_PACKAGE = re.compile(r"^package\s+(\w+)")
_GO_MAJOR = re.compile(r"v\d+")
_PYTHON_UNWRITTEN = frozenset({"__annotate__", "__annotate_func__"})
_JAVA_PARENT = re.compile(r"\bclass\s+\w+[^{;]{0,400}?\bextends\s+([\w.]+)")
_JAVA_UNWRITTEN = re.compile(
    r"<.*|lambda\$.*|access\$.*|(?:get|set|is|with|component|copy)(?:[A-Z0-9_$].*)?|equals|hashCode|toString"
    r"|values|valueOf|ordinal|builder|build|canEqual|invoke.*|apply.*|\$.*|.*\$.*"
)


def _never(_lines: list[str], _start: int) -> bool:
    return False


class _Definition(NamedTuple):
    """What to look for: ``pattern`` is a definition, ``name`` what a person calls it.

    ``reach`` is how many lines below the start line the definition may still be (decorators), or
    ``_ANYWHERE``, where the start line is not that of the definition. ``unsure``
    tells, by the lines of the file and the start line, whether nothing can be told after all; it is asked
    only where there would be something to say.
    """

    name: str
    pattern: re.Pattern[str]
    reach: int
    unsure: Callable[[list[str], int], bool] = _never


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
        lines = content.decode("utf-8").split("\n")  # not splitlines: a form feed ends no line
    except UnicodeDecodeError:
        return ""
    return _judge(definition, start_line, path, lines)


def _judge(definition: _Definition, start_line: int, path: str, lines: list[str]) -> str:
    found = [number for number, line in enumerate(lines, 1) if definition.pattern.search(line)]
    placed = start_line >= 1 and definition.reach >= 0
    if found and (
        not placed or any(start_line <= number <= start_line + definition.reach for number in found)
    ):
        return ""
    if definition.unsure(lines, start_line):
        return ""
    if not found:
        return f"{path} has no definition of {definition.name}: {_WHY}"
    where = ", ".join(map(str, found[:3]))
    return f"{definition.name} is not defined in line {start_line} of {path} but in line {where}: {_WHY}"


def _go(function_name: str, path: str) -> _Definition | None:
    """``a/b/pkg.(*T[...]).Method.func1`` is defined as ``func (t *T[K]) Method(``.

    https://go.dev/ref/spec#Function_declarations
    """
    bare = _GO_WRAPPER.sub("", _GO_TYPES.sub("", function_name))
    parts = bare.rpartition("/")[2].split(".")[1:]
    closure = len(parts) > 1 and any(_GO_CLOSURE.fullmatch(part) for part in parts)
    names = [part.strip("(*)") for part in parts if part and not _GO_CLOSURE.fullmatch(part)]
    if not names or not _IDENTIFIER.fullmatch(names[-1]) or names[-1] in _GO_UNWRITTEN:
        return None
    name = re.escape(names[-1])
    if path.endswith(".s"):
        # TEXT runtime·memmove<ABIInternal>(SB), or by a macro: CALLFN(·call32, 32).
        return _Definition(names[-1], re.compile(rf"[·.]{name}\b"), _ANYWHERE)
    if not path.endswith(".go"):
        return None
    pattern = re.compile(rf"^func\s+(?:\([^)]*\)\s*)?{name}\s*[\[(]")
    # A closure's start line is its own, not that of the function around it.
    reach = _ANYWHERE if closure else 0
    return _Definition(names[-1], pattern, reach, partial(_made_or_another, package_of(bare) or ""))


def _made_or_another(package: str, lines: list[str], start: int) -> bool:
    """Whether a Go function is the compiler's own, which starts in line 1, or the file is of another package.

    Packages implement functions of others under names of their own, as the runtime does ``time.Sleep``
    (https://pkg.go.dev/cmd/compile#hdr-Linkname_Directive), and inlining may leave an instruction that
    has the name of the one function and the file of the other. The names of packages differ from the
    last elements of their paths by custom only: ``gopkg.in/yaml.v3`` is yaml, ``go-redis/v9`` redis.
    """
    if start == 1:
        return True
    *before, last = package.split("/")
    if before and _GO_MAJOR.fullmatch(last):
        last = before[-1]
    clause = next((found[1] for line in lines if (found := _GO_PACKAGE.match(line))), "")
    return clause.removesuffix("_test") not in last.replace("-", "")


def _python(function_name: str, path: str) -> _Definition | None:
    """The first line of a function is that of its first decorator.

    https://docs.python.org/3/reference/datamodel.html#codeobject.co_firstlineno
    """
    name = function_name.rpartition(".")[2]
    if not name.isidentifier() or name in _PYTHON_UNWRITTEN or not path.endswith((".py", ".pyi")):
        return None
    pattern = re.compile(rf"^\s*(?:async\s+def|def|class|type)\s+{re.escape(name)}\b")
    return _Definition(name, pattern, _DECORATED_LINES, _is_decorator)


def _is_decorator(lines: list[str], start: int) -> bool:
    """A decorator stands there, and one with many arguments may be longer than what is looked at."""
    return 1 <= start <= len(lines) and lines[start - 1].lstrip().startswith("@")


def _java(function_name: str, path: str) -> _Definition | None:
    """Only what must be written down: compilers and libraries make many methods of their own."""
    name = function_name.partition("(")[0].rpartition(".")[2]
    if not path.endswith(".java") or not name.isidentifier() or _JAVA_UNWRITTEN.fullmatch(name):
        return None
    return _Definition(name, re.compile(rf"\b{re.escape(name)}\b"), _ANYWHERE, _may_inherit)


def _may_inherit(lines: list[str], _start: int) -> bool:
    """Whether a class of the file may have a parent that only its own package sees.

    The compiler repeats the public methods of such a parent in the class (``StringBuilder.charAt``):
    https://docs.oracle.com/javase/specs/jls/se21/html/jls-13.html#jls-13.1. A parent that is imported is
    seen by all.
    """
    source = "\n".join(lines)
    parents = {found[1] for found in _JAVA_PARENT.finditer(source)}
    return any("." not in parent and f".{parent};" not in source for parent in parents)


_DEFINITIONS: dict[Language, Callable[[str, str], _Definition | None]] = {
    Language.GO: _go,
    Language.PYTHON: _python,
    Language.JAVA: _java,
}
