"""Our reader of GraphQL against graphql-core's: the same documents, refusals and values."""

from __future__ import annotations

import re
from typing import Any

import graphql
import pytest
from graphql.language import ast
from hypothesis import assume, given
from hypothesis import strategies as st

from proxy.demo.github.graphql import syntax
from proxy.demo.github.graphql.lexer import block_string
from proxy.demo.github.graphql.parser import parse

_DOCUMENTS = [
    "{a}",
    "query{a}",
    "query Q{a b:c d(e:1)}",
    "query Q($a: String!, $b: [Int!]! = [1, 2], $c: Boolean = true) { x(a: $a, b: $b, c: $c) }",
    "{ a { ... on Blob { oid } ... { b } ...F } } fragment F on Tree { c }",
    "{ a @include(if: true) @skip(if: $no) {b} ...F @x ... on T @y(z: null) {c} } fragment F on T @w {d}",
    '# first\n{ # second\n a(x: "a\\"b\\\\c\\/d\\b\\f\\n\\r\\t\\u00e9 # no comment"),,, b }\ufeff',
    '{ a(x: """\n    block\n      string\n  """, y: """one \\""" two""") }',
    "{ a(i: -1, f: -1.5e10, g: 1E-3, z: 0, e: ENUM, n: null, t: true, l: [1, [2]], o: {a: 1, b: {c: $v}}) }",
    "mutation M { a } subscription S { b } query Q { c }",
    "{ query mutation fragment on true null a: type }",
    "query query { fragment(on: on) { on } }",
    '{ a(x: "\\ud83d\\ude00 \\u{1F600} 😀") }',
    "{ a(x: []) b(y: {}) }",
    '{\r\n  a\r  b\n\tc(x: "") }',
]
_NO_DOCUMENTS = [
    "",
    "   # only a comment",
    "{",
    "}",
    "{a",
    "{a}}",
    "a",
    "query",
    "query Q",
    "query Q($a) {b}",
    "query Q($a: ) {b}",
    "query Q($: Int) {b}",
    "query Q() {b}",
    "{a()}",
    "{a(b)}",
    "{a(b:)}",
    "{a(b: $)}",
    "{a: }",
    '{a(b: "x)}',
    '{a(b: "\n")}',
    '{a(b: "\\q")}',
    '{a(b: "\\u12")}',
    '{a(b: """x)}',
    "{a(b: 01)}",
    "{a(b: 1.)}",
    "{a(b: 1x)}",
    "{a(b: -)}",
    "{a(b: [1)}",
    "{a(b: {c})}",
    "{... on}",
    "{...}",
    "{.. a}",
    "fragment on on T {a}",
    "fragment F T {a}",
    "fragment F on {a}",
    "{a @}",
    "{a ? b}",
    "{ä}",
    "query Q($a: Int = $b) {c}",
]


def _value(node: ast.ValueNode) -> syntax.Value:
    match node:
        case ast.VariableNode():
            return syntax.Variable(node.name.value)
        case ast.IntValueNode():
            return syntax.Literal("Int", int(node.value))
        case ast.FloatValueNode():
            return syntax.Literal("Float", float(node.value))
        case ast.ListValueNode():
            return syntax.Literal("List", [_value(item) for item in node.values])
        case ast.ObjectValueNode():
            return syntax.Literal("Object", {field.name.value: _value(field.value) for field in node.fields})
        case ast.NullValueNode():
            return syntax.Literal("Null", None)
        case ast.StringValueNode() | ast.BooleanValueNode() | ast.EnumValueNode():
            return syntax.Literal(type(node).__name__.removesuffix("ValueNode"), node.value)
    raise AssertionError(node)


def _location(node: ast.Node) -> syntax.Location:
    assert node.loc is not None
    return syntax.Location(node.loc.start_token.line, node.loc.start_token.column)


def _arguments(nodes: Any) -> tuple[syntax.Argument, ...]:
    return tuple(syntax.Argument(n.name.value, _value(n.value), _location(n)) for n in nodes or ())


def _directives(nodes: Any) -> tuple[syntax.Directive, ...]:
    return tuple(syntax.Directive(n.name.value, _arguments(n.arguments), _location(n)) for n in nodes or ())


