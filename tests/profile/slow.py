"""The counting rules as plainly as they can be said: slow, and with nothing in common with the real thing."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proxy.profile import Question
    from proxy.proto import profile_pb2

Key = tuple[str, str, str, str, str]
"""Repository, ref, root path, build id where there is no ref, and file."""


class Counted(NamedTuple):
    self: int
    total: int
    lines: dict[int, tuple[int, int]]


class _Frame(NamedTuple):
    """One function on a stack, inlined ones included."""

    name: str | None
    key: Key
    line: int


def count(profile: profile_pb2.Profile, question: Question, index: int) -> dict[Key, Counted]:
    """What the samples' values of this index add up to, for each version of the function."""
    own: dict[Key, int] = defaultdict(int)
    total: dict[Key, int] = defaultdict(int)
    lines: dict[Key, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for sample in profile.sample:
        if index >= len(sample.value) or sample.value[index] == 0:
            continue
        value = sample.value[index]
        stack = _stack(profile, sample)
        names = [frame.name for frame in reversed(stack) if frame is not None]
        if tuple(names[: len(question.call_path)]) != question.call_path:
            continue
        if question.call_path and _gap(profile, sample, question):
            continue
        ours = [frame for frame in stack if frame is not None and frame.name == question.name]
        for key in {frame.key for frame in ours}:
            total[key] += value
        for key, line in {(frame.key, frame.line) for frame in ours}:
            lines[key][line][1] += value
        leaf = stack[0] if stack else None
        if leaf is not None and leaf.name == question.name:
            own[leaf.key] += value
            lines[leaf.key][leaf.line][0] += value
    return {
        key: Counted(own[key], total[key], {line: (one[0], one[1]) for line, one in lines[key].items()})
        for key in lines
    }


def _stack(profile: profile_pb2.Profile, sample: profile_pb2.Sample) -> list[_Frame | None]:
    """From the leaf to the root; ``None`` for a location that is not there or names nothing."""
    frames: list[_Frame | None] = []
    for number in sample.location_id:
        location = _last(profile.location, number)
        if location is None or not location.line:
            frames.append(None)
            continue
        for line in location.line:
            function = _last(profile.function, line.function_id)
            name = None if function is None else _name(profile, function.name)
            file = "" if function is None else _text(profile, function.filename)
            frames.append(_Frame(name, (*_version(profile, location), file), line.line))
    return frames


def _gap(profile: profile_pb2.Profile, sample: profile_pb2.Sample, question: Question) -> bool:
    """Whether a location that is not there stands in the way of the call path."""
    seen = 0
    for number in reversed(sample.location_id):
        if seen >= len(question.call_path):
            return False
        location = _last(profile.location, number)
        if location is None:
            return True
        seen += len(location.line)
    return seen < len(question.call_path)


def _version(profile: profile_pb2.Profile, location: profile_pb2.Location) -> tuple[str, str, str, str]:
    mapping = _last(profile.mapping, location.mapping_id)
    build_id = "" if mapping is None else _text(profile, mapping.build_id)
    try:
        told = json.loads(build_id)
    except ValueError:
        return "", "", "", build_id
    if not isinstance(told, dict):
        return "", "", "", build_id
    ref = told.get("git_ref", "")
    return told.get("repository", ""), ref, told.get("root_path", ""), "" if ref else told.get("build_id", "")


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


E = TypeVar("E", bound=_Numbered)


def _last(entries: Iterable[E], number: int) -> E | None:
    """The entry with this id; of several, the last one counts."""
    found = [entry for entry in entries if entry.id == number]
    return found[-1] if found else None


def _name(profile: profile_pb2.Profile, index: int) -> str | None:
    return profile.string_table[index] if 0 <= index < len(profile.string_table) else None


def _text(profile: profile_pb2.Profile, index: int) -> str:
    return _name(profile, index) or ""
