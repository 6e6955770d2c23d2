"""YAML that strangers write, read to strings, lists and dictionaries in bounded time and memory.

The document is built from the parser's events, so nothing of it exists before it is counted:

- scalars are their text (``ref: 1.20`` stays ``1.20``, as in a Go struct of strings); only a plain
  null is ``None``;
- an alias shares what it points to and counts as large as that, so that aliases of aliases
  (https://en.wikipedia.org/wiki/Billion_laughs_attack) run out of budget at once;
- tags, keys that are not scalars, keys that come twice and references to oneself are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SIZE = 256 * 1024
MAX_DEPTH = 32
MAX_NODES = 20_000

Node: TypeAlias = "str | list[Node] | dict[str, Node] | None"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE = "<<"


class YamlError(ValueError):
    """The document cannot be read; the message says what is wrong and in which line."""


class Document(NamedTuple):
    """The first document of a stream, ``None`` when there is none; ``more`` when others follow it."""

    value: Node
    more: bool


def load(data: bytes) -> Document:
    """Read the first document.

    Raises:
        YamlError: when it is too large, too deep, not UTF-8, not YAML, or uses what is refused.
    """
    if len(data) > MAX_SIZE:
        raise YamlError(f"the file has {len(data)} bytes, more than the {MAX_SIZE // 1024} KiB that are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError(f"the file is not UTF-8 (byte {error.start})") from None
    try:
        return _first(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise YamlError(_said(error)) from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError("not YAML") from None


def _first(events: Iterator[yaml.Event]) -> Document:
    builder = _Builder()
    for event in events:
        if isinstance(event, yaml.DocumentEndEvent):
            return Document(builder.root, _another(events))
        builder.take(event)
    return Document(None, more=False)


def _another(events: Iterator[yaml.Event]) -> bool:
    try:
        return isinstance(next(events, None), yaml.DocumentStartEvent)
    except yaml.YAMLError:  # whatever follows is not read
        return True


def _said(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    if "nesting depth" in problem:  # the library has a limit of its own, and reads ahead
        problem = f"nested more than {MAX_DEPTH} deep"
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


@dataclass(slots=True)
class _List:
    anchor: str | None
    before: int
    value: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Map:
    anchor: str | None
    before: int
    value: dict[str, Node] = field(default_factory=dict)
    key: str | None = None
    merged: list[dict[str, Node]] = field(default_factory=list)


class _Builder:
    """Takes events one by one; ``root`` is the document when they end."""

    def __init__(self) -> None:
        self.root: Node = None
        self._open: list[_List | _Map] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._nodes = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if getattr(event, "tag", None) is not None:
            raise YamlError(f"line {line}: tags (!…) are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event, line)
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._start(event, line)
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._end(line)

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise YamlError(
                f"line {line}: more than {MAX_NODES} values, aliases counted as what they stand for"
            )

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        self._count(1, line)
        top = self._open[-1] if self._open else None
        if isinstance(top, _Map) and top.key is None:
            if event.value in top.value or (event.value == _MERGE and top.merged):
                raise YamlError(f"line {line}: the key {event.value[:60]!r} comes twice")
            top.key = event.value
            return
        node = None if event.implicit[0] and event.value in _NULLS else event.value
        self._anchor(event.anchor, node, 1)
        self._add(node, line)

    def _alias(self, event: yaml.AliasEvent, line: int) -> None:
        if event.anchor not in self._anchors:
            raise YamlError(f"line {line}: the alias refers to itself or to nothing")
        node, size = self._anchors[event.anchor]
        self._count(size, line)
        self._add(node, line)

    def _start(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent, line: int) -> None:
        self._count(1, line)
        if len(self._open) >= MAX_DEPTH:
            raise YamlError(f"line {line}: nested more than {MAX_DEPTH} deep")
        top = self._open[-1] if self._open else None
        if isinstance(top, _Map) and top.key is None:
            raise YamlError(f"line {line}: a key must be a plain word")
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)
        kind = _List if isinstance(event, yaml.SequenceStartEvent) else _Map
        self._open.append(kind(event.anchor, self._nodes - 1))

    def _end(self, line: int) -> None:
        done = self._open.pop()
        if isinstance(done, _Map):
            for merged in done.merged:
                for key, value in merged.items():
                    done.value.setdefault(key, value)
        self._anchor(done.anchor, done.value, self._nodes - done.before)
        self._add(done.value, line)

    def _anchor(self, name: str | None, node: Node, size: int) -> None:
        if name is not None:
            self._anchors[name] = (node, size)

    def _add(self, node: Node, line: int) -> None:
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        if isinstance(top, _List):
            top.value.append(node)
        elif top.key is None:
            raise YamlError(f"line {line}: a key must be a plain word")
        else:
            key, top.key = top.key, None
            if key == _MERGE:
                top.merged.extend(_mergeable(node, line))
            else:
                top.value[key] = node


def _mergeable(node: Node, line: int) -> list[dict[str, Node]]:
    """What ``<<`` brings in, first wins: https://yaml.org/type/merge.html."""
    several = node if isinstance(node, list) else [node]
    maps = [item for item in several if isinstance(item, dict)]
    if len(maps) != len(several):
        raise YamlError(f"line {line}: << takes a mapping or a list of mappings")
    return maps