def _selections(node: Any) -> tuple[syntax.Selection, ...]:
    return tuple(_selection(selection) for selection in node.selections) if node else ()


def _selection(node: ast.SelectionNode) -> syntax.Selection:
    directives = _directives(node.directives)
    if isinstance(node, ast.FieldNode):
        alias = node.alias.value if node.alias else ""
        inner = _selections(node.selection_set)
        return syntax.Field(
            alias, node.name.value, _arguments(node.arguments), directives, inner, _location(node)
        )
    if isinstance(node, ast.FragmentSpreadNode):
        return syntax.Spread(node.name.value, directives, _location(node))
    assert isinstance(node, ast.InlineFragmentNode)
    on = node.type_condition.name.value if node.type_condition else ""
    return syntax.Inline(on, directives, _selections(node.selection_set), _location(node))


def _document(source: str) -> syntax.Document:
    """What graphql-core reads, in our words."""
    operations, fragments = [], {}
    for node in graphql.parse(source).definitions:
        if isinstance(node, ast.FragmentDefinitionNode):
            name, on = node.name.value, node.type_condition.name.value
            fragments[name] = syntax.Fragment(
                name, on, _directives(node.directives), _selections(node.selection_set), _location(node)
            )
            continue
        assert isinstance(node, ast.OperationDefinitionNode)
        variables = tuple(
            syntax.VariableDefinition(
                variable.variable.name.value,
                graphql.print_ast(variable.type),
                _value(variable.default_value) if variable.default_value else None,
                _location(variable),
            )
            for variable in node.variable_definitions or ()
        )
        operations.append(
            syntax.Operation(
                node.operation.value,
                node.name.value if node.name else "",
                variables,
                _directives(node.directives),
                _selections(node.selection_set),
                _location(node),
            )
        )
    return syntax.Document(tuple(operations), fragments)


@pytest.mark.parametrize("source", _DOCUMENTS)
def test_document_is_what_graphql_core_reads(source: str) -> None:
    assert parse(source) == _document(source)


@pytest.mark.parametrize("source", _NO_DOCUMENTS)
def test_no_document(source: str) -> None:
    with pytest.raises(graphql.GraphQLSyntaxError):
        graphql.parse(source)
    with pytest.raises(syntax.GraphQLError) as error:
        parse(source)
    assert error.value.location is not None
    assert error.value.as_json()["message"]


def test_empty_selection_is_refused() -> None:
    with pytest.raises(syntax.GraphQLError):
        parse("{}")


def _quoted(text: str) -> str:
    return (
        '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'
    )


def _same_or_both_refused(source: str) -> None:
    # An empty selection is no GraphQL, but some versions of graphql-core let it pass.
    assume(not re.search(r"\{[\s,]*\}", source))
    try:
        expected: syntax.Document | None = _document(source)
    except graphql.GraphQLSyntaxError:
        expected = None
    try:
        found: syntax.Document | None = parse(source)
    except syntax.GraphQLError:
        found = None
    assert found == expected


@given(
    st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]) | st.sampled_from('\n\r"\\'))
)
def test_any_string(text: str) -> None:
    _same_or_both_refused(f"{{a(b: {_quoted(text)})}}")


@given(st.text(alphabet=' \t\n\rab"\\é', max_size=30))
def test_any_block_string(text: str) -> None:
    _same_or_both_refused(f'{{a(b: """{text}""")}}')


@given(
    st.lists(
        st.sampled_from(
            [
                "{",
                "}",
                "(",
                ")",
                "a",
                "b",
                ":",
                "$",
                "...",
                " on ",
                "query ",
                "fragment ",
                "@",
                "1",
                "-2.5",
                '"s"',
                "[",
                "]",
                "=",
                "!",
                "\n",
            ]
        ),
        max_size=25,
    )
)
def test_any_tokens(parts: list[str]) -> None:
    _same_or_both_refused("".join(parts))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except syntax.GraphQLError as error:
        assert error.message  # noqa: PT017 - both ways are right, a traceback is not


def test_depth_is_bounded() -> None:
    for source in ("{a" * 500, "{a(b:" + "[" * 500, "query Q($a: " + "[" * 500):
        with pytest.raises(syntax.GraphQLError, match="too deeply"):
            parse(source)


def test_block_string_without_text() -> None:
    assert block_string("\n  \n") == ""
