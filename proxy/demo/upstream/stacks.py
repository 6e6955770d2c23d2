"""The samples of a pprof as plain stacks. Pure.

https://github.com/google/pprof/blob/main/proto/profile.proto
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from proxy.proto import profile_pb2


@dataclass(frozen=True, slots=True)
class Stack:
    """One sample.

    Attributes:
        locations: ids of the profile's locations, leaf first, as pprof has them.
        names: names of the functions, root first, inlined ones included, as a flame graph has them.
        values: one for each sample type of the profile.
    """

    locations: tuple[int, ...]
    names: tuple[str, ...]
    values: tuple[int, ...]

    def is_below(self, call_site: Sequence[str]) -> bool:
        """Whether the stack begins, from the root, with these functions."""
        return self.names[: len(call_site)] == tuple(call_site)


def stacks(profile: profile_pb2.Profile) -> Iterator[Stack]:
    """Each sample of a profile; a location without lines goes by its address, as in Pyroscope."""
    names = {function.id: profile.string_table[function.name] for function in profile.function}
    # Lines are leaf first; a flame graph goes from the root.
    frames = {
        location.id: tuple(names[line.function_id] for line in reversed(location.line))
        or (f"{location.address:x}",)
        for location in profile.location
    }
    for sample in profile.sample:
        found = tuple(name for number in reversed(sample.location_id) for name in frames[number])
        yield Stack(tuple(sample.location_id), found, tuple(sample.value))
