"""``.pyroscope.yaml``: which source belongs to which prefix of a path or function name.

The format is Pyroscope's: "Advanced source code mapping with .pyroscope.yaml" in
https://grafana.com/docs/pyroscope/latest/view-and-analyze-profile-data/line-by-line/.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.source import paths
from proxy.source.address import repository
from proxy.source.model import Frame, Language, Repository
from proxy.source.refs import DEFAULT, ref_fault
from proxy.source.strict_yaml import YamlError, load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proxy.source.strict_yaml import Node

FILE_NAME = ".pyroscope.yaml"
LANGUAGES = (Language.GO, Language.JAVA, Language.PYTHON, Language.JAVASCRIPT)
MAX_REPORTED = 50
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Local:
    """A folder of the service's own repository, relative to the folder of the configuration file."""

    path: str


@dataclass(frozen=True, slots=True)
class External:
    """A folder (``""`` is the root) of a repository at a ref."""

    repository: Repository
    ref: str
    path: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping: any of the prefixes leads to ``source``; ``index`` is its place in the file, from 0."""

    index: int
    paths: tuple[str, ...]
    function_names: tuple[str, ...]
    language: Language
    source: Local | External


@dataclass(frozen=True, slots=True)
class Mappings:
    """A valid configuration; ``notes`` say what in it has no effect."""

    mappings: tuple[Mapping, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The mapping that a frame belongs to.

    Attributes:
        mapping: the mapping.
        length: how long the prefix is that won.
        cut: how much of the frame's path the mapping stands for: its longest matching path prefix.
    """

    mapping: Mapping
    length: int
    cut: int


class InvalidMappingsError(ValueError):
    """A configuration that cannot be used; ``faults`` are all of its faults, a place and a sentence each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def parse(data: bytes) -> Mappings:
    """Read and check a configuration file.

    Raises:
        InvalidMappingsError: with every fault at once, such as ``mapping[2].source: …``.
    """
    try:
        document = load(data)
    except YamlError as fault:
        raise InvalidMappingsError([str(fault)]) from None
    checker = _Checker()
    if document.more:
        checker.notes.append("only the first YAML document is read")
    mappings = checker.root(document.value)
    if checker.faults:
        raise InvalidMappingsError(_bounded(checker.faults))
    return Mappings(mappings, tuple(_bounded(checker.notes)))


def find(mappings: Mappings, frame: Frame) -> Match | None:
    """The mapping with the longest prefix of the frame's path or function name; the first wins a tie."""
    best: Match | None = None
    for mapping in mappings.mappings:
        cut = _longest(mapping.paths, frame.path)
        length = max(cut, _longest(mapping.function_names, frame.function_name))
        if length > (best.length if best else -1):
            best = Match(mapping, length, max(cut, 0))
    return best


def _longest(prefixes: tuple[str, ...], text: str) -> int:
    return max((len(prefix) for prefix in prefixes if text.startswith(prefix)), default=-1)


def _bounded(lines: list[str]) -> list[str]:
    more = len(lines) - MAX_REPORTED
    return [*lines[:MAX_REPORTED], f"and {more} more"] if more > 0 else lines


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _named(key: str) -> str:
    """A key as it is written, cut; with escapes where a terminal would act on what is in it."""
    return key[:_SHOWN] if key.isprintable() else _quoted(key)


