"""How a schema is written down here, and what it says about types.

A type is written as in GraphQL (``String!``, ``[TreeEntry!]``). Objects find the type of a value by
its class; an interface is a set of object types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Resolver = Callable[[Any, Mapping[str, Any]], Any]
"""Gives a field's value from its object and its arguments; raises ``FieldError`` for a null with an error."""

SCALARS: Mapping[str, tuple[type, ...]] = {
    "String": (str,),
    "ID": (str, int),
    "Int": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
    "GitObjectID": (str,),
    "URI": (str,),
    "DateTime": (str,),
    "GitTimestamp": (str,),
    "RepositoryVisibility": (str,),
    "Base64String": (str,),
}


class FieldError(Exception):
    """A field could not be given: null in the data, and an error beside it.

    Attributes:
        message: GitHub's words.
        kind: the error's ``type``.
        extensions: the error's ``extensions``.
    """

    def __init__(self, message: str, kind: str, extensions: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.extensions = extensions


@dataclass(frozen=True, slots=True)
class ArgumentType:
    """What a field takes: its type as written, and what counts when it is left out."""

    type: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a field gives."""

    type: str
    resolve: Resolver
    arguments: Mapping[str, ArgumentType] = field(default_factory=dict)


Fields = Mapping[str, FieldType]


@dataclass(frozen=True, slots=True)
class Schema:
    """Types by name; ``interfaces`` name the object types behind each; ``type_of`` names a value's."""

    query: str
    objects: Mapping[str, Fields]
    interfaces: Mapping[str, tuple[frozenset[str], Fields]]
    type_of: Callable[[Any], str]

    def fields(self, type_name: str) -> Fields:
        """The fields of an object type or interface."""
        if type_name in self.interfaces:
            return self.interfaces[type_name][1]
        return self.objects[type_name]

    def possible(self, type_name: str) -> frozenset[str]:
        """The object types that a value of that type may have; empty when there is no such type."""
        if type_name in self.interfaces:
            return self.interfaces[type_name][0]
        return frozenset({type_name}) if type_name in self.objects else frozenset()


def named(written: str) -> str:
    """The name in a type as written."""
    return written.strip("[]!")


def is_list(written: str) -> bool:
    """Whether a type as written is a list."""
    return written.startswith("[")


def is_required(written: str) -> bool:
    """Whether a type as written may not be null."""
    return written.endswith("!")


def fits(value: Any, written: str) -> bool:
    """Whether a JSON value may be given where that scalar type is expected."""
    if value is None:
        return not is_required(written)
    accepted = SCALARS.get(named(written), ())
    if isinstance(value, bool):
        return bool in accepted
    return isinstance(value, accepted)
