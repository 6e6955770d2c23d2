from __future__ import annotations

import enum
import sys
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from proxy.cache.sizes import size_of


class Colour(enum.Enum):
    RED = "a value that is long enough to be noticed if it were counted"


class Pair(NamedTuple):
    left: bytes
    right: bytes


@dataclass(frozen=True)
class Open:
    content: bytes


@dataclass(frozen=True, slots=True)
class Slotted:
    content: bytes


@dataclass(frozen=True, slots=True)
class Longer(Slotted):
    more: bytes


class OneSlot:
    __slots__ = "content"  # noqa: PLC0205 - the form that is easily forgotten

    def __init__(self, content: bytes) -> None:
        self.content = content


class Listing(list[bytes]):
    def __init__(self, extra: bytes) -> None:
        super().__init__()
        self.extra = extra


BIG = b"x" * 10_000
OTHER = b"y" * 10_000


@pytest.mark.parametrize(
    "value", ["", "ascii", "ü" * 99, "\U0001f600" * 99, b"", BIG, bytearray(b"abc"), 0, 2**4000, 1.5, 2j]
)
def test_plain_values_count_what_the_interpreter_says(value: object) -> None:
    assert size_of(value) == sys.getsizeof(value)


@pytest.mark.parametrize("value", [None, True, False, ..., Colour.RED, Colour, size_of, len, sys])
def test_what_lives_as_long_as_the_program_counts_nothing(value: object) -> None:
    assert size_of(value) == 0


@pytest.mark.parametrize(
    "value",
    [
        (BIG,),
        [BIG],
        {BIG},
        frozenset({BIG}),
        {"a": BIG},
        {BIG: "a"},
        [[[({"a": [BIG]},)]]],
        Open(BIG),
        Slotted(BIG),
        OneSlot(BIG),
        Listing(BIG),
        memoryview(BIG),
    ],
)
def test_what_is_held_is_counted(value: object) -> None:
    assert sys.getsizeof(BIG) < size_of(value) < sys.getsizeof(BIG) + 2000


@pytest.mark.parametrize("value", [Pair(BIG, OTHER), Longer(BIG, OTHER), (BIG, OTHER)])
def test_all_parts_are_counted(value: object) -> None:
    assert size_of(value) == sys.getsizeof(value) + 2 * sys.getsizeof(BIG)


def test_what_is_shared_within_a_value_counts_once() -> None:
    assert size_of((BIG, BIG, [BIG])) < 2 * sys.getsizeof(BIG)


def test_a_value_that_holds_itself_ends() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert size_of(loop) == sys.getsizeof(loop)


def test_a_value_nested_deeper_than_the_stack_ends() -> None:
    deep: tuple[object, ...] = ()
    for _ in range(sys.getrecursionlimit() * 10):
        deep = (deep,)
    assert size_of(deep) > sys.getrecursionlimit() * 10 * sys.getsizeof(())


def test_an_unset_slot_counts_nothing() -> None:
    assert size_of(OneSlot.__new__(OneSlot)) == sys.getsizeof(OneSlot.__new__(OneSlot))
