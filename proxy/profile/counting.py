"""Adds up what the samples of a profile spent in the lines of one function; rules in ``proxy.profile``. Pure.

Memory: the profile itself, up to twice ``wire.PIECE`` with what is decoded of it (six times), and the
places of the one function. Time: two to three seconds for a million samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError
from proxy.profile.model import FunctionUse, Joined, Value
from proxy.profile.tables import Reader, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.profile.model import Question
    from proxy.profile.tables import Spot, Tables
    from proxy.profile.wire import Bytes

MOST_LINES = 100_000
"""Lines that one answer may have, all versions together."""
_LARGEST, _SMALLEST = 2**63 - 1, -(2**63)
_NAME_TYPE_UNIT = 3


@dataclass(slots=True)
class _Sum:
    """Adds up one version of the function; a line is its self and its total."""

    own: int = 0
    total: int = 0
    lines: dict[int, list[int]] = field(default_factory=dict)


def join(data: Bytes, question: Question) -> Joined:
    """What a profile says of a function.

    Args:
        data: the profile in pprof format, not compressed.
        question: which function.

    Raises:
        RpcError: ``internal`` when it is no profile, ``resource_exhausted`` when one function fills it.
    """
    reader = Reader(data)
    tables = read(reader, question)
    index = sample_index(tables.sample_types, tables.default_type, question.profile_type)
    sums = [_Sum() for _ in tables.uses]
    samples = _count(reader, tables, index, sums, question.call_path)
    if sum(len(each.lines) for each in sums) > MOST_LINES:
        raise RpcError(
            Code.RESOURCE_EXHAUSTED, f"The profile has more than {MOST_LINES} lines of this function."
        )
    uses = [
        FunctionUse(
            file=use.file,
            start_line=use.start_line,
            version=use.version,
            value=_value(each.own, each.total),
            lines={line: _value(*values) for line, values in sorted(each.lines.items())},
        )
        for use, each in zip(tables.uses, sums, strict=True)
        if each.lines
    ]
    # The rest of the key is for the same order every time.
    uses.sort(key=lambda use: (-use.value.total, use.version, use.file))
    unit = tables.sample_types[index][1] if tables.sample_types else ""
    return Joined(tuple(uses), unit or _unit_in(question.profile_type), samples, tables.cut)


def sample_index(types: Sequence[tuple[str, str]], default_type: str, profile_type: str) -> int:
    """Which of a sample's values belongs to a profile type, ``name:type:unit:period_type:period_unit``.

    The one of that type and unit, else of that type, else the default, else the last, as pprof has it.
    """
    parts = profile_type.split(":")
    kind, unit = (parts[1], parts[2]) if len(parts) >= _NAME_TYPE_UNIT else ("", "")
    if (kind, unit) in types:
        return types.index((kind, unit))
    names = [name for name, _ in types]
    for name in (kind, default_type):
        if name and name in names:
            return names.index(name)
    return max(len(types) - 1, 0)


def _count(reader: Reader, tables: Tables, index: int, sums: list[_Sum], call_path: tuple[str, ...]) -> int:
    """Add up all samples; how many there are."""
    spots = tables.spots
    locations = spots.keys()
    samples = 0
    for part in reader.samples():
        samples += len(part.sample)
        for sample in part.sample:
            if locations.isdisjoint(sample.location_id) or index >= len(sample.value):
                continue
            value, stack = sample.value[index], sample.location_id
            if value and (not call_path or _begins(tables, stack, call_path)):
                _add(sums, spots, stack, value)
    return samples


def _add(sums: list[_Sum], spots: dict[int, tuple[Spot, ...]], stack: Sequence[int], value: int) -> None:
    seen: set[tuple[int, int]] = set()
    for depth, location in enumerate(stack):
        for use, number, innermost in spots.get(location, ()):
            one = sums[use]
            line = one.lines.setdefault(number, [0, 0])
            if innermost and not depth:
                line[0] += value
                one.own += value
            if (use, number) not in seen:
                seen.add((use, number))
                line[1] += value
    for use in {use for use, _ in seen}:
        sums[use].total += value


def _begins(tables: Tables, stack: Sequence[int], call_path: tuple[str, ...]) -> bool:
    """Whether a stack begins with these functions, outermost first; Pyroscope's ``call_site`` says so too."""
    at = 0
    for location in reversed(stack):
        if location in tables.nameless:
            continue
        for name in tables.frames.get(location, (None,)):
            if name != call_path[at]:
                return False
            at += 1
            if at == len(call_path):
                return True
    return False


def _value(own: int, total: int) -> Value:
    return Value(_fitting(own), _fitting(total))


def _fitting(value: int) -> int:
    """The nearest value that an answer can hold."""
    return max(_SMALLEST, min(_LARGEST, value))


def _unit_in(profile_type: str) -> str:
    parts = profile_type.split(":")
    return parts[2] if len(parts) >= _NAME_TYPE_UNIT else ""
