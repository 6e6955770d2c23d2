"""Profiles for tests: written down by hand, or made up by hypothesis."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

from proxy.proto import profile_pb2

CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
V1 = {"repository": "https://github.com/acme/shop", "git_ref": "v1", "root_path": "services/checkout"}
V2 = {**V1, "git_ref": "v2"}


@dataclass
class Builder:
    """Writes a profile down by the names of its functions.

    ::

        builder = Builder()
        f, main = builder.at("f", 3), builder.at("main", 9)
        builder.sample(10, f, main)
    """

    profile: profile_pb2.Profile = field(
        default_factory=lambda: profile_pb2.Profile(string_table=["", "cpu", "nanoseconds"])
    )

    def __post_init__(self) -> None:
        self.profile.sample_type.add(type=1, unit=2)

    def string(self, text: str) -> int:
        table = self.profile.string_table
        if text not in table:
            table.append(text)
        return list(table).index(text)

    def function(self, name: str, file: str = "main.go", start: int = 0) -> int:
        number = len(self.profile.function) + 1
        self.profile.function.add(
            id=number, name=self.string(name), filename=self.string(file), start_line=start
        )
        return number

    def mapping(self, build_id: str | dict[str, str]) -> int:
        text = build_id if isinstance(build_id, str) else json.dumps(build_id)
        number = len(self.profile.mapping) + 1
        self.profile.mapping.add(id=number, build_id=self.string(text))
        return number

    def location(self, *lines: tuple[int, int], mapping: int = 0) -> int:
        """A location with these lines, each a function and a line, innermost first."""
        number = len(self.profile.location) + 1
        location = self.profile.location.add(id=number, mapping_id=mapping)
        for function, line in lines:
            location.line.add(function_id=function, line=line)
        return number

    def at(self, name: str, line: int, *, file: str = "main.go", start: int = 0, mapping: int = 0) -> int:
        """A location with one line of a function."""
        return self.location((self.function(name, file, start), line), mapping=mapping)

    def sample(self, value: int, *stack: int) -> None:
        """A sample, leaf first."""
        self.profile.sample.add(location_id=stack, value=[value])

    def encoded(self) -> bytes:
        return self.profile.SerializeToString()


TEXTS = ["", "cpu", "nanoseconds", "f", "g", "main", "a.go", "b.go", "other", json.dumps(V1), json.dumps(V2)]
TEXTS += [json.dumps({"repository": "r", "build_id": "b1"}), "0123abcd", "[1]", "{"]
_ids = st.integers(0, 5)
_indexes = st.integers(-1, len(TEXTS))
_line_numbers = st.sampled_from([0, 1, 2, 3, -1, 2**63 - 1])
_values = st.sampled_from([0, 1, 2, 10, -3, 2**62])
_lines = st.builds(profile_pb2.Line, function_id=_ids, line=_line_numbers)


@st.composite
def profiles(draw: st.DrawFn) -> profile_pb2.Profile:
    """Profiles of all kinds, most of them wrong in some way: ids missing and twice, indexes out of range."""
    # Texts come in any order and some twice, as when profiles were put together carelessly.
    texts = ["", *draw(st.permutations(TEXTS[1:])), *draw(st.lists(st.sampled_from(TEXTS), max_size=3))]
    return profile_pb2.Profile(
        string_table=texts,
        sample_type=draw(
            st.lists(st.builds(profile_pb2.ValueType, type=_indexes, unit=_indexes), max_size=3)
        ),
        function=draw(
            st.lists(
                st.builds(
                    profile_pb2.Function,
                    id=_ids,
                    name=_indexes,
                    filename=_indexes,
                    start_line=_line_numbers,
                ),
                max_size=6,
            )
        ),
        mapping=draw(st.lists(st.builds(profile_pb2.Mapping, id=_ids, build_id=_indexes), max_size=4)),
        location=draw(
            st.lists(
                st.builds(profile_pb2.Location, id=_ids, mapping_id=_ids, line=st.lists(_lines, max_size=3)),
                max_size=6,
            )
        ),
        sample=draw(
            st.lists(
                st.builds(
                    profile_pb2.Sample,
                    location_id=st.lists(_ids, max_size=6),
                    value=st.lists(_values, max_size=3),
                ),
                max_size=8,
            )
        ),
    )
