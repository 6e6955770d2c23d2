"""Many profiles merged into one pprof with one sample type. Pure.

Every profile numbers its strings, functions, mappings and locations in its own way. What is taken over is
numbered anew, what is equal is taken over once, and what no sample needs is left out.

https://github.com/google/pprof/blob/main/proto/profile.proto
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from proxy.demo.upstream.stacks import Stack
from proxy.demo.upstream.tree import Node, smallest_kept
from proxy.proto import profile_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHER: Final = "other"

_Function = tuple[int, int, int, int]
"""Name, system name, file name (strings of the merged profile) and start line."""
_Line = tuple[int, int, int]
"""Function, line and column."""
_Location = tuple[int, int, bool, tuple[_Line, ...]]
"""Mapping, address, whether it is folded, and the lines."""


class Merger:
    """Takes samples of several profiles in and gives one profile out."""

    def __init__(self) -> None:
        self._out = profile_pb2.Profile(string_table=[""])
        self._strings = {"": 0}
        self._functions: dict[_Function, int] = {}
        self._mappings: dict[bytes, int] = {}
        self._locations: dict[_Location, int] = {}
        self._samples: dict[tuple[int, ...], int] = {}

    def add(self, profile: profile_pb2.Profile, samples: Iterable[tuple[Stack, int]]) -> None:
        """Take samples of one profile in, each with its value; zero values are left out."""
        source = _Source(profile)
        numbers: dict[int, int] = {}
        for stack, value in samples:
            if not value:
                continue
            for location in stack.locations:
                if location not in numbers:
                    numbers[location] = self._location(source, location)
            key = tuple(numbers[location] for location in stack.locations)
            self._samples[key] = self._samples.get(key, 0) + value

    def finish(
        self, profile_type: str, *, start_ms: int, end_ms: int, period: int = 0, max_nodes: int = 0
    ) -> profile_pb2.Profile:
        """The merged profile.

        Args:
            profile_type: its Pyroscope id, which names the sample type and the period type.
            start_ms: where its time range begins.
            end_ms: where it ends.
            period: the distance between two samples, in the period type's unit; 0: not known.
            max_nodes: how many nodes its call tree may have; what is smaller becomes one frame
                ``other``. Below 1: all.
        """
        if max_nodes > 0:
            cut = self._cut(max_nodes)
            return cut.finish(profile_type, start_ms=start_ms, end_ms=end_ms, period=period)
        _, sample_type, sample_unit, period_type, period_unit = profile_type.split(":")
        out = self._out
        for locations, value in self._samples.items():
            out.sample.add(location_id=locations, value=[value])
        out.sample_type.add(type=self._string(sample_type), unit=self._string(sample_unit))
        out.period_type.type = self._string(period_type)
        out.period_type.unit = self._string(period_unit)
        out.period = period
        # Pyroscope dates a merged profile by the end of its range.
        out.time_nanos = end_ms * 1_000_000
        out.duration_nanos = (end_ms - start_ms) * 1_000_000
        return out

    def _cut(self, max_nodes: int) -> Merger:
        """The same with small nodes cut; taken over anew, so that nothing of what was cut is left."""
        root: Node[int] = Node()
        for locations, value in self._samples.items():
            root.add(reversed(locations), value)
        smallest = smallest_kept(root, max_nodes)
        cut = []
        for locations, value in self._samples.items():
            kept = _kept(root, locations, smallest)
            whole = len(kept) == len(locations)
            cut.append((Stack(kept if whole else (self._other(), *kept), (), ()), value))
        merger = Merger()
        merger.add(self._out, cut)
        return merger

    def _other(self) -> int:
        name = self._string(OTHER)
        function = self._function_number((name, name, 0, 0))
        return self._location_number((0, 0, False, ((function, 0, 0),)))

    def _string(self, text: str) -> int:
        number = self._strings.setdefault(text, len(self._strings))
        if number == len(self._out.string_table):
            self._out.string_table.append(text)
        return number

    def _location(self, source: _Source, number: int) -> int:
        location = source.locations[number]
        mapping = self._mapping(source, location.mapping_id) if location.mapping_id else 0
        lines = tuple(
            (self._function(source, line.function_id), line.line, line.column) for line in location.line
        )
        return self._location_number((mapping, location.address, location.is_folded, lines))

    def _location_number(self, key: _Location) -> int:
        number = self._locations.setdefault(key, len(self._locations) + 1)
        if number > len(self._out.location):
            mapping, address, is_folded, lines = key
            added = self._out.location.add(
                id=number, mapping_id=mapping, address=address, is_folded=is_folded
            )
            for function, line, column in lines:
                added.line.add(function_id=function, line=line, column=column)
        return number

    def _function(self, source: _Source, number: int) -> int:
        function = source.functions[number]
        strings = source.strings
        name, system_name, filename = (
            self._string(strings[index]) for index in (function.name, function.system_name, function.filename)
        )
        return self._function_number((name, system_name, filename, function.start_line))

    def _function_number(self, key: _Function) -> int:
        number = self._functions.setdefault(key, len(self._functions) + 1)
        if number > len(self._out.function):
            name, system_name, filename, start_line = key
            self._out.function.add(
                id=number, name=name, system_name=system_name, filename=filename, start_line=start_line
            )
        return number

    def _mapping(self, source: _Source, number: int) -> int:
        copy = profile_pb2.Mapping()
        copy.CopyFrom(source.mappings[number])
        copy.id = 0
        copy.filename = self._string(source.strings[copy.filename])
        copy.build_id = self._string(source.strings[copy.build_id])
        key = copy.SerializeToString(deterministic=True)
        found = self._mappings.setdefault(key, len(self._mappings) + 1)
        if found > len(self._out.mapping):
            copy.id = found
            self._out.mapping.append(copy)
        return found


class _Source:
    """A profile's own numbers."""

    def __init__(self, profile: profile_pb2.Profile) -> None:
        self.strings = profile.string_table
        self.locations = {location.id: location for location in profile.location}
        self.functions = {function.id: function for function in profile.function}
        self.mappings = {mapping.id: mapping for mapping in profile.mapping}


def _kept(root: Node[int], locations: tuple[int, ...], smallest: int) -> tuple[int, ...]:
    """The part of a stack, from the root on and leaf first, whose nodes reach a total."""
    node = root
    for depth, location in enumerate(reversed(locations)):
        node = node.children[location]
        if node.total < smallest:
            return locations[len(locations) - depth :]
    return locations
