"""From tokens to a document: https://spec.graphql.org/October2021/#sec-Document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.demo.github.graphql.lexer import Token, tokens
from proxy.demo.github.graphql.syntax import (
    Argument,
    Directive,
    Document,
    Field,
    Fragment,
    GraphQLError,
    Inline,
    Literal,
    Operation,
    Selection,
    Spread,
    Value,
    Variable,
    VariableDefinition,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEYWORDS = {
    "true": Literal("Boolean", True),
    "false": Literal("Boolean", False),
    "null": Literal("Null", None),
}
_OPERATIONS = ("query", "mutation", "subscription")
_MAX_DEPTH = 100


def parse(source: str) -> Document:
    """Read a document.

    Raises:
        GraphQLError: it is no GraphQL.
    """
    return _Parser(tokens(source)).document()


class _Parser:
    def __init__(self, source: Iterator[Token]) -> None:
        self._source = source
        self._token = next(source)
        self._depth = 0

    def document(self) -> Document:
        operations: list[Operation] = []
        fragments: dict[str, Fragment] = {}
        while self._token.kind != "End":
            if self._is("fragment"):
                fragment = self._fragment()
                fragments[fragment.name] = fragment
            else:
                operations.append(self._operation())
        if not operations and not fragments:
            raise self._unexpected()
        return Document(tuple(operations), fragments)

    def _operation(self) -> Operation:
        location = self._token.location
        if self._is("{"):
            return Operation("query", "", (), (), self._selections(), location)
        if self._token.kind != "Name" or self._token.text not in _OPERATIONS:
            raise self._unexpected()
        kind = self._name()
        name = self._name() if self._token.kind == "Name" else ""
        variables = tuple(self._variable_definitions())
        return Operation(kind, name, variables, self._directives(), self._selections(), location)

    def _fragment(self) -> Fragment:
        location = self._token.location
        self._expect("fragment")
        if self._is("on"):
            raise self._unexpected()
        name = self._name()
        self._expect("on")
        return Fragment(name, self._name(), self._directives(), self._selections(), location)

    def _variable_definitions(self) -> Iterator[VariableDefinition]:
        if not self._skip("("):
            return
        while True:
            location = self._token.location
            self._expect("$")
            name = self._name()
            self._expect(":")
            written = self._type()
            default = self._value(constant=True) if self._skip("=") else None
            self._directives()
            yield VariableDefinition(name, written, default, location)
            if self._skip(")"):
                return

    def _type(self) -> str:
        self._enter()
        if self._skip("["):
            written = f"[{self._type()}]"
            self._expect("]")
        else:
            written = self._name()
        self._depth -= 1
        return written + "!" if self._skip("!") else written

    def _selections(self) -> tuple[Selection, ...]:
        self._enter()
        self._expect("{")
        found = [self._selection()]
        while not self._skip("}"):
            found.append(self._selection())
        self._depth -= 1
        return tuple(found)

    def _selection(self) -> Selection:
        location = self._token.location
        if not self._skip("..."):
            return self._field()
        if self._token.kind == "Name" and self._token.text != "on":
            return Spread(self._name(), self._directives(), location)
        on = self._name() if self._skip("on") else ""
        return Inline(on, self._directives(), self._selections(), location)

    def _field(self) -> Field:
        location = self._token.location
        name, alias = self._name(), ""
        if self._skip(":"):
            alias, name = name, self._name()
        arguments = self._arguments()
        directives = self._directives()
        selections = self._selections() if self._is("{") else ()
        return Field(alias, name, arguments, directives, selections, location)

    def _arguments(self, *, constant: bool = False) -> tuple[Argument, ...]:
        if not self._skip("("):
            return ()
        found = []
        while True:
            location = self._token.location
            name = self._name()
            self._expect(":")
            found.append(Argument(name, self._value(constant=constant), location))
            if self._skip(")"):
                return tuple(found)

    def _directives(self) -> tuple[Directive, ...]:
        found = []
        while self._is("@"):
            location = self._token.location
            self._expect("@")
            found.append(Directive(self._name(), self._arguments(), location))
        return tuple(found)

    def _value(self, *, constant: bool) -> Value:
        token = self._token
        if token.kind in {"Int", "Float"}:
            self._advance()
            return Literal(token.kind, int(token.text) if token.kind == "Int" else float(token.text))
        if token.kind == "String":
            self._advance()
            return Literal("String", token.text)
        if token.kind == "Name":
            self._advance()
            return _KEYWORDS.get(token.text, Literal("Enum", token.text))
        if not constant and self._skip("$"):
            return Variable(self._name())
        return self._collection(constant=constant)

    def _collection(self, *, constant: bool) -> Value:
        self._enter()
        if self._skip("["):
            items = []
            while not self._skip("]"):
                items.append(self._value(constant=constant))
            value = Literal("List", items)
        else:
            self._expect("{")
            members = {}
            while not self._skip("}"):
                name = self._name()
                self._expect(":")
                members[name] = self._value(constant=constant)
            value = Literal("Object", members)
        self._depth -= 1
        return value

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise GraphQLError("The document is nested too deeply", self._token.location)

    def _name(self) -> str:
        if self._token.kind != "Name":
            raise self._unexpected()
        text = self._token.text
        self._advance()
        return text

    def _is(self, text: str) -> bool:
        return self._token.text == text and self._token.kind in {"Punctuator", "Name"}

    def _skip(self, text: str) -> bool:
        found = self._is(text)
        if found:
            self._advance()
        return found

    def _expect(self, text: str) -> None:
        if not self._skip(text):
            raise self._unexpected()

    def _advance(self) -> None:
        self._token = next(self._source)

    def _unexpected(self) -> GraphQLError:
        token = self._token
        if token.kind == "End":
            return GraphQLError("Unexpected end of document", token.location)
        place = f"[{token.location.line}, {token.location.column}]"
        return GraphQLError(
            f'Parse error on "{token.text}" ({token.kind.upper()}) at {place}', token.location
        )
