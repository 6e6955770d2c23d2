"""What GraphQL tells in the REST API's place, while that one's budget is spent.

Each answer is as exact as the REST API's, or unusable: a file whose text did not come along byte for
byte stays unknown, and is never taken for absent.
https://docs.github.com/en/graphql/reference/objects#treeentry
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.github import api, graphql, jsonvalue
from proxy.github.jsonvalue import Malformed, Object
from proxy.github.model import (
    Contents,
    RemoteDirectory,
    RemoteFile,
    RemoteLink,
    RemoteRepository,
    RemoteSubmodule,
)

if TYPE_CHECKING:
    from proxy.source.model import Repository

_ENTRY = f"{{ mode type object {graphql.BLOB} submodule {{ gitUrl subprojectCommitOid }} }}"
_LINK_MODE = 0o120000


def place_query(repository: Repository, commit: str, path: str) -> str:
    """The query for what is at a path of a commit, as exactly as the REST API tells it."""
    entry = f"file(path: {graphql.literal(path)}) {_ENTRY}"
    return graphql.query(
        repository, [graphql.object_at("at", commit, f"{{ __typename ... on Commit {{ {entry} }} }}")]
    )


def blob_query(repository: Repository, oid: str) -> str:
    """The query for a blob by its id."""
    return graphql.query(repository, [graphql.object_at("blob", oid, graphql.BLOB)])


def repository_query(repository: Repository) -> str:
    """The query for a repository's present name and who may see it."""
    return graphql.query(repository, ["visibility", "defaultBranchRef { name }"])


def read_place(found: Object, path: str) -> Contents | None:
    """Read the answer to ``place_query``: a link is given as one, whatever it leads to.

    Raises:
        Unusable: it is not what GitHub documents, or a file did not come along whole.
    """
    try:
        commit = graphql.answered(found, "at")
        entry = commit and graphql.answered(commit, "file")
        if entry is None:
            return None
        match entry.get("type"):
            case "tree":
                return RemoteDirectory(path)
            case "commit":
                submodule = jsonvalue.child(entry, "submodule")
                url, sha = (
                    jsonvalue.text(submodule, "gitUrl"),
                    jsonvalue.sha(submodule, "subprojectCommitOid"),
                )
                return RemoteSubmodule(path, url, sha)
            case "blob":
                blob = graphql.read_blob(jsonvalue.as_object(entry.get("object"), "a file"))
                if blob is not None and blob.content is not None:
                    return _file(blob.oid, blob.content, path, link=entry.get("mode") == _LINK_MODE)
    except Malformed as error:
        graphql.unusable(error)
    raise graphql.Unusable("the file did not come along")


def _file(oid: str, content: bytes, path: str, *, link: bool) -> RemoteFile | RemoteLink:
    return RemoteLink(path, content.decode()) if link else RemoteFile(oid, content, path)


def read_blob(found: Object) -> bytes | None:
    """Read the answer to ``blob_query``.

    Raises:
        Unusable: it is not what GitHub documents, or the blob did not come along whole.
    """
    try:
        told = graphql.answered(found, "blob")
        blob = graphql.read_blob(told)
    except Malformed as error:
        graphql.unusable(error)
    if told is None:
        return None
    if blob is None or blob.content is None:
        raise graphql.Unusable("the blob did not come along")
    return blob.content


def read_repository(found: Object) -> RemoteRepository:
    """Read the answer to ``repository_query``.

    Raises:
        Unusable: it is not what GitHub documents.
    """
    try:
        name = api.read_name(jsonvalue.text(found, "nameWithOwner"))
        branch = jsonvalue.text(jsonvalue.child(found, "defaultBranchRef"), "name")
    except Malformed as error:
        graphql.unusable(error)
    public = found.get("isPrivate") is False and found.get("visibility") == "PUBLIC"
    return RemoteRepository(name, not public, branch, identity=api.read_identity(found, "id"))
