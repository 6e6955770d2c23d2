"""From the text of a document to its entries: which key stands where, and every key that is none.

The YAML is composed to nodes, not constructed: nodes know their lines, and no tag can make an object.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from proxy.config.faults import Fault
from proxy.config.keys import FILE_KEYS, KEYS, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 256 * 1024
MAX_DEPTH = 16
_LONGEST_SHOWN = 64


class Entry(NamedTuple):
    """The value of a known key, and the line of that key."""

    line: int
    node: yaml.Node


def entries(text: str, faults: list[Fault]) -> dict[str, Entry]:
    """Find the known keys of a document by their paths; what else is in it is added to ``faults``.

    Args:
        text: the document; an empty one has no keys.
        faults: where faults are added.
    """
    root = _compose(text, faults)
    found: dict[str, Entry] = {}
    if root is None or _is_null(root):
        return found
    for path, entry in _pairs(root, "", faults):
        if path not in SECTIONS:
            found[path] = entry
        elif not _is_null(entry.node):
            found.update(_pairs(entry.node, path, faults, entry.line))
    return found


class _Loader(yaml.SafeLoader):
    """PyYAML's pure loader with a bound on nesting: composing is recursive."""

    _depth = 0

    def current_event_mark(self) -> yaml.Mark:
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # so in its stubs
        return mark

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            mark = self.current_event_mark()
            raise yaml.composer.ComposerError(None, None, f"more than {MAX_DEPTH} levels deep", mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _compose(text: str, faults: list[Fault]) -> yaml.Node | None:
    if len(text) > MAX_CHARACTERS:
        faults.append(Fault("", None, f"longer than {MAX_CHARACTERS} characters"))
        return None
    try:
        return yaml.compose(text, _Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        code = ord(text[error.position])
        faults.append(Fault("", line, f"holds the character U+{code:04X}, which YAML does not allow"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        faults.append(Fault("", mark.line + 1 if mark else None, f"is not YAML: {_without_quotes(problem)}"))
    except (ValueError, OverflowError):  # PyYAML's answer to escapes and versions beyond any number
        faults.append(Fault("", None, "is not YAML: a number in an escape or a directive is too large"))
    return None


def _without_quotes(problem: str) -> str:
    """Drop what PyYAML quotes from the document, which may be a secret, and keep names of its tokens."""

    def keep(match: re.Match[str]) -> str:
        return match[0] if len(match[2]) <= len("\\t") or match[2].startswith("<") else "(not shown)"

    return re.sub(r"""(['"])(.*?)\1""", keep, problem)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _pairs(node: yaml.Node, section: str, faults: list[Fault], line: int = 1) -> Iterator[tuple[str, Entry]]:
    """Go through the pairs of a mapping; what is no known key, or a second one, is added to ``faults``."""
    if not isinstance(node, yaml.MappingNode):
        faults.append(Fault(section, line, f"must be a mapping, with keys such as {_examples(section)}"))
        return
    lines: dict[str, int] = {}
    for key_node, value in _children(node):
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.append(Fault(section, key_line, "has a key that is not a plain name"))
            continue
        path = f"{section}.{key_node.value}" if section else key_node.value
        if path not in _known(section):
            faults.append(Fault(_shown(path), key_line, "unknown key" + _suggestion(key_node.value, section)))
        elif path in lines:
            faults.append(Fault(path, key_line, f"given twice, first on line {lines[path]}; keep one"))
        else:
            lines[path] = key_line
            yield path, Entry(key_line, value)


def _children(node: yaml.MappingNode) -> list[tuple[Any, yaml.Node]]:
    return list(node.value)


def _known(section: str) -> list[str]:
    """List the paths allowed in a section; the document itself is the section without a name."""
    paths = [path for path in (*KEYS, *FILE_KEYS) if path.rpartition(".")[0] == section]
    return paths if section else [*paths, *SECTIONS]


def _examples(section: str) -> str:
    return ", ".join(path.rpartition(".")[2] for path in _known(section)[:2])


def _shown(path: str) -> str:
    """What a message shows of a key that is none: a name, or what follows from a missing quote."""
    shown = path if len(path) <= _LONGEST_SHOWN else path[:_LONGEST_SHOWN] + "…"
    return shown if shown.isprintable() else repr(shown)


def _suggestion(name: str, section: str) -> str:
    if name in KEYS or name in FILE_KEYS:
        return f" (write {name.rpartition('.')[2]} under {name.partition('.')[0]})"
    elsewhere = [path for path in (*KEYS, *FILE_KEYS) if path.rpartition(".")[2] == name]
    near = get_close_matches(
        name[:_LONGEST_SHOWN], [path.rpartition(".")[2] for path in _known(section)], n=1
    )
    if near:
        return f" (did you mean {near[0]}?)"
    return f" (did you mean {elsewhere[0]}?)" if elsewhere else ""
