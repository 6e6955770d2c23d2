"""Runs an operation against a schema: https://spec.graphql.org/October2021/#sec-Execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proxy.demo.github.graphql.parser import parse
from proxy.demo.github.graphql.schema import FieldError, Schema, fits, is_required, named
from proxy.demo.github.graphql.syntax import (
    Document,
    Field,
    GraphQLError,
    Inline,
    Literal,
    Operation,
    Selection,
    Spread,
    Value,
    Variable,
)
from proxy.demo.github.graphql.validate import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from proxy.demo.github.graphql.schema import FieldType

_MAX_FAULTS = 100


def execute(
    schema: Schema, source: str, variables: Mapping[str, Any], operation_name: str | None, root: Any
) -> dict[str, Any]:
    """The answer to a document: ``data`` and, where something failed, ``errors``; never raises.

    Args:
        schema: what may be asked.
        source: the document.
        variables: their JSON values.
        operation_name: which operation of the document; may be ``None`` when there is one only.
        root: the object of the query type.
    """
    try:
        document = parse(source)
        operation = _operation(document, operation_name)
        wrong = faults(schema, document, operation)
        if not wrong:
            running = _Running(schema, document, _variables(operation, variables))
            data = running.object(root, schema.query, operation.selections, ())
            return {"data": data} | ({"errors": running.errors} if running.errors else {})
    except GraphQLError as error:
        wrong = [error]
    return {"errors": [error.as_json() for error in wrong[:_MAX_FAULTS]]}


class _Running:
    def __init__(self, schema: Schema, document: Document, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._document = document
        self._variables = variables
        self.errors: list[dict[str, Any]] = []

    def object(
        self, value: Any, type_name: str, selections: tuple[Selection, ...], path: tuple[str | int, ...]
    ) -> dict[str, Any]:
        merged: dict[str, list[Field]] = {}
        for asked in self._fields(selections, type_name):
            merged.setdefault(asked.response_name, []).append(asked)
        return {name: self._field(value, type_name, fields, (*path, name)) for name, fields in merged.items()}

    def _fields(self, selections: tuple[Selection, ...], type_name: str) -> Iterator[Field]:
        for selection in selections:
            if not self._included(selection):
                continue
            if isinstance(selection, Field):
                yield selection
                continue
            inner: Inline | Any = selection
            if isinstance(selection, Spread):
                inner = self._document.fragments[selection.name]
            if not inner.on or type_name in self._schema.possible(inner.on):
                yield from self._fields(inner.selections, type_name)

    def _included(self, selection: Selection) -> bool:
        for directive in selection.directives:
            condition = self._value(directive.arguments[0].value)
            if condition is (directive.name == "skip"):
                return False
        return True

    def _field(self, value: Any, type_name: str, fields: list[Field], path: tuple[str | int, ...]) -> Any:
        asked = fields[0]
        if asked.name == "__typename":
            return type_name
        known = self._schema.fields(type_name)[asked.name]
        try:
            found = known.resolve(value, self._arguments(asked, known))
        except FieldError as error:
            self.errors.append(_error(error, asked, path))
            return None
        selections = tuple(selection for field in fields for selection in field.selections)
        return self._complete(found, selections, path)

    def _complete(self, found: Any, selections: tuple[Selection, ...], path: tuple[str | int, ...]) -> Any:
        if found is None or not selections:
            return found
        if isinstance(found, list):
            return [self._complete(item, selections, (*path, index)) for index, item in enumerate(found)]
        return self.object(found, self._schema.type_of(found), selections, path)

    def _arguments(self, asked: Field, known: FieldType) -> dict[str, Any]:
        given = {argument.name: argument.value for argument in asked.arguments}
        arguments = {}
        for name, argument in known.arguments.items():
            value = given.get(name)
            absent = value is None or (isinstance(value, Variable) and value.name not in self._variables)
            arguments[name] = argument.default if absent or value is None else self._value(value)
        return arguments

    def _value(self, value: Value) -> Any:
        return self._variables.get(value.name) if isinstance(value, Variable) else value.value


def _operation(document: Document, name: str | None) -> Operation:
    operations = {operation.name: operation for operation in document.operations}
    if name:
        if name not in operations:
            raise GraphQLError(f'No operation named "{name}"')
        operation = operations[name]
    elif len(document.operations) == 1:
        operation = document.operations[0]
    else:
        raise GraphQLError("An operation name is required")
    if operation.kind != "query":
        raise GraphQLError(f"This server has no {operation.kind}s", operation.location)
    return operation


def _variables(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable in operation.variables:
        if variable.name in given:
            values[variable.name] = given[variable.name]
        elif isinstance(variable.default, Literal):
            values[variable.name] = variable.default.value
        elif not is_required(variable.type):
            continue
        if not fits(values.get(variable.name), variable.type):
            explanation = f"Expected a value of type {named(variable.type)}"
            details = {
                "value": values.get(variable.name),
                "problems": [{"path": [], "explanation": explanation}],
            }
            message = f"Variable ${variable.name} of type {variable.type} was provided invalid value"
            raise GraphQLError(message, variable.location, "INVALID_VARIABLE", details=details)
    return values


def _error(error: FieldError, asked: Field, path: tuple[str | int, ...]) -> dict[str, Any]:
    members: dict[str, Any] = {"type": error.kind, "path": list(path)}
    if error.extensions:
        members["extensions"] = error.extensions
    return {**members, "locations": [asked.location.as_json()], "message": error.message}
