from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.demo.github.conftest import Caller
    from tests.fakes.github import Clock


async def test_conditions_and_fragments(ada: Caller) -> None:
    query = """query ($yes: Boolean!, $no: Boolean!) {
      viewer { a: login @include(if: $yes) b: login @include(if: $no) c: login @skip(if: $yes) ...N ...N }
      viewer { d: login ... @skip(if: $no) { __typename } }
    }
    fragment N on User { name }"""
    assert (await ada.graphql(query, yes=True, no=False))["data"] == {
        "viewer": {"a": "ada", "name": "Ada Lovelace", "d": "ada", "__typename": "User"}
    }


async def test_operations_by_name(ada: Caller) -> None:
    source = "query A { viewer { login } } query B { viewer { name } }"
    for name, expected in (("A", {"login": "ada"}), ("B", {"name": "Ada Lovelace"})):
        body = json.dumps({"query": source, "operationName": name})
        got = await ada.ask("POST", "/graphql", headers={}, data=body)
        assert got.json["data"]["viewer"] == expected
    unknown: list[Any] = ["C", ["A"]]
    for wrong in unknown:
        body = json.dumps({"query": source, "operationName": wrong})
        got = await ada.ask("POST", "/graphql", headers={}, data=body)
        assert set(got.json) == {"errors"}


async def test_rate_limit(ada: Caller, clock: Clock) -> None:
    query = "{ rateLimit { limit cost remaining used resetAt } }"
    first, second = await ada.graphql(query), (await ada.graphql(query))["data"]["rateLimit"]
    assert first["data"]["rateLimit"]["remaining"] == 4_999
    assert second == {
        "limit": 5_000,
        "cost": 1,
        "remaining": 4_998,
        "used": 2,
        "resetAt": "2023-11-14T23:13:20Z",
    }


@pytest.mark.parametrize("data", ["", "[]", "{", "null", "[" * 10_000])
async def test_no_json(ada: Caller, data: str) -> None:
    got = await ada.ask("POST", "/graphql", headers={}, data=data)
    assert (got.status, got.json["message"]) == (400, "Problems parsing JSON")


async def test_no_query(ada: Caller) -> None:
    got = await ada.ask("POST", "/graphql", headers={}, data='{"query": 1}')
    assert (got.status, set(got.json)) == (200, {"errors"})


async def test_without_a_token(nobody: Caller) -> None:
    got = await nobody.ask("POST", "/graphql", headers={}, data='{"query": "{viewer{login}}"}')
    assert (got.status, got.json["message"]) == (401, "This endpoint requires you to be authenticated.")


async def test_enterprise_server(ada: Caller) -> None:
    assert (await ada.graphql("{viewer{login}}", path="/api/graphql"))["data"] == {"viewer": {"login": "ada"}}
