"""GitHub's GraphQL API: one query for a commit and many files, or for many commits.

Invariants:

- Values stand in the query as string literals. JSON's escapes are GraphQL's
  (https://spec.graphql.org/October2021/#sec-String-Value), so nothing can leave its literal, and every
  ref, path and name was checked before (``names``).
- A file's text counts only when git's own id of it is the blob's id: ``text`` is decoded, cut and
  cleaned by GitHub, the bytes of a file are not.
- A ``null`` means "not there" only when no error other than ``NOT_FOUND`` came with it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from proxy.github import api, jsonvalue, limits, names, refusals
from proxy.github.jsonvalue import Malformed, Object
from proxy.github.model import Blob, Commit, Look, RemoteRepository, Survey, git_blob_oid
from proxy.github.wire import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proxy.source.model import Repository

ANSWER_LIMIT = 32 * api.MEGABYTE
"""GitHub cuts ``text`` at half a megabyte; this leaves room for the files of one question."""

_COMMIT = "... on Commit { oid message authoredDate author { user { login avatarUrl } } }"
_TAG = (
    f"... on Tag {{ target {{ __typename {_COMMIT} ... on Tag {{ target {{ __typename {_COMMIT} }} }} }} }}"
)
_POINTED_AT = f"{{ __typename oid {_COMMIT} {_TAG} }}"
BLOB = "{ __typename ... on Blob { oid byteSize isBinary isTruncated text } }"
_TREE = "{ __typename oid }"
_TAG_DEPTH = 3
_LIMITED = ("RATE_LIMITED", "RATE_LIMIT")
_SECONDARY = "secondary rate limit"
_SIGNS_OF_LIMITS = (b"RATE_LIMIT", b"secondary", b"Secondary", b"SECONDARY")
_FORBIDDEN = ("FORBIDDEN", "INSUFFICIENT_SCOPES", "UNAUTHORIZED")


class Unusable(Exception):  # noqa: N818 - it names what the answer is, not what went wrong here
    """GraphQL gave no answer that can be used; the REST API may have one."""


def endpoint(base: str) -> str:
    """Where GraphQL is, given ``github.api_url``.

    https://docs.github.com/en/enterprise-server@latest/graphql/guides/forming-calls-with-graphql
    """
    base = base.rstrip("/")
    return base.removesuffix("/v3") + "/graphql" if base.endswith("/api/v3") else base + "/graphql"


def request(base: str, token: str, query: str) -> Request:
    """The call that asks ``query``."""
    headers = {**api.headers(token), "Content-Type": "application/json"}
    return Request("POST", endpoint(base), "graphql", headers, json.dumps({"query": query}).encode())


def literal(text: str) -> str:
    """A string as it stands in a query."""
    return json.dumps(text, ensure_ascii=False)


def object_at(alias: str, expression: str, selection: str) -> str:
    """The field for the object that a revision expression names."""
    return f"{alias}: object(expression: {literal(expression)}) {selection}"


def query(repository: Repository, fields: Sequence[str]) -> str:
    """A query for these fields of a repository, besides its id, its name and whether it is private."""
    which = f"owner: {literal(repository.owner)}, name: {literal(repository.name)}"
    return f"query {{ repository({which}) {{ id nameWithOwner isPrivate {' '.join(fields)} }} }}"


def look_query(repository: Repository, ref: str, paths: Sequence[str]) -> str:
    """The query for the commit that ``ref`` points to and the files at ``paths``, which costs one point.

    Of a ref that can move, its root folder is asked as well: it tells whether a tree that was asked by the
    ref's name is the one of that commit. ``REF:`` names it, as ``git rev-parse`` has it:
    https://git-scm.com/docs/gitrevisions
    """
    files = [object_at(f"p{number}", f"{ref}:{path}", BLOB) for number, path in enumerate(paths)]
    root = [] if names.is_sha(ref) else [object_at("tree", f"{ref}:", _TREE)]
    return query(repository, [object_at("ref", ref, _POINTED_AT), *root, *files])


def _expressions(ref: str) -> list[str]:
    return [ref, *(f"refs/{other}" for other in api.candidates(ref)[1:])]


def commits_query(repository: Repository, refs: Sequence[str]) -> str:
    """The query for the commits that many refs point to, which costs one point."""
    objects = [
        object_at(f"r{number}x{choice}", expression, _POINTED_AT)
        for number, ref in enumerate(refs)
        for choice, expression in enumerate(_expressions(ref))
    ]
    return query(repository, objects)


class Missing(Unusable):
    """There is no GraphQL at this address."""


def read_answer(response: Response, asked: refusals.Asked) -> Object | None:
    """The ``repository`` of an answer, ``None`` when it is not there.

    Args:
        response: the answer to a query of this module.
        asked: what its errors need to know.

    Raises:
        RpcError: GitHub refused (bad token, permission, rate limit) or is not well.
        Missing: there is no GraphQL.
        Unusable: its answer is not what GitHub documents.
    """
    if response.status in (404, 405):
        raise Missing(f"the endpoint answers {response.status}")
    if response.status != 200:  # noqa: PLR2004 - HTTP statuses read best as numbers
        raise refusals.refusal(response, asked)
    try:
        answer = jsonvalue.parse_object(response.body)
        errors = answer.get("errors") or []
        _raise_refusals(errors, response, asked)
        repository = jsonvalue.child(answer, "data").get("repository")
    except Malformed as error:
        raise Unusable(str(error)) from error
    if isinstance(repository, dict):
        return repository
    if errors and isinstance(answer.get("data"), dict) and "repository" in answer["data"]:
        return None
    raise Unusable("it has neither a repository nor an error")


def _raise_refusals(errors: object, response: Response, asked: refusals.Asked) -> None:
    """Raise for every error but ``NOT_FOUND``; the most telling one first.

    https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
    """
    if not isinstance(errors, list) or not all(isinstance(error, dict) for error in errors):
        raise Unusable("its errors are no list of objects")
    for error in errors:
        if limit := _limited_by(error, response, asked.now):
            words = refusals.printable(jsonvalue.text(error, "message"), asked.token)
            raise refusals.rate_limited(limit, f": {words}")
    for error in errors:
        if jsonvalue.text(error, "type") in _FORBIDDEN:
            raise refusals.forbidden(jsonvalue.text(error, "message"), response, asked)
    if any(jsonvalue.text(error, "type") != "NOT_FOUND" for error in errors):
        raise Unusable("it has errors of an unknown type")


def read_limited(response: Response, now: float) -> limits.Limited | None:
    """Whether a 200 says that the query was refused for its rate."""
    if not any(sign in response.body for sign in _SIGNS_OF_LIMITS):
        return None  # most answers, which are not read twice
    try:
        errors = jsonvalue.parse_object(response.body).get("errors")
        found = errors if isinstance(errors, list) else []
        limited = (_limited_by(error, response, now) for error in found if isinstance(error, dict))
        return next(filter(None, limited), None)
    except Malformed:
        return None


def _limited_by(error: Object, response: Response, now: float) -> limits.Limited | None:
    message = jsonvalue.text(error, "message")
    if jsonvalue.text(error, "type") in _LIMITED:
        return limits.limited(response.headers, message, now, primary=True)
    return limits.limited(response.headers, message, now) if _SECONDARY in message.lower() else None


def unusable(error: Malformed) -> NoReturn:
    """Raise ``Unusable`` for an answer that is not what GitHub documents."""
    raise Unusable(str(error)) from error


def read_look(found: Object, paths: Sequence[str], where: api.Api) -> Look:
    """Read the answer to ``look_query`` of the same paths.

    Raises:
        Unusable: it is not what GitHub documents.
    """
    try:
        repository = api.read_name(jsonvalue.text(found, "nameWithOwner"))
        commit = _read_commit(answered(found, "ref"), where, repository)
        blobs = {path: read_blob(answered(found, f"p{number}")) for number, path in enumerate(paths)}
    except Malformed as error:
        unusable(error)
    if commit is None:  # the ref names a tree or a blob, whose paths are not files of a commit
        blobs = dict.fromkeys(paths)
    private = found.get("isPrivate") is not False
    return Look(repository, private, commit, blobs, api.read_identity(found, "id"), _read_tree(found))


def _read_tree(found: Object) -> str:
    """The id of the root folder where it was asked and told; empty else, which only costs a call."""
    tree = found.get("tree")
    oid = tree.get("oid") if isinstance(tree, dict) and tree.get("__typename") == "Tree" else None
    return oid if isinstance(oid, str) and names.is_sha(oid) else ""


def read_survey(found: Object, refs: Sequence[str], where: api.Api) -> Survey:
    """Read the answer to ``commits_query`` of the same refs, and which repository they are of.

    Raises:
        Unusable: it is not what GitHub documents.
    """
    commits = read_commits(found, refs, where)
    name = api.read_name(jsonvalue.text(found, "nameWithOwner"))  # which was read for the commits already
    private, identity = found.get("isPrivate") is not False, api.read_identity(found, "id")
    return Survey(RemoteRepository(name, private, "", identity=identity), commits)


def read_commits(found: Object, refs: Sequence[str], where: api.Api) -> Mapping[str, Commit | None]:
    """Read the answer to ``commits_query`` of the same refs.

    Raises:
        Unusable: it is not what GitHub documents.
    """
    try:
        repository = api.read_name(jsonvalue.text(found, "nameWithOwner"))
        return {
            ref: next(
                filter(None, (_read_commit(answered(found, alias), where, repository) for alias in aliases)),
                None,
            )
            for ref, aliases in _aliases(refs)
        }
    except Malformed as error:
        unusable(error)


def _aliases(refs: Sequence[str]) -> list[tuple[str, list[str]]]:
    return [
        (ref, [f"r{number}x{choice}" for choice in range(len(_expressions(ref)))])
        for number, ref in enumerate(refs)
    ]


def answered(found: Object, alias: str) -> Object | None:
    """What is under an alias: an object or ``null``; a missing alias is no answer at all."""
    if alias not in found:
        raise Malformed("a part of what was asked is not in it")
    value = found[alias]
    return None if value is None else jsonvalue.as_object(value, "an object")


def _read_commit(found: Object | None, where: api.Api, repository: Repository) -> Commit | None:
    """The commit, annotated tags peeled; ``None`` for a tree or blob."""
    for _ in range(_TAG_DEPTH):
        if found is None or jsonvalue.told_text(found, "__typename") != "Tag":
            break
        found = jsonvalue.as_object(found.get("target"), "a tag's target")
    if found is None or jsonvalue.told_text(found, "__typename") != "Commit":
        return None
    sha = jsonvalue.sha(found, "oid")
    account = jsonvalue.child(jsonvalue.child(found, "author"), "user")
    return Commit(
        sha=sha,
        message=jsonvalue.told_text(found, "message"),
        date=jsonvalue.told_text(found, "authoredDate"),
        login=jsonvalue.text(account, "login"),
        avatar_url=jsonvalue.web_url(account, "avatarUrl"),
        page_url=where.commit_page(repository, sha),
    )


def read_blob(found: Object | None) -> Blob | None:
    """The file that was told with the fields ``BLOB``, ``None`` for what is none."""
    if found is None or jsonvalue.told_text(found, "__typename") != "Blob":
        return None
    oid, size = jsonvalue.sha(found, "oid"), jsonvalue.size(found, "byteSize")
    text = found.get("text")
    if not isinstance(text, str) or found.get("isBinary") is True or found.get("isTruncated") is not False:
        return Blob(oid, size, None)
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return Blob(oid, size, None)
    exact = len(content) == size and git_blob_oid(content) == oid
    return Blob(oid, size, content if exact else None)
