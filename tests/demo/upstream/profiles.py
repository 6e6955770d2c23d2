"""Small profiles for tests, and an obvious way to look at any profile."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

from proxy.demo.upstream.recordings import Recording, recording
from proxy.proto import profile_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
SAMPLES = "process_cpu:samples:count:cpu:nanoseconds"

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For tests of properties: a busy machine is no failure."""

Frame = tuple[str, str, int]
"""Function, file and line."""


class Builder:
    """Makes a pprof frame by frame, numbering as it goes, in no clever way."""

    def __init__(self, build_id: str = "", *, first_id: int = 1) -> None:
        self.profile = profile_pb2.Profile(string_table=[""])
        self._first_id = first_id
        self._mapping = first_id
        self.profile.mapping.add(
            id=first_id, filename=self.string("/app/binary"), build_id=self.string(build_id)
        )

    def string(self, text: str) -> int:
        if text not in self.profile.string_table:
            self.profile.string_table.append(text)
        return list(self.profile.string_table).index(text)

    def location(self, *frames: Frame) -> int:
        """A location with these frames, the innermost inlined one first."""
        number = self._first_id + len(self.profile.location)
        location = self.profile.location.add(id=number, mapping_id=self._mapping, address=number)
        for name, file, line in frames:
            function = self._first_id + len(self.profile.function)
            self.profile.function.add(
                id=function, name=self.string(name), system_name=self.string(name), filename=self.string(file)
            )
            location.line.add(function_id=function, line=line)
        return number

    def sample(self, locations: Sequence[int], *values: int) -> None:
        """A sample, leaf first."""
        self.profile.sample.add(location_id=locations, value=values)


def of_stacks(
    stacks: Iterable[tuple[str, Sequence[int]]], *, build_id: str = "", first_id: int = 1
) -> profile_pb2.Profile:
    """A profile of stacks such as ``main;work;leaf``, root first, each with its values."""
    builder = Builder(build_id, first_id=first_id)
    known: dict[str, int] = {}
    for stack, values in stacks:
        names = [name for name in reversed(stack.split(";")) if name]
        for name in names:
            if name not in known:
                known[name] = builder.location((name, f"/src/{name}.go", 7))
        builder.sample([known[name] for name in names], *values)
    return builder.profile


def recorded(
    name: str,
    stacks: Iterable[tuple[str, Sequence[int]]],
    labels: Mapping[str, str],
    profile_types: Sequence[str] = (CPU,),
    *,
    duration_ms: int = 15_000,
) -> Recording:
    """A recording of such stacks."""
    pprof = of_stacks(stacks, build_id=f"build-{name}").SerializeToString()
    return recording(name, duration_ms, profile_types, labels, pprof)


def flattened(profile: profile_pb2.Profile, index: int = 0) -> Counter[tuple[object, ...]]:
    """What a profile says without its numbering: value by stack, leaf first, every detail spelled out."""
    strings = profile.string_table
    functions = {function.id: function for function in profile.function}
    mappings = {mapping.id: mapping for mapping in profile.mapping}
    locations = {location.id: location for location in profile.location}
    found: Counter[tuple[object, ...]] = Counter()
    for sample in profile.sample:
        stack: list[object] = []
        for number in sample.location_id:
            location = locations[number]
            mapping = mappings.get(location.mapping_id)
            home = (strings[mapping.filename], strings[mapping.build_id]) if mapping else None
            lines = tuple(
                (
                    strings[functions[line.function_id].name],
                    strings[functions[line.function_id].system_name],
                    strings[functions[line.function_id].filename],
                    functions[line.function_id].start_line,
                    line.line,
                )
                for line in location.line
            )
            stack.append((home, location.address, lines))
        found[tuple(stack)] += sample.value[index]
    return +found
