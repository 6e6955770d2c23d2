"""What is wrong with a document before anything is looked up; in GitHub's words and codes.

GitHub answers such a document with errors and without data, status 200. It is stricter than many
servers: a variable or fragment that is not used is an error too.
https://spec.graphql.org/October2021/#sec-Validation
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.demo.github.graphql.schema import ArgumentType, FieldType, Schema, fits, is_required, named
from proxy.demo.github.graphql.syntax import (
    Directive,
    Document,
    Field,
    Fragment,
    GraphQLError,
    Inline,
    Literal,
    Location,
    Operation,
    Selection,
    Spread,
    Value,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from proxy.demo.github.graphql.syntax import Argument

_CONDITIONS = ("include", "skip")
_TYPENAME = "__typename"
_Seen = dict[str, list[tuple[frozenset[str], Field]]]


def faults(schema: Schema, document: Document, operation: Operation) -> list[GraphQLError]:
    """Every fault of the operation that is to run, and of the fragments of its document."""
    checking = _Checking(schema, document, operation)
    return list(checking.all())


@dataclass(frozen=True, slots=True)
class _Where:
    """The way to some selections, the fields seen beside them, and the fragments around them."""

    path: tuple[str, ...]
    seen: _Seen
    inside: tuple[str, ...]

    def below(self, name: str, seen: _Seen | None = None) -> _Where:
        return _Where((*self.path, name), {} if seen is None else seen, self.inside)


class _Checking:
    def __init__(self, schema: Schema, document: Document, operation: Operation) -> None:
        self._schema = schema
        self._document = document
        self._operation = operation
        self._declared = {variable.name: variable for variable in operation.variables}
        self._used_variables: set[str] = set()
        self._used_fragments: set[str] = set()

    def all(self) -> Iterator[GraphQLError]:
        root = self._operation
        title = f"{root.kind} {root.name}".strip()
        yield from self._selections(root.selections, self._schema.query, _Where((title,), {}, ()))
        label = root.name or f"anonymous {root.kind}"
        for variable in root.variables:
            if variable.name not in self._used_variables:
                message = f"Variable ${variable.name} is declared by {label} but not used"
                yield _fault(
                    message, variable.location, "variableNotUsed", (title,), variableName=variable.name
                )
        if len(self._document.operations) > 1:
            return  # Another operation may use what this one does not.
        for fragment in self._document.fragments.values():
            if fragment.name not in self._used_fragments:
                message = f"Fragment {fragment.name} was defined, but not used"
                path = (f"fragment {fragment.name}",)
                yield _fault(
                    message, fragment.location, "useAndDefineFragment", path, fragmentName=fragment.name
                )

    def _selections(
        self, selections: tuple[Selection, ...], type_name: str, where: _Where
    ) -> Iterator[GraphQLError]:
        for selection in selections:
            yield from self._directives(selection.directives, where.path)
            if isinstance(selection, Field):
                yield from self._conflicts(selection, type_name, where)
                yield from self._field(selection, type_name, where.below(selection.response_name))
            elif isinstance(selection, Inline):
                inner = where.below(f"... on {selection.on or type_name}", where.seen)
                yield from self._fragment(selection, selection.location, type_name, inner)
            else:
                yield from self._spread(selection, type_name, where)

    def _spread(self, spread: Spread, type_name: str, where: _Where) -> Iterator[GraphQLError]:
        name = spread.name
        fragment = self._document.fragments.get(name)
        self._used_fragments.add(name)
        if fragment is None:
            message = f"Fragment {name} was used, but not defined"
            yield _fault(message, spread.location, "useAndDefineFragment", where.path, fragmentName=name)
        elif name in where.inside:
            message = f"Fragment {name} contains an infinite loop"
            yield _fault(message, spread.location, "infiniteLoop", where.path, fragmentName=name)
        else:
            inner = _Where((f"fragment {name}",), where.seen, (*where.inside, name))
            yield from self._fragment(fragment, spread.location, type_name, inner)

    def _fragment(
        self, fragment: Inline | Fragment, location: Location, type_name: str, where: _Where
    ) -> Iterator[GraphQLError]:
        on = fragment.on or type_name
        possible = self._schema.possible(on)
        if not possible:
            message = f"No such type {on}, so it can't be a fragment condition"
            yield _fault(message, location, "undefinedType", where.path)
        elif not possible & self._schema.possible(type_name):
            message = f"Fragment on {on} can't be spread inside {type_name}"
            yield _fault(message, location, "cannotSpreadFragment", where.path)
        else:
            yield from self._selections(fragment.selections, on, where)

    def _field(self, asked: Field, type_name: str, where: _Where) -> Iterator[GraphQLError]:
        path = where.path
        if asked.name == _TYPENAME:
            return
        known = self._schema.fields(type_name).get(asked.name)
        if known is None:
            message = f"Field '{asked.name}' doesn't exist on type '{type_name}'"
            details = {"typeName": type_name, "fieldName": asked.name}
            yield _fault(message, asked.location, "undefinedField", path, **details)
            return
        yield from self._arguments(asked, known, path)
        gives = named(known.type)
        if not self._schema.possible(gives):
            if asked.selections:
                message = f"Selections can't be made on scalars (field '{asked.name}' returns {gives})"
                yield _fault(message, asked.location, "selectionMismatch", path)
        elif asked.selections:
            yield from self._selections(asked.selections, gives, where)
        else:
            message = (
                f"Field must have selections (field '{asked.name}' returns {gives} but has no selections)"
            )
            yield _fault(message, asked.location, "selectionMismatch", path)

    def _arguments(self, asked: Field, known: FieldType, path: tuple[str, ...]) -> Iterator[GraphQLError]:
        owner = f"Field '{asked.name}'"
        given = {argument.name for argument in asked.arguments}
        missing = [
            name
            for name, argument in known.arguments.items()
            if is_required(argument.type) and name not in given
        ]
        if missing:
            message = f"{owner} is missing required arguments: {', '.join(missing)}"
            yield _fault(message, asked.location, "missingRequiredArguments", path)
        yield from self._given(owner, asked.arguments, known.arguments, path)

    def _given(
        self,
        owner: str,
        arguments: tuple[Argument, ...],
        known: Mapping[str, ArgumentType],
        path: tuple[str, ...],
    ) -> Iterator[GraphQLError]:
        for argument in arguments:
            wanted = known.get(argument.name)
            inner = (*path, argument.name)
            if wanted is None:
                message = f"{owner} doesn't accept argument '{argument.name}'"
                yield _fault(message, argument.location, "argumentNotAccepted", inner)
            elif isinstance(argument.value, Variable):
                yield from self._variable(argument, argument.value, wanted, inner)
            elif not _literal_fits(argument.value, wanted.type):
                message = (
                    f"Argument '{argument.name}' on {owner} has an invalid value. Expected {wanted.type}."
                )
                yield _fault(message, argument.location, "argumentLiteralsIncompatible", inner)

    def _variable(
        self, argument: Argument, variable: Variable, wanted: ArgumentType, path: tuple[str, ...]
    ) -> Iterator[GraphQLError]:
        self._used_variables.add(variable.name)
        declared = self._declared.get(variable.name)
        if declared is None:
            message = f"Variable ${variable.name} is used by {self._operation.kind} but not declared"
            yield _fault(message, argument.location, "variableNotDefined", path, variableName=variable.name)
            return
        types = f"${variable.name} and argument {argument.name} ({declared.type} / {wanted.type})"
        if named(declared.type) != named(wanted.type):
            yield _fault(f"Type mismatch on variable {types}", argument.location, "variableMismatch", path)
        elif is_required(wanted.type) and not is_required(declared.type) and declared.default is None:
            yield _fault(
                f"Nullability mismatch on variable {types}", argument.location, "variableMismatch", path
            )

    def _directives(self, directives: tuple[Directive, ...], path: tuple[str, ...]) -> Iterator[GraphQLError]:
        for directive in directives:
            if directive.name not in _CONDITIONS:
                message = f"Directive @{directive.name} is not defined"
                yield _fault(message, directive.location, "undefinedDirective", path)
            elif [argument.name for argument in directive.arguments] != ["if"]:
                message = f"Directive '{directive.name}' is missing required arguments: if"
                yield _fault(message, directive.location, "missingRequiredArguments", path)
            else:
                owner = f"Directive '{directive.name}'"
                yield from self._given(owner, directive.arguments, {"if": ArgumentType("Boolean!")}, path)

    def _conflicts(self, asked: Field, type_name: str, where: _Where) -> Iterator[GraphQLError]:
        possible = self._schema.possible(type_name)
        others = where.seen.setdefault(asked.response_name, [])
        for types, other in others:
            if types & possible and not _same(asked, other):
                message = f"Field '{asked.response_name}' has a field conflict: {other.name} or {asked.name}?"
                if asked.name == other.name:
                    message = f"Field '{asked.response_name}' has an argument conflict"
                yield _fault(
                    message, asked.location, "fieldConflict", where.path, fieldName=asked.response_name
                )
                break
        others.append((possible, asked))


def _same(one: Field, other: Field) -> bool:
    arguments = ({argument.name: argument.value for argument in field.arguments} for field in (one, other))
    return one.name == other.name and next(arguments) == next(arguments)


def _literal_fits(value: Value, written: str) -> bool:
    if not isinstance(value, Literal) or value.kind in {"List", "Object", "Enum"}:
        return False
    return fits(value.value, written)


def _fault(
    message: str, location: Location, code: str, path: tuple[str, ...], **details: str
) -> GraphQLError:
    return GraphQLError(message, location, code, details=dict(details), path=path)
