"""How many bytes a value takes in memory, found by walking it.

Where a caller knows the size (the bytes of a file), giving it is cheaper. What is walked counts
each object once, however often it is reached. Objects that live as long as the program (``None``,
enum members, classes, functions) count nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

_SHARED = (Enum, type, FunctionType, BuiltinFunctionType, ModuleType, type(None), type(...), bool)
_LEAVES = (str, bytes, bytearray, int, float, complex)


def size_of(value: object) -> int:
    """Bytes of ``value`` and of everything that it holds.

    Args:
        value: built-in containers, dataclasses, named tuples, and objects with attributes or slots.

    Returns:
        The bytes that the interpreter uses for them, rounding by its allocator left out.
    """
    total = 0
    seen: set[int] = set()
    # A list instead of recursion: what is cached may be nested deeper than the interpreter's stack.
    waiting: list[object] = [value]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, _SHARED):
            continue
        seen.add(id(item))
        total += sys.getsizeof(item)
        if not isinstance(item, _LEAVES):
            waiting.extend(_held_by(item))
    return total


def _held_by(item: object) -> Iterable[object]:
    if isinstance(item, memoryview):
        return (item.obj,)
    if isinstance(item, Mapping):
        return (*item.keys(), *item.values(), *_attributes(item))
    if isinstance(item, (tuple, list, AbstractSet)):
        return (*item, *_attributes(item))
    return _attributes(item)


def _attributes(item: object) -> list[Any]:
    held: list[Any] = []
    attributes = getattr(item, "__dict__", None)
    if isinstance(attributes, dict):
        held.append(attributes)
    for kind in type(item).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names = (slots,) if isinstance(slots, str) else tuple(slots)
        held.extend(
            getattr(item, name) for name in names if not name.startswith("__") and hasattr(item, name)
        )
    return held
