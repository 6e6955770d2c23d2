"""What belongs to a function in a profile's tables: strings, functions, locations, mappings. Pure.

The tables refer to each other by numbers that may stand anywhere in the profile, also before what they
refer to, and that may be wrong: an index beyond the strings is an empty text, an id that is not there is
nothing. Of several entries with one id the last counts.

https://github.com/google/pprof/blob/main/proto/profile.proto
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from google.protobuf.message import DecodeError

from proxy.errors import Code, RpcError
from proxy.profile.labels import LONGEST_BUILD_ID, identity, read_version
from proxy.profile.wire import not_a_profile, pieces, sized_fields
from proxy.proto import profile_pb2

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from proxy.profile.model import Question, Version
    from proxy.profile.wire import Bytes

MOST_SPOTS = 1_000_000
"""Places in a program where one function is: far more than any has."""
_MOST_SAMPLE_TYPES = 1000
_SAMPLE_TYPE, _SAMPLE, _MAPPING, _LOCATION, _FUNCTION, _STRING, _DEFAULT_TYPE = 1, 2, 3, 4, 5, 6, 14
_LEFT_OUT = b"other"
"""The function, in no file, that Pyroscope puts in the place of nodes that it left out."""


class Spot(NamedTuple):
    """A line of the function within a location.

    Attributes:
        use: which of the ``Tables.uses`` it belongs to.
        line: its number.
        innermost: whether the leaf of a stack that ends in this location is this line.
    """

    use: int
    line: int
    innermost: bool


class Use(NamedTuple):
    """A version of the function: where its code comes from, its file, and the line where it starts."""

    version: Version
    file: str
    start_line: int


@dataclass(frozen=True, slots=True)
class Tables:
    """What belongs to the function.

    Attributes:
        spots: by location.
        uses: the versions that the spots speak of.
        frames: by location, names of functions of the call path, outermost first, ``None`` for any other
            name; locations without any of those names are left out.
        nameless: locations that name no function; a call path goes through them.
        sample_types: type and unit of each.
        default_type: the type that the profile shows when nobody says which.
        cut: whether the profile has nodes that stand for others.
    """

    spots: dict[int, tuple[Spot, ...]]
    uses: list[Use]
    frames: dict[int, tuple[str | None, ...]]
    nameless: set[int]
    sample_types: list[tuple[str, str]]
    default_type: str
    cut: bool


class Reader:
    """Reads a profile piece by piece.

    Args:
        data: the profile, not compressed.

    Raises:
        RpcError: ``internal`` when it is no profile; so do all methods.
    """

    def __init__(self, data: Bytes) -> None:
        self._data = memoryview(data)
        self._pieces = pieces(data)

    def samples(self) -> Iterator[profile_pb2.Profile]:
        """Profiles that hold nothing but some of the samples each."""
        return self.parts(_SAMPLE)

    def parts(self, field: int) -> Iterator[profile_pb2.Profile]:
        """Profiles that hold nothing but some of the values of a field each."""
        for piece in self._pieces:
            if piece.field == field:
                try:
                    yield profile_pb2.Profile.FromString(bytes(self._data[piece.start : piece.end]))
                except DecodeError:
                    raise not_a_profile() from None

    def strings(self) -> Iterator[memoryview]:
        """The strings, as they are encoded: who profiles C++ may well send what is no UTF-8."""
        for piece in self._pieces:
            if piece.field == _STRING:
                part = self._data[piece.start : piece.end]
                yield from (part[field.start : field.end] for field in sized_fields(part))

    def indexes(self, wanted: Collection[bytes]) -> dict[int, bytes]:
        """Where these strings are; the same one may be there several times."""
        sizes = {len(text) for text in wanted}
        found: dict[int, bytes] = {}
        for index, text in enumerate(self.strings()):
            if len(text) in sizes and (encoded := bytes(text)) in wanted:
                if len(found) >= MOST_SPOTS:
                    raise _too_many()
                found[index] = encoded
        return found

    def texts(self, wanted: Collection[int]) -> dict[int, str]:
        """The strings at these indexes, cut where no path or build id would go on."""
        return {
            index: bytes(text[: 4 * LONGEST_BUILD_ID]).decode(errors="replace")
            for index, text in enumerate(self.strings())
            if index in wanted
        }


def read(reader: Reader, question: Question) -> Tables:
    """Find what belongs to the function.

    Raises:
        RpcError: ``internal`` when it is no profile, ``resource_exhausted`` when one function fills it.
    """
    name, path = question.name.encode(), frozenset(text.encode() for text in question.call_path)
    functions = _functions(reader, name, path)
    locations = _locations(reader, functions, with_path=bool(path))
    build_ids = _build_ids(reader, {found.mapping for found in locations.own.values()})
    types, default_type = _sample_types(reader)
    texts = reader.texts(
        {function.filename for function in functions.own.values()}
        | set(build_ids.values())
        | {index for pair in types for index in pair}
        | {default_type}
    )
    spots, uses = _spots(locations.own, build_ids, texts)
    return Tables(
        spots,
        uses,
        locations.frames,
        locations.nameless,
        [(texts.get(kind, ""), texts.get(unit, "")) for kind, unit in types],
        texts.get(default_type, ""),
        functions.cut,
    )


class _Function(NamedTuple):
    filename: int
    start_line: int


@dataclass(slots=True)
class _Functions:
    """By id: the function itself, in its several files, and those of the call path."""

    own: dict[int, _Function]
    path: dict[int, str]
    cut: bool


def _functions(reader: Reader, name: bytes, path: frozenset[bytes]) -> _Functions:
    names = reader.indexes({name, _LEFT_OUT} | path)
    found = _Functions({}, {}, cut=False)
    for part in reader.parts(_FUNCTION):
        for function in part.function:
            text = names.get(function.name)
            found.own.pop(function.id, None)
            found.path.pop(function.id, None)
            if text is None:
                continue
            if text == name:
                found.own[function.id] = _Function(function.filename, function.start_line)
            if text in path:
                found.path[function.id] = text.decode()
            if text == _LEFT_OUT and not function.filename and not function.start_line:
                found.cut = True
        if len(found.own) + len(found.path) > MOST_SPOTS:
            raise _too_many()
    return found


class _Location(NamedTuple):
    """Where the function is: the mapping, and each line with whether it is the innermost."""

    mapping: int
    lines: tuple[tuple[_Function, int, bool], ...]


@dataclass(slots=True)
class _Locations:
    own: dict[int, _Location]
    frames: dict[int, tuple[str | None, ...]]
    nameless: set[int]


def _locations(reader: Reader, functions: _Functions, *, with_path: bool) -> _Locations:
    found = _Locations({}, {}, set())
    count = 0
    for part in reader.parts(_LOCATION):
        for location in part.location:
            ids = [line.function_id for line in location.line]
            found.own.pop(location.id, None)
            if not functions.own.keys().isdisjoint(ids):
                own = _own_lines(location, functions.own)
                found.own[location.id] = _Location(location.mapping_id, own)
                count += len(own)
            if with_path:
                found.frames.pop(location.id, None)
                found.nameless.discard(location.id)
                if not ids:
                    found.nameless.add(location.id)
                elif not functions.path.keys().isdisjoint(ids):
                    found.frames[location.id] = tuple(functions.path.get(each) for each in reversed(ids))
                    count += len(ids)
        if count + len(found.nameless) > MOST_SPOTS:
            raise _too_many()
    return found


def _own_lines(
    location: profile_pb2.Location, functions: dict[int, _Function]
) -> tuple[tuple[_Function, int, bool], ...]:
    return tuple(
        (functions[line.function_id], line.line, at == 0)
        for at, line in enumerate(location.line)
        if line.function_id in functions
    )


def _build_ids(reader: Reader, wanted: set[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in reader.parts(_MAPPING):
        found.update((mapping.id, mapping.build_id) for mapping in part.mapping if mapping.id in wanted)
    return found


def _sample_types(reader: Reader) -> tuple[list[tuple[int, int]], int]:
    types: list[tuple[int, int]] = []
    for part in reader.parts(_SAMPLE_TYPE):
        types.extend((kind.type, kind.unit) for kind in part.sample_type)
        if len(types) > _MOST_SAMPLE_TYPES:
            raise not_a_profile()
    default_type = 0
    for part in reader.parts(_DEFAULT_TYPE):
        default_type = part.default_sample_type
    return types, default_type


def _spots(
    locations: dict[int, _Location], build_ids: dict[int, int], texts: dict[int, str]
) -> tuple[dict[int, tuple[Spot, ...]], list[Use]]:
    """Number the versions; what differs in nothing that a person can tell apart is one."""
    versions = {index: read_version(texts.get(index, "")) for index in {0, *build_ids.values()}}
    numbers: dict[tuple[Version, str], int] = {}
    uses: list[Use] = []
    spots: dict[int, tuple[Spot, ...]] = {}
    for number, location in locations.items():
        version = versions[build_ids.get(location.mapping, 0)]
        found = []
        for function, line, innermost in location.lines:
            file = texts.get(function.filename, "")
            use = numbers.setdefault((identity(version), file), len(uses))
            if use == len(uses):
                uses.append(Use(version, file, 0))
            uses[use] = uses[use]._replace(start_line=_first(uses[use].start_line, function.start_line))
            found.append(Spot(use, line, innermost))
        spots[number] = tuple(found)
    return spots, uses


def _first(known: int, start_line: int) -> int:
    """The first of two lines that may each be unknown."""
    return min((line for line in (known, start_line) if line > 0), default=0)


def _too_many() -> RpcError:
    return RpcError(
        Code.RESOURCE_EXHAUSTED,
        "The function is in more places of the profile than are read; "
        "choose a shorter time range or a narrower label selector.",
    )
