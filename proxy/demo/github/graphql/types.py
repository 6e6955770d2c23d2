"""GitHub's types, as far as the stand-in has them.

Names, arguments and nullability are those of https://docs.github.com/en/graphql/reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from proxy.demo.github.answers import RefusalError
from proxy.demo.github.graphql import objects
from proxy.demo.github.graphql.nodes import (
    ObjectNode,
    RefNode,
    RepositoryNode,
    Root,
    UserNode,
    object_node,
    type_of,
)
from proxy.demo.github.graphql.schema import ArgumentType, FieldError, FieldType, Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.demo.github.limits import Budget

_SHA = re.compile(r"[0-9a-f]{40}")
_SIGN_ON = "X-GitHub-SSO"


def schema() -> Schema:
    """The schema; its root object is ``Root``."""
    return Schema(
        "Query",
        {
            "Query": _query_fields(),
            "RateLimit": _RATE_LIMIT,
            "Repository": _repository_fields(),
            "Ref": _REF,
            **objects.OBJECT_TYPES,
        },
        objects.INTERFACES,
        type_of,
    )


def _query_fields() -> dict[str, FieldType]:
    named = {
        "owner": ArgumentType("String!"),
        "name": ArgumentType("String!"),
        "followRenames": ArgumentType("Boolean", True),
    }
    return {
        "repository": FieldType("Repository", _repository, named),
        "rateLimit": FieldType(
            "RateLimit", lambda root, _: root.budget, {"dryRun": ArgumentType("Boolean", False)}
        ),
        "viewer": FieldType("User!", lambda root, _: UserNode(root, root.user)),
    }


_RATE_LIMIT = {
    "limit": FieldType("Int!", lambda budget, _: budget.limit),
    "cost": FieldType("Int!", lambda _budget, _: 1),
    "remaining": FieldType("Int!", lambda budget, _: budget.remaining),
    "used": FieldType("Int!", lambda budget, _: budget.used),
    "nodeCount": FieldType("Int!", lambda _budget, _: 0),
    "resetAt": FieldType("DateTime!", lambda budget, _: _reset_at(budget)),
}
_REF = {
    "id": FieldType("ID!", lambda ref, _: f"REF_{ref.place.repository.id}_{ref.name}"),
    "name": FieldType("String!", lambda ref, _: ref.name.split("/", 2)[2]),
    "prefix": FieldType("String!", lambda ref, _: "/".join(ref.name.split("/", 2)[:2]) + "/"),
    "target": FieldType("GitObject", lambda ref, _: object_node(ref.place, ref.oid)),
}


def _repository_fields() -> dict[str, FieldType]:
    found = {"oid": ArgumentType("GitObjectID"), "expression": ArgumentType("String")}
    return {
        "id": FieldType("ID!", lambda node, _: f"R_{node.repository.id}"),
        "databaseId": FieldType("Int", lambda node, _: node.repository.id),
        "name": FieldType("String!", lambda node, _: node.repository.name),
        "nameWithOwner": FieldType("String!", lambda node, _: node.repository.full_name),
        "owner": FieldType(
            "RepositoryOwner!", lambda node, _: objects.owner(node.root, node.repository.owner)
        ),
        "isPrivate": FieldType("Boolean!", lambda node, _: node.repository.is_private),
        "isEmpty": FieldType("Boolean!", lambda node, _: node.repository.store.is_empty),
        "visibility": FieldType("RepositoryVisibility!", lambda node, _: node.repository.visibility.upper()),
        "url": FieldType("URI!", lambda node, _: node.url),
        "defaultBranchRef": FieldType("Ref", _default_branch),
        "object": FieldType("GitObject", _object, found),
        "ref": FieldType("Ref", _ref, {"qualifiedName": ArgumentType("String!")}),
    }


def _repository(root: Root, arguments: Mapping[str, Any]) -> RepositoryNode:
    owner, name = arguments["owner"], arguments["name"]
    world = root.state.world
    found = world.repository(owner, name)
    renamed = found is not None and found.full_name.lower() != f"{owner}/{name}".lower()
    try:
        repository = world.open(None if renamed and not arguments["followRenames"] else found, root.user)
    except RefusalError as refusal:
        message = refusal.message
        if refusal.kind == "NOT_FOUND":
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
        guarded = {"saml_failure": True} if _SIGN_ON in refusal.headers else None
        raise FieldError(message, refusal.kind, guarded) from None
    return RepositoryNode(root, repository)


def _default_branch(node: RepositoryNode, _: Mapping[str, Any]) -> RefNode | None:
    return _ref_node(node, f"refs/heads/{node.repository.store.default_branch}")


def _object(node: RepositoryNode, arguments: Mapping[str, Any]) -> ObjectNode | None:
    oid, expression = arguments["oid"], arguments["expression"]
    if oid is not None:
        if not _SHA.fullmatch(oid.lower()):
            raise FieldError(f"Could not coerce value {oid!r} to GitObjectID", "ARGUMENT_ERROR")
        return object_node(node, oid.lower())
    return object_node(node, node.repository.store.resolve(expression) if expression else None)


def _ref(node: RepositoryNode, arguments: Mapping[str, Any]) -> RefNode | None:
    asked = arguments["qualifiedName"]
    names = (
        [asked]
        if asked.startswith("refs/")
        else [f"refs/{asked}", f"refs/heads/{asked}", f"refs/tags/{asked}"]
    )
    nodes = (_ref_node(node, name) for name in names if name.count("/") > 1)
    return next((found for found in nodes if found), None)


def _ref_node(node: RepositoryNode, name: str) -> RefNode | None:
    oid = node.repository.store.refs.get(name)
    return RefNode(node, name, oid) if oid else None


def _reset_at(budget: Budget) -> str:
    return objects.date_time(budget.reset)
