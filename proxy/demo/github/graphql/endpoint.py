"""``POST /graphql``: https://docs.github.com/en/graphql/guides/forming-calls-with-graphql."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from proxy.demo.github.answers import Answer, RefusalError, json_answer
from proxy.demo.github.graphql.execute import execute
from proxy.demo.github.graphql.nodes import Root
from proxy.demo.github.graphql.types import schema
from proxy.demo.github.limits import GRAPHQL
from proxy.demo.github.pipeline import QUERY_KEY, Asked, api, recorded

if TYPE_CHECKING:
    from aiohttp import web

    from proxy.demo.github.graphql.schema import Schema
    from proxy.demo.github.state import State

ROUTE = "graphql"
_DOCS = "https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql"
_PATHS = ("/graphql", "/api/graphql")


def add_routes(app: web.Application, state: State) -> None:
    """Answer GraphQL on an application."""
    handler = recorded(state, ROUTE, api(state, GRAPHQL, partial(_answer, schema()), _refused))
    for path in _PATHS:
        app.router.add_post(path, handler)


async def _answer(known: Schema, asked: Asked) -> Answer:
    if asked.user is None or asked.budget is None:
        raise RefusalError(401, "This endpoint requires you to be authenticated.", documentation_url=_DOCS)
    body = _body(await asked.request.read())
    source = body.get("query")
    if not isinstance(source, str):
        error = {"message": "A query attribute must be specified and must be a string."}
        return json_answer({"errors": [error]})
    asked.request[QUERY_KEY] = source
    variables, name = body.get("variables"), body.get("operationName")
    root = Root(asked.state, asked.user, asked.budget)
    given = variables if isinstance(variables, dict) else {}
    return json_answer(execute(known, source, given, name if isinstance(name, str) else None, root))


def _body(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise RefusalError(400, "Problems parsing JSON", documentation_url=_DOCS)
    return body


def _refused(refusal: RefusalError) -> Answer:
    # Only the hourly limit is told in GraphQL's own way; whoever reads the status alone misses it.
    if refusal.kind == "RATE_LIMITED":
        error = {"type": refusal.kind, "message": refusal.message}
        return json_answer({"errors": [error]}, headers=refusal.headers)
    return refusal.answer()
