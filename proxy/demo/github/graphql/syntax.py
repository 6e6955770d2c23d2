"""What a GraphQL document is made of, as values.

https://spec.graphql.org/October2021/#sec-Language
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands in the document; both count from 1."""

    line: int
    column: int

    def as_json(self) -> dict[str, int]:
        """As it stands in an error."""
        return {"line": self.line, "column": self.column}


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name`` where a value is expected."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A written value; ``kind`` is Int, Float, String, Boolean, Null, Enum, List or Object.

    Lists hold values (literals or variables), objects map names to them.
    """

    kind: str
    value: Any


Value = Variable | Literal


@dataclass(frozen=True, slots=True)
class Argument:
    """``name: value``."""

    name: str
    value: Value
    location: Location


@dataclass(frozen=True, slots=True)
class Directive:
    """``@name(arguments)``."""

    name: str
    arguments: tuple[Argument, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is asked for; ``alias`` is empty without one."""

    alias: str
    name: str
    arguments: tuple[Argument, ...]
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    location: Location

    @property
    def response_name(self) -> str:
        """Its name in the answer."""
        return self.alias or self.name


@dataclass(frozen=True, slots=True)
class Spread:
    """``...name``: the selections of a named fragment."""

    name: str
    directives: tuple[Directive, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Inline:
    """``... on Type { … }``; ``on`` is empty without a type."""

    on: str
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    location: Location


Selection = Field | Spread | Inline


@dataclass(frozen=True, slots=True)
class VariableDefinition:
    """``$name: type = default``; ``type`` as it is written, without spaces."""

    name: str
    type: str
    default: Value | None
    location: Location


@dataclass(frozen=True, slots=True)
class Operation:
    """A query (or mutation, or subscription); ``name`` is empty when it has none."""

    kind: str
    name: str
    variables: tuple[VariableDefinition, ...]
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Fragment:
    """``fragment name on Type { … }``."""

    name: str
    on: str
    directives: tuple[Directive, ...]
    selections: tuple[Selection, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Document:
    """All of it; ``fragments`` by name."""

    operations: tuple[Operation, ...]
    fragments: dict[str, Fragment]


class GraphQLError(Exception):
    """A fault of the document or of what was sent with it; the whole request fails.

    Attributes:
        message: GitHub's words.
        location: where, if it has a place.
        code: ``extensions.code``, empty for syntax errors.
        details: more members of ``extensions``.
        path: the way through the document to the fault.
    """

    def __init__(
        self,
        message: str,
        location: Location | None = None,
        code: str = "",
        *,
        details: dict[str, Any] | None = None,
        path: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.code = code
        self.details = details or {}
        self.path = path

    def as_json(self) -> dict[str, Any]:
        """As it stands in an answer."""
        error: dict[str, Any] = {"message": self.message}
        if self.path:
            error["path"] = list(self.path)
        if self.code:
            error["extensions"] = {"code": self.code, **self.details}
        if self.location is not None:
            error["locations"] = [self.location.as_json()]
        return error
