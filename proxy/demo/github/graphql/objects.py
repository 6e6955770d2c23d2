"""Git's objects and what hangs on them, as GraphQL types of GitHub.

https://docs.github.com/en/graphql/reference/objects
"""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from proxy.demo.github.gitstore.objects import BLOB, COMMIT, TREE, Commit, Person, Tag, TreeEntry
from proxy.demo.github.graphql.nodes import (
    ActorNode,
    EntryNode,
    ObjectNode,
    OwnerNode,
    Root,
    SubmoduleNode,
    UserNode,
    object_node,
)
from proxy.demo.github.graphql.schema import ArgumentType, FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping

_ABBREVIATED = 7
_BINARY_SAMPLE = 8_000
_NO_OFFSET = "+00:00"


def date_time(seconds: float) -> str:
    """A moment (Unix seconds) as GitHub writes it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_binary(data: bytes) -> bool:
    """Whether git takes a file for binary: a NUL among its first bytes."""
    return b"\0" in data[:_BINARY_SAMPLE]


def text(data: bytes, limit: int) -> str | None:
    """What GraphQL gives of a file: nothing of a binary one, the first ``limit`` bytes of others."""
    if is_binary(data):
        return None
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    # A character that the limit cuts in two is left out, as it is not wrong in the file.
    return decoder.decode(data[:limit], final=len(data) <= limit)


def owner(root: Root, login: str) -> UserNode | OwnerNode:
    """Who owns a repository."""
    user = root.state.world.user(login)
    return UserNode(root, user) if user else OwnerNode(root, login)


def _commit(node: ObjectNode) -> Commit:
    return node.place.repository.store.commit(node.oid)


def _tag(node: ObjectNode) -> Tag:
    return node.place.repository.store.tag(node.oid)


def _blob(node: ObjectNode) -> bytes:
    return node.place.repository.store.blob(node.oid)


def _message(node: ObjectNode) -> str:
    return _commit(node).message.rstrip("\n")


def _body(node: ObjectNode) -> str:
    return _message(node).partition("\n")[2].strip("\n")


def _commit_url(node: ObjectNode) -> str:
    return f"{node.place.url}/commit/{node.oid}"


def _utc(person: Person) -> str:
    return date_time(person.when.timestamp())


def _local(person: Person) -> str:
    written = person.when.isoformat(timespec="seconds")
    return written.removesuffix(_NO_OFFSET) + "Z" if written.endswith(_NO_OFFSET) else written


def _text(node: ObjectNode) -> str | None:
    return text(_blob(node), node.place.root.state.sizes.text)


def _is_truncated(node: ObjectNode) -> bool:
    return len(_blob(node)) > node.place.root.state.sizes.text


def _entries(node: ObjectNode) -> list[EntryNode]:
    entries = node.place.repository.store.tree(node.oid)
    return [EntryNode(node.place, entry.name, entry, node.oid) for entry in entries]


def _file(node: ObjectNode, arguments: Mapping[str, Any]) -> EntryNode | None:
    tree = _commit(node).tree
    entry: TreeEntry | None = node.place.repository.store.entry(tree, arguments["path"])
    return EntryNode(node.place, arguments["path"], entry, tree) if entry else None


def _entry_size(node: EntryNode) -> int:
    return len(node.place.repository.store.blob(node.entry.oid)) if node.entry.kind == BLOB else 0


def _submodule(node: EntryNode) -> SubmoduleNode | None:
    if node.entry.kind != COMMIT:
        return None
    module = node.place.repository.store.submodules(node.root_tree).get(node.path)
    if module is None:
        return None
    url = module.get("url", "")
    return SubmoduleNode(module["name"], node.path, url, module.get("branch"), node.entry.oid)


def _account(node: ActorNode) -> UserNode | None:
    user = node.root.state.world.user_by_email(node.person.email)
    return UserNode(node.root, user) if user else None


def _avatar(root: Root, name: str) -> str:
    return f"{root.state.web_url}/avatars/{quote(name)}?v=4"


def _tagger(node: ObjectNode) -> ActorNode | None:
    tagger = _tag(node).tagger
    return ActorNode(node.place.root, tagger) if tagger else None


_GIT_OBJECT = {
    "id": FieldType("ID!", lambda node, _: f"{node.kind[0].upper()}_{node.place.repository.id}_{node.oid}"),
    "oid": FieldType("GitObjectID!", lambda node, _: node.oid),
    "abbreviatedOid": FieldType("String!", lambda node, _: node.oid[:_ABBREVIATED]),
    "commitUrl": FieldType("URI!", lambda node, _: _commit_url(node)),
    "repository": FieldType("Repository!", lambda node, _: node.place),
}
_COMMIT = {
    **_GIT_OBJECT,
    "message": FieldType("String!", lambda node, _: _message(node)),
    "messageHeadline": FieldType("String!", lambda node, _: _message(node).partition("\n")[0]),
    "messageBody": FieldType("String!", lambda node, _: _body(node)),
    "authoredDate": FieldType("DateTime!", lambda node, _: _utc(_commit(node).author)),
    "committedDate": FieldType("DateTime!", lambda node, _: _utc(_commit(node).committer)),
    "url": FieldType("URI!", lambda node, _: _commit_url(node)),
    "author": FieldType("GitActor", lambda node, _: ActorNode(node.place.root, _commit(node).author)),
    "committer": FieldType("GitActor", lambda node, _: ActorNode(node.place.root, _commit(node).committer)),
    "tree": FieldType("Tree!", lambda node, _: ObjectNode(node.place, TREE, _commit(node).tree)),
    "file": FieldType("TreeEntry", _file, {"path": ArgumentType("String!")}),
}
_TAG = {
    **_GIT_OBJECT,
    "name": FieldType("String!", lambda node, _: _tag(node).name),
    "message": FieldType("String", lambda node, _: _tag(node).message.rstrip("\n")),
    "tagger": FieldType("GitActor", lambda node, _: _tagger(node)),
    "target": FieldType("GitObject!", lambda node, _: object_node(node.place, _tag(node).target)),
}
_TREE = {**_GIT_OBJECT, "entries": FieldType("[TreeEntry!]", lambda node, _: _entries(node))}
_BLOB = {
    **_GIT_OBJECT,
    "byteSize": FieldType("Int!", lambda node, _: len(_blob(node))),
    "isBinary": FieldType("Boolean", lambda node, _: is_binary(_blob(node))),
    "isTruncated": FieldType("Boolean!", lambda node, _: _is_truncated(node)),
    "text": FieldType("String", lambda node, _: _text(node)),
}
_TREE_ENTRY = {
    "name": FieldType("String!", lambda node, _: node.entry.name),
    "path": FieldType("String", lambda node, _: node.path),
    "mode": FieldType("Int!", lambda node, _: node.entry.mode),
    "type": FieldType("String!", lambda node, _: node.entry.kind),
    "oid": FieldType("GitObjectID!", lambda node, _: node.entry.oid),
    "size": FieldType("Int!", lambda node, _: _entry_size(node)),
    "object": FieldType("GitObject", lambda node, _: object_node(node.place, node.entry.oid)),
    "submodule": FieldType("Submodule", lambda node, _: _submodule(node)),
}
_SUBMODULE = {
    "name": FieldType("String!", lambda node, _: node.name),
    "path": FieldType("String!", lambda node, _: node.path),
    "gitUrl": FieldType("URI!", lambda node, _: node.git_url),
    "branch": FieldType("String", lambda node, _: node.branch),
    "subprojectCommitOid": FieldType("GitObjectID", lambda node, _: node.oid),
}
_SIZED = {"size": ArgumentType("Int")}
_GIT_ACTOR = {
    "name": FieldType("String", lambda node, _: node.person.name),
    "email": FieldType("String", lambda node, _: node.person.email),
    "date": FieldType("GitTimestamp", lambda node, _: _local(node.person)),
    "avatarUrl": FieldType("URI!", lambda node, _: _avatar(node.root, node.person.email), _SIZED),
    "user": FieldType("User", lambda node, _: _account(node)),
}
_USER = {
    "id": FieldType("ID!", lambda node, _: f"U_{node.user.id}"),
    "databaseId": FieldType("Int", lambda node, _: node.user.id),
    "login": FieldType("String!", lambda node, _: node.user.login),
    "name": FieldType("String", lambda node, _: node.user.name),
    "email": FieldType("String!", lambda node, _: node.user.email),
    "url": FieldType("URI!", lambda node, _: f"{node.root.state.web_url}/{node.user.login}"),
    "avatarUrl": FieldType("URI!", lambda node, _: _avatar(node.root, f"u/{node.user.id}"), _SIZED),
}
_ORGANIZATION = {
    "id": FieldType("ID!", lambda node, _: f"O_{node.login}"),
    "login": FieldType("String!", lambda node, _: node.login),
    "url": FieldType("URI!", lambda node, _: f"{node.root.state.web_url}/{node.login}"),
    "avatarUrl": FieldType("URI!", lambda node, _: _avatar(node.root, node.login), _SIZED),
}
_OWNER = {name: _ORGANIZATION[name] for name in ("id", "login", "url", "avatarUrl")}

OBJECT_TYPES = {
    "Commit": _COMMIT,
    "Tag": _TAG,
    "Tree": _TREE,
    "Blob": _BLOB,
    "TreeEntry": _TREE_ENTRY,
    "Submodule": _SUBMODULE,
    "GitActor": _GIT_ACTOR,
    "User": _USER,
    "Organization": _ORGANIZATION,
}
INTERFACES = {
    "GitObject": (frozenset({"Commit", "Tag", "Tree", "Blob"}), _GIT_OBJECT),
    "RepositoryOwner": (frozenset({"User", "Organization"}), _OWNER),
}