class _Checker:
    """Turns nodes into mappings; what is wrong goes to ``faults``, what is without effect to ``notes``."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.notes: list[str] = []

    def root(self, node: Node) -> tuple[Mapping, ...]:
        top = self._map(node, "the file", ("version", "source_code"))
        version = top.get("version")
        if version is not None and version != "v1":
            shown = _quoted(version) if isinstance(version, str) else "this"
            self.faults.append(f"version: {shown} is not supported, write v1")
        code = self._map(top.get("source_code"), "source_code", ("mappings",))
        entries = self._list(code.get("mappings"), "source_code.mappings")
        read = [self._mapping(index, entry) for index, entry in enumerate(entries)]
        return tuple(mapping for mapping in read if mapping is not None)

    def _mapping(self, index: int, node: Node) -> Mapping | None:
        place = f"mapping[{index}]"
        if not isinstance(node, dict):
            self.faults.append(f"{place}: write path or function_name, language and source")
            return None
        entry = self._map(node, place, ("path", "function_name", "language", "source"))
        matched = self._prefixes(entry.get("path"), f"{place}.path")
        functions = self._prefixes(entry.get("function_name"), f"{place}.function_name")
        if not entry.get("path") and not entry.get("function_name"):
            self.faults.append(f"{place}: at least one path or function_name prefix is required")
        language = self._language(entry.get("language"), f"{place}.language")
        source = self._source(entry.get("source"), f"{place}.source")
        if language is None or source is None:
            return None
        return Mapping(index, matched, functions, language, source)

    def _prefixes(self, node: Node, place: str) -> tuple[str, ...]:
        prefixes = []
        for index, item in enumerate(self._list(node, place)):
            where = f"{place}[{index}]"
            prefix = self._map(item, where, ("prefix",)).get("prefix") if isinstance(item, dict) else None
            if isinstance(prefix, list) and len(prefix) == 1:
                prefix = prefix[0]
            if isinstance(prefix, str):
                prefixes.append(prefix)
            else:
                self.faults.append(f'{where}.prefix: write one text ("" matches everything)')
        return tuple(prefixes)

    def _language(self, node: Node, place: str) -> Language | None:
        found = next((language for language in LANGUAGES if language.value == node), None)
        if found is None:
            said = f"{_quoted(node)} is not supported" if isinstance(node, str) else "required"
            self.faults.append(f"{place}: {said}, write one of {', '.join(each.value for each in LANGUAGES)}")
        return found

    def _source(self, node: Node, place: str) -> Local | External | None:
        source = self._map(node, place, ("local", "github"))
        local, github = source.get("local"), source.get("github")
        if (local is None) == (github is None):
            said = "neither is there" if local is None else "both are there"
            self.faults.append(f"{place}: exactly one of local and github is required, {said}")
            return None
        if local is not None:
            entry = self._map(local, f"{place}.local", ("path",))
            path = self._text(entry, "path", f"{place}.local")
            # It may climb out of the file's folder, so all that can be known here is what it is made of.
            if paths.folder(path.replace("..", "__")) is None:
                self.faults.append(f"{place}.local.path: too long, or has characters that a path cannot have")
            return Local(path)
        return self._github(github, f"{place}.github")

    def _github(self, node: Node, place: str) -> External | None:
        entry = self._map(node, place, ("owner", "repo", "ref", "path"))
        owner, name = self._text(entry, "owner", place), self._text(entry, "repo", place)
        found = repository(owner, name)
        missing = [key for key, value in (("owner", owner), ("repo", name)) if not value]
        for key in missing:
            self.faults.append(f"{place}.{key}: required")
        if found is None and not missing:
            self.faults.append(f"{place}: {_quoted(f'{owner}/{name}')} is no repository that GitHub can have")
        ref = self._text(entry, "ref", place) or DEFAULT
        if problem := ref_fault(ref):
            self.faults.append(f"{place}.ref: {problem}")
        path = paths.folder(self._text(entry, "path", place))
        if path is None:
            self.faults.append(f"{place}.path: leads out of the repository, or cannot be a path")
        return External(found, ref, path) if found is not None and path is not None else None

    def _map(self, node: Node, place: str, known: tuple[str, ...]) -> dict[str, Node]:
        if node is None:
            return {}
        if not isinstance(node, dict):
            self.faults.append(f"{place}: write keys and values ({', '.join(known)})")
            return {}
        self.notes += [f"{place}.{_named(key)}: unknown key, ignored" for key in node if key not in known]
        return node

    def _list(self, node: Node, place: str) -> list[Node]:
        if node is None or isinstance(node, list):
            return node or []
        self.faults.append(f"{place}: write a list, each item after a dash")
        return []

    def _text(self, entry: dict[str, Node], key: str, place: str) -> str:
        value = entry.get(key)
        if value is None or isinstance(value, str):
            return (value or "").strip()
        self.faults.append(f"{place}.{key}: write one text")
        return ""
