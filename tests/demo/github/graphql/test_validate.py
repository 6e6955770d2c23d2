from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.github.conftest import Caller

_SHOP = 'repository(owner: "acme", name: "shop")'


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("{nothing}", "undefinedField", "Field 'nothing' doesn't exist on type 'Query'"),
        (f"{{{_SHOP} {{nothing}}}}", "undefinedField", "Field 'nothing' doesn't exist on type 'Repository'"),
        (
            f'{{{_SHOP} {{object(oid: "x") {{text}}}}}}',
            "undefinedField",
            "Field 'text' doesn't exist on type 'GitObject'",
        ),
        (
            f'{{{_SHOP} {{object(oid: "x") {{... on Tree {{entries {{isBinary}}}}}}}}}}',
            "undefinedField",
            "Field 'isBinary' doesn't exist on type 'TreeEntry'",
        ),
        (f"{{{_SHOP}}}", "selectionMismatch", "Field must have selections"),
        ("{viewer {login {x}}}", "selectionMismatch", "Selections can't be made on scalars"),
        ('{repository(owner: "a") {name}}', "missingRequiredArguments", "missing required arguments: name"),
        (f"{{{_SHOP[:-1]}, x: 1) {{name}}}}", "argumentNotAccepted", "doesn't accept argument 'x'"),
        ('{repository(owner: 1, name: "a") {name}}', "argumentLiteralsIncompatible", "Expected String!"),
        ('{repository(owner: null, name: "a") {name}}', "argumentLiteralsIncompatible", "Expected String!"),
        ('{repository(owner: ["a"], name: "a") {name}}', "argumentLiteralsIncompatible", "Expected String!"),
        ('{repository(owner: $o, name: "a") {name}}', "variableNotDefined", "$o is used by query but not"),
        ("query Q($o: String!) {viewer {login}}", "variableNotUsed", "$o is declared by Q but not used"),
        ("query ($o: Int) {viewer {login}}", "variableNotUsed", "declared by anonymous query but not used"),
        (
            'query ($o: String) {repository(owner: $o, name: "a") {name}}',
            "variableMismatch",
            "Nullability mismatch on variable $o and argument owner (String / String!)",
        ),
        (
            f"query ($o: String!) {{{_SHOP} {{object(oid: $o) {{oid}}}}}}",
            "variableMismatch",
            "Type mismatch on variable $o and argument oid (String! / GitObjectID)",
        ),
        ("{viewer {...F}}", "useAndDefineFragment", "Fragment F was used, but not defined"),
        ("{viewer {login}} fragment F on User {login}", "useAndDefineFragment", "was defined, but not used"),
        ("{viewer {...F}} fragment F on User {...F}", "infiniteLoop", "contains an infinite loop"),
        ("{viewer {... on Nothing {login}}}", "undefinedType", "No such type Nothing"),
        ("{viewer {... on Blob {oid}}}", "cannotSpreadFragment", "can't be spread inside User"),
        ("{viewer {login @x}}", "undefinedDirective", "Directive @x is not defined"),
        ("{viewer {login @include}}", "missingRequiredArguments", "missing required arguments: if"),
        ('{viewer {login @skip(if: "yes")}}', "argumentLiteralsIncompatible", "Expected Boolean!"),
        ("{viewer {login} viewer: rateLimit {limit}}", "fieldConflict", "viewer or rateLimit"),
        (
            '{repository(owner: "a", name: "b") {id} repository(owner: "a", name: "c") {id}}',
            "fieldConflict",
            "argument conflict",
        ),
    ],
)
async def test_fault(ada: Caller, query: str, code: str, message: str) -> None:
    body = await ada.graphql(query)
    assert set(body) == {"errors"}
    error = body["errors"][0]
    assert error["extensions"]["code"] == code
    assert message in error["message"]
    assert error["locations"][0]["line"] == 1
    assert error["path"]


async def test_every_fault_at_once(ada: Caller) -> None:
    body = await ada.graphql("query Q($x: Int) {\n  a\n  viewer { b }\n}")
    assert [error["locations"][0] for error in body["errors"]] == [
        {"line": 2, "column": 3},
        {"line": 3, "column": 12},
        {"line": 1, "column": 9},
    ]
    assert body["errors"][1]["path"] == ["query Q", "viewer", "b"]
    assert body["errors"][1]["extensions"] == {
        "code": "undefinedField",
        "typeName": "User",
        "fieldName": "b",
    }


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        ("String!", {}),
        ("String!", {"o": None}),
        ("String!", {"o": 1}),
        ("String!", {"o": ["acme"]}),
        ("String!", {"o": True}),
        ("String! = null", {}),
    ],
)
async def test_variable_of_the_wrong_value(ada: Caller, declared: str, given: dict[str, Any]) -> None:
    body = await ada.graphql(
        f'query ($o: {declared}) {{repository(owner: $o, name: "shop") {{name}}}}', **given
    )
    assert set(body) == {"errors"}
    assert body["errors"][0]["message"].startswith("Variable $o of type String! was provided invalid value")


@pytest.mark.parametrize(
    "query",
    ["{", "", "}", "{a(}", "mutation {a}", "query A {a} query B {b}", "fragment F on User {login}"],
)
async def test_what_cannot_run(ada: Caller, query: str) -> None:
    body = await ada.graphql(query)
    assert set(body) == {"errors"}
    assert body["errors"][0]["message"]
